"""The repair issue of circuits whose fuse is larger than the one that feeds them: allowed, but told."""

from homeassistant.core import callback

from .coordinator import HomeFlexCoordinator
from .lasting_issues import Issue, watch
from .network_settings import larger_fuses

CIRCUIT_FUSE_LARGER = "circuit_fuse_larger"


@callback
def watch_wiring_issues(coordinator: HomeFlexCoordinator) -> None:
    """Show the issue while the site runs with such circuits."""
    entry = coordinator.config_entry
    network = coordinator.controller.settings.network
    larger = larger_fuses(network) if network else ()
    names = ", ".join(sorted(entry.subentries[circuit_id].title for circuit_id, _ in larger))
    issue = Issue(translation_key=CIRCUIT_FUSE_LARGER, placeholders={"circuits": names})
    watch(coordinator, lambda _view: {CIRCUIT_FUSE_LARGER: issue} if larger else {})
