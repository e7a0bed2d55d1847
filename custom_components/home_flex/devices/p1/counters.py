"""Which energy counters are believed of a meter that sends no CRC: a bit in the air may be any digit."""

from dataclasses import replace

from ...core.model import MeterReading

# No home with a P1 port draws more: three phases of 125 A.
_MOST_W = 100e3
# Counters without a CRC come in steps of up to 1 kWh.
_STEP_WH = 1000.0


class Counters:
    """Believes a counter that goes on from its last value as fast as a home can, or that comes twice."""

    def __init__(self) -> None:
        """Know no value yet: the first one has to come twice as well."""
        self._believed: dict[str, tuple[float, float]] = {}
        self._candidates: dict[str, tuple[float, float]] = {}

    def credible(self, reading: MeterReading, *, now_s: float) -> MeterReading:
        """Return the reading without the counters that are not believed at ``now_s`` (monotonic seconds).

        Counters by tariff are believed with their total.
        """
        import_wh = self._believed_wh("import", reading.energy_import_wh, now_s)
        export_wh = self._believed_wh("export", reading.energy_export_wh, now_s)
        if (import_wh, export_wh) == (reading.energy_import_wh, reading.energy_export_wh):
            return reading
        registers = replace(reading.registers, import_by_tariff_wh=(), export_by_tariff_wh=())
        return replace(reading, energy_import_wh=import_wh, energy_export_wh=export_wh, registers=registers)

    def _believed_wh(self, name: str, energy_wh: float | None, now_s: float) -> float | None:
        if energy_wh is None:
            return None
        for known in (self._believed, self._candidates):
            if name in known and _goes_on(*known[name], energy_wh, now_s):
                self._believed[name] = (energy_wh, now_s)
                self._candidates.pop(name, None)
                return energy_wh
        self._candidates[name] = (energy_wh, now_s)
        return None


def _goes_on(last_wh: float, last_s: float, energy_wh: float, now_s: float) -> bool:
    return 0.0 <= energy_wh - last_wh <= _STEP_WH + _MOST_W * (now_s - last_s) / 3600
