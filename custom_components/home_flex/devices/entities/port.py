"""What a device made of entities needs of Home Assistant, as a small protocol: look, watch and act.

An entity is held by its registry id, which survives renames and being removed and added again; one that has
no entry in the registry is held by its entity id.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class ActionRefusedError(Exception):
    """An action raised an error or is not there; the message says which, and names no secret."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntityState:
    """What an entity shows now. ``changed_by`` names who made it show that, None where nobody knows."""

    text: str
    unit: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    changed_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entity:
    """An entity as the home knows it now.

    ``entity_id`` is None when there is none under its id, ``state`` when it shows nothing. ``device_id`` is
    that of its device in the registry, for actions that want a device as target.
    """

    entity_id: str | None
    is_disabled: bool = False
    device_id: str | None = None
    state: EntityState | None = None

    @property
    def domain(self) -> str:
        """The platform it belongs to (``sensor``, ``number``, …); empty when there is none."""
        return (self.entity_id or "").partition(".")[0]


type Heard = Callable[[str], None]


class EntityPort(Protocol):
    """The home's entities and actions."""

    def look(self, entity: str) -> Entity:
        """Return an entity by its registry id (or entity id), as it is at this moment."""
        ...

    def watch(self, entities: Collection[str], heard: Heard) -> Callable[[], None]:
        """Call ``heard`` with an id whenever its entity was written, changed or not, renamed, or came back.

        Returns how to stop it. ``heard`` is called synchronously, with nothing between it and the event.
        """
        ...

    def has_action(self, action: str) -> bool:
        """Return whether an action (``domain.name``) can be called."""
        ...

    async def act(self, action: str, data: Mapping[str, Any]) -> None:
        """Call an action and wait until it has returned. Raises ActionRefusedError.

        That it returns proves nothing: an action on an entity that is not available does nothing and says
        nothing.
        """
        ...
