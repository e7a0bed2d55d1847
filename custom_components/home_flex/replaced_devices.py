"""The repair issue of a device that another has taken the place of: a meter that was swapped."""

from collections.abc import Mapping

from homeassistant.core import callback

from .coordinator import HomeFlexCoordinator
from .device_drivers import KnownDevice, device_unique_id, known_devices
from .lasting_issues import Issue, watch
from .repairs import ADOPT
from .runtime.view import SiteView

REPLACED = "device_replaced"


@callback
def watch_replaced_devices(coordinator: HomeFlexCoordinator) -> None:
    """Show the issue while a device answers with another serial number than the one that is kept."""
    told_by_serial = [
        known
        for known in known_devices(coordinator.config_entry)
        if known.spec.is_told_by_serial and known.subentry.unique_id is not None
    ]

    def look(view: SiteView) -> Mapping[str, Issue]:
        return {
            f"{REPLACED}_{known.subentry.subentry_id}": issue
            for known in told_by_serial
            if (issue := _replaced(coordinator, known, view)) is not None
        }

    watch(coordinator, look)


def _replaced(coordinator: HomeFlexCoordinator, known: KnownDevice, view: SiteView) -> Issue | None:
    subentry = known.subentry
    identity = view.devices[subentry.subentry_id].identity
    if identity is None:
        return None
    unique_id = device_unique_id(known.kind, identity.serial_number)
    if unique_id == subentry.unique_id:
        return None
    return Issue(
        translation_key=REPLACED,
        placeholders={
            "name": subentry.title,
            "device": f"{identity.manufacturer} {identity.model}",
            "serial": identity.serial_number,
        },
        fix={
            "fix": ADOPT,
            "entry_id": coordinator.config_entry.entry_id,
            "subentry_id": subentry.subentry_id,
            "unique_id": unique_id,
        },
    )
