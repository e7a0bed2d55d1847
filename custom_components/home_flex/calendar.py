"""The calendar of events."""

from datetime import datetime
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEntityDescription, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HomeFlexConfigEntry
from .core.events.model import EventRecord, EventStatus, Payload, PayloadType
from .entity import SiteEntity
from .site_sensors import shown_event

PARALLEL_UPDATES = 0

_EVENTS = CalendarEntityDescription(key="events", translation_key="events")
# An event that was refused or taken back before it began never was an appointment.
_NO_APPOINTMENT = frozenset({EventStatus.NEW, EventStatus.REJECTED})
_IN_WORDS = {
    PayloadType.IMPORT_CAPACITY_LIMIT: lambda value: f"Import at most {_kilowatt(value)}",
    PayloadType.EXPORT_CAPACITY_LIMIT: lambda value: f"Export at most {_kilowatt(value)}",
    PayloadType.DISPATCH_SETPOINT: lambda value: f"Run at {_kilowatt(value)}",
    PayloadType.DISPATCH_SETPOINT_RELATIVE: lambda value: f"Change by {_kilowatt(value)}",
    PayloadType.SIMPLE: lambda value: f"Level {value:g}",
}


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendar."""
    async_add_entities([EventCalendar(entry.runtime_data, _EVENTS)])


class EventCalendar(SiteEntity, CalendarEntity):
    """Shows the events the home has agreed to, and those that are over."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The event that runs, else the next one."""
        record = shown_event(self.coordinator.data)
        return _calendar_event(record) if record else None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events that touch the time asked for, in their order."""
        records = sorted(self.coordinator.data.records, key=lambda record: record.event.start)
        return [
            _calendar_event(record)
            for record in records
            if _is_appointment(record) and record.event.start < end_date and _end(record) > start_date
        ]


def _is_appointment(record: EventRecord) -> bool:
    return record.status not in _NO_APPOINTMENT and _end(record) > record.event.start


def _end(record: EventRecord) -> datetime:
    """Return when the event ends, or ended before its time."""
    return min(record.ended, record.event.end) if record.ended else record.event.end


def _calendar_event(record: EventRecord) -> CalendarEvent:
    commands = dict.fromkeys(
        _words(payload) for interval in record.event.intervals for payload in interval.payloads
    )
    return CalendarEvent(
        start=record.event.start,
        end=_end(record),
        summary=record.event.name or next(iter(commands)),
        description="\n".join(commands),
        uid=record.event.event_id,
    )


def _words(payload: Payload) -> str:
    if payload.type is PayloadType.CHARGE_STATE_SETPOINT:
        amount = f"{payload.value / 1000:g} kWh" if payload.is_energy else f"{payload.value:.0%}"
        return f"Charge the battery to {amount}"
    return _IN_WORDS[payload.type](payload.value)


def _kilowatt(value_w: float) -> str:
    return f"{value_w / 1000:g} kW"
