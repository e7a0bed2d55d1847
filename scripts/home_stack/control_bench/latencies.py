"""How late meters and devices are, as data."""

from dataclasses import dataclass, replace

from .channel import Rhythm
from .meter import MeterSpec

_FAST_SETTLE_S, _SLOW_SETTLE_S = 60.0, 150.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Latency:
    """A meter's rhythm, and a device's dead time and the age of its reports."""

    meter: Rhythm
    device_age_s: float
    dead_s: float

    @property
    def name(self) -> str:
        """Meter period and age, device age, dead time."""
        meter = self.meter
        return f"meter{meter.period_s:g}+{meter.age_s:g},reports{self.device_age_s:g},dead{self.dead_s:g}"

    @property
    def settle_s(self) -> float:
        """How long after a step a house may move: longer with ten-second meters and with slow devices."""
        least_s = _SLOW_SETTLE_S if self.meter.period_s >= 10.0 else _FAST_SETTLE_S
        return least_s + 3.0 * max(0.0, self.dead_s - 5.0)

    def meter_spec(self, *, tells_phases: bool = True) -> MeterSpec:
        """Return a meter of this rhythm."""
        return MeterSpec(rhythm=self.meter, tells_phases=tells_phases)

    @property
    def reports(self) -> Rhythm:
        """The rhythm of a device's reports."""
        return Rhythm(age_s=self.device_age_s)


def fast(age_s: float) -> Rhythm:
    """Return a meter that speaks each second."""
    return Rhythm(age_s=age_s)


def slow(age_s: float, *, loss: float = 0.01) -> Rhythm:
    """Return a meter that speaks each ten seconds, with a second of jitter."""
    return Rhythm(period_s=10.0, age_s=age_s, jitter_s=1.0, loss=loss)


# Four meters that stand for all, where many other things are varied.
METERS = (fast(0.0), fast(3.0), fast(5.0), slow(1.0))

LATENCIES = tuple(
    Latency(meter=meter, device_age_s=device_age_s, dead_s=dead_s)
    for meters, device_ages_s, deads_s in (
        ((fast(0.0), fast(2.0), fast(5.0)), (0.0, 2.0, 10.0), (0.5, 2.0, 5.0)),
        ((slow(0.0), slow(3.0)), (0.0, 10.0), (0.5, 5.0)),
    )
    for meter in meters
    for device_age_s in device_ages_s
    for dead_s in deads_s
)


def lossless(rhythm: Rhythm) -> Rhythm:
    """Return the same rhythm without lost telegrams."""
    return replace(rhythm, loss=0.0)
