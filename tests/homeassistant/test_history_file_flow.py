"""A meter's file is uploaded in the site's options, its columns are named, and what became of it is told."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.statistics import slot_at
from custom_components.home_flex.history.series_rows import SeriesKey
from custom_components.home_flex.history.series_store import Stretch

from .conftest import StartSite
from .house import subentry
from .test_statistics import DAY, keeper_of

ROWS = [f"2026-10-01 {hour:02}:00;0,{hour:02}0" for hour in range(24)]
FILE = "\n".join(["Tijdstip;Afname kWh", *ROWS, "kapot;x"])


class Upload:
    """Files as the frontend puts them up."""

    def __init__(self, hass: HomeAssistant, folder: Path) -> None:
        self._hass = hass
        self._folder = folder

    async def __call__(self, text: str, name: str = "meter.csv") -> str:
        """Put up a file; return what the form is given for it."""
        from homeassistant.components.file_upload import _DATA, FileUploadData  # noqa: PLC0415

        if _DATA not in self._hass.data:
            self._hass.data[_DATA] = FileUploadData(self._folder, {})
        folder = self._folder / str(uuid4())
        await asyncio.to_thread(folder.mkdir)
        await asyncio.to_thread((folder / name).write_text, text)
        self._hass.data[_DATA].files[folder.name] = name
        return folder.name


@pytest.fixture
async def site(start_site: StartSite, meter_port: int) -> HomeFlexConfigEntry:
    """Set up a site with a meter alone."""
    entry: HomeFlexConfigEntry = await start_site(
        subentry("grid_meter", "Grid meter", type="tcp", host="127.0.0.1", port=meter_port)
    )
    return entry


@pytest.fixture
async def upload(hass: HomeAssistant, tmp_path: Path) -> Upload:
    assert await async_setup_component(hass, "file_upload", {})
    return Upload(hass, tmp_path)


async def columns_form(hass: HomeAssistant, site: HomeFlexConfigEntry, file_id: str) -> Any:
    menu = await hass.config_entries.options.async_init(site.entry_id)
    flow_id = menu["flow_id"]
    await hass.config_entries.options.async_configure(flow_id, {"next_step_id": "history_file"})
    return await hass.config_entries.options.async_configure(flow_id, {"file": file_id})


async def taken_in(hass: HomeAssistant, form: Any, **values: Any) -> Any:
    """Enter what the columns are; return what is shown once it is over."""
    flow_id = form["flow_id"]
    result = await hass.config_entries.options.async_configure(flow_id, values)
    while result["type"] in {FlowResultType.SHOW_PROGRESS, FlowResultType.SHOW_PROGRESS_DONE}:
        await asyncio.sleep(0.05)
        result = await hass.config_entries.options.async_configure(flow_id)
    return result


BRUSSELS = {"time_column": "Tijdstip", "import": "Afname kWh", "unit": "kWh", "time_zone": "Europe/Brussels"}


async def test_a_file_is_taken_in_and_what_became_of_it_is_told(
    hass: HomeAssistant, site: HomeFlexConfigEntry, upload: Upload
) -> None:
    keeper = await keeper_of(hass, site)
    form = await columns_form(hass, site, await upload(FILE))
    assert form["step_id"] == "history_columns"
    assert form["description_placeholders"]["header"] == "Tijdstip;Afname kWh"
    before = dict(site.options)
    report = await taken_in(hass, form, **BRUSSELS)
    assert report["step_id"] == "history_report"
    assert report["description_placeholders"]["report"] == (
        "* Afname kWh (import): 24 intervals from 2026-09-30 to 2026-10-01; 24 are new, "
        "0 were there already\n"
        "  * Rows that cannot be read: 1"
    )
    done = await hass.config_entries.options.async_configure(form["flow_id"], {})
    assert (done["type"], dict(site.options)) == (FlowResultType.CREATE_ENTRY, before)
    (meter,) = site.get_subentries_of_type("grid_meter")
    key = SeriesKey(device_id=meter.subentry_id, name="import", unit="Wh")
    first = slot_at(DAY.replace(month=10, day=1))
    (sums,) = await keeper.store.sums([key], [Stretch(first_slot=first - 288, end_slot=first + 576)])
    assert sums[key].total == sum(range(24)) * 10


async def test_the_same_file_again_brings_nothing_new(
    hass: HomeAssistant, site: HomeFlexConfigEntry, upload: Upload
) -> None:
    await keeper_of(hass, site)
    for told in ("24 are new, 0 were", "0 are new, 24 were"):
        form = await columns_form(hass, site, await upload(FILE))
        report = await taken_in(hass, form, **BRUSSELS)
        assert told in report["description_placeholders"]["report"]


async def test_watt_hours_for_kilowatt_hours_are_named(
    hass: HomeAssistant, site: HomeFlexConfigEntry, upload: Upload
) -> None:
    await keeper_of(hass, site)
    text = "time,import\n" + "\n".join(f"2026-10-01T{hour:02}:00:00Z,500" for hour in range(24))
    form = await columns_form(hass, site, await upload(text))
    report = await taken_in(hass, form, **{"time_column": "time", "import": "import", "unit": "kWh"})
    assert "It looks like Wh: choose that unit" in report["description_placeholders"]["report"]


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"time_zone": "Europe/Nowhere"}, {"time_zone": "unknown_zone"}),
        ({"unit": "m³"}, {"base": "wrong_unit"}),
    ],
    ids=str,
)
async def test_what_does_not_fit_is_asked_again(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    upload: Upload,
    changed: dict[str, Any],
    errors: dict[str, str],
) -> None:
    await keeper_of(hass, site)
    form = await columns_form(hass, site, await upload(FILE))
    refused = await taken_in(hass, form, **{**BRUSSELS, **changed})
    assert (refused["step_id"], refused["errors"]) == ("history_columns", errors)
    assert (await taken_in(hass, form, **BRUSSELS))["step_id"] == "history_report"


async def test_a_file_without_a_zone_and_one_without_a_column_say_so(
    hass: HomeAssistant, site: HomeFlexConfigEntry, upload: Upload
) -> None:
    await keeper_of(hass, site)
    form = await columns_form(hass, site, await upload(FILE))
    without_zone = {key: value for key, value in BRUSSELS.items() if key != "time_zone"}
    refused = await taken_in(hass, form, **without_zone)
    assert refused["errors"] == {"base": "meter_file_no_zone"}
    assert refused["description_placeholders"]["detail"] == "2026-10-01 00:00:00"
    without_column = {key: value for key, value in BRUSSELS.items() if key != "import"}
    assert (await taken_in(hass, form, **without_column))["errors"] == {"base": "no_columns"}


@pytest.mark.parametrize("text", ["", "no columns at all"])
async def test_what_is_no_table_is_refused(
    hass: HomeAssistant, site: HomeFlexConfigEntry, upload: Upload, text: str
) -> None:
    refused = await columns_form(hass, site, await upload(text))
    assert (refused["step_id"], refused["errors"]) == (
        "history_file",
        {"file": "meter_file_nothing_readable"},
    )


async def test_a_file_that_is_no_more_is_refused(
    hass: HomeAssistant, site: HomeFlexConfigEntry, upload: Upload
) -> None:
    refused = await columns_form(hass, site, str(uuid4()))
    assert refused["errors"] == {"file": "meter_file_nothing_readable"}
