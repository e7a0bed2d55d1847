"""The repair issues of what goes against physics: a sign, a unit, a device that is counted twice."""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_DRIVER, DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.model import DeviceKind
from .core.physics import HARMLESS, Verdict
from .devices.entities.spec import ENTITIES
from .repairs import TURN
from .runtime.view import SiteView


@dataclass(frozen=True, kw_only=True, slots=True)
class _Doubt:
    """What is doubted: a device with its verdict, or (impossible) the sum of all of them."""

    issue_id: str
    verdict: str
    device_id: str = ""
    name: str = ""


@callback
def watch_physics_issues(coordinator: HomeFlexCoordinator) -> None:
    """Raise an issue for each device that is doubted, while it is."""
    hass, entry = coordinator.hass, coordinator.config_entry
    shown: dict[str, _Doubt] = {}

    @callback
    def update() -> None:
        found = {doubt.issue_id: doubt for doubt in _doubts(coordinator.data)}
        for issue_id in shown.keys() - found.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        for issue_id, doubt in found.items():
            if shown.get(issue_id) != doubt:
                _raise(coordinator, doubt)
        shown.clear()
        shown.update(found)

    @callback
    def settle() -> None:
        for issue_id in shown:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(settle)
    update()


def _raise(coordinator: HomeFlexCoordinator, doubt: _Doubt) -> None:
    """Raise the issue; a sign is put right by one click where Home Flex itself reads it from an entity."""
    entry = coordinator.config_entry
    subentry = entry.subentries.get(doubt.device_id)
    is_turnable = (
        doubt.verdict == Verdict.SWAPPED
        and subentry is not None
        and subentry.data.get(CONF_DRIVER) == ENTITIES.id
    )
    ir.async_create_issue(
        coordinator.hass,
        DOMAIN,
        doubt.issue_id,
        is_fixable=is_turnable,
        severity=ir.IssueSeverity.WARNING,
        translation_key="physics_turn" if is_turnable else f"physics_{doubt.verdict}",
        translation_placeholders={"device": doubt.name} if doubt.name else None,
        data={"fix": TURN, "entry_id": entry.entry_id, "subentry_id": doubt.device_id}
        if is_turnable
        else None,
    )


def _doubts(view: SiteView) -> Iterator[_Doubt]:
    findings = view.physics
    if findings.impossible:
        yield _Doubt(issue_id="physics_impossible", verdict="impossible")
    meters = (each.device_id for each in view.devices.values() if each.kind is DeviceKind.GRID_METER)
    meter = [(device_id, findings.meter) for device_id in meters]
    for device_id, verdict in (*meter, *findings.devices.items()):
        if verdict not in HARMLESS and device_id in view.devices:
            name = view.devices[device_id].name
            yield _Doubt(issue_id=f"physics_{device_id}", verdict=verdict, device_id=device_id, name=name)
