"""Whether every device is well: its link, what it is, whether it does what it is told, what it may be told.

Times as ISO 8601; durations in seconds.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..coordinator import HomeFlexCoordinator
from ..core.model import Owner
from ..decided import PLAN, RULE, decided_by, owner_word
from ..history.entries import LedgerEntry
from ..runtime.view import DeviceView, SiteView
from .shown import told


def devices_document(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return the devices, those that cannot be read first."""
    view = coordinator.data
    devices = sorted(view.devices.values(), key=lambda each: each.link_reason is None)
    return {
        "devices": [_device(coordinator, view, each) for each in devices],
        "store_trouble": view.store_trouble,
    }


def _device(coordinator: HomeFlexCoordinator, view: SiteView, device: DeviceView) -> Mapping[str, Any]:
    wishes = view.wishes.device(device.device_id)
    identity = device.identity
    return {
        "device_id": device.device_id,
        "kind": device.kind.value,
        "name": device.name,
        "made_by": None if identity is None else f"{identity.manufacturer} {identity.model}".strip(),
        "firmware": None if identity is None else identity.firmware,
        "link_reason": device.link_reason,
        "seen": None if device.heard_at is None else told(_to_the_minute(device.heard_at)),
        "judgement": device.judgement.value,
        "decided_by": decided_by(view, device.device_id),
        "writes_today": device.writes_today,
        "troubles": [
            *device.troubles,
            *(["turned"] if device.is_turned else []),
            *(["hunts"] if device.is_hunting else []),
        ],
        "is_steered": bool(coordinator.settable.get(device.device_id)),
        "permissions": {"managed": wishes.managed, "automatic": wishes.automatic, "quiet": wishes.quiet},
    }


def _to_the_minute(time: datetime) -> datetime:
    """Return the minute: that a device was heard again a second later is no news."""
    return time.replace(second=0, microsecond=0)


def _decider(entry: LedgerEntry) -> str:
    """Return who decided, in the words of the home; a line that a later release wrote stays what it is."""
    owner = next((each for each in Owner if each.name.lower() == entry.owner), None)
    if owner is None:
        return entry.owner
    return RULE if owner is Owner.PLAN and entry.reason != PLAN else owner_word(owner)


def ledger_document(entry: LedgerEntry) -> Mapping[str, Any]:
    """Return one row of the ledger: who told a device what, why, and what became of it."""
    return {
        "time": told(entry.time),
        "device_id": entry.device_id,
        "decided_by": _decider(entry),
        "reason": entry.reason,
        "event_id": entry.event_id,
        "quantity": entry.quantity,
        "value": entry.value,
        "outcome": entry.outcome,
        "read_back": entry.read_back,
    }
