"""The calendar of events."""

from collections.abc import Mapping
from datetime import datetime
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEntityDescription, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations

from .const import DOMAIN
from .coordinator import HomeFlexConfigEntry
from .core.events.model import EventRecord, EventStatus, Payload, PayloadType
from .entity import SiteEntity
from .site_sensors import shown_event

PARALLEL_UPDATES = 0

_EVENTS = CalendarEntityDescription(key="events", translation_key="events")
# An event that was refused or taken back before it began never was an appointment.
_NO_APPOINTMENT = frozenset({EventStatus.NEW, EventStatus.REJECTED})

type _Texts = Mapping[str, str]


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendar, once its sentences are at hand."""
    await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    async_add_entities([EventCalendar(entry.runtime_data, _EVENTS)])


class EventCalendar(SiteEntity, CalendarEntity):
    """Shows the events the home has agreed to, and those that are over."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The event that runs, else the next one."""
        record = shown_event(self.coordinator.data)
        return _calendar_event(record, self._texts()) if record else None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events that touch the time asked for, in their order."""
        records = sorted(self.coordinator.data.records, key=lambda record: record.event.start)
        texts = self._texts()
        return [
            _calendar_event(record, texts)
            for record in records
            if _is_appointment(record) and record.event.start < end_date and _end(record) > start_date
        ]

    def _texts(self) -> _Texts:
        """Return the sentences of events in the home's language, by the type of what is asked."""
        hass = self.coordinator.hass
        return async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)


def _is_appointment(record: EventRecord) -> bool:
    return record.status not in _NO_APPOINTMENT and _end(record) > record.event.start


def _end(record: EventRecord) -> datetime:
    """Return when the event ends, or ended before its time."""
    return min(record.ended, record.event.end) if record.ended else record.event.end


def _calendar_event(record: EventRecord, texts: _Texts) -> CalendarEvent:
    commands = dict.fromkeys(
        _words(payload, texts) for interval in record.event.intervals for payload in interval.payloads
    )
    return CalendarEvent(
        start=record.event.start,
        end=_end(record),
        summary=record.event.name or next(iter(commands)),
        description="\n".join(commands),
        uid=record.event.event_id,
    )


def _words(payload: Payload, texts: _Texts) -> str:
    key = f"component.{DOMAIN}.common.event_{payload.type.lower()}"
    return texts.get(key, payload.type).format(amount=_amount(payload))


def _amount(payload: Payload) -> str:
    match payload.type:
        case PayloadType.SIMPLE:
            return f"{payload.value:g}"
        case PayloadType.CHARGE_STATE_SETPOINT if not payload.is_energy:
            return f"{payload.value:.0%}"
        case PayloadType.CHARGE_STATE_SETPOINT:
            return f"{payload.value / 1000:g} kWh"
    return f"{payload.value / 1000:g} kW"
