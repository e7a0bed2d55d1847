"""The repair issues of the measurement store: it takes nothing for long, or refused some measurements."""

from collections.abc import Mapping
from datetime import timedelta

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .coordinator import HomeFlexCoordinator
from .history.telemetry import TelemetryHealth
from .lasting_issues import Issue, watch
from .runtime.view import SiteView

STORE_STUCK = "measurement_store_stuck"
MEASUREMENTS_SET_ASIDE = "measurements_set_aside"
# These seldom pass by themselves; but a home whose parts are all starting shows them for a while.
NEEDS_SOMEBODY = timedelta(minutes=5)
PASSES_BY_ITSELF = timedelta(hours=1)
_PATIENCE = {
    "bad_certificate": NEEDS_SOMEBODY,
    "cannot_connect": PASSES_BY_ITSELF,
    "disk": NEEDS_SOMEBODY,
    "invalid_url": NEEDS_SOMEBODY,
    "not_a_store": NEEDS_SOMEBODY,
    "not_authorised": NEEDS_SOMEBODY,
    "not_found": NEEDS_SOMEBODY,
    "timeout": PASSES_BY_ITSELF,
    "token_missing": NEEDS_SOMEBODY,
    "unavailable": PASSES_BY_ITSELF,
    "unknown_host": PASSES_BY_ITSELF,
}


@callback
def watch_store_issues(coordinator: HomeFlexCoordinator) -> None:
    """Show the issues while they last; of measurements set aside, those since the start count."""
    set_aside_at_start: int | None = None

    def look(view: SiteView) -> Mapping[str, Issue]:
        nonlocal set_aside_at_start
        if (health := view.telemetry) is None:
            return {}
        if set_aside_at_start is None:
            set_aside_at_start = health.points_set_aside
        issues = {}
        if (stuck := _stuck(health)) is not None:
            issues[STORE_STUCK] = Issue(translation_key=stuck)
        if fresh := health.points_set_aside - set_aside_at_start:
            issues[MEASUREMENTS_SET_ASIDE] = Issue(
                translation_key=MEASUREMENTS_SET_ASIDE, placeholders={"count": str(fresh)}
            )
        return issues

    watch(coordinator, look)


def _stuck(health: TelemetryHealth) -> str | None:
    """Return the key of what is told about a store that has taken nothing for too long."""
    if health.problem is None or health.failing_since is None:
        return None
    failing = dt_util.utcnow() - health.failing_since
    return f"{STORE_STUCK}_{health.problem}" if failing >= _PATIENCE[health.problem] else None
