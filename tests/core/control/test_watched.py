"""What of the fuses cannot be watched is said, circuit by circuit."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.network import Wiring
from custom_components.home_flex.core.control.watched import Blind, Unwatched, unwatched
from custom_components.home_flex.core.model import Circuit, GridKind, MeterReading, Network

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAIN = Circuit(circuit_id="main", fuse_a=(25.0, 25.0, 25.0), meter_id="meter")
FULL = MeterReading(
    time=NOW,
    power_w=6900.0,
    phase_power_w=(2300.0, 2300.0, 2300.0),
    phase_voltage_v=(230.0, 230.0, 230.0),
)


def of(*circuits: Circuit) -> Network:
    devices = frozenset(device_id for circuit in circuits for device_id in circuit.device_ids)
    return Network(circuits=circuits, device_ids=devices)


def test_a_meter_that_tells_every_phase_leaves_nothing_unwatched() -> None:
    assert unwatched(of(MAIN), {}, {"meter": FULL}) == ()


BLIND = [
    (replace(MAIN, meter_id=None), FULL, Blind.NO_METER),
    (MAIN, None, Blind.METER_SILENT),
    (MAIN, MeterReading(time=NOW, power_w=6900.0), Blind.NO_PHASES_TOLD),
    (
        MAIN,
        MeterReading(time=NOW, power_w=0.0, phase_current_a=(5.0, 5.0, 5.0)),
        Blind.DIRECTION_UNKNOWN,
    ),
    (MAIN, replace(FULL, phase_voltage_v=(231.0, 0.0, 232.0)), Blind.LOOKS_WITHOUT_NEUTRAL),
    (replace(MAIN, grid=GridKind.IT_3P), FULL, Blind.NO_PHASES_TOLD),
]


@pytest.mark.parametrize(("circuit", "meter", "why"), BLIND)
def test_what_a_meter_does_not_tell_is_named(
    circuit: Circuit, meter: MeterReading | None, why: Blind
) -> None:
    assert unwatched(of(circuit), {}, {"meter": meter}) == (Unwatched(circuit_id="main", why=why),)


def test_a_circuit_without_a_meter_is_watched_when_all_that_hangs_there_is_known() -> None:
    assert unwatched(of(replace(MAIN, meter_id=None, other_load_a=0.0)), {}, {}) == ()


def test_without_neutral_the_direction_is_open_where_the_power_does_not_tell_it() -> None:
    circuit = replace(MAIN, grid=GridKind.IT_3P)
    meter = replace(FULL, power_w=0.0, phase_current_a=(10.5, 12.5, 11.5))
    assert unwatched(of(circuit), {}, {"meter": meter}, produces=False) == ()
    assert unwatched(of(circuit), {}, {"meter": meter})[0].why is Blind.DIRECTION_UNKNOWN


def test_a_device_of_which_the_phases_are_not_known_is_named_with_its_circuit() -> None:
    sub = Circuit(
        circuit_id="garage", fuse_a=(16.0,) * 3, parent_id="main", other_load_a=0.0, device_ids=("car", "pv")
    )
    found = unwatched(of(MAIN, sub), {"pv": Wiring(used=3)}, {"meter": FULL})
    assert found == (Unwatched(circuit_id="garage", why=Blind.DEVICE_PHASES_UNKNOWN, device_id="car"),)
