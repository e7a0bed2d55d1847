"""What the receipts of events and days need of a home in Home Assistant."""

from typing import TYPE_CHECKING

from homeassistant.util import dt as dt_util

from .core.model import BatteryReading, Site
from .core.settlement.canonical import digest
from .core.settlement.receipt import Receipt
from .core.statistics import Period, fuse_rule
from .holidays import Holidays
from .runtime.day_receipts import BatteryFacts, Home
from .runtime.event_follow_ups import Events
from .runtime.event_settlement import Settlement
from .runtime.past_use import PastUse
from .settings import utc_now

if TYPE_CHECKING:
    from .coordinator import HomeFlexCoordinator


def settlement(entry_id: str, site: Site, past: PastUse) -> Settlement:
    """Return how the events of a site are settled; its receipts name it by a digest."""
    most_w = fuse_rule(site.main_fuse_a, site.phases, site.nominal_voltage_v).most_per_h
    return Settlement(
        home=digest(entry_id), most_w=most_w, currency=site.currency, past=past.asked, devices=past.devices
    )


def receipts_home(coordinator: HomeFlexCoordinator) -> Home:
    """Return what the receipts of days need of the home."""

    async def receipts(kind: str, subject: str | None, day: Period) -> list[Receipt]:
        return await coordinator.receipts.receipts(kind=kind, subject=subject, start=day.start, end=day.end)

    return Home(
        name=digest(coordinator.config_entry.entry_id),
        currency=coordinator.site.currency,
        zone=dt_util.get_default_time_zone,
        clock=utc_now,
        batteries=lambda: _batteries(coordinator),
        receipts=receipts,
        put=coordinator.put_receipt,
    )


def followed_up_events(coordinator: HomeFlexCoordinator) -> Events:
    """Return what is known of the home's events for what follows up their receipts."""
    events = coordinator.controller.events
    return Events(
        records=lambda: tuple(events.book.records.values()),
        spans=coordinator.receipts.event_spans,
        holidays=Holidays(coordinator.hass),
        put=events.follow_up,
        tell_metered=events.tell_metered,
    )


def _batteries(coordinator: HomeFlexCoordinator) -> list[BatteryFacts]:
    readings = {key: slot.reading for key, slot in coordinator.controller.slots.items()}
    return [
        BatteryFacts(
            device_id=key,
            capacity_wh=round(reading.capacity_wh),
            most_in_w=round(reading.max_charge_w),
            most_out_w=round(reading.max_discharge_w),
        )
        for key, reading in readings.items()
        if isinstance(reading, BatteryReading)
    ]
