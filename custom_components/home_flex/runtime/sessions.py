"""The charging sessions of a home's chargers, read from its series, as plain values.

Energy in Wh as whole numbers; money and carbon as texts, exact until they are rounded once, here.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from ..core.settlement.exact import rounded as whole_numbers
from ..core.signals import Signal, SignalKind, unit_of
from ..core.statistics import SLOT_S, Period, SlotSeries, rounded, slot_at, slot_start
from ..core.statistics.registers import (
    BALANCED_IMPORT,
    CONSUMPTION,
    DIRECT,
    LOAD,
    PLUGGED,
    SECOND,
    WH,
)
from ..core.statistics.sessions import Charged, HomeSlots, Session, Values, sessions_of, together
from ..history.series_rows import SeriesKey
from ..history.series_store import SeriesStore, Stretch

_OF_HOME: Final = (LOAD, DIRECT, BALANCED_IMPORT)
_OF_CHARGER: Final = ((PLUGGED, SECOND), (CONSUMPTION, WH))
_NO_SERIES: Final = SlotSeries(first_slot=0, values=(), marks=())
# A car that hangs on its charger for longer is told from then on.
LONGEST: Final = timedelta(days=14)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfCharger:
    """A session and its charger."""

    device_id: str
    session: Session


async def sessions(
    store: SeriesStore, currency: str, period: Period, device_id: str | None = None
) -> list[OfCharger]:
    """Return the sessions that began in a period, in order of their beginning. Raises HistoryError."""
    stretch = Stretch(first_slot=slot_at(period.start) - 1, end_slot=slot_at(period.end + LONGEST))
    chargers = [
        key.device_id for key in store.keys if key.name == PLUGGED and device_id in {None, key.device_id}
    ]
    keys = [SeriesKey(device_id="", name=name, unit=WH) for name in _OF_HOME]
    keys += [
        SeriesKey(device_id=each, name=name, unit=unit) for each in chargers for name, unit in _OF_CHARGER
    ]
    found = await store.read(keys, stretch) if chargers else {}
    start, end = slot_start(stretch.first_slot), slot_start(stretch.end_slot)
    signals = {kind: await store.prices(kind, unit_of(kind, currency), start, end) for kind in SignalKind}
    return await asyncio.to_thread(lambda: _sessions(chargers, found, signals, stretch, slot_at(period.end)))


def _sessions(
    chargers: Iterable[str],
    found: Mapping[SeriesKey, SlotSeries],
    signals: Mapping[SignalKind, Signal],
    stretch: Stretch,
    end_slot: int,
) -> list[OfCharger]:
    # What is not heard of the present is no gap.
    told = [slot for series in found.values() for slot, value, _ in series if value is not None]
    last = max(told, default=stretch.first_slot - 1) + 1

    def series_of(device_id: str, name: str, unit: str) -> SlotSeries:
        series = found.get(SeriesKey(device_id=device_id, name=name, unit=unit), _NO_SERIES)
        return series.between(stretch.first_slot, last)

    load, direct, imported = (series_of("", name, WH) for name in _OF_HOME)
    home = HomeSlots(
        load=load,
        direct=direct,
        imported=imported,
        import_price=_by_slot(signals[SignalKind.IMPORT_PRICE]),
        export_price=_by_slot(signals[SignalKind.EXPORT_PRICE]),
        carbon=_by_slot(signals[SignalKind.CARBON_INTENSITY]),
    )
    of_all = [
        OfCharger(device_id=each, session=session)
        for each in chargers
        for session in sessions_of(series_of(each, PLUGGED, SECOND), series_of(each, CONSUMPTION, WH), home)
        # A car that was there in the slot before came before.
        if stretch.first_slot < session.first_slot < end_slot
    ]
    return sorted(of_all, key=lambda one: (one.session.first_slot, one.device_id))


def session_document(one: OfCharger, zone: tzinfo) -> dict[str, Any]:
    """Return a session; ``end`` is None while the car is there."""
    session = one.session
    end = None if session.is_open else slot_start(session.end_slot).astimezone(zone).isoformat()
    return {
        "device_id": one.device_id,
        "start": slot_start(session.first_slot).astimezone(zone).isoformat(),
        "end": end,
        **charged_document(session.charged),
    }


def charged_document(charged: Charged) -> dict[str, Any]:
    """Return what was charged, from where and at what cost, each with how much of it is known beside it."""
    sun_wh, grid_wh, battery_wh = whole_numbers(
        [charged.sun_wh, charged.grid_wh, charged.sourced_wh - charged.sun_wh - charged.grid_wh]
    )
    slots = charged.known_slots + charged.unknown_slots
    return {
        "energy": charged.energy_wh,
        "from_sun": sun_wh,
        "from_grid": grid_wh,
        "from_battery": battery_wh,
        "sun_share": None if charged.sun_share is None else round(float(charged.sun_share), 4),
        "cost": _money(charged.cost),
        "not_sold": _money(charged.not_sold),
        "carbon": str(rounded(_decimal(charged.carbon_g) / 1000, 3)),
        "known": {
            "energy": round(charged.known_slots / slots, 4) if slots else None,
            "source": _share(Fraction(charged.sourced_wh), Fraction(charged.energy_wh)),
            "cost": _share(charged.priced_wh, charged.grid_wh),
            "carbon": _share(charged.carbon_wh, charged.grid_wh),
        },
    }


def sessions_document(found: Iterable[OfCharger], period: Period, zone: tzinfo) -> dict[str, Any]:
    """Return the sessions that began in a period, and what they came to together."""
    began = [one for one in found if period.start <= slot_start(one.session.first_slot) < period.end]
    return {
        "count": len(began),
        **charged_document(together(one.session for one in began)),
        "sessions": [session_document(one, zone) for one in began],
    }


def _by_slot(signal: Signal) -> Values:
    return {
        slot: one.value
        for one in signal.slots
        for slot in range(-(-int(one.start.timestamp()) // SLOT_S), -(-int(one.end.timestamp()) // SLOT_S))
    }


def _share(known: Fraction, whole: Fraction) -> float | None:
    return round(float(known / whole), 4) if whole else None


def _money(amount: Fraction) -> str:
    return str(rounded(_decimal(amount)))


def _decimal(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)
