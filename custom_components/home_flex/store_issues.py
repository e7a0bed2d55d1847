"""The repair issues of the measurement store: it takes nothing for long, or refused some measurements."""

from datetime import timedelta

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .history.telemetry import TelemetryHealth

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
    """Raise the issues while they last, and take them back with the site."""
    hass = coordinator.hass
    entry = coordinator.config_entry
    shown: dict[str, tuple[str, dict[str, str] | None]] = {}
    set_aside_at_start: int | None = None

    @callback
    def show(issue_id: str, text: str | None, placeholders: dict[str, str] | None = None) -> None:
        if text is None:
            if shown.pop(issue_id, None) is not None:
                ir.async_delete_issue(hass, DOMAIN, issue_id)
            return
        if shown.get(issue_id) == (text, placeholders):
            return
        shown[issue_id] = (text, placeholders)
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=text,
            translation_placeholders=placeholders,
        )

    @callback
    def update() -> None:
        nonlocal set_aside_at_start
        if (health := coordinator.data.telemetry) is None:
            return
        show(STORE_STUCK, _stuck(health))
        if set_aside_at_start is None:
            set_aside_at_start = health.points_set_aside
        fresh = health.points_set_aside - set_aside_at_start
        show(MEASUREMENTS_SET_ASIDE, MEASUREMENTS_SET_ASIDE if fresh else None, {"count": str(fresh)})

    @callback
    def settle() -> None:
        for issue_id in tuple(shown):
            show(issue_id, None)

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(settle)
    update()


def _stuck(health: TelemetryHealth) -> str | None:
    """Return the key of what is told about a store that has taken nothing for too long."""
    if health.problem is None or health.failing_since is None:
        return None
    failing = dt_util.utcnow() - health.failing_since
    return f"{STORE_STUCK}_{health.problem}" if failing >= _PATIENCE[health.problem] else None
