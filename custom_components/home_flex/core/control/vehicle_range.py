"""How far a vehicle goes by itself: the phases it uses, and what it takes at most of what it may."""

import math
from dataclasses import replace

from .charging import ChargerInput, ChargerMemory
from .charging.vehicle import Vehicle, allowed_a, drawn_a, drawn_w
from .charging.vehicle_phases import used_phases
from .memory import DeviceMemory

# A car that draws so much less than it may, for so long, has its own reason.
_LESS_A, _SETTLES_S = 1.5, 10.0
# What a car was seen to take of a larger limit is believed for so long, and until it takes more.
_OFFERED_AGAIN_S, _GREW_W = 600.0, 100.0


def learned(
    memory: DeviceMemory, charger: ChargerInput, known: ChargerMemory, window_s: float, now_s: float
) -> DeviceMemory:
    """Return a device's memory with what is known of the vehicle: its phases, and what it takes at most.

    ``window_s`` is how long its charger's own reading may take to show an order.
    """
    vehicle = known.vehicle
    if not charger.connected:
        return replace(memory, active_phases=None, draws_max_w=None, wakes=False)
    phases = used_phases(charger, vehicle.phases)
    active = len(phases) if vehicle.phases.used is not None else None
    are_new = active != memory.active_phases
    memory = replace(memory, active_phases=active, wakes=_may_wake(memory, vehicle))
    if are_new:
        # What it draws of an ampere was not known: it may not have drawn less than it was allowed.
        return replace(memory, draws_max_w=None, phases_shown_s=now_s)
    if memory.wakes:
        return replace(memory, draws_max_w=None)
    ordered_s = memory.orders[-1].sent_s if memory.orders else -math.inf
    if now_s - max(ordered_s, vehicle.risen_s) < _SETTLES_S or now_s - ordered_s < window_s:
        # On its way up nobody knows how far it goes; a new limit alone does not change that.
        return replace(memory, draws_max_w=None) if vehicle.risen_s >= ordered_s else memory
    takes_w = drawn_w(charger, vehicle)
    if drawn_a(charger, vehicle) <= allowed_a(charger) - _LESS_A:
        return replace(memory, draws_max_w=takes_w, drew_less_s=now_s)
    # A limit at what it took teaches nothing new, but for that nothing holds for ever.
    is_recent = memory.drew_less_s is not None and now_s - memory.drew_less_s < _OFFERED_AGAIN_S
    if is_recent and memory.draws_max_w is not None and takes_w <= memory.draws_max_w + _GREW_W:
        return memory
    return replace(memory, draws_max_w=None)


def _may_wake(memory: DeviceMemory, vehicle: Vehicle) -> bool:
    """Return whether a vehicle that was let in by an order has not drawn yet, and may at any moment."""
    order = memory.orders[-1] if memory.orders else None
    let_in = order is not None and order.value is not None and vehicle.allowed_since_s is not None
    return let_in and not (vehicle.drew_now or vehicle.full or vehicle.asleep)
