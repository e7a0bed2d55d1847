"""What the agent sees of the home: links to devices and the dispatch. Pure; nothing personal is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

UNAVAILABLE = "unavailable"
_NOT_TOLD = frozenset({UNAVAILABLE, "unknown", ""})
# The types of Home Flex's subentries that are devices; others are settings, and have no link to lose.
DEVICE_KINDS = frozenset(
    {
        *("grid_meter", "sub_meter", "pv", "battery", "ev_charger"),
        *("switched_load", "appliance", "heat_pump", "water_heater"),
    }
)


class DispatchState(StrEnum):
    """What Home Flex's sensor ``active_event`` says, and that nobody says anything."""

    IDLE = "idle"
    ANNOUNCED = "announced"
    RUNNING = "running"
    OPTED_OUT = "opted_out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatch:
    """The event that runs or comes next."""

    state: DispatchState = DispatchState.UNKNOWN
    event_id: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceLink:
    """Whether a device can be read. ``device_id`` means nothing outside of the home."""

    device_id: str
    kind: str
    linked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeView:
    """The home at one moment; None is what is not known."""

    reachable: bool = False
    version: str | None = None
    home_flex_version: str | None = None
    home_flex_set_up: bool | None = None
    devices: tuple[DeviceLink, ...] = ()
    dispatch: Dispatch = Dispatch()
    aggregator_connected: bool | None = None
    store_connected: bool | None = None
    measurements_waiting: int | None = None
    measurements_dropped: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FlexEntity:
    """An entity of Home Flex: ``device_id`` None and the sensor's ``key`` for one of the site."""

    entity_id: str
    device_id: str | None
    key: str


type States = Mapping[str, tuple[str, Mapping[str, Any]]]


def flex_entities(registry: Iterable[Mapping[str, Any]], entry_id: str | None) -> list[FlexEntity]:
    """Return Home Flex's entities that are not disabled, out of the entity registry."""
    return [
        FlexEntity(
            entity_id=str(row["entity_id"]),
            device_id=row.get("config_subentry_id"),
            key=str(row.get("unique_id", "")).removeprefix(f"{entry_id}_"),
        )
        for row in registry
        if row.get("platform") == "home_flex" and row.get("disabled_by") is None
    ]


def device_links(
    kinds: Mapping[str, str], entities: Iterable[FlexEntity], states: States
) -> tuple[DeviceLink, ...]:
    """Return the link of each device in ``kinds`` (id: type): up while any of its entities is available."""
    available = {
        entity.device_id
        for entity in entities
        if entity.entity_id in states and states[entity.entity_id][0] != UNAVAILABLE
    }
    return tuple(
        DeviceLink(device_id=device_id, kind=kind, linked=device_id in available)
        for device_id, kind in sorted(kinds.items())
        if kind in DEVICE_KINDS
    )


def site_states(entities: Iterable[FlexEntity], states: States) -> States:
    """Return the states of the site's own entities, by their keys."""
    return {
        entity.key: states[entity.entity_id]
        for entity in entities
        if entity.device_id is None and entity.entity_id in states
    }


def dispatch_of(site: States) -> Dispatch:
    """Return the dispatch that the sensor ``active_event`` shows."""
    state, attributes = site.get("active_event", (UNAVAILABLE, {}))
    if state not in set(DispatchState) or state == DispatchState.UNKNOWN:
        return Dispatch()
    event_id = attributes.get("event_id")
    return Dispatch(
        state=DispatchState(state),
        event_id=str(event_id)[:128] if event_id is not None else None,
        starts=_time(attributes.get("starts")),
        ends=_time(attributes.get("ends")),
    )


def is_on(site: States, key: str) -> bool | None:
    """Return what a binary sensor of the site says."""
    state = site.get(key, ("", {}))[0]
    return None if state in _NOT_TOLD else state == "on"


def count(site: States, key: str) -> int | None:
    """Return what a counting sensor of the site says."""
    try:
        return int(float(site.get(key, ("", {}))[0]))
    except ValueError, OverflowError:
        return None


def _time(text: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else None
