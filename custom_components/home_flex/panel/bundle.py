"""The panel in the sidebar, and the cards: built files, served by their hash; said when they are missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web
from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import HomeAssistantView
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_when_setup

from ..const import DOMAIN, LOGGER

URL_PATH: Final = "home-flex"
_ELEMENT: Final = "home-flex-panel"
_FILES_URL: Final = f"/{DOMAIN}_panel"
_PANEL: Final = "panel-*.js"
_CARDS: Final = "cards-*.js"
_NAME: Final = re.compile(r"(panel|cards)-[\w-]{1,64}\.js", re.ASCII)
# A name with its hash may be kept for a month: another content is another name.
_KEPT: Final = {"Cache-Control": "public, max-age=2678400"}
_NOT_KEPT: Final = {"Cache-Control": "no-cache"}
PANEL_MISSING: Final = "panel_missing"
# What ``frontend`` of the repository was built into; beside the code, as a release holds it.
FILES: Final = Path(__file__).parents[1] / "frontend"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """The names of the built files: the panel, and what every page loads to know of the cards."""

    panel: str
    cards: str


class BundleView(HomeAssistantView):
    """Serves the files that this process was started with, also when an update has put others in their place.

    A browser may know the name of another release, as its worker keeps Home Assistant's page: it is given
    what fits what runs here.
    """

    url = f"{_FILES_URL}/{{name}}"
    name = f"{DOMAIN}:panel"
    requires_auth = False

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Serve contents by their names."""
        self._files = files

    async def get(self, _request: web.Request, name: str) -> web.Response:
        """Answer with a file."""
        if (content := self._files.get(name)) is not None:
            return web.Response(body=content, content_type="text/javascript", charset="utf-8", headers=_KEPT)
        if (named := _NAME.fullmatch(name)) is None:
            raise web.HTTPNotFound
        content = next(each for known, each in self._files.items() if known.startswith(f"{named[1]}-"))
        return web.Response(body=content, content_type="text/javascript", charset="utf-8", headers=_NOT_KEPT)


def bundle_in(folder: Path) -> Bundle | None:
    """Return the newest files in a folder, None where one of them is missing; reads the disk."""
    panel, cards = (_newest(folder, pattern) for pattern in (_PANEL, _CARDS))
    return None if panel is None or cards is None else Bundle(panel=panel, cards=cards)


def _newest(folder: Path, pattern: str) -> str | None:
    found = sorted(folder.glob(pattern), key=lambda file: file.stat().st_mtime)
    return found[-1].name if found else None


def _cards_url(bundle: Bundle) -> str:
    return f"{_FILES_URL}/{bundle.cards}"


def _contents(folder: Path, bundle: Bundle) -> Mapping[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (bundle.panel, bundle.cards)}


async def async_serve_panel(hass: HomeAssistant) -> Bundle | None:
    """Serve the panel's files, once and for the life of the process; return which they are."""
    bundle = await hass.async_add_executor_job(bundle_in, FILES)
    if bundle is not None:
        hass.http.register_view(BundleView(await hass.async_add_executor_job(_contents, FILES, bundle)))
    return bundle


async def async_show_panel(hass: HomeAssistant, bundle: Bundle | None) -> None:
    """Put the panel into the sidebar, where it stays while the site reloads, and offer the cards.

    When the files are missing that is said.
    """
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
            module_url=f"{_FILES_URL}/{bundle.panel}",
            handle_safe_area=True,
        )

        async def offer_cards(hass: HomeAssistant, _frontend: str) -> None:
            # Every browser is told of an addition: a reload of the site is none.
            if _cards_url(bundle) not in hass.data[frontend.DATA_EXTRA_MODULE_URL].urls:
                frontend.add_extra_js_url(hass, _cards_url(bundle))

        async_when_setup(hass, "frontend", offer_cards)


@callback
def async_remove_panel(hass: HomeAssistant, bundle: Bundle | None) -> None:
    """Take the panel out of the sidebar, and the cards back: the home is gone, not only away."""
    modules = hass.data.get(frontend.DATA_EXTRA_MODULE_URL)
    if bundle is not None and modules is not None and _cards_url(bundle) in modules.urls:
        frontend.remove_extra_js_url(hass, _cards_url(bundle))
    if frontend.async_panel_exists(hass, URL_PATH):
        frontend.async_remove_panel(hass, URL_PATH)
    ir.async_delete_issue(hass, DOMAIN, PANEL_MISSING)
