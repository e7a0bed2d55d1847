"""Who decides what a device does, in the words of the home, and what overrides a wish."""

from datetime import datetime
from typing import Any

from .core.model import Owner, Setpoint
from .core.wishes import Reach, reach
from .runtime.view import SiteView

NOBODY = "nobody"
YOU = "you"
RULE = "rule"
PLAN = "plan"
TURNED = "turned"
_OF_OWNER = {
    Owner.FUSE: "fuse",
    Owner.GRID_OPERATOR: "grid_operator",
    Owner.RESIDENT: YOU,
    Owner.DEVICE_SAFETY: "device",
    Owner.AGGREGATOR: "community",
    Owner.PLAN: PLAN,
}
DECIDERS = [*_OF_OWNER.values(), RULE, NOBODY]


def owner_word(owner: Owner) -> str:
    """Return who a line of control is to the home."""
    return _OF_OWNER[owner]


def decided_by(view: SiteView, device_id: str) -> str:
    """Return who decides: nobody when the device is left to itself and no wish says so."""
    setpoint = _in_force(view, device_id)
    if setpoint is None:
        return NOBODY if _reach(view, device_id).admits(Owner.RESIDENT) else YOU
    if setpoint.owner is Owner.PLAN and setpoint.reason != PLAN:
        return RULE
    return _OF_OWNER[setpoint.owner]


def decided_why(view: SiteView, device_id: str) -> str | None:
    """Return why: the reason of the setpoint in force, or what leaves the device alone; a slug."""
    setpoint = _in_force(view, device_id)
    if setpoint is not None:
        return setpoint.reason
    return TURNED if view.devices[device_id].is_turned else _reach(view, device_id).wish


def overridden(view: SiteView, device_id: str | None, line: Owner) -> dict[str, Any]:
    """Return who overrides a wish of this line of control, and until when; None where nobody does.

    ``device_id`` None: the site's wish about feeding in.
    """
    if view.wishes.site.paused and line > Owner.GRID_OPERATOR:
        return _told(YOU, view.wishes.site.paused_until)
    if device_id is None:
        limited = view.export_limited_by
        owner, event_id = (limited.owner, limited.source_id) if limited else (None, None)
    else:
        setpoint = _in_force(view, device_id)
        owner, event_id = (setpoint.owner, setpoint.source_id) if setpoint else (None, None)
    if owner is None or owner >= line or owner is Owner.RESIDENT:
        return _told(None, None)
    return _told(_OF_OWNER[owner], _end_of(view, event_id))


def _told(decider: str | None, until: datetime | None) -> dict[str, Any]:
    return {"overridden_by": decider, "overridden_until": until.isoformat() if until else None}


def _reach(view: SiteView, device_id: str) -> Reach:
    return reach(view.wishes, device_id, quiet=view.devices[device_id].is_quiet)


def _in_force(view: SiteView, device_id: str) -> Setpoint | None:
    setpoint = view.devices[device_id].setpoint
    return None if setpoint is None or setpoint.value is None else setpoint


def _end_of(view: SiteView, event_id: str | None) -> datetime | None:
    return next(
        (record.event.end for record in view.records if record.event.event_id == event_id),
        None,
    )
