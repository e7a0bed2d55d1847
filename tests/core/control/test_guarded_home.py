"""What fuses, circuits and groups leave to a car, decided once in a house that has been seen for a minute."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import Demand, Envelope, Scope, ScopeKind
from custom_components.home_flex.core.control.memory import DeviceMemory, Response
from custom_components.home_flex.core.control.nodes import layout
from custom_components.home_flex.core.control.section_14a import Registered, group_floor_w
from custom_components.home_flex.core.control.state import (
    ControlMemory,
    Decision,
    DeviceState,
    MeterState,
    SiteState,
)
from custom_components.home_flex.core.control.watched import Blind
from custom_components.home_flex.core.model import (
    Circuit,
    GridKind,
    Group,
    GroupKind,
    MeterReading,
    Network,
    Owner,
)

from .guarded_home import FUSES, NOW, car, full_battery, garage, sun, told
from .house import SITE


def decided(
    meter: MeterReading,
    *devices: DeviceState,
    network: Network | None = None,
    demands: tuple[Demand, ...] = (),
    circuit_meters: dict[str, MeterReading] | None = None,
    answers_after_s: float | None = 2.0,
    after_s: int = 60,
) -> Decision:
    """Return what is decided after a minute in a home whose charger has shown how soon it answers, or not."""
    known = Response() if answers_after_s is None else Response(full_s=(answers_after_s,))
    memory = ControlMemory(devices={"car": DeviceMemory(response=known)})
    for second in range(after_s):
        at_s = float(second)
        state = SiteState(
            site=SITE,
            meter=meter,
            meter_heard_s=at_s,
            devices=tuple(replace(device, heard_s=at_s) for device in devices),
            network=network,
            circuit_meters={
                key: MeterState(reading=reading, heard_s=at_s)
                for key, reading in (circuit_meters or {}).items()
            },
        )
        decision, memory = arbitrate(state, demands if second > 10 else (), memory, at_s)
    return decision


def current_a(decision: Decision) -> float | None:
    return next(setpoint.value for setpoint in decision.wanted if setpoint.device_id == "car")


def test_a_meter_without_phases_leaves_a_car_what_the_whole_rest_on_its_phase_leaves() -> None:
    # 32 A on L1 and 2.2 kW that may flow there too.
    meter = MeterReading(time=NOW, power_w=32 * 230.0 + 2200.0)
    decision = decided(meter, car(32.0, phases=1, most_a=32.0))
    value = current_a(decision)
    assert value is not None
    assert value + 2200.0 / 230.0 <= 25.0
    assert decision.unwatched[0].why is Blind.NO_PHASES_TOLD


def test_a_car_on_a_phase_of_its_own_is_left_alone_when_the_meter_tells_the_phases() -> None:
    decision = decided(told(16 * 230.0, 2200.0, 0.0), car(16.0, phases=1))
    assert current_a(decision) is None
    assert decision.unwatched == ()


def test_a_car_whose_charger_may_be_slow_leaves_the_fuse_room_until_it_has_answered() -> None:
    home = (told(21 * 230.0, 2200.0, 0.0), car(16.0, phases=1))
    assert current_a(decided(*home, answers_after_s=None, after_s=15)) == 14.0
    # That room is wanted: it steps back for a moment, to show how soon it answers.
    assert current_a(decided(*home, answers_after_s=None)) == 6.0


def test_amperes_count_where_they_say_more_than_the_power() -> None:
    meter = replace(told(*(16 * 230.0 + 1150.0,) * 3), phase_current_a=(27.0, 21.0, 21.0))
    assert current_a(decided(meter, car())) is not None


def test_a_fuse_further_down_holds_too() -> None:
    value = current_a(decided(told(3680.0, 3680.0, 3680.0), car(), network=garage(other_load_a=0.0)))
    assert value is not None
    assert 6.0 <= value < 10.0


def test_what_hangs_unmetered_behind_a_fuse_is_left_room() -> None:
    value = current_a(decided(told(3680.0, 3680.0, 3680.0), car(), network=garage(other_load_a=3.0)))
    assert value is not None
    assert 6.0 <= value <= 7.0


def test_a_circuits_own_meter_says_what_else_hangs_there() -> None:
    value = current_a(
        decided(
            told(4140.0, 3680.0, 3680.0),
            car(),
            network=garage(16.0, meter_id="sub"),
            circuit_meters={"sub": told(3680.0 + 460.0, 3680.0, 3680.0)},
            answers_after_s=9.0,
        )
    )
    assert value is not None
    # Not 14 A: a step of load there is answered too late for the rest.
    assert 6.0 <= value <= 10.0


DIMMED = [
    # House in W, sun in W, members, current in A.
    (3000.0, 0.0, ("car",), 6.0),
    (2000.0, 6000.0, ("car",), 11.0),
    (1000.0, 0.0, ("car", "battery"), 10.0),
]


@pytest.mark.parametrize(("house_w", "sun_w", "members", "expected_a"), DIMMED)
def test_section_14a_leaves_the_members_their_floor_and_the_sun_beyond_the_house(
    house_w: float, sun_w: float, members: tuple[str, ...], expected_a: float
) -> None:
    devices = (car(), sun(sun_w), full_battery()) if "battery" in members else (car(), sun(sun_w))
    ids = frozenset(device.device_id for device in devices)
    network = Network(
        circuits=(Circuit(circuit_id="main", fuse_a=FUSES, meter_id="meter", device_ids=tuple(ids)),),
        device_ids=ids,
        groups=(Group(group_id="steuve", kind=GroupKind.SECTION_14A, device_ids=members),),
    )
    dimmed = Demand(
        owner=Owner.GRID_OPERATOR,
        scope=Scope(ScopeKind.GROUP, "steuve"),
        asks=Envelope(high_w=group_floor_w(Registered(count=len(members)), NOW.date())),
        reason="section_14a",
    )
    each_w = (house_w - sun_w) / 3 + 3680.0
    decision = decided(told(each_w, each_w, each_w), *devices, network=network, demands=(dimmed,))
    assert current_a(decision) == expected_a


THREE_WIRES = (232.0, 0.0, 231.0)
WITH_NEUTRAL = (232.0, 230.0, 231.0)


@pytest.mark.parametrize(
    ("phases", "volts", "grid"),
    [
        (3, THREE_WIRES, GridKind.IT_3P),
        (3, WITH_NEUTRAL, GridKind.TN_3P),
        (1, THREE_WIRES, GridKind.ONE_PHASE),
        (1, WITH_NEUTRAL, GridKind.ONE_PHASE),
    ],
)
def test_a_telegram_of_three_wires_is_taken_at_its_word_unless_the_site_has_one_phase(
    phases: int, volts: tuple[float, ...], grid: GridKind
) -> None:
    meter = MeterReading(time=NOW, power_w=500.0, phase_voltage_v=volts)
    site = replace(SITE, phases=phases)
    found = layout(SiteState(site=site, meter=meter, meter_heard_s=0.0, devices=()), {})
    assert found.network.root.grid is grid
    assert len(found.network.root.phases) == phases
