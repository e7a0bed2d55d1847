"""The watch over physics: it looks while everything is heard in time, and tells what it found."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from custom_components.home_flex.core.control.memory import DeviceMemory, MeterMemory, Rhythm
from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.core.kinds.sub_meter import SubMeterReading
from custom_components.home_flex.core.model import BatteryReading, DeviceKind, MeterReading, PvReading
from custom_components.home_flex.core.physics import Findings, Verdict
from custom_components.home_flex.runtime.physics_watch import PhysicsWatch

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Slot:
    """What the watch looks at of a device's slot."""

    device_id: str
    kind: DeviceKind
    reading: Any
    heard_s: float


def home(second: float, *, sun_w: float = -3000.0, late: str = "") -> tuple[list[Slot], ControlMemory]:
    readings = {
        "meter": (DeviceKind.GRID_METER, MeterReading(time=NOON, power_w=-2000.0)),
        "sun": (DeviceKind.PV, PvReading(time=NOON, power_w=sun_w, rated_power_w=5000.0)),
        "battery": (
            DeviceKind.BATTERY,
            BatteryReading(
                time=NOON,
                power_w=500.0,
                state_of_charge=0.5,
                capacity_wh=10_000.0,
                max_charge_w=3000.0,
                max_discharge_w=3000.0,
            ),
        ),
    }
    slots = [
        Slot(name, kind, reading, second - (60.0 if name == late else 0.0))
        for name, (kind, reading) in readings.items()
    ]
    rhythm = Rhythm(heard_s=second, gaps_s=(1.0, 1.0, 1.0))
    memory = ControlMemory(
        devices={name: DeviceMemory(rhythm=rhythm) for name in ("sun", "battery")},
        meter=MeterMemory(rhythm=rhythm),
    )
    return slots, memory


def looked(*, late: str = "", sun_w: float = -3000.0) -> Findings:
    watch = PhysicsWatch()
    for tick in range(400):
        slots, memory = home(tick / 4, late=late, sun_w=sun_w)
        watch.look(slots, memory, tick / 4)  # type: ignore[arg-type] # what it looks at of a slot
    return watch.findings


def test_an_inverter_that_draws_in_the_sun_is_found() -> None:
    assert looked(sun_w=3000.0).devices["sun"] is Verdict.SWAPPED
    assert looked().devices["sun"] is Verdict.UNDECIDED


def test_a_sub_meter_is_a_part_of_the_house_and_keeps_nobody_from_looking() -> None:
    watch = PhysicsWatch()
    for tick in range(400):
        slots, memory = home(tick / 4, sun_w=3000.0)
        slots.append(
            Slot("cellar", DeviceKind.SUB_METER, SubMeterReading(time=NOON, power_w=900.0), tick / 4)
        )
        watch.look(slots, memory, tick / 4)  # type: ignore[arg-type] # as above
    assert set(watch.findings.devices) == {"sun", "battery"}
    assert watch.findings.devices["sun"] is Verdict.SWAPPED


def test_nothing_is_said_while_a_device_or_the_meter_is_late() -> None:
    assert looked(sun_w=3000.0, late="battery") == Findings()
    assert looked(sun_w=3000.0, late="meter") == Findings()


def test_a_home_without_a_meter_is_not_judged() -> None:
    watch = PhysicsWatch()
    slots, memory = home(0.0, sun_w=3000.0)
    watch.look(slots[1:], memory, 0.0)  # type: ignore[arg-type] # as above
    assert watch.findings == Findings()
