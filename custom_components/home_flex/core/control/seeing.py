"""What is seen of the devices and of the meter at one tick, and who holds which device."""

from dataclasses import replace
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Seen
from . import import_only, observer, still
from .memory import DeviceMemory
from .nodes import stated
from .orders import others_sent_s
from .phase_currents import phase_voltages_v
from .state import ControlMemory, SiteState

# A device that a standing line took is handed back only after this long without need.
STANDING_HOLD_S = 30.0


def seen_of(
    state: SiteState, memory: ControlMemory, now_s: float
) -> tuple[dict[str, Seen[Any]], ControlMemory]:
    """Return the devices that can be read, and the memory with what they and the meter tell."""
    voltages = phase_voltages_v(stated(state).root, state.meter, state.site.nominal_voltage_v)
    voltage_v = sum(voltages) / len(voltages)
    before = memory.meter
    power_w = state.meter.power_w if state.meter is not None else None
    meter = observer.metered(before, power_w, state.meter_heard_s)
    if power_w is not None and meter is not before:
        meter = import_only.counted(meter, power_w)
    found: dict[str, Seen[Any]] = {}
    devices: dict[str, DeviceMemory] = {}
    for device in state.devices:
        kind = kind_of(device)
        known = memory.devices.get(device.device_id) or observer.begun(device, now_s)
        devices[device.device_id] = known
        if (reading := observer.fresh_reading(device, known, kind, now_s)) is None:
            continue
        seen = Seen(
            device=device,
            memory=known,
            reading=reading,
            share=(),
            voltage_v=voltage_v,
            window_s=observer.window_s(known, kind, meter),
            report_window_s=observer.report_window_s(known, kind),
            now_s=now_s,
        )
        others_s = others_sent_s(memory.devices, device.device_id)
        known = observer.observed(seen, kind, meter, others_s, meter_spoke=meter is not before)
        devices[device.device_id] = known
        found[device.device_id] = replace(seen, memory=known)
    meter = still.watched(meter, state, found, now_s)
    return found, replace(memory, meter=meter, devices=devices)


def held(seen: Seen[Any], now_s: float, *, are_passing: bool) -> Seen[Any]:
    """Return the device given back, unless it is held.

    For a passing demand a device once taken stays taken until the end, so that it is not passed to and fro;
    for a standing one only for a while after it was last needed.
    """
    memory = seen.memory
    if memory.taken is None or memory.bound_s is None:
        return seen
    is_needed = (are_passing and not memory.is_standing) or (
        memory.is_standing and now_s - memory.bound_s < STANDING_HOLD_S
    )
    if is_needed and seen.device.admits(memory.taken):
        return seen
    free = replace(memory, taken=None, reason="", source_id=None, bound_s=None, is_standing=False)
    return replace(seen, memory=free)
