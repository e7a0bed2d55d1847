"""The entities of a home that is made up: they take what they are told, or fail in one of the known ways."""

import asyncio
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from custom_components.home_flex.devices.entities.port import (
    ActionRefusedError,
    Entity,
    EntityState,
    Heard,
)


class Clock:
    """Real seconds, and those that a test lets pass."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead_s

    def pass_s(self, seconds: float) -> None:
        self._ahead_s += seconds


class FakeDocument:
    """What a device keeps, and outlives it."""

    def __init__(self) -> None:
        self.document: Mapping[str, Any] | None = None
        self.puts = 0

    async def load(self) -> Mapping[str, Any] | None:
        return self.document

    def put(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.puts += 1


@dataclass
class FakeEntities:
    """Entities by their registry ids, which here end in the entity id: ``reg:number.limit``.

    ``ignores``: these return without having done anything. ``refuses``: these raise. ``hangs``: these never
    return. ``clips``: these take no more than a number. ``late``: these show it when the test says so.
    """

    entities: dict[str, Entity] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ignores: set[str] = field(default_factory=set)
    refuses: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    clips: Mapping[str, float] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    watching: list[tuple[frozenset[str], Heard]] = field(default_factory=list)

    def add(self, entity_id: str, text: str, unit: str | None = None, **attributes: Any) -> str:
        """Add an entity; returns its registry id."""
        held_by = f"reg:{entity_id}"
        state = EntityState(text=text, unit=unit, attributes=attributes)
        self.entities[held_by] = Entity(entity_id=entity_id, device_id=f"dev:{entity_id}", state=state)
        return held_by

    def show(self, entity_id: str, text: str, *, unit: str | None = None, by: str | None = None) -> None:
        """Have an entity show something, as its integration or somebody else does."""
        held_by = f"reg:{entity_id}"
        found = self.entities[held_by]
        assert found.state is not None
        state = replace(found.state, text=text, unit=unit or found.state.unit, changed_by=by)
        self.entities[held_by] = replace(found, state=state)
        self.report(entity_id)

    def report(self, entity_id: str) -> None:
        """Have an entity report what it shows already."""
        held_by = f"reg:{entity_id}"
        for entities, heard in list(self.watching):
            if held_by in entities:
                heard(held_by)

    def lose(self, entity_id: str) -> None:
        """Have an integration lose its device."""
        self.show(entity_id, "unavailable")

    def text(self, entity_id: str) -> str:
        state = self.entities[f"reg:{entity_id}"].state
        assert state is not None
        return state.text

    def look(self, entity: str) -> Entity:
        return self.entities.get(entity, Entity(entity_id=None))

    def watch(self, entities: Collection[str], heard: Heard) -> Callable[[], None]:
        watching = (frozenset(entities), heard)
        self.watching.append(watching)
        return lambda: self.watching.remove(watching)

    def has_action(self, action: str) -> bool:
        return action in self.actions or action.partition(".")[0] in {"number", "select", "switch", "button"}

    async def act(self, action: str, data: Mapping[str, Any]) -> None:
        self.calls.append((action, dict(data)))
        entity_id = str(data.get("entity_id", action))
        if entity_id in self.hangs:
            await asyncio.Event().wait()
        if entity_id in self.refuses:
            raise ActionRefusedError("the device refuses")
        found = self.entities.get(f"reg:{entity_id}")
        if found is None or found.state is None or found.state.text == "unavailable":
            return
        if entity_id not in self.ignores and entity_id not in self.late:
            self._take(action, entity_id, data)

    def _take(self, action: str, entity_id: str, data: Mapping[str, Any]) -> None:
        match action.partition(".")[2]:
            case "set_value":
                self.show(entity_id, str(min(data["value"], self.clips.get(entity_id, math.inf))))
            case "select_option":
                self.show(entity_id, str(data["option"]))
            case "set_operation_mode":
                self.show(entity_id, str(data["operation_mode"]))
            case "turn_on":
                self.show(entity_id, "on")
            case "turn_off":
                self.show(entity_id, "off")


@dataclass
class FakeHome:
    """What a device of entities may use of a home."""

    entities: FakeEntities = field(default_factory=FakeEntities)
    kept: FakeDocument = field(default_factory=FakeDocument)
    monotonic_s: Clock = field(default_factory=Clock)

    def clock(self) -> datetime:
        return datetime.now(UTC)
