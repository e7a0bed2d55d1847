"""The repair issues of what goes against physics: a sign, a unit, a device that is counted twice."""

from collections.abc import Iterator

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.model import DeviceKind
from .core.physics import HARMLESS
from .runtime.view import SiteView

IMPOSSIBLE = "physics_impossible"


@callback
def watch_physics_issues(coordinator: HomeFlexCoordinator) -> None:
    """Raise an issue for each device that is doubted, while it is."""
    hass, entry = coordinator.hass, coordinator.config_entry
    shown: dict[str, tuple[str, str]] = {}

    @callback
    def update() -> None:
        found = dict(_doubts(coordinator.data))
        for issue_id in shown.keys() - found.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        for issue_id, (translation_key, name) in found.items():
            if shown.get(issue_id) != (translation_key, name):
                ir.async_create_issue(
                    hass,
                    DOMAIN,
                    issue_id,
                    is_fixable=False,
                    severity=ir.IssueSeverity.WARNING,
                    translation_key=translation_key,
                    translation_placeholders={"device": name} if name else None,
                )
        shown.clear()
        shown.update(found)

    @callback
    def settle() -> None:
        for issue_id in shown:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(settle)
    update()


def _doubts(view: SiteView) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the id of each issue, its text, and the name of the device it is about."""
    findings = view.physics
    if findings.impossible:
        yield IMPOSSIBLE, (IMPOSSIBLE, "")
    meter = [
        (each.device_id, findings.meter)
        for each in view.devices.values()
        if each.kind is DeviceKind.GRID_METER
    ]
    for device_id, verdict in (*meter, *findings.devices.items()):
        if verdict not in HARMLESS and device_id in view.devices:
            yield f"physics_{device_id}", (f"physics_{verdict}", view.devices[device_id].name)
