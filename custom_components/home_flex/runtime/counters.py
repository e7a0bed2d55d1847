"""Counters that fall or leap: a reader tells 0 or nonsense for a moment, and sums are wrong for good."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..core.model import ChargerReading, MeterReading, Reading

# A wrong gas value stands until the meter tells the next, an hour later with old ones.
FALLEN_S: Final = 3900.0
# A charger's counters may begin anew with each session, and some tell 0 for a moment without that.
SESSION_S: Final = 60.0
# In an hour no connection of a home passes more, in Wh (250 A on three phases is 173 kW) and in m3; and so
# much at once is a counter that is told in few digits.
_MOST_AN_HOUR: Final = 250_000.0
_MOST_AN_HOUR_M3: Final = 100.0
_AT_ONCE_H: Final = 0.4
# A charger passes 32 A on three phases, if it does not say more, and some tell their energy once an hour.
_CHARGER_A: Final = 32.0
_CHARGER_W_PER_A: Final = 3 * 253.0
_CHARGER_AT_ONCE_H: Final = 1.1
# A programme's energy begins anew with each.
_COUNTERS: Final = (
    "energy_import_wh",
    "energy_export_wh",
    "energy_produced_wh",
    "energy_charged_wh",
    "energy_discharged_wh",
    "energy_wh",
    "session_energy_wh",
)
# Where 0 as the first word is one of a device that sleeps, or has counted nothing yet.
_TOLD_ASLEEP: Final = frozenset({"energy_produced_wh"})
# With what each is while it is not told.
_REGISTERS: Final[Mapping[str, Any]] = {
    "gas_m3": None,
    "water_m3": None,
    "heat_wh": None,
    "import_by_tariff_wh": (),
    "export_by_tariff_wh": (),
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a counter told, when, and since when it has gone on from there."""

    value: Any
    at_s: float
    since_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Most:
    """What counters rise in an hour at most, in Wh, and the hours whose rise may be told at once.

    ``fallen_s`` is how long one that fell is not believed.
    """

    an_hour: float
    at_once_h: float
    fallen_s: float


class Counters:
    """Leaves out of readings each counter that fell, or rose by more than a home uses, until it stays so.

    One that fell to nothing is left out until it counts, but for those that begin anew with each session.

    Another device, by its serial number, begins anew at once.
    """

    def __init__(self) -> None:
        """Know no counter yet."""
        self._serial: str | None = None
        self._last: dict[str, _Told] = {}
        self._strange: dict[str, _Told] = {}

    def settled[R: Reading](self, reading: R, serial: str | None, now_s: float) -> R:
        """Return the reading without the counters that are strange; ``now_s`` are monotonic seconds."""
        if serial != self._serial:
            self._serial, self._last, self._strange = serial, {}, {}
        most = _most(reading)
        strange: dict[str, Any] = dict.fromkeys(self._strange_of(reading, _COUNTERS, now_s, most))
        if isinstance(reading, MeterReading):
            names = self._strange_of(reading.registers, tuple(_REGISTERS), now_s, most)
            if registers := {name: _REGISTERS[name] for name in names}:
                strange["registers"] = replace(reading.registers, **registers)
        return replace(reading, **strange) if strange else reading

    def _strange_of(self, told: object, names: tuple[str, ...], now_s: float, most: _Most) -> Iterator[str]:
        for name in names:
            value = getattr(told, name, None)
            if value not in (None, ()) and not self._goes_on(name, value, now_s, most):
                yield name

    def _goes_on(self, name: str, value: Any, now_s: float, most: _Most) -> bool:
        """Return whether a counter goes on from its last value, or from a strange one for long enough."""
        last = self._last.get(name)
        if last is None and name in _TOLD_ASLEEP and _is_nothing(value):
            return False
        if last is None or _follows(name, value, last, now_s, most):
            self._last[name] = _Told(value, now_s, now_s)
            self._strange.pop(name, None)
            return True
        strange = self._strange.get(name)
        goes_on = strange is not None and _follows(name, value, strange, now_s, most)
        since_s = strange.since_s if strange is not None and goes_on else now_s
        patience_s = most.fallen_s if value < last.value else FALLEN_S
        # Inverters tell 0 all night; who believes that takes the morning's value for what was produced.
        sleeps = _is_nothing(value) and most.fallen_s >= FALLEN_S
        if sleeps or now_s - since_s < patience_s:
            self._strange[name] = _Told(value, now_s, since_s)
            return False
        self._last[name] = _Told(value, now_s, now_s)
        del self._strange[name]
        return True


def _is_nothing(value: Any) -> bool:
    return not any(value) if isinstance(value, tuple) else value == 0.0


def _most(reading: Reading) -> _Most:
    """Return the most that the counters of a reading count."""
    if isinstance(reading, ChargerReading):
        most_w = _CHARGER_W_PER_A * max(_CHARGER_A, reading.max_current_a)
        return _Most(an_hour=most_w, at_once_h=_CHARGER_AT_ONCE_H, fallen_s=SESSION_S)
    return _Most(an_hour=_MOST_AN_HOUR, at_once_h=_AT_ONCE_H, fallen_s=FALLEN_S)


def _follows(name: str, value: Any, before: _Told, now_s: float, most: _Most) -> bool:
    """Compare counters, or those of each tariff, of which there may be more or fewer."""
    hours = (now_s - before.at_s) / 3600.0 + most.at_once_h
    rise = hours * (_MOST_AN_HOUR_M3 if name.endswith("_m3") else most.an_hour)
    if not isinstance(value, tuple):
        return bool(0.0 <= value - before.value <= rise)
    return all(0.0 <= now - then <= rise for now, then in zip(value, before.value, strict=False))
