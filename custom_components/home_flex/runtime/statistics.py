"""Figures of the home's own series by period, as plain values, each with how it is covered beside it.

Energy in Wh (gas and water in litres) and power in W, as whole numbers; money and carbon as texts of decimal
numbers, exact until they are rounded once, here.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from ..core.signals import Signal, SignalKind, unit_of
from ..core.statistics import (
    SLOT_S,
    Coverage,
    Grouping,
    Period,
    Prices,
    SlotSeries,
    Tariff,
    carbon_of,
    civil_period,
    cost_of,
    fees_of,
    peak_cost_of,
    quarter_hour_peak,
    rolling_peak_w,
    rounded,
)
from ..core.statistics.charges import Charges, charged
from ..core.statistics.peaks import MONTHS
from ..core.statistics.registers import (
    BALANCED_IMPORT,
    CHARGED_PRODUCTION,
    DIRECT,
    EXPORT,
    EXPORTED_PRODUCTION,
    IMPORT,
    LITRE,
    LOAD,
    POWER,
    WH,
)
from ..history.series_rows import SeriesKey, Sum
from ..history.series_store import SeriesStore, Stretch
from .battery_statistics import battery_statistics
from .forecast_figures import forecast_of
from .metered import added, metered
from .sessions import OfCharger, sessions, sessions_document

_MG_PER_KG: Final = 1_000_000
_SLOT: Final = timedelta(seconds=SLOT_S)


class StatisticsKind(StrEnum):
    """What figures can be asked for."""

    ENERGY = "energy"
    POWER = "power"
    COST = "cost"
    CARBON = "carbon"
    FORECAST = "forecast"
    SESSIONS = "sessions"
    BATTERY = "battery"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Answers of one question: its store, its zone, and what the home pays beside its energy, oldest first.

    ``capacities_wh``: what each battery holds.
    """

    store: SeriesStore
    zone: tzinfo
    currency: str
    charges: tuple[Charges, ...] = ()
    device_id: str | None = None
    capacities_wh: Mapping[str, int] = field(default_factory=dict)
    _peaks_w: dict[Period, int | None] = field(default_factory=dict)
    _sessions: list[OfCharger] = field(default_factory=list)

    async def answer(self, kind: StatisticsKind, periods: Sequence[Period]) -> list[dict[str, Any]]:
        """Return the figures of each period, with its start and end in local time."""
        of_period = self._answers()[kind]
        if kind is StatisticsKind.SESSIONS and periods:
            whole = Period(start=periods[0].start, end=periods[-1].end)
            self._sessions.extend(await sessions(self.store, self.currency, whole, self.device_id))
        return [
            {
                "start": period.start.astimezone(self.zone).isoformat(),
                "end": period.end.astimezone(self.zone).isoformat(),
                **await of_period(period),
            }
            for period in periods
        ]

    def _answers(self) -> Mapping[StatisticsKind, Callable[[Period], Awaitable[dict[str, Any]]]]:
        return {
            StatisticsKind.ENERGY: self._energy,
            StatisticsKind.POWER: self._power,
            StatisticsKind.COST: self._cost,
            StatisticsKind.CARBON: self._carbon,
            StatisticsKind.FORECAST: self._forecast,
            StatisticsKind.SESSIONS: self._sessions_of,
            StatisticsKind.BATTERY: self._batteries,
        }

    async def _energy(self, period: Period) -> dict[str, Any]:
        keys = [key for key in self._keys() if key.unit in {WH, LITRE}]
        (sums,) = await self.store.sums(keys, [_stretch(period)])
        figures: dict[str, Any] = {}
        for name in sorted({key.name for key in keys}):
            of_name = [one for key, one in sums.items() if key.name == name]
            figures[name] = sum(one.total for one in of_name)
        return {**figures, **_shares(figures), "coverage": _coverages(sums)}

    async def _power(self, period: Period) -> dict[str, Any]:
        """Return the mean power of a device, or the highest quarter-hour of the home's import."""
        if self.device_id is not None:
            keys = [key for key in self._keys() if key.name == POWER]
            (sums,) = await self.store.sums(keys, [_stretch(period)])
            return {
                "mean": next((_mean(one) for one in sums.values()), None),
                "coverage": _coverages(sums),
            }
        peak = quarter_hour_peak(added(await self._registers(IMPORT, period), _stretch(period)), period)
        return {
            **await self._rolling_year(period),
            "quarter_hour_peak": peak.power_w,
            "quarter_hour_start": None
            if peak.start is None
            else peak.start.astimezone(self.zone).isoformat(),
            "coverage": {IMPORT: _covered(peak.coverage)},
        }

    async def _rolling_year(self, period: Period) -> dict[str, Any]:
        """Return the mean of twelve months' peaks as far as they are known; nothing for what is no month."""
        month = civil_period(period.start, Grouping.MONTH, self.zone)
        if month != period:
            return {}
        peaks_w: list[int] = []
        for _ in range(MONTHS):
            if (peak_w := await self._month_peak_w(month)) is not None:
                peaks_w.append(peak_w)
            month = civil_period(month.start - _SLOT, Grouping.MONTH, self.zone)
        least_w = max((each.least_peak_w for each, _ in self._charged(period)), default=0)
        mean_w = rolling_peak_w(reversed(peaks_w), least_w)
        return {
            "rolling_year_peak": None if mean_w is None else int(rounded(mean_w, 0)),
            "rolling_year_months": len(peaks_w),
        }

    async def _cost(self, period: Period) -> dict[str, Any]:
        imports, exports = await self._registers(IMPORT, period), await self._registers(EXPORT, period)
        tariff = Tariff(
            currency=self.currency,
            imports=(await self._prices(SignalKind.IMPORT_PRICE, period)).between(period.start, period.end),
            exports=await self._prices(SignalKind.EXPORT_PRICE, period),
        )
        cost = cost_of(period, imports, exports, tariff)
        fees = self.fees_cost(period)
        peak_cost = await self.peak_cost(period)
        return {
            "import_cost": str(rounded(cost.imports)),
            "export_revenue": str(rounded(cost.exports)),
            "peak_cost": str(rounded(peak_cost)),
            "fees": str(rounded(fees)),
            "total": str(rounded(cost.total + peak_cost + fees)),
            "priced_slots": cost.priced_slots,
            "unpriced_slots": cost.unpriced_slots,
            "slots_priced_afterwards": _afterwards(tariff.imports),
        }

    def fees_cost(self, period: Period) -> Decimal:
        """Return the fixed fees of the days that begin in a period, exactly."""
        return sum(
            (fees_of(part, self._tariff(each), self.zone) for each, part in self._charged(period)), Decimal(0)
        )

    async def peak_cost(self, period: Period) -> Decimal:
        """Return what the months' peaks cost the days of a period, exactly; 0 where none is paid for."""
        if not any(each.peak_per_kw_month for each in self.charges):
            return Decimal(0)
        peaks_w = await self._month_peaks_w(period)
        return sum(
            (
                peak_cost_of(part, peaks_w, self._tariff(each), self.zone)
                for each, part in self._charged(period)
            ),
            Decimal(0),
        )

    def _charged(self, period: Period) -> Iterator[tuple[Charges, Period]]:
        return charged(self.charges, period, self.zone)

    def _tariff(self, charges: Charges) -> Tariff:
        return Tariff(
            currency=self.currency,
            imports={},
            fees=charges.fees,
            peak_per_kw_month=charges.peak_per_kw_month,
            least_peak_w=charges.least_peak_w,
        )

    async def _carbon(self, period: Period) -> dict[str, Any]:
        imports, exports = await self._registers(IMPORT, period), await self._registers(EXPORT, period)
        slots = period.slots()
        intensity = await self._prices(SignalKind.CARBON_INTENSITY, period)
        carbon = carbon_of(imports, exports, intensity, slots.start, slots.stop)
        return {
            "footprint": str(rounded(carbon.footprint_mg / _MG_PER_KG, 3)),
            "avoided_by_export": str(rounded(carbon.avoided_by_export_mg / _MG_PER_KG, 3)),
            "known_slots": carbon.known_slots,
            "unknown_slots": carbon.unknown_slots,
        }

    async def _forecast(self, period: Period) -> dict[str, Any]:
        return {"subjects": await forecast_of(self.store, period)}

    async def _sessions_of(self, period: Period) -> dict[str, Any]:
        return sessions_document(self._sessions, period, self.zone)

    async def _batteries(self, period: Period) -> dict[str, Any]:
        return {
            "batteries": [
                {
                    "device_id": device_id,
                    **await battery_statistics(self.store, device_id, capacity_wh, period),
                }
                for device_id, capacity_wh in self.capacities_wh.items()
                if self.device_id in {None, device_id}
            ]
        }

    def _keys(self) -> tuple[SeriesKey, ...]:
        if self.device_id is None:
            return self.store.keys
        return tuple(key for key in self.store.keys if key.device_id == self.device_id)

    async def _registers(self, name: str, period: Period) -> dict[str, SlotSeries]:
        """Return what each meter counted under a name, its registers together: one price is for all."""
        return await metered(self.store, name, _stretch(period))

    async def _prices(self, kind: SignalKind, period: Period) -> Signal:
        unit = unit_of(kind, self.currency)
        return await self.store.prices(kind, unit, period.start, period.end)

    async def _month_peaks_w(self, period: Period) -> Mapping[Period, int]:
        """Return the peaks of the months that a period touches; each is looked for once."""
        month, found = civil_period(period.start, Grouping.MONTH, self.zone), {}
        while month.start < period.end:
            found[month] = await self._month_peak_w(month) or 0
            month = civil_period(month.end, Grouping.MONTH, self.zone)
        return found

    async def _month_peak_w(self, month: Period) -> int | None:
        if month not in self._peaks_w:
            imported = added(await self._registers(IMPORT, month), _stretch(month))
            self._peaks_w[month] = quarter_hour_peak(imported, month).power_w
        return self._peaks_w[month]


