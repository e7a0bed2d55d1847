"""Houses in which the load moves: an import limit and a fuse, for every latency."""

from collections.abc import Iterator

from .battery import BatterySpec
from .channel import Rhythm
from .charger import CarSpec, ChargerSpec
from .combination import Combination
from .exchange import VOLTAGE_V, Asked, SiteFacts
from .house import HouseSpec
from .judges import judge_fuse, judge_limit
from .latencies import LATENCIES, Latency, fast, lossless, slow
from .load import PhaseW, even, wave
from .response import Response

_LIMIT_S = 660.0
_FUSE_S = 900.0
_FUSE_A = 25.0
_BASE_A = 7.0
# What the house draws more on one phase: 1.24 and 1.48 times the fuse with a car of 16 A beside it.
_STEPS_A = (8.0, 14.0)
_FUSE_METERS = (fast(0.0), fast(2.0), fast(5.0), lossless(slow(1.0)), lossless(slow(2.0)))
# Over the fuse for the time nobody can avoid, and this.
_FUSE_SPARE_S = 2.0


def moving_combinations() -> Iterator[Combination]:
    """Yield every house with a moving load."""
    yield from _limits()
    yield from _fuses()


def _limits() -> Iterator[Combination]:
    for latency in LATENCIES:
        period_s = latency.meter.period_s
        for half_s in (15.0, 30.0, 60.0) if period_s < 10.0 else (30.0, 60.0):
            device = BatterySpec(response=Response(dead_s=latency.dead_s), rhythm=latency.reports)
            # Steps fall midway between two measurements.
            load = wave(
                even(800.0, 3), even(3800.0, 3), half_s=half_s, length_s=_LIMIT_S, from_s=0.5 * period_s
            )
            yield Combination(
                name=f"limit/each{half_s:g}/{latency.name}",
                judge=judge_limit,
                house=HouseSpec(load=load, devices=(device,), meter=latency.meter_spec()),
                asked=Asked(import_limit_w=2000.0),
                length_s=_LIMIT_S,
            )


def _fuses() -> Iterator[Combination]:
    for meter in _FUSE_METERS:
        for dead_s in (0.5, 2.0, 5.0):
            yield from _fuse(Latency(meter=meter, device_age_s=1.0, dead_s=dead_s))
    for dead_s in (20.0, 60.0):
        yield from _fuse(Latency(meter=fast(1.0), device_age_s=10.0, dead_s=dead_s))
    for meter in _FUSE_METERS:
        yield from _unseen(Latency(meter=meter, device_age_s=1.0, dead_s=1.0))


def _fuse(latency: Latency) -> Iterator[Combination]:
    for step_a in _STEPS_A:
        for name, phases, tells in (("1", 1, True), ("3", 3, True), ("3-untold", 3, False)):
            low = _on_first(_BASE_A, phases)
            load = wave(low, _on_first(_BASE_A + step_a, phases), half_s=180.0, length_s=_FUSE_S, from_s=0.4)
            charger = ChargerSpec(
                wired=(1, 2, 3)[:phases],
                car=CarSpec(phases=phases),
                response=Response(dead_s=latency.dead_s),
                rhythm=Rhythm(period_s=3.0, age_s=latency.device_age_s),
            )
            house = HouseSpec(
                load=load,
                devices=(charger,),
                meter=latency.meter_spec(tells_phases=tells),
                site=SiteFacts(phases=phases, fuse_a=_FUSE_A),
            )
            # Where phases are told, half the time there is room for 6 A at least.
            charges_wh = 6.0 * VOLTAGE_V * phases * 0.4 * _FUSE_S / 3600.0 if tells else 0.0
            yield _guarded(f"fuse/phases{name}/step{step_a:g}A", latency, house, charges_wh)


def _unseen(latency: Latency) -> Iterator[Combination]:
    """Yield a car of 32 A on the phase of a busy house whose meter tells only the total."""
    load = wave(_on_first(_BASE_A, 3), _on_first(9.5, 3), half_s=120.0, length_s=_FUSE_S, from_s=0.4)
    charger = ChargerSpec(
        wired=(1,), max_a=32.0, car=CarSpec(phases=1, max_a=32.0), response=Response(dead_s=1.0)
    )
    house = HouseSpec(load=load, devices=(charger,), meter=latency.meter_spec(tells_phases=False))
    yield _guarded("fuse/car32-untold", latency, house, charges_wh=0.0)


def _guarded(name: str, latency: Latency, house: HouseSpec, charges_wh: float) -> Combination:
    meter = latency.meter
    over_s = meter.age_s + meter.period_s + meter.jitter_s + latency.dead_s + _FUSE_SPARE_S
    return Combination(
        name=f"{name}/{latency.name}",
        judge=judge_fuse,
        house=house,
        length_s=_FUSE_S,
        bounds={"over_s": over_s, "charges_wh": charges_wh},
    )


def _on_first(amperes: float, phases: int) -> PhaseW:
    return (amperes * VOLTAGE_V, *((1.0 * VOLTAGE_V,) * (phases - 1)))
