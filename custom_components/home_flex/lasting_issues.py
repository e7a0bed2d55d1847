"""Repair issues that last as long as what they tell: raised, worded anew when it changes, taken back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .plain_text import all_plain
from .runtime.view import SiteView


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """How an issue is worded; ``fix`` is what its repair needs to know, None where no click helps."""

    translation_key: str
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING
    placeholders: Mapping[str, str] = field(default_factory=dict)
    fix: Mapping[str, str] | None = None


type Look = Callable[[SiteView], Mapping[str, Issue]]


@callback
def watch(coordinator: HomeFlexCoordinator, look: Look) -> None:
    """Show the issues that ``look`` finds, by their ids, with each view; take them back with the site."""
    hass, entry = coordinator.hass, coordinator.config_entry
    shown: dict[str, Issue] = {}

    @callback
    def show(found: Mapping[str, Issue]) -> None:
        for issue_id in shown.keys() - found.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            del shown[issue_id]
        for issue_id, issue in found.items():
            if shown.get(issue_id) != issue:
                shown[issue_id] = issue
                ir.async_create_issue(
                    hass,
                    DOMAIN,
                    issue_id,
                    is_fixable=issue.fix is not None,
                    severity=issue.severity,
                    translation_key=issue.translation_key,
                    translation_placeholders=all_plain(issue.placeholders) or None,
                    data=None if issue.fix is None else dict(issue.fix),
                )

    @callback
    def update() -> None:
        show(look(coordinator.data))

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(lambda: show({}))
    update()
