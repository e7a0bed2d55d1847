"""The panel in the sidebar: its built files, served under their hash, and what is said without them."""

from pathlib import Path
from typing import Final

from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN, LOGGER

URL_PATH: Final = "home-flex"
_ELEMENT: Final = "home-flex-panel"
_FILES_URL: Final = f"/{DOMAIN}_panel"
_BUNDLE: Final = "panel-*.js"
PANEL_MISSING: Final = "panel_missing"
# What ``frontend`` of the repository was built into; beside the code, as a release holds it.
FILES: Final = Path(__file__).parents[1] / "frontend"


def bundle_in(folder: Path) -> str | None:
    """Return the name of the newest bundle in a folder, None where there is none; reads the disk."""
    found = sorted(folder.glob(_BUNDLE), key=lambda file: file.stat().st_mtime)
    return found[-1].name if found else None


async def async_serve_panel(hass: HomeAssistant) -> str | None:
    """Serve the panel's files, once and for the life of the process; return the bundle's name."""
    bundle = await hass.async_add_executor_job(bundle_in, FILES)
    if bundle is not None:
        # A name with its hash may be cached for a month: another content is another name.
        await hass.http.async_register_static_paths(
            [StaticPathConfig(_FILES_URL, str(FILES), cache_headers=True)]
        )
    return bundle


async def async_show_panel(hass: HomeAssistant, bundle: str | None) -> None:
    """Put the panel into the sidebar, where it stays while the site reloads; say so when it is missing."""
    if bundle is None:
        LOGGER.warning("Home Flex was installed without its panel: what residents see of it is missing")
        ir.async_create_issue(
            hass,
            DOMAIN,
            PANEL_MISSING,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=PANEL_MISSING,
        )
        return
    ir.async_delete_issue(hass, DOMAIN, PANEL_MISSING)
    if not frontend.async_panel_exists(hass, URL_PATH):
        await panel_custom.async_register_panel(
            hass,
            frontend_url_path=URL_PATH,
            webcomponent_name=_ELEMENT,
            sidebar_title="Home Flex",
            sidebar_icon="mdi:home-lightning-bolt",
            module_url=f"{_FILES_URL}/{bundle}",
            handle_safe_area=True,
        )


@callback
def async_remove_panel(hass: HomeAssistant) -> None:
    """Take the panel out of the sidebar: the home is gone, not only away."""
    if frontend.async_panel_exists(hass, URL_PATH):
        frontend.async_remove_panel(hass, URL_PATH)
    ir.async_delete_issue(hass, DOMAIN, PANEL_MISSING)
