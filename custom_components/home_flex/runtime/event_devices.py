"""The devices of a home as what events are settled by: what they do now, and who moved them last."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ..core.control.charging import ChargeMode
from ..core.control.hidden_sun import is_near_limit
from ..core.model import BatteryReading, ChargerReading, DeviceKind, PvReading, Reading
from ..core.settlement.tally import Before
from ..core.wishes import Wishes, charge_mode
from .device_slot import DeviceSlot
from .event_meter import DeviceNow

# What is metered of them stands for others.
_METERS: Final = frozenset({DeviceKind.GRID_METER, DeviceKind.SUB_METER})


def devices_now(slots: Iterable[DeviceSlot], wishes: Wishes, *, voltage_v: float) -> list[DeviceNow]:
    """Return the devices that an event may move, as far as they can be read."""
    return [
        _now(slot, slot.reading, charge_mode(wishes.charger(slot.device_id)), voltage_v=voltage_v)
        for slot in slots
        if slot.kind not in _METERS and slot.reading is not None and slot.link_reason is None
    ]


def _now(slot: DeviceSlot, reading: Reading, mode: ChargeMode, *, voltage_v: float) -> DeviceNow:
    before = Before(device_id=slot.device_id, kind=slot.kind, power_w=round(reading.power_w))
    if isinstance(reading, BatteryReading):
        told_w = reading.power_setpoint_w
        before = replace(
            before,
            stored_wh=round(reading.state_of_charge * reading.capacity_wh),
            capacity_wh=round(reading.capacity_wh),
            most_in_w=round(reading.max_charge_w),
            most_out_w=round(reading.max_discharge_w),
            told_w=None if told_w is None else round(told_w),
        )
    elif isinstance(reading, ChargerReading):
        arrives_a = {
            ChargeMode.FAST: reading.max_current_a,
            ChargeMode.MINIMUM_SURPLUS: reading.min_current_a,
        }
        before = replace(
            before,
            is_plugged=reading.vehicle_connected,
            arrives_w=round(arrives_a.get(mode, 0.0) * reading.phases * voltage_v),
        )
    return DeviceNow(before=before, moved_by=_moved_by(slot))


def _moved_by(slot: DeviceSlot) -> str | None:
    """Return the source of the setpoint that holds at a device, None when it runs by itself.

    So does an inverter that gives less than the limit that it was told: that is all there is.
    """
    written, reading = slot.written, slot.reading
    if written is None or written.value is None:
        return None
    if isinstance(reading, PvReading) and not is_near_limit(reading.power_w, written.value):
        return None
    return written.source_id
