"""Prices and carbon beyond what is published, guessed from the same hours of days before, and marked so."""

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from ..model import QUARTER_HOUR_S, even
from .combine import holes, overlay
from .signal import Signal, Slot

GUESS: Final = "guess"
# How like two days are: the same weekday, two working days or two of a weekend, any others.
_SAME, _ALIKE, _OTHER = 1.0, 0.5, 0.15
_HALF_LIFE_DAYS: Final = 14.0
_OLDEST: Final = timedelta(days=56)
_PLACES: Final = Decimal("0.00001")
_SATURDAY: Final = 5


def with_guess(signal: Signal, past: Signal, now: datetime, until: datetime, zone: tzinfo) -> Signal:
    """Return a signal whose holes from ``now`` until ``until`` are guessed, as far as the past tells.

    A guess is the mean of what was published for the same local time of day, weighted by how like the day
    was and halved for each fortnight; guesses of the past count for nothing. A time of day of which no past
    is known stays a hole.
    """
    times = _by_clock(overlay(past, signal), now, zone)
    slots: list[Slot] = []
    for start, end in holes(signal, now, until):
        quarters = -(-int((end - start).total_seconds()) // QUARTER_HOUR_S) + 1
        for step in even(start, QUARTER_HOUR_S, quarters):
            cut_start, cut_end = max(step.start, start), min(step.end, end)
            value = _guessed(step.start.astimezone(zone), times)
            if value is None or cut_end <= cut_start:
                continue
            slots.append(
                Slot(start=cut_start, end=cut_end, value=value, known_at=now, source=GUESS, guessed=True)
            )
    return overlay(replace(signal, slots=tuple(slots)), signal)


type _Clock = tuple[int, int]


def _by_clock(past: Signal, now: datetime, zone: tzinfo) -> dict[_Clock, list[tuple[datetime, Decimal]]]:
    """Return what was published, by quarter-hour of the local day: the day and the value."""
    found: dict[_Clock, list[tuple[datetime, Decimal]]] = {}
    for slot in past.slots:
        if slot.guessed or slot.end <= now - _OLDEST:
            continue
        quarters = max(1, int((slot.end - slot.start).total_seconds()) // QUARTER_HOUR_S)
        for step in even(slot.start, QUARTER_HOUR_S, min(quarters, 96)):
            local = step.start.astimezone(zone)
            found.setdefault((local.hour, local.minute), []).append((local, slot.value))
    return found


def _guessed(local: datetime, times: dict[_Clock, list[tuple[datetime, Decimal]]]) -> Decimal | None:
    total, weights = 0.0, 0.0
    for day, value in times.get((local.hour, local.minute), ()):
        age_days = abs((local.date() - day.date()).days)
        weight = _likeness(local.weekday(), day.weekday()) * 0.5 ** (age_days / _HALF_LIFE_DAYS)
        total += weight * float(value)
        weights += weight
    return Decimal(total / weights).quantize(_PLACES) if weights else None


def _likeness(weekday: int, other: int) -> float:
    if weekday == other:
        return _SAME
    return _ALIKE if (weekday < _SATURDAY) == (other < _SATURDAY) else _OTHER
