"""What is shown of one device: what it said, what it was told, and what control knows of it."""

from datetime import datetime, timedelta

from ..core.control.charging import ChargeIntent
from ..core.control.hunting import is_slowed
from ..core.control.memory import DeviceMemory
from ..core.control.response import is_turned
from ..core.wishes import NO_CAR, Car, Wishes, comfortable
from ..devices.driver import CountsLink, Forwards
from .device_slot import DeviceSlot
from .lasting_defaults import default_kept
from .planning.showing import Planned
from .view import DeviceView


def device_view(
    slot: DeviceSlot,
    memory: DeviceMemory,
    wishes: Wishes,
    *,
    intent: ChargeIntent | None,
    decided: datetime,
    quiet: bool,
    planned: Planned | None = None,
    car: Car = NO_CAR,
) -> DeviceView:
    """Return a device as it is now; ``intent`` is what was wanted of a charger at ``decided``.

    What heats is shown with the band of comfort that is wished of it.
    """
    reading = slot.reading
    if reading is not None:
        reading = comfortable(reading, wishes.device(slot.device_id))
    return DeviceView(
        device_id=slot.device_id,
        kind=slot.kind,
        name=slot.name,
        reading=reading,
        heard_at=slot.heard_at,
        identity=slot.driver.identity,
        link_reason=slot.link_reason,
        setpoint=slot.written,
        judgement=slot.judgement,
        charge_now=wishes.charger(slot.device_id).charge_now,
        reserve=wishes.battery(slot.device_id).reserve,
        intent=intent,
        writes_today=slot.writes_today,
        shows_after_s=max(memory.response.full_s, default=None),
        is_hunting=is_slowed(memory.hunting),
        is_turned=is_turned(memory.response),
        is_quiet=quiet,
        latest_start=_latest_start(intent, decided),
        default_kept=default_kept(slot),
        troubles=tuple(sorted(slot.troubles)),
        link_quality=slot.driver.link_quality if isinstance(slot.driver, CountsLink) else None,
        forwarding=slot.driver.forwarding if isinstance(slot.driver, Forwards) else None,
        planned=planned,
        car=car,
    )


def _latest_start(intent: ChargeIntent | None, decided: datetime) -> datetime | None:
    """Return when a charge has to begin to be ready in time; None without a deadline and once begun."""
    if intent is None or intent.latest_start_s is None or intent.latest_start_s <= 0.0:
        return None
    # To the minute, and not to one or the other when it falls on a full one.
    at = decided + timedelta(seconds=intent.latest_start_s + 1.0)
    return at.replace(second=0, microsecond=0)
