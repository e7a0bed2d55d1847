"""Stores as the allocation sees them: which part of a power each takes, by energy and with one sign.

W, positive = charging.
"""

import math
from collections.abc import Mapping, Sequence

from .flexibility import Flexibility, Role
from .stores import SharingMemory, Store, share, water_filled

type Ranges = Mapping[str, tuple[float, float]]


def spread(total_w: float, room_w: Mapping[str, float]) -> Mapping[str, float]:
    """Return parts of ``total_w`` in proportion to the room (W, >= 0); what nobody can take is left over."""
    all_w = math.fsum(room_w.values())
    part = min(1.0, total_w / all_w) if all_w > 0 else 0.0
    return {key: part * one_w for key, one_w in room_w.items()}


def as_stores(devices: Sequence[Flexibility], ranges: Ranges) -> tuple[Store, ...]:
    """Return the devices as stores that may be used within ``ranges``.

    One that does not tell its capacity counts as if it held what it can do in an hour.
    """
    return tuple(_store(device, *ranges[device.device_id]) for device in devices)


def _store(device: Flexibility, low_w: float, high_w: float) -> Store:
    rated_w = max(-device.declared_low_w, device.declared_high_w)
    capacity_wh = device.capacity_wh or rated_w
    return Store(
        device_id=device.device_id,
        state_of_charge=device.state_of_charge,
        to_full_wh=(1.0 - device.state_of_charge) * capacity_wh,
        above_reserve_wh=device.state_of_charge * capacity_wh,
        low_w=low_w,
        high_w=high_w,
        rated_w=rated_w,
    )


def shared(
    total_w: float, devices: Sequence[Flexibility], ranges: Ranges, memory: SharingMemory, now_s: float
) -> Mapping[str, float]:
    """Return each store's part of ``total_w``, which a limit wants at once.

    What those with energy left cannot take is done by whoever has room in W, a forced one too: a limit stands
    above fairness.
    """
    powers, _ = share(total_w, as_stores(devices, ranges), memory, now_s, at_once=True)
    left_w = total_w - math.fsum(powers.values())
    room = {
        key: max(0.0, ranges[key][1] - power_w if left_w > 0 else power_w - ranges[key][0])
        for key, power_w in powers.items()
    }
    more = water_filled(abs(left_w), room, room)
    return {key: power_w + math.copysign(more[key], left_w) for key, power_w in powers.items()}


def sharing_after(
    devices: Sequence[Flexibility], powers: Mapping[str, float], memory: SharingMemory, now_s: float
) -> SharingMemory:
    """Return what the stores among the devices remember of the power they share now."""
    stores = [device for device in devices if device.role is Role.STORE]
    ranges = {one.device_id: (one.low_w, one.high_w) for one in stores}
    total_w = math.fsum(powers[one.device_id] for one in stores)
    return share(total_w, as_stores(stores, ranges), memory, now_s, at_once=True)[1]
