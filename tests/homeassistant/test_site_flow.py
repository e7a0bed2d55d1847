"""Setting up and changing the site."""

from math import inf, nan
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pytest_homeassistant_custom_component.common import MockConfigEntry  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from scripts.home_stack.processes import free_port

from .conftest import StartSite
from .house import suggested

FORM = {
    "name": " My home ",
    "currency": "EUR",
    "phases": "3",
    "main_fuse_a": 25,
    "import_price_per_kwh": 0.1,
    "export_price_per_kwh": 0.05,
}


async def test_a_site_keeps_its_prices_as_the_decimals_that_were_typed(hass: HomeAssistant) -> None:
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "user")
    assert suggested(form, "currency") == hass.config.currency
    assert suggested(form, "ocpp_port") == 8887
    port = free_port()
    created = await hass.config_entries.flow.async_configure(form["flow_id"], {**FORM, "ocpp_port": port})
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert created["title"] == "My home"
    assert created["data"] == {
        "name": "My home",
        "currency": "EUR",
        "phases": 3,
        "grid": "tn_3p",
        "preference": "car_first",
        "main_fuse_a": 25.0,
        "import_price_per_kwh": "0.1",
        "export_price_per_kwh": "0.05",
        "ocpp_port": port,
    }
    assert created["result"].state is ConfigEntryState.LOADED
    assert await hass.config_entries.async_unload(created["result"].entry_id)


async def test_prices_that_nobody_typed_stay_unknown(hass: HomeAssistant) -> None:
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    typed = {key: value for key, value in FORM.items() if "price" not in key}
    created = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**typed, "ocpp_port": free_port()}
    )
    await hass.async_block_till_done()
    entry = created["result"]
    assert not [key for key in entry.data if "price" in key]
    site = entry.runtime_data.site
    assert (site.import_price_per_kwh, site.export_price_per_kwh) == (None, None)
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    assert suggested(form, "import_price_per_kwh") is None
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_who_wants_to_earn_at_prices_has_to_tell_them(hass: HomeAssistant) -> None:
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    typed = {key: value for key, value in FORM.items() if key != "export_price_per_kwh"}
    refused = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**typed, "ocpp_port": free_port(), "preference": "earn"}
    )
    assert refused["errors"] == {"export_price_per_kwh": "price_missing"}


async def test_a_site_without_a_name_is_refused_until_it_has_one(hass: HomeAssistant) -> None:
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    values = {**FORM, "ocpp_port": free_port()}
    refused = await hass.config_entries.flow.async_configure(form["flow_id"], {**values, "name": "  "})
    assert refused["errors"] == {"name": "name_missing"}
    created = await hass.config_entries.flow.async_configure(form["flow_id"], values)
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert await hass.config_entries.async_unload(created["result"].entry_id)


@pytest.mark.parametrize("fuse_a", [0, -25, nan, inf])
async def test_a_fuse_that_guards_nothing_is_refused_at_its_field(hass: HomeAssistant, fuse_a: float) -> None:
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    with pytest.raises(InvalidData) as refused:
        await hass.config_entries.flow.async_configure(
            form["flow_id"], {**FORM, "main_fuse_a": fuse_a, "ocpp_port": free_port()}
        )
    assert list(refused.value.schema_errors) == ["main_fuse_a"]


@pytest.mark.parametrize("fuse_a", [0.0, nan])
async def test_a_kept_fuse_that_guards_nothing_stops_the_start_with_a_sentence(
    hass: HomeAssistant, site_data: dict[str, Any], fuse_a: float
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={**site_data, "main_fuse_a": fuse_a}, unique_id=DOMAIN)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "impossible_site"


async def test_a_second_site_is_refused(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    second = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    assert (second["type"], second["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_dialog_that_was_left_open_does_not_keep_the_home_from_its_site(hass: HomeAssistant) -> None:
    left = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "user")
    values = {**FORM, "ocpp_port": free_port()}
    created = await hass.config_entries.flow.async_configure(form["flow_id"], values)
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    # There is one site: whoever comes back to the first dialog cannot put another in its place.
    open_flows = {each["flow_id"] for each in hass.config_entries.flow.async_progress()}
    assert left["flow_id"] not in open_flows
    assert await hass.config_entries.async_unload(created["result"].entry_id)


async def test_a_changed_site_is_reloaded_with_its_new_values(
    hass: HomeAssistant, site: HomeFlexConfigEntry, site_data: dict[str, Any]
) -> None:
    before = site.runtime_data
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": site.entry_id}
    )
    assert suggested(form, "phases") == "3"
    assert suggested(form, "preference") == "car_first"
    assert suggested(form, "import_price_per_kwh") == 0.3
    changed = {
        **FORM,
        "name": "Cottage",
        "main_fuse_a": 16,
        "phases": "1",
        "preference": "house_first",
        "ocpp_port": site_data["ocpp_port"],
    }
    refused = await hass.config_entries.flow.async_configure(form["flow_id"], {**changed, "name": " "})
    assert refused["errors"] == {"name": "name_missing"}
    done = await hass.config_entries.flow.async_configure(form["flow_id"], changed)
    await hass.async_block_till_done()
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert site.title == "Cottage"
    assert site.runtime_data is not before
    assert (site.runtime_data.site.main_fuse_a, site.runtime_data.site.phases) == (16.0, 1)
    assert site.runtime_data.controller.settings.preference == "house_first"


GRIDS = [
    ("1", 1, "one_phase", None),
    ("3", 3, "tn_3p", None),
    ("3_without_neutral", 3, "it_3p", "it_3p"),
]


@pytest.mark.parametrize(("chosen", "phases", "grid", "guarded"), GRIDS)
async def test_the_kind_of_grid_is_kept_and_suggested_again(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    site_data: dict[str, Any],
    chosen: str,
    phases: int,
    grid: str,
    guarded: str | None,
) -> None:
    async def reconfigure() -> Any:
        return await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": "reconfigure", "entry_id": site.entry_id}
        )

    form = await reconfigure()
    values = {**FORM, "phases": chosen, "ocpp_port": site_data["ocpp_port"]}
    await hass.config_entries.flow.async_configure(form["flow_id"], values)
    await hass.async_block_till_done()
    assert (site.data["phases"], site.data["grid"]) == (phases, grid)
    assert suggested(await reconfigure(), "phases") == chosen
    # With neutral, as on one phase, the main fuse alone is known, and the meter may still tell otherwise.
    network = site.runtime_data.controller.settings.network
    assert (network and network.root.grid) == guarded


@pytest.mark.parametrize("kept", [{}, {"preference": "nobody_first"}])
async def test_who_comes_first_is_as_it_always_was_until_somebody_says_so(
    start_site: StartSite, site_data: dict[str, Any], kept: dict[str, str]
) -> None:
    site_data.update(kept)
    entry = await start_site()
    assert entry.runtime_data.controller.settings.preference == "car_first"
