"""Days without event or wish, meters that are honest or dead, and a house with twenty devices."""

from collections.abc import Iterator
from dataclasses import replace

from .battery import BatterySpec
from .charger import CarSpec, ChargerSpec
from .clouds import sky
from .combination import Combination
from .exchange import Asked, SiteFacts
from .honest_meter import judge_honest_meter
from .house import DeviceSpec, HouseSpec
from .judges import judge_dead_meter, judge_quiet, judge_ticks
from .latencies import fast, slow
from .load import household, levels
from .meter import MeterSpec
from .pv import PvSpec

_PART_S = 6 * 3600.0
_TELEGRAMS = 50000
_DIES_S = 300.0


def quiet_combinations(*, part_s: float = _PART_S, telegrams: int = _TELEGRAMS) -> Iterator[Combination]:
    """Yield them; shorter days and fewer telegrams for a quick look."""
    for number, name in enumerate(("night", "morning", "noon", "evening")):
        yield _day(name, number, part_s)
    for seed in (1, 2):
        yield _honest(seed, telegrams)
    for period, rhythm in (("1", fast(1.0)), ("10", slow(1.0))):
        yield _dead(period, MeterSpec(rhythm=replace(rhythm, dies_s=_DIES_S)))
    yield _twenty()


def _day(name: str, number: int, part_s: float) -> Combination:
    """Return a quarter of a day: sun when there is some, a car at night, whatever a household does."""
    peak_w = (0.0, 5000.0, 7000.0, 3000.0)[number]
    devices: tuple[DeviceSpec, ...] = (
        BatterySpec(own_lag_s=2.0),
        PvSpec(sun=sky("mix", peak_w=peak_w, seed=number, length_s=part_s, day_s=2.0 * part_s)),
        # Set to what always fits beside the rest, so that no fuse has to be guarded.
        ChargerSpec(
            max_a=10.0,
            car=CarSpec(max_a=10.0, needs_wh=8000.0, arrives_s=600.0 if number in {0, 3} else 1e9),
            charging=False,
        ),
    )
    return Combination(
        name=f"quiet/{name}",
        judge=judge_quiet,
        house=HouseSpec(
            load=household(base_w=400.0, phases=3, length_s=part_s, seed=number),
            devices=devices,
            meter=MeterSpec(rhythm=fast(1.0) if number % 2 else slow(1.0)),
            # With headroom for a meter that speaks every ten seconds.
            site=SiteFacts(phases=3, fuse_a=35.0),
        ),
        length_s=part_s,
    )


def _dead(period: str, meter: MeterSpec) -> Combination:
    return Combination(
        name=f"dead-meter/{period}",
        judge=judge_dead_meter,
        house=HouseSpec(load=levels((1500.0,), each_s=1e9, phases=3), devices=(ChargerSpec(),), meter=meter),
        length_s=_DIES_S + 120.0,
    )


def _twenty() -> Combination:
    devices: list[DeviceSpec] = []
    for number in range(20):
        match number % 3:
            case 0:
                devices.append(BatterySpec(device_id=f"battery{number}", rated_w=2000.0))
            case 1:
                sun = sky("c2", peak_w=1500.0, seed=number, length_s=600.0)
                devices.append(PvSpec(device_id=f"pv{number}", rated_w=2000.0, sun=sun))
            case _:
                devices.append(ChargerSpec(device_id=f"charger{number}"))
    return Combination(
        name="ticks/20",
        judge=judge_ticks,
        house=HouseSpec(
            load=household(base_w=2000.0, phases=3, length_s=300.0, seed=1),
            devices=tuple(devices),
            site=SiteFacts(phases=3, fuse_a=63.0),
        ),
        asked=Asked(import_limit_w=20000.0, export_limit_w=1000.0),
        length_s=300.0,
    )


def _honest(seed: int, telegrams: int) -> Combination:
    house = HouseSpec(
        load=levels((1500.0,), each_s=1e9, phases=3),
        devices=(ChargerSpec(),),
        meter=MeterSpec(rhythm=slow(0.0)),
        seed=seed,
    )
    return Combination(
        name=f"honest-meter/10/{seed}",
        judge=judge_honest_meter,
        house=house,
        bounds={"telegrams": float(telegrams)},
    )
