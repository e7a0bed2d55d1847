"""What is owed to cars above lower lines: the resident's promise, and the contactor's time."""

from collections.abc import Iterable

from ..model import Owner
from .charge_modes import MODE_SOURCE_ID
from .charging import ChargeIntent, ChargerMemory, ChargingMemory, Reason
from .charging.places import is_showing_phases
from .flexibility import Flexibility, Restriction


def promises(devices: Iterable[Flexibility], memory: ChargingMemory, now_s: float) -> tuple[Restriction, ...]:
    """Return the least that each car is owed, and by whose word."""
    found = []
    for device in devices:
        intent, known = device.intent, memory.chargers.get(device.device_id)
        if intent is None or known is None or intent.current_a == 0.0 or not device.is_ready:
            continue
        fast = intent.reason is Reason.FAST and not device.device.charge.may_slow
        if intent.must or fast:
            found.append(_least(device, Owner.RESIDENT, intent.reason, device.limit_high_w))
        elif _must_stay(known, now_s) or _shows_phases(intent, known, now_s):
            found.append(_least(device, Owner.DEVICE_SAFETY, "minimum_time", device.smallest_w))
    return tuple(found)


def _must_stay(known: ChargerMemory, now_s: float) -> bool:
    contactor = known.contactor
    return contactor.on and bool(contactor.closings) and not contactor.settled(now_s)


def _shows_phases(intent: ChargeIntent, known: ChargerMemory, now_s: float) -> bool:
    """Return whether a car that was taken down to its smallest current is about to show its phases by it."""
    is_unknown = known.vehicle.phases.used is None and len(intent.active_phases) > 1
    return known.contactor.on and is_unknown and is_showing_phases(known, now_s)


def _least(device: Flexibility, owner: Owner, reason: str, low_w: float) -> Restriction:
    return Restriction(
        owner=owner,
        device_id=device.device_id,
        reason=reason,
        low_w=low_w,
        source_id=MODE_SOURCE_ID,
        standing=True,
    )
