"""A home's past on its first evening, from the recorder and from a file, and what is published of it."""

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.statistics import CounterReading, Mark
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.home_series import OpenSeries
from custom_components.home_flex.recorder_statistics import statistic_id
from custom_components.home_flex.runtime.planning import measured

from .conftest import StartSite
from .house import subentry, until

HOURS = 72


@pytest.fixture
def enable_custom_integrations(recorder_mock: Any, hass: HomeAssistant) -> None:
    """Start the recorder, which must be there before Home Assistant is, and let Home Flex be found."""
    hass.data.pop(DATA_CUSTOM_COMPONENTS)


@pytest.fixture
async def site(start_site: StartSite, meter_port: int) -> HomeFlexConfigEntry:
    """Set up a site with a meter alone."""
    entry: HomeFlexConfigEntry = await start_site(
        subentry("grid_meter", "Grid meter", type="tcp", host="127.0.0.1", port=meter_port)
    )
    return entry


def midnight() -> datetime:
    """Return when the day three days ago began."""
    return dt_util.utcnow().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=HOURS)


async def tell_past(hass: HomeAssistant, name: str, amount_kwh: float) -> str:
    """Put three days of a statistic into the recorder; return its id."""
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=name,
        source="meter",
        statistic_id=f"meter:{name}",
        unit_class="energy",
        unit_of_measurement="kWh",
    )
    rows = [
        StatisticData(
            start=midnight() + timedelta(hours=at), state=at * amount_kwh, sum=(at + 1) * amount_kwh
        )
        for at in range(HOURS)
    ]
    async_add_external_statistics(hass, metadata, rows)
    await get_instance(hass).async_block_till_done()
    return f"meter:{name}"


async def call(hass: HomeAssistant, action: str, **data: Any) -> list[dict[str, Any]]:
    answer = await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)
    assert isinstance(answer, dict)
    columns = answer["columns"]
    assert isinstance(columns, list)
    return columns  # type: ignore[return-value] # plain JSON


async def opened(entry: HomeFlexConfigEntry) -> OpenSeries:
    await until(lambda: entry.runtime_data.series.open is not None)
    series = entry.runtime_data.series.open
    assert series is not None
    return series


async def derive(series: OpenSeries) -> None:
    """Let all that is to be derived be derived, without its minutes."""
    for _ in range(20):
        await series.work.turn()
        await series.keeper._write()


