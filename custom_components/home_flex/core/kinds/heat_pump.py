"""A heat pump (S2: OMBC): told an SG-Ready state, or an offset to its set-point, else it heats as it likes.

The states of SG-Ready are those of the label's text (Bundesverband Wärmepumpe): 1 locked, for two hours at
most; 2 normal; 3 advised to run; 4 forced, which is not used here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..control.actuation_policy import ActuationPolicy
from ..control.levels import Call, Level
from ..model import DeviceKind, Owner, Quantity, Site
from .facts import Abilities, Measurements, Reporting
from .heat import Heat, temperature
from .kind import KindSpec, Seen
from .load import POWER, Called, energy

LOCKED, NORMAL, ADVISED = 1.0, 2.0, 3.0
LONGEST_LOCK_S = 7200.0
# After a lock that lasted as long as it may the house is warmed as long.
_ACTUATION = ActuationPolicy(dead_band=0.4, min_on_s=1800.0, min_off_s=900.0, starts_per_h=2)
_LOCKED_LONG = Called(call=Call.MUST, owner=Owner.DEVICE_SAFETY, reason="locked_long_enough")


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatPumpReading:
    """A heat pump at one moment; ``power_w`` with its heater rod, ``rated_power_w`` its most.

    Driven by an offset to its set-point when ``least_offset_k`` < 0 < ``most_offset_k``, else by SG-Ready;
    ``told`` is the state or offset that it was told, None while it runs by itself. ``cooling_k_per_h``: how
    fast the rooms cool without it, where that is known.
    """

    time: datetime
    power_w: float
    rated_power_w: float
    min_c: float
    max_c: float
    temperature_c: float | None = None
    least_offset_k: float = 0.0
    most_offset_k: float = 0.0
    told: float | None = None
    cooling_k_per_h: float | None = None
    heating_energy_wh: float | None = None

    @property
    def takes_offset(self) -> bool:
        """Whether its set-point is what is moved."""
        return self.least_offset_k < 0.0 < self.most_offset_k


class HeatPump(Heat[HeatPumpReading]):
    """The kind of a heat pump: less, as it likes, or more. It answers in minutes."""

    kind = DeviceKind.HEAT_PUMP
    quantity = Quantity.SG_READY_STATE
    actuation = _ACTUATION
    window_s = 75.0
    report_window_s = 90.0
    lost_after_s = 180.0
    rests = 1
    must = 1

    def levels(self, seen: Seen[HeatPumpReading]) -> tuple[Level, ...]:
        """Return locked, normal and advised; normal is what it drew before it was told anything."""
        reading = seen.reading
        rated_w = max(0.0, reading.rated_power_w)
        values = (LOCKED, NORMAL, ADVISED)
        if reading.takes_offset:
            values = (reading.least_offset_k, 0.0, reading.most_offset_k)
        own_w = reading.power_w if seen.memory.taken is None else seen.memory.own_w
        written = seen.device.written
        if written is not None and written.value == values[self.rests]:
            own_w = max(own_w, reading.power_w)
        own_w = min(max(0.0, own_w), rated_w)
        powers_w = (0.0, own_w, max(own_w, rated_w))
        return tuple(
            Level(value=value, power_w=power_w) for value, power_w in zip(values, powers_w, strict=True)
        )

    def is_set(self, reading: HeatPumpReading) -> bool:
        """Return whether it tells a state or an offset."""
        return reading.told is not None

    def takes(self, reading: HeatPumpReading) -> Quantity:
        """Return which of the two it is told."""
        return Quantity.SET_POINT_OFFSET_K if reading.takes_offset else Quantity.SG_READY_STATE

    def called(self, seen: Seen[HeatPumpReading]) -> Called:
        """Return what heat calls for; one that was locked for two hours runs as it likes."""
        if _locked_s(self.levels(seen), seen) >= LONGEST_LOCK_S:
            return _LOCKED_LONG
        return super().called(seen)

    def most_w(
        self,
        seen: Seen[HeatPumpReading],  # noqa: ARG002 # all that counts of it is in its levels
        levels: Sequence[Level],
        called: Called,
    ) -> float:
        """Return its own power where nothing more was asked of it."""
        return levels[-1].power_w if called.call is Call.FREE else levels[self.rests].power_w

    def cooling_k_per_s(self, reading: HeatPumpReading) -> float:
        """Return how fast the rooms cool."""
        return max(0.0, reading.cooling_k_per_h or 0.0) / 3600.0


def _locked_s(levels: Sequence[Level], seen: Seen[HeatPumpReading]) -> float:
    """Return for how long it has been locked by us, 0 when it is not."""
    written, changed_s = seen.device.written, seen.device.changed_s
    if written is None or written.value != levels[0].value or changed_s is None:
        return 0.0
    return seen.now_s - changed_s


def _measurements(reading: HeatPumpReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {"consumed_wh": reading.heating_energy_wh},
        "heat": {"temperature_c": reading.temperature_c},
        "control": {"set_point_offset_k" if reading.takes_offset else "sg_ready_state": reading.told},
    }


def _abilities(reading: HeatPumpReading, _site: Site) -> Abilities:
    return Abilities(consumption_w=reading.rated_power_w)


_REPORTING = Reporting(
    name="Heat pump",
    sensors=(
        POWER,
        energy(lambda reading: reading.heating_energy_wh),
        temperature("room_temperature"),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

HEAT_PUMP: Final = KindSpec(
    kind=DeviceKind.HEAT_PUMP,
    reading=HeatPumpReading,
    reporting=_REPORTING,
    control=HeatPump(),
    also_sets=frozenset({Quantity.SET_POINT_OFFSET_K}),
    has_mode=True,
)
