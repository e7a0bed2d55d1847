"""The calendar of events."""

from collections.abc import Mapping
from dataclasses import dataclass
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
from .written import Written

PARALLEL_UPDATES = 0

_EVENTS = CalendarEntityDescription(key="events", translation_key="events")
# An event that was refused or taken back before it began never was an appointment.
_NO_APPOINTMENT = frozenset({EventStatus.NEW, EventStatus.REJECTED})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """The sentences of events in the home's language, by the type of what is asked."""

    texts: Mapping[str, str]
    written: Written


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
        return _calendar_event(record, self._words()) if record else None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events that touch the time asked for, in their order."""
        records = sorted(self.coordinator.data.records, key=lambda record: record.event.start)
        words = self._words()
        return [
            _calendar_event(record, words)
            for record in records
            if _is_appointment(record) and record.event.start < end_date and _end(record) > start_date
        ]

    def _words(self) -> _Words:
        hass = self.coordinator.hass
        language = hass.config.language
        texts = async_get_cached_translations(hass, language, "common", DOMAIN)
        return _Words(texts=texts, written=Written(language=language))


def _is_appointment(record: EventRecord) -> bool:
    return record.status not in _NO_APPOINTMENT and _end(record) > record.event.start


def _end(record: EventRecord) -> datetime:
    """Return when the event ends, or ended before its time."""
    return min(record.ended, record.event.end) if record.ended else record.event.end


def _calendar_event(record: EventRecord, words: _Words) -> CalendarEvent:
    commands = dict.fromkeys(
        _asked(payload, words) for interval in record.event.intervals for payload in interval.payloads
    )
    return CalendarEvent(
        start=record.event.start,
        end=_end(record),
        summary=record.event.name or next(iter(commands)),
        description="\n".join(commands),
        uid=record.event.event_id,
    )


def _asked(payload: Payload, words: _Words) -> str:
    key = f"component.{DOMAIN}.common.event_{payload.type.lower()}"
    return words.texts.get(key, payload.type).format(amount=_amount(payload, words.written))


def _amount(payload: Payload, written: Written) -> str:
    match payload.type:
        case PayloadType.SIMPLE:
            return written.short(payload.value)
        case PayloadType.CHARGE_STATE_SETPOINT if not payload.is_energy:
            return f"{payload.value:.0%}"
        case PayloadType.CHARGE_STATE_SETPOINT:
            return f"{written.short(payload.value / 1000)} kWh"
    return f"{written.short(payload.value / 1000)} kW"
