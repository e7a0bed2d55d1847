"""Houses in which nothing moves but for two load steps: every latency with every fault a device can have."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .battery import BatterySpec, Taper
from .channel import Rhythm
from .charger import CarSpec, ChargerSpec
from .clouds import Sun
from .combination import Combination
from .exchange import VOLTAGE_V, Asked
from .house import DeviceSpec, HouseSpec
from .judges import judge_steady, judge_turned
from .latencies import LATENCIES, METERS, Latency
from .load import levels
from .pv import PvSpec
from .response import Response

_TARGET = Asked(target_w=1500.0)
# What the target leaves to a battery: 2.3, 4.8 and 1.4 kW.
_TARGET_LEVELS_W = (3800.0, 6300.0, 2900.0)

BATTERY_FAULTS: Mapping[str, BatterySpec] = {
    "good": BatterySpec(),
    "gain0.8": BatterySpec(response=Response(gain=0.8)),
    "gain0.5": BatterySpec(response=Response(gain=0.5)),
    "clip2000": BatterySpec(clip_w=2000.0),
    "taper": BatterySpec(taper=Taper(start_s=200.0, w_per_s=15.0, least_w=1000.0)),
    "ramp500": BatterySpec(response=Response(ramp_w_per_s=500.0)),
    "lag4": BatterySpec(response=Response(lag_s=4.0)),
    "step100": BatterySpec(response=Response(step_w=100.0)),
    "step230": BatterySpec(response=Response(step_w=230.0)),
    "step500": BatterySpec(response=Response(step_w=500.0)),
    "ignores5": BatterySpec(response=Response(ignores_every=5)),
    "noise5%": BatterySpec(noise_share=0.05),
    "reading-turned": BatterySpec(reading_turned=True),
}
_SATURATES = ("clip2000", "taper")

CHARGER_FAULTS: Mapping[str, ChargerSpec] = {
    "good": ChargerSpec(),
    "takes12": ChargerSpec(car=CarSpec(max_a=12.0)),
    "ignores5": ChargerSpec(response=Response(ignores_every=5)),
    "sleepy30": ChargerSpec(car=CarSpec(wakes_s=30.0)),
    "one-phase-car": ChargerSpec(car=CarSpec(phases=1)),
    "one-phase-car-untold": ChargerSpec(car=CarSpec(phases=1), tells_phases=False),
}
# How old a charger's reports are goes with how slow it is: local, local and busy, radio, cloud.
_CHARGER_DEADS_S = {1.0: 0.0, 5.0: 5.0, 20.0: 10.0, 60.0: 10.0}

PV_FAULTS: Mapping[str, Response] = {
    "good": Response(),
    "step5%": Response(step_w=400.0),
    "ignores5": Response(ignores_every=5),
    "lag10": Response(lag_s=10.0),
}


def steady_combinations() -> Iterator[Combination]:
    """Yield every steady house."""
    yield from _batteries()
    yield from _chargers()
    yield from _inverters()
    yield from _several()
    yield from _mixed()
    yield from _turned()


def _house(latency: Latency, powers_w: tuple[float, ...], devices: tuple[DeviceSpec, ...]) -> HouseSpec:
    return HouseSpec(
        load=levels(powers_w, each_s=latency.settle_s + 180.0, phases=3),
        devices=devices,
        meter=latency.meter_spec(),
    )


def _steady(
    name: str, latency: Latency, house: HouseSpec, asked: Asked, bounds: Mapping[str, float] | None = None
) -> Combination:
    each_s = house.load.marks_s[1]
    return Combination(
        name=f"{name}/{latency.name}",
        judge=judge_steady,
        house=house,
        asked=asked,
        length_s=each_s * len(house.load.marks_s),
        settle_s=latency.settle_s,
        bounds=bounds or {},
    )


def _batteries() -> Iterator[Combination]:
    for fault, spec in BATTERY_FAULTS.items():
        for latency in LATENCIES:
            device = replace(
                spec, response=replace(spec.response, dead_s=latency.dead_s), rhythm=latency.reports
            )
            house = _house(latency, _TARGET_LEVELS_W, (device,))
            bounds = {"saturates": 1.0} if fault in _SATURATES else {}
            yield _steady(f"battery/{fault}", latency, house, _TARGET, bounds)


def _chargers() -> Iterator[Combination]:
    for fault, spec in CHARGER_FAULTS.items():
        per_a_w = VOLTAGE_V * spec.car.phases
        for dead_s, age_s in _CHARGER_DEADS_S.items():
            for meter in METERS:
                latency = Latency(meter=meter, device_age_s=age_s, dead_s=dead_s)
                device = replace(
                    spec,
                    response=replace(spec.response, dead_s=dead_s),
                    rhythm=Rhythm(period_s=3.0, age_s=age_s),
                )
                # Room for 10, 7 and 12 A, and half a step.
                powers_w = (1500.0, 1500.0 + 3.0 * per_a_w, 1500.0 - 2.0 * min(per_a_w, 600.0))
                asked = Asked(import_limit_w=1700.0 + 10.5 * per_a_w)
                house = _house(latency, powers_w, (device,))
                yield _steady(f"charger/{fault}", latency, house, asked, {"unused_w": 3.0 * per_a_w + 350.0})


def _inverters() -> Iterator[Combination]:
    for fault, response in PV_FAULTS.items():
        for dead_s in (0.5, 5.0, 15.0):
            for meter in METERS:
                latency = Latency(meter=meter, device_age_s=min(dead_s, 5.0), dead_s=dead_s)
                device = PvSpec(
                    sun=Sun(6000.0), response=replace(response, dead_s=dead_s), rhythm=latency.reports
                )
                house = _house(latency, (800.0, 2500.0, 500.0), (device,))
                bounds = {"unused_w": 350.0 + response.step_w}
                yield _steady(f"pv/{fault}", latency, house, Asked(export_limit_w=500.0), bounds)


def _several() -> Iterator[Combination]:
    for deads_s in ((0.5, 0.5), (0.5, 5.0), (0.5, 5.0, 20.0)):
        for meter in METERS:
            latency = Latency(meter=meter, device_age_s=2.0, dead_s=max(deads_s))
            batteries = tuple(
                BatterySpec(
                    device_id=f"battery{number}",
                    rated_w=3000.0,
                    soc=0.4 + 0.2 * number,
                    response=Response(dead_s=dead_s),
                    rhythm=latency.reports,
                )
                for number, dead_s in enumerate(deads_s)
            )
            house = _house(latency, _TARGET_LEVELS_W, batteries)
            yield _steady(f"several/{len(deads_s)}", latency, house, _TARGET)


def _mixed() -> Iterator[Combination]:
    """Yield homes with everything, of different speed, under limits of both sides."""
    asked = Asked(import_limit_w=3000.0, export_limit_w=500.0)
    for name, own_lag_s in (("idle", 0.0), ("self-consuming", 3.0)):
        for wakes_s in (0.0, 30.0):
            for meter in METERS:
                latency = Latency(meter=meter, device_age_s=2.0, dead_s=3.0)
                devices = (
                    BatterySpec(own_lag_s=own_lag_s, response=Response(dead_s=1.5), rhythm=latency.reports),
                    PvSpec(sun=Sun(5000.0), response=Response(dead_s=3.0), rhythm=latency.reports),
                    ChargerSpec(car=CarSpec(wakes_s=wakes_s), response=Response(dead_s=2.0)),
                )
                house = _house(latency, (800.0, 2800.0, 500.0), devices)
                yield _steady(f"mix/{name}-wakes{wakes_s:g}", latency, house, asked)


def _turned() -> Iterator[Combination]:
    for meter in METERS:
        latency = Latency(meter=meter, device_age_s=1.0, dead_s=1.0)
        device = BatterySpec(response=Response(turned=True, dead_s=1.0), rhythm=latency.reports)
        yield Combination(
            name=f"turned/{latency.name}",
            judge=judge_turned,
            house=_house(latency, (3800.0,), (device,)),
            asked=_TARGET,
            length_s=420.0,
        )
