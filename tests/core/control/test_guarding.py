"""What fuses, circuits and groups leave to a car, decided once in a house that has been seen for a minute."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import Demand, Envelope, Scope, ScopeKind
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
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    Circuit,
    DeviceKind,
    Group,
    GroupKind,
    MeterReading,
    Network,
    Owner,
    PvReading,
    Site,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.30"),
    export_price_per_kwh=Decimal("0.08"),
)
FUSES = (25.0, 25.0, 25.0)


def car(current_a: float = 16.0, *, phases: int = 3, most_a: float = 16.0) -> DeviceState:
    reading = ChargerReading(
        time=NOW,
        power_w=current_a * 230.0 * phases,
        status=ChargerStatus.CHARGING,
        phases=phases,
        min_current_a=6.0,
        max_current_a=most_a,
        phase_current_a=(current_a,) * phases,
    )
    wired = (1, 2, 3)[:phases]
    return DeviceState(
        device_id="car", kind=DeviceKind.EV_CHARGER, wired_phases=wired, reading=reading, heard_s=0.0
    )


def sun(power_w: float) -> DeviceState:
    reading = PvReading(time=NOW, power_w=-power_w, rated_power_w=8000.0)
    return DeviceState(
        device_id="pv", kind=DeviceKind.PV, wired_phases=(1, 2, 3), reading=reading, heard_s=0.0
    )


def full_battery() -> DeviceState:
    reading = BatteryReading(
        time=NOW,
        power_w=0.0,
        state_of_charge=1.0,
        capacity_wh=10000.0,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )
    return DeviceState(
        device_id="battery", kind=DeviceKind.BATTERY, wired_phases=(1, 2, 3), reading=reading, heard_s=0.0
    )


def told(*phase_w: float) -> MeterReading:
    return MeterReading(time=NOW, power_w=sum(phase_w), phase_power_w=phase_w)


def decided(
    meter: MeterReading,
    *devices: DeviceState,
    network: Network | None = None,
    demands: tuple[Demand, ...] = (),
    circuit_meters: dict[str, MeterReading] | None = None,
) -> Decision:
    memory = ControlMemory()
    for second in range(60):
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


def test_amperes_count_where_they_say_more_than_the_power() -> None:
    meter = replace(told(*(16 * 230.0 + 1150.0,) * 3), phase_current_a=(27.0, 21.0, 21.0))
    assert current_a(decided(meter, car())) is not None


def garage(
    fuse_a: float = 10.0, *, meter_id: str | None = None, other_load_a: float | None = None
) -> Network:
    """Return a home with a car behind a smaller fuse in the garage."""
    main = Circuit(circuit_id="main", fuse_a=FUSES, meter_id="meter")
    sub = Circuit(
        circuit_id="garage",
        fuse_a=(fuse_a, fuse_a, fuse_a),
        parent_id="main",
        meter_id=meter_id,
        other_load_a=other_load_a,
        device_ids=("car",),
    )
    return Network(circuits=(main, sub), device_ids=frozenset({"car"}))


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
