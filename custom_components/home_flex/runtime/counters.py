"""Counters that fall: a reader that lost its meter tells 0 for a moment, and who adds up counts all anew."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ..core.model import ChargerReading, MeterReading, Reading

# A wrong gas value stands until the meter tells the next, an hour later with old ones.
FALLEN_S: Final = 3900.0
# A programme's energy begins anew with each, and a charger's register is looked after by its driver.
_COUNTERS: Final = (
    "energy_import_wh",
    "energy_export_wh",
    "energy_produced_wh",
    "energy_charged_wh",
    "energy_discharged_wh",
    "energy_wh",
)
# With what each is while it is not told.
_REGISTERS: Final[Mapping[str, Any]] = {
    "gas_m3": None,
    "water_m3": None,
    "heat_wh": None,
    "import_by_tariff_wh": (),
    "export_by_tariff_wh": (),
}


class Counters:
    """Leaves out of a device's readings each counter that is lower than it was, until it stays so.

    Another device, by its serial number, begins anew at once.
    """

    def __init__(self) -> None:
        """Know no counter yet."""
        self._serial: str | None = None
        self._last: dict[str, Any] = {}
        self._fallen: dict[str, tuple[Any, float]] = {}

    def settled[R: Reading](self, reading: R, serial: str | None, now_s: float) -> R:
        """Return the reading without the counters that have fallen; ``now_s`` are monotonic seconds."""
        if isinstance(reading, ChargerReading):
            return reading
        if serial != self._serial:
            self._serial, self._last, self._fallen = serial, {}, {}
        fallen: dict[str, Any] = dict.fromkeys(self._have_fallen(reading, _COUNTERS, now_s))
        if isinstance(reading, MeterReading):
            names = self._have_fallen(reading.registers, tuple(_REGISTERS), now_s)
            if registers := {name: _REGISTERS[name] for name in names}:
                fallen["registers"] = replace(reading.registers, **registers)
        return replace(reading, **fallen) if fallen else reading

    def _have_fallen(self, told: object, names: tuple[str, ...], now_s: float) -> Iterator[str]:
        for name in names:
            value = getattr(told, name, None)
            if value not in (None, ()) and not self._goes_on(name, value, now_s):
                yield name

    def _goes_on(self, name: str, value: Any, now_s: float) -> bool:
        """Return whether a counter goes on from its last value, or from a lower one for long enough."""
        if name not in self._last or _is_no_less(value, self._last[name]):
            self._last[name] = value
            self._fallen.pop(name, None)
            return True
        lowest, since_s = self._fallen.get(name, (value, now_s))
        if not _is_no_less(value, lowest):
            lowest, since_s = value, now_s
        if now_s - since_s < FALLEN_S:
            self._fallen[name] = value, since_s
            return False
        self._last[name] = value
        del self._fallen[name]
        return True


def _is_no_less(value: Any, before: Any) -> bool:
    """Compare counters, or those of each tariff, of which there may be more or fewer."""
    if isinstance(value, tuple):
        return all(now >= then for now, then in zip(value, before, strict=False))
    return bool(value >= before)
