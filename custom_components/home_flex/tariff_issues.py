"""The repair issues of a site's prices: they cannot be read, are old, or an hour off."""

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .plain_text import all_plain
from .site_prices import PriceTrouble


@callback
def watch_tariff_issues(coordinator: HomeFlexCoordinator) -> None:
    """Raise the issues while they last, and take them back with the site."""
    hass, entry = coordinator.hass, coordinator.config_entry
    shown: dict[str, PriceTrouble] = {}

    @callback
    def update() -> None:
        found = {f"tariff_{each.problem}_{each.kind}": each for each in coordinator.prices.troubles()}
        for issue_id in shown.keys() - found.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        for issue_id, trouble in found.items():
            if shown.get(issue_id) != trouble:
                ir.async_create_issue(
                    hass,
                    DOMAIN,
                    issue_id,
                    is_fixable=False,
                    severity=ir.IssueSeverity.WARNING,
                    translation_key=f"tariff_{trouble.problem}",
                    translation_placeholders=all_plain({"name": trouble.name, **trouble.placeholders}),
                )
        shown.clear()
        shown.update(found)

    @callback
    def settle() -> None:
        for issue_id in shown:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    entry.async_on_unload(coordinator.prices.add_listener(update))
    entry.async_on_unload(settle)
    update()
