"""Tells the community what it is like in rooms that the resident shares, for as long as they do."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    PERCENTAGE,
    UnitOfRatio,
    UnitOfTemperature,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event, async_track_utc_time_change
from homeassistant.util.unit_conversion import TemperatureConverter

from .const import SUBENTRY_SHARED_ROOM
from .core.events.metering_report import QUARTER
from .core.events.room_report import POSSIBLE, RoomFigure, SharedRoom
from .core.model import QUARTER_HOUR_S, floor
from .core.statistics.time_mean import TimeMean
from .runtime.journal import Journal
from .runtime.kept_document import KeptDocument
from .settings import utc_now
from .sharing import end_of

if TYPE_CHECKING:
    from .coordinator import HomeFlexCoordinator

_KEPT: Final = "shared_rooms"
_ROOMS: Final = "rooms"
# A change of the quarter-hour's last moment comes before it is closed.
_CLOSED_AFTER_S: Final = 5
_UNITS: Final = {
    RoomFigure.HUMIDITY: PERCENTAGE,
    RoomFigure.CARBON_DIOXIDE: UnitOfRatio.PARTS_PER_MILLION,
}

type Tell = Callable[[Sequence[SharedRoom], datetime], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A room by its name, shared ``until`` then, and the entity of each of its sensors that is."""

    name: str
    until: datetime
    sensors: Mapping[RoomFigure, str]


def shared_rooms_of(coordinator: HomeFlexCoordinator, journal: Journal) -> Coroutine[Any, Any, None]:
    """Return what tells the community of rooms that are shared."""
    rooms = [
        Room(
            name=each.title,
            until=end_of(each),
            sensors={figure: each.data[figure] for figure in RoomFigure if each.data.get(figure)},
        )
        for each in coordinator.config_entry.get_subentries_of_type(SUBENTRY_SHARED_ROOM)
    ]
    return RoomTeller(
        coordinator.hass,
        rooms,
        tell=coordinator.controller.events.tell_rooms,
        kept=KeptDocument(journal, _KEPT),
        clock=utc_now,
    ).run()


class RoomTeller:
    """Listens to sensors, and tells with each quarter-hour what they showed in it; of before nothing.

    What was told is kept, so that after a restart without a room the community hears that it ended.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        rooms: Sequence[Room],
        *,
        tell: Tell,
        kept: KeptDocument,
        clock: Callable[[], datetime],
    ) -> None:
        """Prepare; ``run`` tells."""
        self._hass = hass
        self._rooms = rooms
        self._tell = tell
        self._kept = kept
        self._clock = clock
        self._means: dict[tuple[str, RoomFigure], TimeMean] = {}
        self._told_until: dict[str, str] = {}

    async def run(self) -> None:
        """Tell until cancelled."""
        await self._end_others()
        open_rooms = [room for room in self._rooms if room.until > self._clock()]
        if not open_rooms:
            return
        now = self._clock()
        entities = {(entity_id, figure) for room in open_rooms for figure, entity_id in room.sensors.items()}
        for entity_id, figure in entities:
            self._means[entity_id, figure] = TimeMean(
                now, figure_of(self._hass.states.get(entity_id), figure)
            )
        stops = (
            async_track_state_change_event(
                self._hass, {entity_id for entity_id, _ in entities}, self._changed
            ),
            async_track_utc_time_change(
                self._hass, self._close, minute=range(0, 60, 15), second=_CLOSED_AFTER_S
            ),
        )
        try:
            await asyncio.Event().wait()
        finally:
            for stop in stops:
                stop()

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        for (entity_id, figure), mean in self._means.items():
            if entity_id == event.data["entity_id"]:
                mean.change(event.time_fired, figure_of(state, figure))

    @callback
    def _close(self, now: datetime) -> None:
        """Tell what the quarter-hour brought that is over, of rooms that were shared in all of it."""
        end = floor(now, QUARTER_HOUR_S)
        start = end - QUARTER
        means = {key: mean.close(start, end) for key, mean in self._means.items()}
        told = [
            SharedRoom(name=room.name, until=room.until, means=_known(room, means))
            for room in self._rooms
            if end <= room.until
        ]
        told = [room for room in told if room.means]
        if told:
            self._keep(told)
            self._tell(told, start)

    def _keep(self, told: Sequence[SharedRoom]) -> None:
        told_until = self._told_until | {room.name: room.until.isoformat() for room in told}
        if told_until != self._told_until:
            self._told_until = told_until
            self._kept.put({"version": 1, _ROOMS: told_until})

    async def _end_others(self) -> None:
        """Say once of rooms that were told, and are shared no more or not as long, that they are over."""
        kept = await self._kept.load()
        self._told_until = dict(kept[_ROOMS]) if kept is not None else {}
        now = self._clock()
        shared = {room.name: room.until for room in self._rooms}
        over = [
            name
            for name, until in self._told_until.items()
            if datetime.fromisoformat(until) > now and shared.get(name, now) <= now
        ]
        if over:
            self._tell([SharedRoom(name=name, until=now, means={}) for name in over], now)
        self._told_until = {name: until for name, until in self._told_until.items() if name in shared}
        if over:
            self._kept.put({"version": 1, _ROOMS: self._told_until})


def figure_of(state: State | None, figure: RoomFigure) -> float | None:
    """Return what a sensor shows, in °C, % or ppm; None where it shows nothing, or nothing that can be."""
    if state is None:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        value = float(state.state)
        if figure is RoomFigure.TEMPERATURE:
            value = TemperatureConverter.convert(value, unit, UnitOfTemperature.CELSIUS)
        elif unit != _UNITS[figure]:
            return None
    except ValueError, HomeAssistantError:
        return None
    low, high = POSSIBLE[figure]
    return value if math.isfinite(value) and low <= value <= high else None


def _known(room: Room, means: Mapping[tuple[str, RoomFigure], float | None]) -> dict[RoomFigure, float]:
    found = {figure: means[entity_id, figure] for figure, entity_id in room.sensors.items()}
    return {figure: mean for figure, mean in found.items() if mean is not None}
