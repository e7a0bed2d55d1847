"""The repair issues of what goes against physics: a sign, a unit, a device that is counted twice."""

from collections.abc import Iterator, Mapping

from homeassistant.core import callback

from .const import CONF_DRIVER
from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from .core.model import DeviceKind
from .core.physics import HARMLESS, Verdict
from .devices.entities.spec import ENTITIES
from .lasting_issues import Issue, watch
from .repairs import TURN
from .runtime.view import DeviceView, SiteView


@callback
def watch_physics_issues(coordinator: HomeFlexCoordinator) -> None:
    """Show an issue for each device that is doubted, while it is."""
    entry = coordinator.config_entry

    def look(view: SiteView) -> Mapping[str, Issue]:
        issues = {
            f"physics_{device.device_id}": _doubted(entry, device, verdict)
            for device, verdict in _doubts(view)
        }
        if view.physics.impossible:
            issues["physics_impossible"] = Issue(translation_key="physics_impossible")
        return issues

    watch(coordinator, look)


def _doubted(entry: HomeFlexConfigEntry, device: DeviceView, verdict: Verdict) -> Issue:
    """Return the issue; a sign is put right by one click where Home Flex itself reads it from an entity."""
    subentry = entry.subentries.get(device.device_id)
    placeholders = {"device": device.name}
    if verdict is Verdict.SWAPPED and subentry and subentry.data.get(CONF_DRIVER) == ENTITIES.id:
        fix = {"fix": TURN, "entry_id": entry.entry_id, "subentry_id": device.device_id}
        return Issue(translation_key="physics_turn", placeholders=placeholders, fix=fix)
    return Issue(translation_key=f"physics_{verdict}", placeholders=placeholders)


def _doubts(view: SiteView) -> Iterator[tuple[DeviceView, Verdict]]:
    """Return the devices that are doubted, the meter among them."""
    findings = view.physics
    meters = [each for each in view.devices.values() if each.kind is DeviceKind.GRID_METER]
    verdicts = {**{meter.device_id: findings.meter for meter in meters}, **findings.devices}
    for device_id, verdict in verdicts.items():
        if verdict not in HARMLESS and device_id in view.devices:
            yield view.devices[device_id], verdict