def _afterwards(prices: Prices) -> int:
    """Return how many slots are priced by what became known only after them."""
    told = prices.slots if isinstance(prices, Signal) else ()
    return sum((slot.end - slot.start) // _SLOT for slot in told if slot.known_at > slot.end)


def _shares(figures: Mapping[str, int]) -> dict[str, float | None]:
    """Return self-consumption and self-sufficiency, over the slots of which everything is known."""
    if LOAD not in figures:
        return {}
    produced_wh = figures[DIRECT] + figures[EXPORTED_PRODUCTION] + figures[CHARGED_PRODUCTION]
    load_wh = figures[LOAD]
    return {
        "self_consumption": round(1 - figures[EXPORTED_PRODUCTION] / produced_wh, 4) if produced_wh else None,
        "self_sufficiency": round(1 - figures[BALANCED_IMPORT] / load_wh, 4) if load_wh > 0 else None,
    }


def _coverages(sums: Mapping[SeriesKey, Sum]) -> dict[str, dict[str, int]]:
    """Return how each series is covered; of several devices together."""
    found: dict[str, Coverage] = {}
    for key, one in sums.items():
        found[key.name] = found[key.name] + one.coverage if key.name in found else one.coverage
    return {name: _covered(coverage) for name, coverage in sorted(found.items())}


def _covered(coverage: Coverage) -> dict[str, int]:
    return {
        "measured": coverage.measured,
        "interpolated": coverage.interpolated,
        "estimated": coverage.estimated,
        "missing": coverage.missing,
    }


def _mean(one: Sum) -> int | None:
    known = one.coverage.slots - one.coverage.missing
    return round(one.total / known) if known else None


def _stretch(period: Period) -> Stretch:
    slots = period.slots()
    return Stretch(first_slot=slots.start, end_slot=slots.stop)
