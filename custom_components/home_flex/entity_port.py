"""Home Assistant's entities and actions, as devices that are made of entities need them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, override

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import (
    Context,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event, async_track_state_report_event

from .devices.entities.port import ActionRefusedError, Entity, EntityPort, EntityState, Heard


class HomeAssistantEntities(EntityPort):
    """Looks entities up by their registry ids, and calls actions in a context of our own."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Remember the home."""
        self._hass = hass
        self._registry = er.async_get(hass)

    @override
    def look(self, entity: str) -> Entity:
        """Return an entity by its registry id (or entity id), as it is at this moment."""
        entry = _entry_of(self._registry, entity)
        entity_id = _entity_id(entity, entry)
        state = self._hass.states.get(entity_id) if entity_id is not None else None
        if entry is None and state is None:
            return Entity(entity_id=None)
        unit = None if state is None else state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        return Entity(
            entity_id=entity_id,
            is_disabled=entry is not None and entry.disabled,
            device_id=entry.device_id if entry is not None else None,
            state=None
            if state is None
            else EntityState(
                text=state.state,
                unit=unit if isinstance(unit, str) else None,
                attributes=state.attributes,
                changed_by=_changer(state.context),
            ),
        )

    @override
    def watch(self, entities: Collection[str], heard: Heard) -> Callable[[], None]:
        """Call ``heard`` with an id whenever its entity was written, changed or not, or renamed."""
        watched = _Watched(self._hass, entities, heard)
        watched.start()
        return watched.stop

    @override
    def has_action(self, action: str) -> bool:
        """Return whether an action can be called."""
        domain, _, name = action.partition(".")
        return self._hass.services.has_service(domain, name)

    @override
    async def act(self, action: str, data: Mapping[str, Any]) -> None:
        """Call an action and wait until it has returned. Raises ActionRefusedError."""
        domain, _, name = action.partition(".")
        try:
            await self._hass.services.async_call(domain, name, dict(data), blocking=True, context=Context())
        except Exception as error:  # integrations raise what they like
            raise ActionRefusedError(str(error) or type(error).__name__) from error


class _Watched:
    """Listens to entities wherever they are: what is renamed or comes back is listened to anew."""

    def __init__(self, hass: HomeAssistant, entities: Collection[str], heard: Heard) -> None:
        self._hass = hass
        self._entities = frozenset(entities)
        self._heard = heard
        self._held_by: dict[str, str] = {}
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Listen to the registry, and to the entities where they are now."""
        self._stops = [self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._moved)]
        registry = er.async_get(self._hass)
        self._held_by = {
            entity_id: entity
            for entity in self._entities
            if (entity_id := _entity_id(entity, _entry_of(registry, entity))) is not None
        }
        if self._held_by:
            ids = list(self._held_by)
            self._stops.append(async_track_state_change_event(self._hass, ids, self._written))
            self._stops.append(async_track_state_report_event(self._hass, ids, self._written))

    def stop(self) -> None:
        """Listen to nothing any more."""
        stops, self._stops = self._stops, []
        for stop in stops:
            stop()

    @callback
    def _written(self, event: Event[EventStateChangedData] | Event[EventStateReportedData]) -> None:
        if (entity := self._held_by.get(event.data["entity_id"])) is not None:
            self._heard(entity)

    @callback
    def _moved(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        # Thousands of entities are written into the registry at a start, and few are ours.
        entity_id = event.data["entity_id"]
        old_id = str(event.data.get("old_entity_id", ""))
        moved = {self._held_by[each] for each in (entity_id, old_id) if each in self._held_by}
        entry = er.async_get(self._hass).async_get(entity_id)
        came = self._entities & {entry.id if entry is not None else entity_id}
        if ours := moved | came:
            self.stop()
            self.start()
        for entity in ours:
            self._heard(entity)


def _entry_of(registry: er.EntityRegistry, entity: str) -> er.RegistryEntry | None:
    if "." in entity:
        return registry.async_get(entity)
    return registry.entities.get_entry(entity)


def _entity_id(entity: str, entry: er.RegistryEntry | None) -> str | None:
    """Return where an entity is now; what has no entry may come under the entity id that it is held by."""
    if entry is not None:
        return entry.entity_id
    return entity if "." in entity else None


def _changer(context: Context) -> str | None:
    """Return who made an entity show what it shows, as far as its context tells."""
    if context.user_id is not None:
        return "a user"
    return "an automation or script" if context.parent_id is not None else None
