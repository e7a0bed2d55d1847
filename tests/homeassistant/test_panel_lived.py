"""What the panel is told of today so far: what was lived beside what was expected of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_runs import Run, RunKind

from .test_panel import Browser, Clients
from .test_statistics import keeper_of

NOON = datetime(2026, 11, 24, 11, 7, tzinfo=dt_util.UTC)


@pytest.fixture
async def told(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    hass_ws_client: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Return what is told after a morning of which 1,200 W were bought and 600 W came from the roof."""
    keeper = await keeper_of(hass, house)
    await hass.config.async_set_time_zone("UTC")
    monkeypatch.setattr("custom_components.home_flex.panel.lived.dt_util.utcnow", lambda: NOON)
    monkeypatch.setattr(
        "custom_components.home_flex.panel.lived.dt_util.start_of_local_day",
        lambda: NOON.replace(hour=0, minute=0),
    )
    names = {each.title: each.subentry_id for each in house.subentries.values()}
    slots = range(slot_at(NOON.replace(hour=0, minute=0)), slot_at(NOON))
    batch = SeriesBatch()
    for device, name, wh in (
        ("meter", "import", 100),
        (names["Roof"], "production", 50),
        ("car", "consumption", 30),
    ):
        cells = dict.fromkeys(slots, (wh, Mark.MEASURED))
        batch.put(SeriesKey(device_id=device, name=name, unit="Wh"), cells)
    batch.runs += [
        run(RunKind.PLAN, "", known=-1.0, power_w=1000),
        run(RunKind.PLAN, "", known=6.0, power_w=1500),
        run(RunKind.FORECAST, "load", known=-1.0, power_w=900),
        run(RunKind.FORECAST, names["Roof"], known=3.0, power_w=500),
    ]
    await keeper.store.write(batch)
    answer = await Browser(await hass_ws_client(hass)).ask(type=f"{DOMAIN}/lived")
    assert answer["success"], answer
    return answer["result"]


def run(kind: RunKind, subject: str, *, known: float, power_w: int) -> Run:
    """Make a run of two days that became known so many hours after midnight."""
    at = NOON.replace(hour=0, minute=0) + timedelta(hours=known)
    return Run(
        kind=kind, subject=subject, known_at=at, start=at, lengths_s=(3600,) * 48, powers_w=(power_w,) * 48
    )


async def test_the_quarter_hours_that_are_over_are_told(told: Any) -> None:
    assert (told["start"], told["step_s"]) == ("2026-11-24T00:00:00+00:00", 900)
    assert told["grid"]["lived_w"] == [1200] * 44


async def test_the_house_is_what_is_left_of_grid_and_sun_without_its_devices(told: Any) -> None:
    assert told["sun"]["lived_w"] == [600] * 44
    assert told["load"]["lived_w"] == [1200 + 600 - 360] * 44


async def test_each_quarter_hour_is_laid_beside_what_was_known_before_it(told: Any) -> None:
    assert told["grid"]["expected_w"] == [1000] * 24 + [1500] * 20
    assert told["load"]["expected_w"] == [900] * 44


async def test_what_nobody_expected_is_not_made_up_afterwards(told: Any) -> None:
    assert told["sun"]["expected_w"] == [None] * 12 + [500] * 32
