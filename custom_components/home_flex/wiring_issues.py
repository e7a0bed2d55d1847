"""The repair issue of circuits whose fuse is larger than the one that feeds them: allowed, but told."""

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .network_settings import larger_fuses

CIRCUIT_FUSE_LARGER = "circuit_fuse_larger"


@callback
def watch_wiring_issues(coordinator: HomeFlexCoordinator) -> None:
    """Raise the issue while the site runs with such circuits."""
    hass, entry = coordinator.hass, coordinator.config_entry
    network = coordinator.controller.settings.network
    larger = larger_fuses(network) if network else ()
    if not larger:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        CIRCUIT_FUSE_LARGER,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=CIRCUIT_FUSE_LARGER,
        translation_placeholders={
            "circuits": ", ".join(sorted(entry.subentries[circuit_id].title for circuit_id, _ in larger))
        },
    )
    entry.async_on_unload(lambda: ir.async_delete_issue(hass, DOMAIN, CIRCUIT_FUSE_LARGER))
