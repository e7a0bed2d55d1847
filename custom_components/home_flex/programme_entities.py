"""What is done about the events of each programme: a choice that appears once a programme is known."""

from collections.abc import Callable, Mapping
from typing import Any, Final, override

import probatio
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, EntityCategory
from homeassistant.core import ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from .core.events.consent import JoinRule, Programme
from .entity import SiteEntity
from .runtime.programmes import BASELINES

ATTR_PROGRAM_ID: Final = "program_id"
ATTR_RULE: Final = "rule"
ATTR_PAYS_PER_KWH: Final = "pays_per_kwh"
ATTR_BASELINE: Final = "baseline"
_MOST_PER_KWH: Final = 1e6


@callback
def async_add_programmes(
    entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a choice for each programme that is known, and for each that is heard of later."""
    coordinator = entry.runtime_data
    added: set[str] = set()

    @callback
    def add_new() -> None:
        new = [each for each in coordinator.data.programmes if each not in added]
        added.update(new)
        if new:
            async_add_entities(ProgrammeRule(coordinator, _description(each), each) for each in new)

    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new))


def _description(program_id: str) -> SelectEntityDescription:
    return SelectEntityDescription(
        key=f"programme_{program_id}",
        translation_key="programme_rule",
        translation_placeholders={"programme": program_id},
        entity_category=EntityCategory.CONFIG,
        options=list(JoinRule),
    )


class ProgrammeRule(SiteEntity, SelectEntity):
    """Whether the events of a programme are joined, asked about, or left."""

    def __init__(
        self, coordinator: HomeFlexCoordinator, description: SelectEntityDescription, program_id: str
    ) -> None:
        """Be about one programme."""
        super().__init__(coordinator, description)
        self._program_id = program_id

    @property
    def _programme(self) -> Programme:
        return self.coordinator.data.programmes.get(self._program_id, Programme())

    @property
    @override
    def current_option(self) -> str:
        """The rule that holds."""
        return self._programme.rule

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """What a kWh pays where its events do not tell, and by which rule it settles; None: nobody said."""
        return {
            ATTR_PROGRAM_ID: self._program_id,
            ATTR_PAYS_PER_KWH: self._programme.pays_per_kwh,
            ATTR_BASELINE: self._programme.baseline,
        }

    @override
    async def async_select_option(self, option: str) -> None:
        """Let another rule hold, also for the open events that nothing was said of."""
        await self.coordinator.controller.requests.set_programme(self._program_id, rule=JoinRule(option))


async def _set_programme(coordinator: HomeFlexCoordinator, call: ServiceCall) -> None:
    rule = call.data.get(ATTR_RULE)
    await coordinator.controller.requests.set_programme(
        call.data[ATTR_PROGRAM_ID],
        rule=None if rule is None else JoinRule(rule),
        pays_per_kwh=call.data.get(ATTR_PAYS_PER_KWH),
        baseline=call.data.get(ATTR_BASELINE),
    )


PROGRAMME_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema]]
] = {
    "set_programme": (
        _set_programme,
        probatio.Schema(
            {
                probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
                probatio.Required(ATTR_PROGRAM_ID): probatio.All(cv.string, probatio.Length(min=1, max=128)),
                probatio.Optional(ATTR_RULE): probatio.In(list(JoinRule)),
                probatio.Optional(ATTR_BASELINE): probatio.In(BASELINES),
                probatio.Optional(ATTR_PAYS_PER_KWH): probatio.All(
                    probatio.Coerce(float), probatio.Range(min=-_MOST_PER_KWH, max=_MOST_PER_KWH)
                ),
            }
        ),
    )
}
