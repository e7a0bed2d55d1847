"""Charging sessions: what a car took from when it was plugged in until it left, from where, and at what cost.

A session begins with the first slot in which a car hangs on the charger, and ends with the slot in which it
leaves; where nothing was heard of the charger for more than an hour it ends with what was heard last. What it
took comes in each slot from where all that the home used then came: straight from the sun, from the grid, and
the rest from the battery. So the sum of all sessions and of all else is what the home used.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Final

from .slots import SLOT_S, Mark, SlotSeries

# Counting whole seconds, a car that was there all the time may come out one short.
_WHOLE_SLOT_S: Final = SLOT_S - 1
_LONGEST_GAP: Final = 3600 // SLOT_S
_NOTHING: Final = Fraction(0)

type Values = Mapping[int, Decimal]


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeSlots:
    """What the home did, slot by slot: Wh of what it used, of that straight from the sun, and imported.

    Prices per kWh and ``carbon`` (g/kWh) by slot; what is not known is not in them.
    """

    load: SlotSeries
    direct: SlotSeries
    imported: SlotSeries
    import_price: Values
    export_price: Values
    carbon: Values


@dataclass(frozen=True, kw_only=True, slots=True)
class Charged:
    """What was charged, exactly; two can be added.

    ``energy_wh`` in all slots that are known (``known_slots``); of ``sourced_wh`` of it is known that
    ``sun_wh`` came straight from the sun, ``grid_wh`` from the grid and the rest from the battery. ``cost``:
    what was bought for it, of the ``priced_wh`` whose price is known. ``not_sold``: what its sun and its
    battery's energy would have brought, where feeding in is paid for. ``carbon_g``: of ``carbon_wh`` bought.
    """

    energy_wh: int = 0
    sourced_wh: int = 0
    sun_wh: Fraction = _NOTHING
    grid_wh: Fraction = _NOTHING
    priced_wh: Fraction = _NOTHING
    cost: Fraction = _NOTHING
    not_sold: Fraction = _NOTHING
    carbon_wh: Fraction = _NOTHING
    carbon_g: Fraction = _NOTHING
    known_slots: int = 0
    unknown_slots: int = 0

    def __add__(self, other: Charged) -> Charged:
        """Return what both came to."""
        return Charged(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def sun_share(self) -> Fraction | None:
        """The sun's share of what is known from where it came; None where nothing is."""
        return self.sun_wh / self.sourced_wh if self.sourced_wh else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A session in the slots [first_slot, end_slot); ``is_open``: the car is still there."""

    first_slot: int
    end_slot: int
    is_open: bool
    charged: Charged


def sessions_of(plugged: SlotSeries, consumed: SlotSeries, home: HomeSlots) -> list[Session]:
    """Return the sessions of a charger in order.

    ``plugged``: for how many seconds of each slot a car was there; ``consumed``: what it took, Wh. One that
    was there when the series begin is a session from then on.
    """
    return [
        Session(
            first_slot=first,
            end_slot=end,
            is_open=is_open,
            charged=sum((_charged(slot, consumed, home) for slot in range(first, end)), Charged()),
        )
        for first, end, is_open in _stretches(plugged)
    ]


def together(sessions: Iterable[Session]) -> Charged:
    """Return what sessions came to in all."""
    return sum((each.charged for each in sessions), Charged())


def _stretches(plugged: SlotSeries) -> Iterator[tuple[int, int, bool]]:
    """Yield the first slot, the slot after the last, and whether the car is still there."""
    first: int | None = None
    heard = 0
    for slot, seconds, _ in plugged:
        if seconds is None:
            if first is not None and slot - heard > _LONGEST_GAP:
                yield first, heard + 1, False
                first = None
            continue
        is_there = seconds > 0
        if first is not None and not is_there:
            yield first, heard + 1, False
            first = None
        elif first is not None and seconds < _WHOLE_SLOT_S:
            yield first, slot + 1, False
            first = None
        elif first is None and is_there:
            first = slot
        heard = slot
    if first is not None:
        yield first, heard + 1, True


def _charged(slot: int, consumed: SlotSeries, home: HomeSlots) -> Charged:
    energy_wh, mark = consumed.at(slot)
    if energy_wh is None or mark is Mark.MISSING:
        return Charged(unknown_slots=1)
    shares = _shares(slot, home) if energy_wh else (_NOTHING, _NOTHING)
    if shares is None:
        return Charged(energy_wh=energy_wh, known_slots=1)
    sun_wh, grid_wh = (energy_wh * share for share in shares)
    price, carbon = home.import_price.get(slot), home.carbon.get(slot)
    sold = home.export_price.get(slot, Decimal(0))
    return Charged(
        energy_wh=energy_wh,
        sourced_wh=energy_wh,
        sun_wh=sun_wh,
        grid_wh=grid_wh,
        priced_wh=_NOTHING if price is None else grid_wh,
        cost=_NOTHING if price is None else grid_wh * Fraction(price) / 1000,
        not_sold=(energy_wh - grid_wh) * Fraction(sold) / 1000,
        carbon_wh=_NOTHING if carbon is None else grid_wh,
        carbon_g=_NOTHING if carbon is None else grid_wh * Fraction(carbon) / 1000,
        known_slots=1,
    )


def _shares(slot: int, home: HomeSlots) -> tuple[Fraction, Fraction] | None:
    """Return the sun's and the grid's share of what the home used; None where that is not known."""
    load_wh, direct_wh, import_wh = (series.at(slot)[0] for series in (home.load, home.direct, home.imported))
    if load_wh is None or direct_wh is None or import_wh is None or load_wh <= 0:
        return None
    sun_wh = min(max(direct_wh, 0), load_wh)
    return Fraction(sun_wh, load_wh), Fraction(min(max(import_wh, 0), load_wh - sun_wh), load_wh)
