"""The repair issue: what only the resident can settle, while it lasts."""

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator

AGGREGATOR_REFUSES = "aggregator_refuses"
# A broker that cannot be reached comes back by itself; these need somebody to change something.
_PROBLEMS = {
    "bad_certificate": "its certificate cannot be trusted",
    "client_certificate_refused": "it does not accept the client certificate",
    "not_authorised": "it does not let this home in, or not to its topics",
    "bad_credentials": "it does not accept the user name or the password",
    "invalid_pem": "a certificate or key that was set up cannot be read",
}


@callback
def watch_issues(coordinator: HomeFlexCoordinator) -> None:
    """Raise the issue while the aggregator refuses the home, and take it back when it is settled."""
    hass = coordinator.hass
    entry = coordinator.config_entry
    shown: str | None = None

    @callback
    def settle() -> None:
        nonlocal shown
        if shown is not None:
            ir.async_delete_issue(hass, DOMAIN, AGGREGATOR_REFUSES)
        shown = None

    @callback
    def update() -> None:
        nonlocal shown
        view = coordinator.data
        problem = None if view.aggregator_connected else _PROBLEMS.get(view.aggregator_reason or "")
        if problem == shown:
            return
        settle()
        if problem is not None:
            ir.async_create_issue(
                hass,
                DOMAIN,
                AGGREGATOR_REFUSES,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=AGGREGATOR_REFUSES,
                translation_placeholders={"problem": problem},
            )
            shown = problem

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(settle)
    update()
