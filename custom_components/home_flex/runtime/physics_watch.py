"""Holds what devices say against physics, as long as the site runs."""

from collections.abc import Iterable

from ..core.control.rhythm import period_s, stale_after_s
from ..core.control.state import ControlMemory
from ..core.model import BatteryReading, DeviceKind, MeterReading
from ..core.physics import DeviceSeen, Findings, HomeSeen, PhysicsMemory, checked, findings
from .device_slot import DeviceSlot

_EVERY_S = 1.0


class PhysicsWatch:
    """Looks at the home once a second, while the meter and every device are heard in time."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.findings = Findings()
        self._memory = PhysicsMemory()
        self._looked_s = -_EVERY_S

    def look(self, slots: Iterable[DeviceSlot], control: ControlMemory, now_s: float) -> None:
        """Take in the home as it is at ``now_s`` (monotonic); ``control`` knows how often each speaks."""
        if now_s - self._looked_s < _EVERY_S:
            return
        home = _home(slots, control, now_s)
        if home is None:
            return
        self._looked_s = now_s
        self._memory = checked(self._memory, home)
        self.findings = findings(self._memory)


def _home(slots: Iterable[DeviceSlot], control: ControlMemory, now_s: float) -> HomeSeen | None:
    """Return the home; None while something in it is late, or there is no meter."""
    grid_w: float | None = None
    devices: dict[str, DeviceSeen] = {}
    for slot in slots:
        # What a sub-meter measures is a part of the house, which the grid meter has counted.
        if slot.kind is DeviceKind.SUB_METER:
            continue
        memory = control.meter if slot.kind is DeviceKind.GRID_METER else control.devices.get(slot.device_id)
        if slot.reading is None or memory is None or now_s - slot.heard_s > stale_after_s(memory.rhythm):
            return None
        if isinstance(slot.reading, MeterReading):
            grid_w = slot.reading.power_w
            continue
        battery = slot.reading if isinstance(slot.reading, BatteryReading) else None
        devices[slot.device_id] = DeviceSeen(
            kind=slot.kind,
            power_w=slot.reading.power_w,
            period_s=period_s(memory.rhythm),
            state_of_charge=battery.state_of_charge if battery else None,
            capacity_wh=battery.capacity_wh if battery else None,
        )
    if grid_w is None:
        return None
    return HomeSeen(now_s=now_s, grid_w=grid_w, grid_period_s=period_s(control.meter.rhythm), devices=devices)
