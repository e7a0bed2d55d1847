"""What groups of devices may draw: while the grid operator dims them, and by a lasting limit of their own.

W, positive = consumption. Section 14a EnWG: see ``section_14a``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ..model import Group, GroupKind, Owner
from .demand import Demand, Envelope, Scope, ScopeKind, device
from .section_14a import GroupLimit, Registered, device_floor_w, group_floor_w, group_limit


class DimmingMode(StrEnum):
    """How a group is dimmed: as a whole, which may share, or each device directly."""

    TOGETHER = "together"
    EACH = "each"


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSettings:
    """A group and its rule.

    ``registered`` is what the grid operator knows of it; a group under section 14a has it. ``power_limit_w``
    is a lasting limit of the resident's, None when there is none. ``has_signal``: an entity says when it is
    dimmed.
    """

    group: Group
    mode: DimmingMode = DimmingMode.TOGETHER
    registered: Registered | None = None
    power_limit_w: float | None = None
    has_signal: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Dimming:
    """A signal to dim a group: ``limit_w`` None as of a relay, which tells no value; ``until`` None: open."""

    limit_w: float | None = None
    until: datetime | None = None


def limit_in_force(settings: GroupSettings, dimming: Dimming, day: date) -> GroupLimit:
    """Return what the group may draw from the grid while it is dimmed; each of its devices, where each is.

    Raises ValueError for a limit that is none.
    """
    registered = settings.registered or Registered(count=max(1, len(settings.group.device_ids)))
    if settings.mode is DimmingMode.EACH:
        return group_limit(_each_w(settings, registered, day), dimming.limit_w)
    return group_limit(group_floor_w(registered, day), dimming.limit_w)


def group_demands(
    groups: Sequence[GroupSettings], dimmed: Mapping[str, Dimming], now: datetime
) -> Iterator[Demand]:
    """Yield what is asked of groups now; ``dimmed`` are those under a signal, by id."""
    for settings in groups:
        group = settings.group
        scope = Scope(ScopeKind.GROUP, group.group_id)
        if settings.power_limit_w is not None:
            yield _demand(Owner.RESIDENT, group, scope, settings.power_limit_w)
        dimming = dimmed.get(group.group_id)
        if dimming is None or group.kind is not GroupKind.SECTION_14A:
            continue
        limit_w = limit_in_force(settings, dimming, now.date()).limit_w
        scopes = [scope]
        if settings.mode is DimmingMode.EACH:
            scopes = [device(device_id) for device_id in group.device_ids]
        for each in scopes:
            yield _demand(Owner.GRID_OPERATOR, group, each, limit_w, until=dimming.until)


def _each_w(settings: GroupSettings, registered: Registered, day: date) -> float:
    """Return what one device is left; a thermal rating counts where the group is that one device."""
    alone = len(settings.group.device_ids) == 1
    thermal_w = max(registered.heat_pumps_w, registered.cooling_w) if alone else 0.0
    return device_floor_w(thermal_w, day)


def _demand(
    owner: Owner, group: Group, scope: Scope, limit_w: float, *, until: datetime | None = None
) -> Demand:
    return Demand(
        owner=owner,
        scope=scope,
        asks=Envelope(high_w=limit_w),
        reason=group.kind.value,
        source_id=group.group_id,
        until=until,
        standing=True,
    )
