"""What a site in Home Assistant shares with its community, as its resident chose."""

from collections.abc import Coroutine, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.util import dt as dt_util

from .const import (
    CONF_SHARED_BATTERIES,
    CONF_SHARED_QUARTER_HOURS,
    CONF_SHARED_SINCE,
    CONF_SHARED_UNTIL,
    SUBENTRY_SHARING,
)
from .core.events.battery_report import SharedBattery
from .core.events.forecast_report import NO_EVENT
from .core.events.metering_report import QUARTER
from .core.model import QUARTER_HOUR_S, BatteryReading, DeviceKind, floor
from .runtime.journal import Journal
from .runtime.kept_document import KeptDocument
from .runtime.metering_teller import Asked
from .runtime.shared_batteries import LOOKED_BACK, Battery, shared_batteries
from .runtime.sharing_teller import NotYetError, SharingTeller
from .runtime.view import DeviceView
from .settings import utc_now

if TYPE_CHECKING:
    from .coordinator import HomeFlexCoordinator

_KEPT: Final = "sharing"
_ORDERS_READ: Final = 2_000
# So long a battery is waited for after a start; one that stays silent is told as such.
_PATIENCE_S: Final = 300.0


def sharing_of(coordinator: HomeFlexCoordinator, journal: Journal) -> Coroutine[Any, Any, None]:
    """Return what tells the community what is shared, for as long as it is."""
    begun_s = coordinator.hass.loop.time()

    async def look() -> Sequence[SharedBattery]:
        store = coordinator.series.opened().keeper.store
        now = utc_now()
        rows = await coordinator.controller.ledger.rows(_ORDERS_READ)
        batteries = {
            device_id: Battery(device.name, _capacity_wh(device))
            for device_id, device in coordinator.data.devices.items()
            if device.kind is DeviceKind.BATTERY
        }
        silent = [each.name for each in batteries.values() if each.capacity_wh is None]
        if silent and coordinator.hass.loop.time() < begun_s + _PATIENCE_S:
            raise NotYetError(f"{silent[0]} has not been heard yet")
        judged = [(row.device_id, row.outcome) for row in rows if row.time >= now - LOOKED_BACK]
        return await shared_batteries(store, batteries, judged, now)

    consent = _shares(coordinator.config_entry, CONF_SHARED_BATTERIES)
    return SharingTeller(
        None if consent is None else end_of(consent),
        look=look,
        tell=coordinator.controller.events.tell_batteries,
        kept=KeptDocument(journal, _KEPT),
        clock=utc_now,
    ).run()


def _capacity_wh(device: DeviceView) -> int | None:
    reading = device.reading
    return round(reading.capacity_wh) if isinstance(reading, BatteryReading) else None


def shared_quarter_hours(entry: ConfigEntry[Any]) -> Asked | None:
    """Return which quarter-hours of the meter are shared, from when the resident said so; None: none."""
    if (subentry := _shares(entry, CONF_SHARED_QUARTER_HOURS)) is None:
        return None
    since = datetime.fromisoformat(subentry.data[CONF_SHARED_SINCE])
    # Of the one in which they said so a part was before.
    return Asked(NO_EVENT, floor(since, QUARTER_HOUR_S) + QUARTER, end_of(subentry))


def _shares(entry: ConfigEntry[Any], what: str) -> ConfigSubentry | None:
    """Return the consent by which something is shared; None: it is not."""
    return next(
        (each for each in entry.get_subentries_of_type(SUBENTRY_SHARING) if each.data.get(what)), None
    )


def end_of(subentry: ConfigSubentry) -> datetime:
    """Return the end of the last day on which something is shared, as the home has it."""
    last = date.fromisoformat(subentry.data[CONF_SHARED_UNTIL])
    return datetime.combine(last, time.max, dt_util.get_default_time_zone()).astimezone(UTC)
