"""Whatever finite readings say, control goes on and tells finite values."""

import math
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import SITE, Asks, Demand, Envelope, Target
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Reading,
)

from .house import SITE as HOME

TIME = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANY = st.sampled_from([0.0, 1e-300, 1e9, -1e9]) | st.floats(-1e9, 1e9)
NOT_NEGATIVE = ANY.map(abs)
PHASES = st.just(()) | st.tuples(ANY, ANY, ANY)
METERS = st.builds(
    MeterReading, time=st.just(TIME), power_w=ANY, phase_power_w=PHASES, phase_current_a=PHASES
)
READINGS: dict[DeviceKind, st.SearchStrategy[Reading]] = {
    DeviceKind.BATTERY: st.builds(
        BatteryReading,
        time=st.just(TIME),
        power_w=ANY,
        state_of_charge=st.floats(0, 1),
        capacity_wh=NOT_NEGATIVE,
        max_charge_w=NOT_NEGATIVE,
        max_discharge_w=NOT_NEGATIVE,
        power_setpoint_w=st.none() | ANY,
    ),
    DeviceKind.PV: st.builds(
        PvReading,
        time=st.just(TIME),
        power_w=ANY,
        rated_power_w=NOT_NEGATIVE,
        production_limit_w=st.none() | NOT_NEGATIVE,
    ),
    DeviceKind.EV_CHARGER: st.builds(
        ChargerReading,
        time=st.just(TIME),
        power_w=ANY,
        status=st.sampled_from(ChargerStatus),
        phases=st.sampled_from([1, 3]),
        min_current_a=st.just(6.0),
        max_current_a=st.sampled_from([6.0, 16.0, 32.0]),
        current_limit_a=st.none() | NOT_NEGATIVE,
        phase_current_a=PHASES,
    ),
}
ASKS: st.SearchStrategy[Asks] = (
    st.builds(Envelope, high_w=ANY)
    | st.builds(Envelope, low_w=ANY.map(lambda value: -abs(value)))
    | st.builds(Target, power_w=ANY)
)


def _demanded(asks: Asks, owner: Owner, *, standing: bool) -> Demand:
    return Demand(owner=owner, scope=SITE, asks=asks, reason="limit", source_id="limit", standing=standing)


DEMANDS = st.builds(
    _demanded,
    ASKS,
    st.sampled_from([Owner.GRID_OPERATOR, Owner.RESIDENT, Owner.AGGREGATOR]),
    standing=st.booleans(),
)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_finite_reading_ends_control(data: st.DataObject) -> None:
    memory = ControlMemory()
    told = {
        kind: DeviceState(device_id=kind.value, kind=kind, wired_phases=(), reading=None, heard_s=-1.0)
        for kind in READINGS
    }
    for tick in range(4):
        now_s = 10.0 * tick
        for kind, readings in READINGS.items():
            told[kind] = replace(told[kind], reading=data.draw(readings), heard_s=now_s)
        state = SiteState(
            site=HOME, meter=data.draw(METERS), meter_heard_s=now_s, devices=tuple(told.values())
        )
        demands = data.draw(st.lists(DEMANDS, max_size=3))
        decision, memory = arbitrate(state, demands, memory, now_s)
        for setpoint in (*decision.wanted, *decision.setpoints):
            assert setpoint.value is None or math.isfinite(setpoint.value)
        for setpoint in decision.setpoints:
            kind = DeviceKind(setpoint.device_id)
            told[kind] = replace(told[kind], written=setpoint, written_s=now_s, changed_s=now_s)
