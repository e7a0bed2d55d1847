"""What energy cost: exact in ``Decimal`` until it is shown, and rounded once, then.

Positive = the resident pays. Rounding each slot, as some do, is off by more than a tenth. Fees and the price
of a month's peak are spread over days in millionths of the currency by cumulative rounding, so that a year is
the sum of its days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from ..signals import Signal
from .counters import shares
from .periods import Grouping, Period, civil_period, periods
from .slots import Mark, SlotSeries

type Prices = Mapping[str, Decimal] | Signal

_MILLIONTH: Final = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fee:
    """A fixed amount of the currency for each day, month or year, taxes included."""

    amount: Decimal
    per: Grouping


@dataclass(frozen=True, kw_only=True, slots=True)
class Tariff:
    """What a home pays. Prices (taxes included) by the meter's register, or as a signal for all of them.

    ``export`` is what it is paid, and may be below 0. ``peak_per_kw_month`` for the highest quarter-hour of
    import in a month, and at least for ``least_peak_w``. ``places``: of the currency when it is shown.
    """

    currency: str
    imports: Prices
    exports: Prices = field(default_factory=dict)
    fees: tuple[Fee, ...] = ()
    peak_per_kw_month: Decimal = Decimal(0)
    least_peak_w: int = 0
    places: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What a stretch of time cost, exactly; two stretches can be added.

    ``export`` is what was earned. ``unpriced_slots``: with energy and no price, or without either; they are
    in no sum. ``priced_slots``: those that are.
    """

    imports: Decimal = Decimal(0)
    exports: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    peak: Decimal = Decimal(0)
    priced_slots: int = 0
    unpriced_slots: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Return the cost of both stretches together."""
        return Cost(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def total(self) -> Decimal:
        """All of it, exactly."""
        return self.imports - self.exports + self.fees + self.peak


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """Return an amount as it is shown: half a cent goes away from zero, as on bills."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def energy_cost(
    energy: Mapping[str, SlotSeries], prices: Prices, first_slot: int, end_slot: int
) -> tuple[Decimal, int, int]:
    """Return what registers (Wh) cost over slots, and the number of slots with and without a price.

    The register that the meter counted in decides, not the clock. A slot belongs to the price at its start;
    one without energy needs no price.
    """
    total, priced, unpriced = Decimal(0), 0, 0
    for register, series in energy.items():
        price_at = _price_at(prices, register, series.slot_s)
        for slot in range(first_slot, end_slot):
            value, mark = series.at(slot)
            price = price_at(slot) if value else Decimal(0)
            if mark is Mark.MISSING or value is None or price is None:
                unpriced += 1
                continue
            priced += 1
            total += value * price
    return total.scaleb(-3), priced, unpriced


def cost_of(
    period: Period, imports: Mapping[str, SlotSeries], exports: Mapping[str, SlotSeries], tariff: Tariff
) -> Cost:
    """Return the cost of energy in a period; fees and peaks are ``fees_of`` and ``peak_cost_of``."""
    slot_s = next((series.slot_s for series in (*imports.values(), *exports.values())), 0)
    if not slot_s:
        return Cost()
    slots = period.slots(slot_s)
    bought, bought_slots, bought_without = energy_cost(imports, tariff.imports, slots.start, slots.stop)
    sold, sold_slots, sold_without = energy_cost(exports, tariff.exports, slots.start, slots.stop)
    return Cost(
        imports=bought,
        exports=sold,
        priced_slots=bought_slots + sold_slots,
        unpriced_slots=bought_without + sold_without,
    )


def fees_of(period: Period, tariff: Tariff, zone: tzinfo) -> Decimal:
    """Return the fees of the whole local days that begin in a period."""
    return sum(
        (_spread(period, fee.amount, fee.per, zone) for fee in tariff.fees),
        Decimal(0),
    )


def peak_cost_of(period: Period, peaks_w: Mapping[Period, int], tariff: Tariff, zone: tzinfo) -> Decimal:
    """Return what the months' peaks cost the whole local days that begin in a period.

    ``peaks_w``: the highest quarter-hour of each month (as ``civil_period`` returns it); an unknown one
    costs what the least does.
    """
    total = Decimal(0)
    if not tariff.peak_per_kw_month:
        return total
    for day in periods(period.start, period.end, Grouping.DAY, zone):
        month = civil_period(day.start, Grouping.MONTH, zone)
        peak_w = max(tariff.least_peak_w, peaks_w.get(month, 0))
        amount = (peak_w * tariff.peak_per_kw_month).scaleb(-3)
        total += _spread(day, amount, Grouping.MONTH, zone)
    return total


def _spread(period: Period, amount: Decimal, per: Grouping, zone: tzinfo) -> Decimal:
    """Return a fee's part for the local days that begin in a period."""
    total = Decimal(0)
    for day in periods(period.start, period.end, Grouping.DAY, zone):
        if civil_period(day.start, Grouping.DAY, zone).start == day.start:
            total += _share_of_day(day, amount, per, zone)
    return total


def _share_of_day(day: Period, amount: Decimal, per: Grouping, zone: tzinfo) -> Decimal:
    if per is Grouping.DAY:
        return amount
    whole = civil_period(day.start, per, zone)
    first = whole.start.astimezone(zone).date()
    days = (whole.end.astimezone(zone).date() - first).days
    index = (day.start.astimezone(zone).date() - first).days
    millionths = int((amount / _MILLIONTH).to_integral_value(ROUND_HALF_UP))
    upto = list(shares(millionths, (index, 1, days - index - 1)))[1]
    return upto * _MILLIONTH


def _price_at(prices: Prices, register: str, slot_s: int) -> Callable[[int], Decimal | None]:
    """Return the price of a slot, asked in order; None where there is none."""
    if not isinstance(prices, Signal):
        price = prices.get(register)
        return lambda _slot: price
    by_slot = {
        slot: one.value
        for one in prices.slots
        for slot in range(-(-int(one.start.timestamp()) // slot_s), -(-int(one.end.timestamp()) // slot_s))
    }
    return by_slot.get
