"""The repair issues of the site itself: what only the resident can settle, each while it lasts."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.issue_registry import IssueSeverity

from .coordinator import HomeFlexCoordinator
from .core.control.watched import Blind
from .core.kinds import is_flexible
from .devices.entities.values import ENTITIES_GONE, GONE
from .lasting_issues import Issue, watch
from .runtime.view import DeviceView, SiteView

AGGREGATOR_REFUSES: Final = "aggregator_refuses"
HISTORY: Final = "history"
CLOCK: Final = "clock"
RECORDS_SET_ASIDE: Final = "history_records_set_aside"
CONTROL_FAILS: Final = "control_fails"
FUSE_UNWATCHED: Final = "fuse_unwatched"
DEVICE_TURNED: Final = "device_turned"
DEVICE_HUNTS: Final = "device_hunts"
DEFAULT_REFUSED: Final = "default_refused"
SIGNAL_LOST: Final = "signal_lost"
BELOW_FLOOR: Final = "below_floor"
# What drivers tell of a device that is hard to control (``devices.driver.TellsTroubles``).
DEVICE_TROUBLES: Final = (
    "cannot_be_set",
    "clipped",
    "forwarding_refused",
    "grid_charging_off",
    "local_control",
    "no_timer",
    "not_released",
    "overridden",
    "write_ignored",
    "write_lost",
    "write_refused",
)
# Why a fuse is not watched as long as nobody changes something, the gravest first.
_LASTING: Final = (
    Blind.METER_STANDS_STILL,
    Blind.FEED_IN_NOT_SHOWN,
    Blind.LOOKS_WITHOUT_NEUTRAL,
    Blind.NO_PHASES_TOLD,
    Blind.NO_METER,
    Blind.DEVICE_PHASES_UNKNOWN,
)
# A broker that cannot be reached comes back by itself; these need somebody to change something.
_REFUSALS: Final = frozenset(
    {"bad_certificate", "bad_credentials", "client_certificate_refused", "invalid_pem", "not_authorised"}
)


def _aggregator_refuses(view: SiteView) -> Issue | None:
    reason = view.aggregator_reason
    if view.aggregator_connected or reason not in _REFUSALS:
        return None
    return Issue(translation_key=f"{AGGREGATOR_REFUSES}_{reason}", severity=IssueSeverity.ERROR)


def _history(view: SiteView) -> Issue | None:
    if view.store_trouble is None:
        return None
    return Issue(translation_key=f"history_{view.store_trouble}", severity=IssueSeverity.ERROR)


def _clock(view: SiteView) -> Issue | None:
    if view.clock_step_s is None:
        return None
    return Issue(
        translation_key="clock_stepped",
        placeholders={"step": f"{view.clock_step_s:+.0f}"},
    )


def _records_set_aside(view: SiteView) -> Issue | None:
    if view.records_set_aside == 0:
        return None
    return Issue(
        translation_key=RECORDS_SET_ASIDE,
        placeholders={"count": str(view.records_set_aside)},
    )


def _control_fails(view: SiteView) -> Issue | None:
    if not view.control_fails:
        return None
    return Issue(translation_key=CONTROL_FAILS, severity=IssueSeverity.ERROR)


def _fuse_unwatched(view: SiteView) -> Issue | None:
    """Return the gravest reason that lasts; a silent meter or a direction that is open passes by itself."""
    if not any(is_flexible(device.kind) for device in view.devices.values()):
        return None
    reasons = {one.why for one in view.unwatched}
    for why in _LASTING:
        if why in reasons:
            return Issue(translation_key=f"fuse_{why}")
    return None


def _names(view: SiteView, has: Callable[[DeviceView], bool], translation_key: str) -> Issue | None:
    """Return the issue that names the devices of which something holds."""
    names = sorted(device.name for device in view.devices.values() if has(device))
    if not names:
        return None
    return Issue(
        translation_key=translation_key,
        placeholders={"devices": ", ".join(names)},
    )


def _device_turned(view: SiteView) -> Issue | None:
    return _names(view, lambda device: device.is_turned, DEVICE_TURNED)


def _device_hunts(view: SiteView) -> Issue | None:
    return _names(view, lambda device: device.is_hunting, DEVICE_HUNTS)


def _default_refused(view: SiteView) -> Issue | None:
    return _names(view, lambda device: device.default_kept is False, DEFAULT_REFUSED)


def _device_trouble(trouble: str) -> Callable[[SiteView], Issue | None]:
    def look(view: SiteView) -> Issue | None:
        return _names(view, lambda device: trouble in device.troubles, f"device_{trouble}")

    return look


def _entities_gone(view: SiteView) -> Issue | None:
    """Return the devices of which entities were removed or disabled: nobody brings those back by waiting."""
    return _names(
        view,
        lambda device: device.link_reason in GONE or ENTITIES_GONE in device.troubles,
        f"device_{ENTITIES_GONE}",
    )


def _signal_lost(view: SiteView) -> Issue | None:
    if not any(group.signal_lost for group in view.groups):
        return None
    return Issue(translation_key=SIGNAL_LOST, severity=IssueSeverity.ERROR)


def _below_floor(view: SiteView) -> Issue | None:
    limits_w = [group.limit_w for group in view.groups if group.below_floor and group.limit_w is not None]
    if not limits_w:
        return None
    return Issue(
        translation_key=BELOW_FLOOR,
        placeholders={"limit": f"{min(limits_w) / 1000:.2f}"},
    )


_ISSUES: Final[dict[str, Callable[[SiteView], Issue | None]]] = {
    AGGREGATOR_REFUSES: _aggregator_refuses,
    HISTORY: _history,
    CLOCK: _clock,
    RECORDS_SET_ASIDE: _records_set_aside,
    CONTROL_FAILS: _control_fails,
    FUSE_UNWATCHED: _fuse_unwatched,
    DEVICE_TURNED: _device_turned,
    DEVICE_HUNTS: _device_hunts,
    DEFAULT_REFUSED: _default_refused,
    SIGNAL_LOST: _signal_lost,
    BELOW_FLOOR: _below_floor,
    f"device_{ENTITIES_GONE}": _entities_gone,
    **{f"device_{trouble}": _device_trouble(trouble) for trouble in DEVICE_TROUBLES},
}


@callback
def watch_issues(coordinator: HomeFlexCoordinator) -> None:
    """Show each issue while it lasts."""
    watch(coordinator, _look)


def _look(view: SiteView) -> Mapping[str, Issue]:
    return {issue_id: issue for issue_id, of in _ISSUES.items() if (issue := of(view)) is not None}
