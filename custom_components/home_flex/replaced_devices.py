"""The repair issue of a device that another has taken the place of: a meter that was swapped."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.model import DeviceIdentity
from .device_drivers import device_unique_id, known_devices

REPLACED = "device_replaced"


@callback
def watch_replaced_devices(coordinator: HomeFlexCoordinator) -> None:
    """Raise the issue when a device answers with another serial number than the one that is kept."""
    hass, entry = coordinator.hass, coordinator.config_entry
    told = {
        known.subentry.subentry_id: known
        for known in known_devices(entry)
        if known.spec.is_told_by_serial and known.subentry.unique_id is not None
    }
    raised: set[str] = set()

    @callback
    def update() -> None:
        for device_id, known in told.items():
            identity = coordinator.data.devices[device_id].identity
            if identity is None:
                continue
            unique_id = device_unique_id(known.kind, identity)
            issue_id = f"{REPLACED}_{device_id}"
            if unique_id == known.subentry.unique_id:
                if issue_id in raised:
                    raised.discard(issue_id)
                    ir.async_delete_issue(hass, DOMAIN, issue_id)
            elif issue_id not in raised:
                raised.add(issue_id)
                _raise(coordinator, issue_id, known.subentry, identity, unique_id)

    @callback
    def settle() -> None:
        for issue_id in raised:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(settle)
    update()


def _raise(
    coordinator: HomeFlexCoordinator,
    issue_id: str,
    subentry: ConfigSubentry,
    identity: DeviceIdentity,
    unique_id: str,
) -> None:
    ir.async_create_issue(
        coordinator.hass,
        DOMAIN,
        issue_id,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=REPLACED,
        translation_placeholders={
            "name": subentry.title,
            "device": f"{identity.manufacturer} {identity.model}",
            "serial": identity.serial_number,
        },
        data={
            "entry_id": coordinator.config_entry.entry_id,
            "subentry_id": subentry.subentry_id,
            "unique_id": unique_id,
        },
    )
