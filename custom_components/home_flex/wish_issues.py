"""The repair issue of wishes that were kept and are not understood, while they are set aside."""

from collections.abc import Mapping

from homeassistant.core import callback

from .coordinator import HomeFlexCoordinator
from .lasting_issues import Issue, watch
from .runtime.view import SiteView

WISHES_NOT_UNDERSTOOD = "wishes_not_understood"


@callback
def watch_wish_issues(coordinator: HomeFlexCoordinator) -> None:
    """Show the issue while a row is set aside, until the resident has set it anew."""
    watch(coordinator, _not_understood)


def _not_understood(view: SiteView) -> Mapping[str, Issue]:
    if not (rows := view.wishes_not_understood):
        return {}
    return {
        WISHES_NOT_UNDERSTOOD: Issue(
            translation_key=WISHES_NOT_UNDERSTOOD, placeholders={"rows": ", ".join(rows)}
        )
    }
