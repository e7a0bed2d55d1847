"""A battery: a store that is driven, and that by itself usually covers the house."""

from collections.abc import Sequence
from typing import Final

from ..control.actuation_policy import ActuationPolicy
from ..control.allocation import Allocation
from ..control.asked import Lines
from ..control.flexibility import Flexibility, Role
from ..control.memory import DeviceMemory
from ..control.shown import limit_w, share_of
from ..model import BatteryReading, DeviceKind, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor
from .kind import KindSpec, Seen, Told

# A battery's own loop is faster than any over a meter; its power is set in whole watts.
# It may follow a restless house for half an hour; who changes their mind for longer does so twice a minute.
_ACTUATION = ActuationPolicy(dead_band=20.0, writes_per_min=2.0, burst=60.0)


class Battery:
    """The kind of a battery."""

    kind = DeviceKind.BATTERY
    quantity = Quantity.POWER_W
    life_s = 60.0
    lost_after_s = 15.0
    window_s = 12.0
    report_window_s = 20.0
    is_driven = True
    actuation = _ACTUATION

    def phases(self, reading: BatteryReading) -> int | None:  # noqa: ARG002 # the kinds' protocol
        """Return None: a battery uses all the phases it is wired to."""
        return None

    def learned(self, seen: Seen[BatteryReading]) -> DeviceMemory:
        """Return the memory as it is."""
        return seen.memory

    def ordered_w(self, value: float | None, seen: Seen[BatteryReading]) -> float:
        """Return what it gives of what was set; by itself it does what it did before it was taken."""
        return seen.memory.own_w if value is None else value * share_of(seen.memory, value)

    def watts_per_unit(self, seen: Seen[BatteryReading]) -> float:
        """Return what it gives of a watt that is set."""
        return share_of(seen.memory, None if seen.device.written is None else seen.device.written.value)

    def flexibility(self, seen: Seen[BatteryReading], *, stuck: bool) -> Flexibility:
        """Return the range that rating, state of charge and experience leave."""
        reading, memory = seen.reading, seen.memory
        power_w = reading.power_w
        declared_low_w = (
            -abs(reading.max_discharge_w) * memory.low.share if reading.state_of_charge > 0 else 0.0
        )
        declared_high_w = (
            abs(reading.max_charge_w) * memory.high.share if reading.state_of_charge < 1 else 0.0
        )
        low_w = -limit_w(memory.low, -declared_low_w, seen.now_s)
        high_w = limit_w(memory.high, declared_high_w, seen.now_s)
        if stuck:
            low_w = high_w = power_w
        return Flexibility(
            device=seen.device,
            memory=seen.memory,
            reading=reading,
            role=Role.STORE,
            share=seen.share,
            low_w=low_w,
            high_w=high_w,
            wish_w=power_w if stuck or seen.memory.taken is None else min(max(power_w, low_w), high_w),
            power_w=power_w,
            declared_low_w=declared_low_w,
            declared_high_w=declared_high_w,
            state_of_charge=reading.state_of_charge,
            capacity_wh=reading.capacity_wh,
            stuck=stuck,
        )

    def told(
        self,
        device: Flexibility,
        devices: Sequence[Flexibility],  # noqa: ARG002 # the kinds' protocol
        lines: Lines,  # noqa: ARG002 # the kinds' protocol
        allocation: Allocation,
        now_s: float,  # noqa: ARG002 # the kinds' protocol
    ) -> Told:
        """Return what brings the power allocated, in whole watts."""
        power_w = allocation.powers[device.device_id]
        return Told(
            value=float(round(power_w / share_of(device.memory, power_w))),
            cause=allocation.causes.get(device.device_id),
        )

    def is_set(self, reading: BatteryReading) -> bool:
        """Return whether the battery tells a setpoint."""
        return reading.power_setpoint_w is not None


def _measurements(reading: BatteryReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {
            "charged_wh": reading.energy_charged_wh,
            "discharged_wh": reading.energy_discharged_wh,
        },
        "state_of_charge": {"fraction": reading.state_of_charge},
        "control": {"power_setpoint_w": reading.power_setpoint_w},
    }


def _abilities(reading: BatteryReading, _site: Site) -> Abilities:
    return Abilities(
        consumption_w=reading.max_charge_w,
        export_w=reading.max_discharge_w,
        capacity_wh=reading.capacity_wh,
    )


_REPORTING = Reporting(
    name="Battery",
    sensors=(
        Sensor(key="battery_power", measure=Measure.POWER_OUT_W, value=lambda reading: reading.power_w),
        Sensor(
            key="state_of_charge",
            measure=Measure.STATE_OF_CHARGE,
            value=lambda reading: reading.state_of_charge,
        ),
        Sensor(
            key="energy_charged",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_charged_wh,
            optional=True,
        ),
        Sensor(
            key="energy_discharged",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_discharged_wh,
            optional=True,
        ),
        Sensor(
            key="capacity",
            measure=Measure.CAPACITY_WH,
            value=lambda reading: reading.capacity_wh,
            diagnostic=True,
        ),
        Sensor(
            key="battery_setpoint",
            measure=Measure.POWER_OUT_W,
            value=lambda reading: reading.power_setpoint_w,
            diagnostic=True,
            sets=Quantity.POWER_W,
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

BATTERY: Final = KindSpec(
    kind=DeviceKind.BATTERY, reading=BatteryReading, reporting=_REPORTING, control=Battery()
)
