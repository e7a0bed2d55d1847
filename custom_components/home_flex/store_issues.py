"""The repair issues of the measurement store: it takes nothing for long, or refused some measurements."""

from datetime import timedelta

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator

STORE_STUCK = "measurement_store_stuck"
MEASUREMENTS_SET_ASIDE = "measurements_set_aside"
# These seldom pass by themselves; but a home whose parts are all starting shows them for a while.
NEEDS_SOMEBODY = timedelta(minutes=5)
PASSES_BY_ITSELF = timedelta(hours=1)
_PROBLEMS = {
    "bad_certificate": ("its certificate cannot be trusted", NEEDS_SOMEBODY),
    "cannot_connect": ("nothing answers at its address", PASSES_BY_ITSELF),
    "disk": ("the disk of this machine cannot be written to", NEEDS_SOMEBODY),
    "invalid_url": ("its address is not a URL", NEEDS_SOMEBODY),
    "not_a_store": ("something answers at its address that is not an InfluxDB", NEEDS_SOMEBODY),
    "not_authorised": ("it refuses the token", NEEDS_SOMEBODY),
    "not_found": ("it does not know the organisation or the bucket", NEEDS_SOMEBODY),
    "timeout": ("it does not answer in time", PASSES_BY_ITSELF),
    "token_missing": ("there is no token, or its file cannot be read", NEEDS_SOMEBODY),
    "unavailable": ("it says that it cannot take them now", PASSES_BY_ITSELF),
    "unknown_host": ("its host name is not known", PASSES_BY_ITSELF),
}


@callback
def watch_store_issues(coordinator: HomeFlexCoordinator) -> None:
    """Raise the issues while they last, and take them back with the site."""
    hass = coordinator.hass
    entry = coordinator.config_entry
    shown: dict[str, dict[str, str]] = {}
    set_aside_at_start: int | None = None

    @callback
    def show(issue_id: str, placeholders: dict[str, str] | None) -> None:
        if shown.get(issue_id) == placeholders:
            return
        if placeholders is None:
            del shown[issue_id]
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            return
        shown[issue_id] = placeholders
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=issue_id,
            translation_placeholders=placeholders,
        )

    @callback
    def update() -> None:
        nonlocal set_aside_at_start
        if (health := coordinator.data.telemetry) is None:
            return
        stuck = None
        if health.problem is not None and health.failing_since is not None:
            words, patience = _PROBLEMS[health.problem]
            stuck = {"problem": words} if dt_util.utcnow() - health.failing_since >= patience else None
        show(STORE_STUCK, stuck)
        if set_aside_at_start is None:
            set_aside_at_start = health.points_set_aside
        fresh = health.points_set_aside - set_aside_at_start
        show(MEASUREMENTS_SET_ASIDE, {"count": str(fresh)} if fresh else None)

    @callback
    def settle() -> None:
        for issue_id in tuple(shown):
            show(issue_id, None)

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(settle)
    update()
