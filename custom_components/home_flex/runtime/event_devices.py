"""The devices of a home as what events are settled by: what they do now, and who moved them last."""

from collections.abc import Iterable
from typing import Final

from ..core.control.hidden_sun import is_near_limit
from ..core.model import BatteryReading, ChargerReading, DeviceKind, PvReading, Reading
from ..core.settlement.tally import Before
from .device_slot import DeviceSlot
from .event_meter import DeviceNow

# Whose energy is told apart from the rest of the home.
_KNOWN: Final = frozenset({DeviceKind.PV, DeviceKind.BATTERY, DeviceKind.EV_CHARGER})


def devices_now(slots: Iterable[DeviceSlot]) -> list[DeviceNow]:
    """Return the devices that an event may move, as far as they can be read.

    Of those that are not told apart only is said, while an event moves them, that it does.
    """
    found = []
    for slot in slots:
        if slot.kind in _KNOWN:
            if slot.reading is not None and slot.link_reason is None:
                found.append(_known(slot, slot.reading))
        elif (event_id := _moved_by(slot)) is not None:
            before = Before(device_id=slot.device_id, kind=slot.kind, power_w=0)
            found.append(DeviceNow(before=before, moved_by=event_id))
    return found


def _known(slot: DeviceSlot, reading: Reading) -> DeviceNow:
    power_w = round(reading.power_w)
    before = Before(device_id=slot.device_id, kind=slot.kind, power_w=power_w)
    if isinstance(reading, BatteryReading):
        told_w = reading.power_setpoint_w
        before = Before(
            device_id=slot.device_id,
            kind=slot.kind,
            power_w=power_w,
            stored_wh=round(reading.state_of_charge * reading.capacity_wh),
            capacity_wh=round(reading.capacity_wh),
            most_in_w=round(reading.max_charge_w),
            most_out_w=round(reading.max_discharge_w),
            told_w=None if told_w is None else round(told_w),
        )
    is_plugged = isinstance(reading, ChargerReading) and reading.vehicle_connected
    return DeviceNow(before=before, is_plugged=is_plugged, moved_by=_moved_by(slot))


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
