"""What the house draws apart from its devices: moved only by what orders under way cannot explain."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.load import (
    Possible,
    RestLoad,
    moved,
    open_w,
    remembered,
    rest_load,
    voltage_v,
)
from custom_components.home_flex.core.control.memory import LoadSample
from custom_components.home_flex.core.control.nodes import Layout, layout
from custom_components.home_flex.core.control.state import MeterState, SiteState
from custom_components.home_flex.core.model import MeterReading, Network

from .guarded_home import NOW, car, full_battery, garage, sun
from .house import SITE


def watched(*names: str, network: Network | None = None) -> Layout:
    devices = {"car": car(), "pv": sun(3000.0), "battery": full_battery()}
    chosen = tuple(devices[name] for name in names)
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=chosen, network=network)
    return layout(state, {})


CAR = watched("car")


def speaks(*phase_w: float, heard_s: float = 10.0, volts: tuple[float, ...] = ()) -> dict[str, MeterState]:
    reading = MeterReading(time=NOW, power_w=sum(phase_w), phase_power_w=phase_w, phase_voltage_v=volts)
    return {"main": MeterState(reading=reading, heard_s=heard_s)}


def total(power_w: float, heard_s: float = 10.0) -> dict[str, MeterState]:
    return {"main": MeterState(reading=MeterReading(time=NOW, power_w=power_w), heard_s=heard_s)}


def possible(low_w: float, high_w: float) -> dict[str, dict[str, Possible]]:
    return {"main": {"car": Possible(low_w, high_w)}}


def near(*values: float) -> object:
    return pytest.approx(values)


def test_the_first_reading_less_what_the_devices_draw_is_the_load() -> None:
    (one,) = remembered((), CAR, speaks(1300.0, 1100.0, 1000.0), possible(2700.0, 3300.0), 3.0)
    # Where a device may have been anywhere, the middle counts.
    assert (one.heard_s, one.heard_by_s, one.keys) == (10.0, {"main": 10.0}, CAR.keys)
    assert one.low_w == one.high_w == near(400.0, 300.0, 100.0, 0.0)


KNOWN = LoadSample(
    heard_s=9.0,
    heard_by_s={"main": 9.0},
    keys=CAR.keys,
    low_w=(500.0, 200.0, 200.0, 100.0),
    high_w=(700.0, 300.0, 200.0, 200.0),
)


@pytest.mark.parametrize(
    ("meter_w", "low_w", "high_w"),
    [
        # The car may have been at 0 or 3 kW: from the meter's 3500 W the load is then 500 to 3500.
        (3500.0, 500.0, 700.0),
        (3600.0, 600.0, 700.0),
        (3900.0, 900.0, 900.0),
        (600.0, 500.0, 600.0),
        (100.0, 100.0, 100.0),
    ],
)
def test_the_load_moves_no_more_than_what_orders_under_way_leave_unexplained(
    meter_w: float, low_w: float, high_w: float
) -> None:
    *_, one = remembered((KNOWN,), CAR, total(meter_w), possible(0.0, 3000.0), 3.0)
    assert (one.low_w[0], one.high_w[0]) == (low_w, high_w)


def test_each_phase_moves_by_the_devices_share_of_it() -> None:
    *_, one = remembered((KNOWN,), CAR, speaks(1300.0, 600.0, 1200.0), possible(0.0, 3000.0), 3.0)
    assert one.low_w[1:] == near(300.0, 200.0, 200.0)
    assert one.high_w[1:] == near(300.0, 200.0, 200.0)


def test_a_meter_without_phases_may_show_all_of_the_load_on_each() -> None:
    (one,) = remembered((), CAR, total(1000.0), possible(0.0, 0.0), 3.0)
    assert one.high_w == near(1000.0, 1000.0, 1000.0, 1000.0)
    assert one.low_w == near(1000.0, 0.0, 0.0, 0.0)
    (one,) = remembered((), CAR, total(-1000.0), possible(0.0, 0.0), 3.0)
    assert one.high_w == near(-1000.0, 0.0, 0.0, 0.0)
    assert one.low_w == near(-1000.0, -1000.0, -1000.0, -1000.0)


def test_a_current_counts_at_the_voltage_of_its_phase() -> None:
    told = speaks(1200.0, 0.0, 0.0, volts=(240.0, 230.0, 230.0))
    reading = replace(
        told["main"].reading, phase_power_w=(), phase_current_a=(-5.0, 0.5, 0.5), power_w=-970.0
    )
    meter = {"main": MeterState(reading=reading, heard_s=10.0)}
    (one,) = remembered((), CAR, meter, possible(0.0, 0.0), 3.0)
    assert one.low_w[1:] == near(-1200.0, 115.0, 115.0)


def test_old_samples_go() -> None:
    old = tuple(replace(KNOWN, heard_s=heard_s) for heard_s in (6.9, 7.0, 9.0))
    found = remembered(old, CAR, total(600.0), possible(0.0, 0.0), 3.0)
    assert [one.heard_s for one in found] == [7.0, 9.0, 10.0]


GARAGE = watched("car", network=garage(meter_id="sub"))
SUB = MeterState(reading=MeterReading(time=NOW, power_w=800.0), heard_s=12.0)


def test_each_circuit_moves_with_its_own_meter() -> None:
    both = {**total(3000.0), "garage": SUB}
    nothing = {"car": Possible(500.0, 500.0)}
    (first,) = remembered((), GARAGE, both, {"main": nothing, "garage": nothing}, 9.0)
    assert (first.heard_s, first.heard_by_s) == (12.0, {"main": 10.0, "garage": 12.0})
    assert first.high_w[:2] == near(2500.0, 300.0)
    more = {**both, "main": replace(both["main"], reading=MeterReading(time=NOW, power_w=4000.0))}
    *_, then = remembered((first,), GARAGE, more, {"main": nothing}, 9.0)
    assert then.high_w[:2] == near(3500.0, 300.0)
    assert [then.high_w[index] for index, node in enumerate(GARAGE.nodes) if node.total == 1][1:] == [
        300.0
    ] * 3


def test_of_a_circuit_whose_meter_never_spoke_nothing_is_known() -> None:
    (one,) = remembered((), GARAGE, {"garage": SUB}, {"garage": {"car": Possible(0.0, 0.0)}}, 9.0)
    assert one.high_w[:2] == near(0.0, 800.0)
    assert [one.high_w[place] for guard, place in GARAGE.guards if guard.scope.id == "main"] == [0.0] * 3


def test_what_a_device_is_reckoned_less_is_load() -> None:
    layed = watched("car", "pv")
    sample = replace(KNOWN, keys=layed.keys)
    (one,) = moved((sample,), layed, {"car": Possible(-300.0, -150.0), "pv": Possible(60.0, 90.0)})
    assert one.low_w == near(260.0, 120.0, 120.0, 20.0)
    assert one.high_w == near(640.0, 280.0, 180.0, 180.0)
    elsewhere = replace(KNOWN, keys=tuple(("other", *key[1:]) for key in KNOWN.keys))
    assert moved((elsewhere,), CAR, {"car": Possible(-300.0, -150.0)}) == (elsewhere,)
    (same,) = moved((KNOWN,), CAR, {"battery": Possible(-300.0, -150.0)})
    assert same == KNOWN


def test_what_may_not_show_yet_is_how_far_the_devices_are_open() -> None:
    assert open_w({"car": Possible(-500.0, 1000.0), "pv": Possible(-200.0, -100.0)}) == 1600.0
    assert open_w({}) == 0.0


def at(heard_s: float, low_w: float, high_w: float) -> LoadSample:
    return replace(KNOWN, heard_s=heard_s, low_w=(low_w,) * 4, high_w=(high_w,) * 4)


@pytest.mark.parametrize(
    ("samples", "load"),
    [
        ((), (0.0, 0.0, 0.0)),
        ((at(9.0, 100.0, 300.0),), (100.0, 300.0, 300.0)),
        # Limits are kept for the worst of the last seconds, the rest is of now.
        ((at(8.0, 50.0, 400.0), at(10.0, 100.0, 300.0)), (50.0, 400.0, 300.0)),
        ((at(7.0, 50.0, 400.0), at(10.0, 100.0, 300.0)), (50.0, 400.0, 300.0)),
        ((at(6.9, 50.0, 400.0), at(10.0, 100.0, 300.0)), (100.0, 300.0, 300.0)),
        # A meter that is silent showed its last for good.
        ((at(1.0, 50.0, 400.0), at(2.0, 100.0, 300.0)), (100.0, 300.0, 300.0)),
    ],
)
def test_the_load_to_reckon_with_is_the_worst_of_the_last_seconds(
    samples: tuple[LoadSample, ...], load: tuple[float, float, float]
) -> None:
    found = rest_load(samples, CAR, 10.0, 3.0)
    assert found == RestLoad(low_w=(load[0],) * 4, high_w=(load[1],) * 4, latest_w=load[2])


def test_a_sample_of_before_another_phase_was_used_is_read_by_what_it_was_about() -> None:
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=(car(), sun(3000.0)))
    after = layout(state, {"car": 1})
    before = replace(KNOWN, keys=layout(state, {}).keys, heard_s=10.0)
    found = rest_load((before,), after, 10.0, 3.0)
    # On the first phase both still hang; what was not watched then may carry all of the house.
    assert found.high_w == (700.0, 300.0, 700.0, 700.0)
    assert found.low_w == (500.0, 200.0, 0.0, 0.0)
    both = rest_load((before, replace(before, keys=after.keys, heard_s=10.0)), after, 10.0, 3.0)
    assert both.high_w == (700.0, 300.0, 700.0, 700.0)
    assert both.low_w == (500.0, 200.0, 0.0, 0.0)


def test_watts_of_a_phase_are_reckoned_at_its_voltage_as_told() -> None:
    told = speaks(0.0, 0.0, 0.0, volts=(240.0, 231.0, 222.0))["main"].reading
    assert [voltage_v(node, told) for node in CAR.nodes] == [1.0, 240.0, 231.0, 222.0]
    assert [voltage_v(node, None) for node in CAR.nodes] == [1.0, 230.0, 230.0, 230.0]
