"""A signal: what a kWh costs, brings or emits, slot by slot, and since when that is known and from whom.

Values are ``Decimal`` per kWh in the unit that the signal names; floats only where the solver takes them
(``on_grid``). Positive = the resident pays; an export price is positive when the resident is paid for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final


class SignalKind(StrEnum):
    """What a signal tells of a kWh."""

    IMPORT_PRICE = "import_price"
    EXPORT_PRICE = "export_price"
    CARBON_INTENSITY = "carbon_intensity"


# What others tell may be of any length; of it a sentence shows so much.
_SHOWN: Final = 200


class SignalError(ValueError):
    """What was given is no signal: what is wrong with it as a slug, and what a sentence about it needs."""

    def __init__(self, problem: str, **placeholders: str) -> None:
        """Name the problem and what fills its sentence."""
        shown = {name: value[:_SHOWN] for name, value in placeholders.items()}
        super().__init__(" ".join((problem, *(f"{name}={value}" for name, value in shown.items()))))
        self.problem = problem
        self.placeholders = shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One value, from ``start`` until just before ``end`` (aware UTC).

    ``known_at``: since when it is known; ``source``: who said so; ``guessed``: from the past.
    """

    start: datetime
    end: datetime
    value: Decimal
    known_at: datetime
    source: str
    guessed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """Slots in order that do not overlap; there may be holes between them. ``unit``: "EUR/kWh", "g/kWh".

    Raises SignalError ``not_utc``, ``no_length``, ``not_finite`` or ``overlapping``.
    """

    kind: SignalKind
    unit: str
    slots: tuple[Slot, ...]

    def __post_init__(self) -> None:
        """Raise for slots that are none, or that contradict each other."""
        before: Slot | None = None
        for slot in self.slots:
            if slot.start.tzinfo is not UTC or slot.end.tzinfo is not UTC:
                raise SignalError("not_utc", start=slot.start.isoformat())
            if slot.end <= slot.start:
                raise SignalError("no_length", start=slot.start.isoformat())
            if not slot.value.is_finite():
                raise SignalError("not_finite", start=slot.start.isoformat())
            if before is not None and slot.start < before.end:
                raise SignalError("overlapping", start=slot.start.isoformat())
            before = slot

    @property
    def end(self) -> datetime | None:
        """When the last slot ends, None without any."""
        return self.slots[-1].end if self.slots else None

    @property
    def known_until(self) -> datetime | None:
        """When the last slot that is not guessed ends, None without any."""
        return max((slot.end for slot in self.slots if not slot.guessed), default=None)

    def at(self, time: datetime) -> Slot | None:
        """Return the slot that a moment is in, None in a hole."""
        return next((slot for slot in self.slots if slot.start <= time < slot.end), None)

    def as_known(self, at: datetime) -> Signal:
        """Return what of it was known at a moment."""
        return self._with(slot for slot in self.slots if slot.known_at <= at)

    def between(self, start: datetime, end: datetime) -> Signal:
        """Return the part of it from ``start`` until ``end``; slots at its ends are cut."""
        return self._with(
            _cut(slot, max(slot.start, start), min(slot.end, end))
            for slot in self.slots
            if slot.start < end and slot.end > start
        )

    def _with(self, slots: Iterable[Slot]) -> Signal:
        return Signal(kind=self.kind, unit=self.unit, slots=tuple(slots))


def _cut(slot: Slot, start: datetime, end: datetime) -> Slot:
    return Slot(
        start=start,
        end=end,
        value=slot.value,
        known_at=slot.known_at,
        source=slot.source,
        guessed=slot.guessed,
    )