async def test_the_past_comes_from_statistics_and_teaches_the_forecasts(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    series = await opened(site)
    told = [
        {"statistic_id": await tell_past(hass, "used", 0.4), "register": "import"},
        {"statistic_id": await tell_past(hass, "fed_in", 0.1), "register": "export"},
    ]

    report = await call(hass, "backfill_history", statistics=told)

    assert [(each["register"], each["interval"], each["new"]) for each in report if each["found"]] == [
        ("import", 3600, HOURS),
        ("export", 3600, HOURS),
    ]
    again = await call(hass, "backfill_history", statistics=told)
    assert {each["new"] for each in again} == {0}
    await derive(series)
    day = midnight().isoformat()
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "get_statistics",
        {
            "kind": "energy",
            "group_by": "total",
            "start": day,
            "end": (midnight() + timedelta(hours=HOURS)).isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    (period,) = answer["periods"]
    assert (period["import"], period["load"]) == (HOURS * 400, HOURS * 300)
    assert period["coverage"]["import"]["measured"] == HOURS * 12
    document: Any = None
    while document is None or measured.LOAD not in document["series"]:
        await asyncio.sleep(0.01)
        document = await site.runtime_data._store.get_setting(measured.DOCUMENT)
    assert document["series"][measured.LOAD]["powers_w"][:4] == [300.0] * 4


async def test_a_file_is_read_from_the_folder_of_the_configuration(
    hass: HomeAssistant, site: HomeFlexConfigEntry, tmp_path: Path
) -> None:
    await opened(site)
    rows = [f"{(midnight() + timedelta(hours=at)).isoformat()},0.4" for at in range(HOURS)]
    (tmp_path / "meter.csv").write_text("\n".join(["Time,Used", *rows]))

    (found,) = await call(
        hass,
        "import_history",
        path="meter.csv",
        time_column="Time",
        columns={"import": "Used"},
        unit="kWh",
    )

    assert (found["new"], found["total"], found["refused"]) == (HOURS, HOURS * 400, {})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"path": "../meter.csv"}, "file_not_allowed"),
        ({"path": ".storage/meter.csv"}, "file_not_allowed"),
        ({"path": "secrets.yaml"}, "file_not_allowed"),
        ({"path": "none.csv"}, "file_missing"),
        ({"unit": "L"}, "wrong_unit"),
        ({"time_zone": "Mars"}, "unknown_zone"),
        ({"columns": {"production": "Used"}}, "which_device"),
        ({"columns": {"import": "Other"}}, "meter_file_no_column"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_words(
    hass: HomeAssistant, site: HomeFlexConfigEntry, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    await opened(site)
    (tmp_path / "meter.csv").write_text("Time,Used\n2026-06-01T00:00Z,1\n")
    data = {
        "path": "meter.csv",
        "time_column": "Time",
        "columns": {"import": "Used"},
        "unit": "kWh",
        **change,
    }

    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "import_history", **data)

    assert refused.value.translation_key == reason


async def test_without_the_energy_dashboard_somebody_must_say_which_statistics(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    await opened(site)

    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "backfill_history")

    assert refused.value.translation_key == "no_statistics"


async def test_days_that_are_derived_are_published_as_statistics(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    series = await opened(site)
    used = {"statistic_id": await tell_past(hass, "used", 0.4), "register": "import"}
    await call(hass, "backfill_history", statistics=[used])
    assert hass.states.get("sensor.my_home_history_to_derive") is not None

    await derive(series)

    await get_instance(hass).async_block_till_done()
    wanted = statistic_id(site.entry_id, "import")
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period, hass, midnight(), None, {wanted}, "hour", None, {"state", "sum"}
    )
    # The last day may not be over for long enough.
    assert len(rows[wanted]) in {HOURS - 24, HOURS}
    assert rows[wanted][0].get("state") == pytest.approx(0.4)
    assert rows[wanted][23].get("sum") == pytest.approx(9.6)
    assert datetime.fromtimestamp(rows[wanted][0]["start"], UTC) == midnight()


async def test_what_is_kept_can_be_written_into_the_media_folder(
    hass: HomeAssistant, site: HomeFlexConfigEntry, tmp_path: Path
) -> None:
    await opened(site)
    used = {"statistic_id": await tell_past(hass, "used", 0.4), "register": "import"}
    await call(hass, "backfill_history", statistics=[used])
    (tmp_path / "media").mkdir()
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    wanted = {"start": midnight().isoformat(), "interval": "hour"}

    answer: Any = await hass.services.async_call(
        DOMAIN, "export", wanted, blocking=True, return_response=True
    )

    path = Path(answer["path"])
    assert path.parent == tmp_path / "media" / DOMAIN
    text = await hass.async_add_executor_job(path.read_text)
    first = next(csv.DictReader(text.splitlines()))
    assert first["start"] == midnight().isoformat()
    assert first["Grid meter import (Wh)"] == "400"


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"end": "2020-01-01 00:00:00"}, "invalid_range"), ({"folder": "media"}, "no_folder")],
)
async def test_what_cannot_be_written_out_is_refused_in_words(
    hass: HomeAssistant, site: HomeFlexConfigEntry, change: dict[str, Any], reason: str
) -> None:
    await opened(site)
    used = {"statistic_id": await tell_past(hass, "used", 0.4), "register": "import"}
    await call(hass, "backfill_history", statistics=[used])
    hass.config.media_dirs = {}

    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            DOMAIN, "export", {"start": midnight().isoformat(), **change}, blocking=True, return_response=True
        )

    assert refused.value.translation_key == reason


async def test_a_file_that_the_disk_does_not_take_is_told_and_leaves_nothing(
    hass: HomeAssistant, site: HomeFlexConfigEntry, tmp_path: Path
) -> None:
    await opened(site)
    used = {"statistic_id": await tell_past(hass, "used", 0.4), "register": "import"}
    await call(hass, "backfill_history", statistics=[used])
    (tmp_path / "media").mkdir()
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    wanted = {"start": midnight().isoformat(), "end": (midnight() + timedelta(hours=1)).isoformat()}
    await call(hass, "export", **wanted)
    (path,) = (tmp_path / "media" / DOMAIN).iterdir()
    path.unlink()
    (path / "in_the_way").mkdir(parents=True)

    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "export", **wanted)

    assert refused.value.translation_key == "not_written"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_meter_that_was_replaced_is_told_in_the_units_that_meters_show(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    series = await opened(site)
    key = SeriesKey(device_id=next(iter(site.subentries)), name="import.1", unit="Wh")
    start_s = int(midnight().timestamp())
    batch = SeriesBatch()
    for at_s, value in ((10, 12_345_900), (290, 12_345_940), (620, 871_000), (890, 871_040)):
        reading = CounterReading(time_s=start_s + at_s, value=value)
        readings = batch.readings.setdefault(reading.time_s // 300, {})
        readings[key] = (*readings.get(key, ()), reading)
    batch.put(key, {start_s // 300: (40, Mark.MEASURED)})
    await series.keeper.store.write(batch)
    changed = {
        "register": "import.1",
        "time": (midnight() + timedelta(seconds=600)).isoformat(),
        "end_value": 12345.96,
        "start_value": 870.98,
    }

    answer: Any = await hass.services.async_call(
        DOMAIN, "meter_replaced", changed, blocking=True, return_response=True
    )

    assert answer["counted"] == 20 + 20
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            DOMAIN, "meter_replaced", {**changed, "start_value": 1.0}, blocking=True, return_response=True
        )
    assert refused.value.translation_key == "swap_refused"
