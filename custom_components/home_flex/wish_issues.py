"""The repair issue of wishes that were kept and are not understood, while they are set aside."""

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator

WISHES_NOT_UNDERSTOOD = "wishes_not_understood"


@callback
def watch_wish_issues(coordinator: HomeFlexCoordinator) -> None:
    """Raise the issue while a row is set aside, and take it back when the resident has set it anew."""
    hass = coordinator.hass
    entry = coordinator.config_entry
    shown: tuple[str, ...] = ()

    @callback
    def update() -> None:
        nonlocal shown
        rows = coordinator.data.wishes_not_understood
        if rows == shown:
            return
        shown = rows
        if not rows:
            ir.async_delete_issue(hass, DOMAIN, WISHES_NOT_UNDERSTOOD)
            return
        ir.async_create_issue(
            hass,
            DOMAIN,
            WISHES_NOT_UNDERSTOOD,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=WISHES_NOT_UNDERSTOOD,
            translation_placeholders={"rows": ", ".join(rows)},
        )

    @callback
    def settle() -> None:
        ir.async_delete_issue(hass, DOMAIN, WISHES_NOT_UNDERSTOOD)

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(settle)
    update()
