"""A charger's newest session has two sensors, and the action tells all of them."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.core.statistics import Mark, slot_at, slot_start
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.session_sensors import NewestSession

from .conftest import StartSite
from .house import charger
from .test_statistics import keeper_of


async def test_the_newest_session_is_shown_and_told(hass: HomeAssistant, start_site: StartSite) -> None:
    entry = await start_site(charger("Garage", "CP001"))
    (device_id,) = entry.subentries
    keeper, now = await keeper_of(hass, entry), slot_at(dt_util.utcnow())
    batch = SeriesBatch()
    for name, unit, device, value in (
        ("plugged", "s", device_id, 300),
        ("consumption", "Wh", device_id, 500),
        ("load", "Wh", "", 1000),
        ("direct_consumption", "Wh", "", 250),
        ("balanced_import", "Wh", "", 750),
    ):
        key = SeriesKey(device_id=device, name=name, unit=unit)
        batch.put(key, dict.fromkeys(range(now - 4, now), (value, Mark.MEASURED)))
    await keeper.store.write(batch)

    asked = {"kind": "sessions", "start": dt_util.utcnow() - timedelta(hours=2), "group_by": "total"}
    answer: Any = await hass.services.async_call(
        DOMAIN, "get_statistics", asked, blocking=True, return_response=True
    )
    (period,) = answer["periods"]
    (session,) = period["sessions"]
    assert (session["energy"], session["from_sun"], session["sun_share"]) == (2000, 500, 0.25)
    assert (session["end"], session["known"]["cost"]) == (None, 0.0)

    newest = NewestSession(entry.runtime_data, device_id)
    await newest.read(dt_util.utcnow())
    assert newest.told is not None
    assert newest.told["start"] == dt_util.as_local(slot_start(now - 4)).isoformat()
    assert hass.states.get("sensor.garage_session_cost") is not None
    assert hass.states.get("sensor.garage_sun_in_session") is not None
