"""Prices while a site runs: read again, guessed beyond what is published, and told when they fail."""

from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.signals import Signal, SignalKind

from .conftest import StartSite
from .house import until
from .prices import ENTITY, price_at, publish, this_hour
from .test_lifecycle import home_flex_tasks
from .test_plan import asked, planning_of

IMPORT = "sensor.my_home_import_price_now"


def tariff(kind: str = "import_price", **data: Any) -> ConfigSubentryData:
    return ConfigSubentryData(
        data=MappingProxyType({"kind": kind, **data}),
        subentry_type="tariff",
        title="Exchange",
        unique_id=f"tariff_{kind}",
    )


def issues(hass: HomeAssistant) -> set[str | None]:
    return {
        issue.translation_key
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.active and (issue.translation_key or "").startswith("tariff_")
    }


def ahead(site: HomeFlexConfigEntry, hours: int = 48) -> Signal:
    start = this_hour()
    signal = site.runtime_data.prices.signal(SignalKind.IMPORT_PRICE, start, start + timedelta(hours=hours))
    assert signal is not None
    return signal


@pytest.fixture
async def exchange(hass: HomeAssistant, start_site: StartSite) -> HomeFlexConfigEntry:
    """Set up a site whose import price an entity tells."""
    publish(hass)
    entry: HomeFlexConfigEntry = await start_site(tariff(entity=ENTITY))
    await until(lambda: entry.runtime_data.prices.current(SignalKind.IMPORT_PRICE) is not None)
    return entry


async def test_what_is_published_later_is_taken_in(
    hass: HomeAssistant, exchange: HomeFlexConfigEntry
) -> None:
    assert ahead(exchange).known_until == this_hour() + timedelta(hours=24)
    publish(hass, hours=40)
    await exchange.runtime_data.prices.async_refresh()
    assert ahead(exchange).known_until == this_hour() + timedelta(hours=40)


async def test_the_plan_goes_by_the_tariff(hass: HomeAssistant, exchange: HomeFlexConfigEntry) -> None:
    await asked(hass, "replan")
    steps = (await asked(hass, "get_plan"))["steps"]
    assert steps[0]["import_price_per_kwh"] == price_at(this_hour())
    assert steps[0]["export_price_per_kwh"] == 0.05
    assert not steps[0]["price_is_guessed"]
    assert steps[-1]["price_is_guessed"]


async def test_what_is_newly_published_is_planned_for_and_what_is_only_repeated_is_not(
    hass: HomeAssistant, exchange: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[None] = []
    monkeypatch.setattr(planning_of(exchange), "replan", lambda: asked_for.append(None))
    await exchange.runtime_data.prices.async_refresh()
    assert len(asked_for) == 0
    publish(hass, hours=40)
    await exchange.runtime_data.prices.async_refresh()
    assert len(asked_for) == 1


@pytest.mark.parametrize(
    "attributes",
    [
        {"unit_of_measurement": 5},
        {"prices": [{"time": "0001-01-01T00:00:00", "price": 0.1}]},
        {"prices": [{"time": "2026-11-30T00:00:00", "price": [0.1]}]},
        {"prices": [[]] * 100_000, "raw_today": {"a": {}}},
    ],
    ids=["unit", "time", "price", "shape"],
)
async def test_an_entity_that_tells_nonsense_for_a_while_is_read_again_after_it(
    hass: HomeAssistant, exchange: HomeFlexConfigEntry, attributes: dict[str, Any]
) -> None:
    state = hass.states.get(ENTITY)
    assert state is not None
    hass.states.async_set(ENTITY, "0.2", {"unit_of_measurement": "EUR/kWh", **attributes})
    await exchange.runtime_data.prices.async_refresh()
    assert ahead(exchange).known_until == this_hour() + timedelta(hours=24)
    publish(hass, hours=40)
    await exchange.runtime_data.prices.async_refresh()
    assert ahead(exchange).known_until == this_hour() + timedelta(hours=40)


async def test_prices_are_brought_up_to_date_again_after_a_recorder_that_failed(
    hass: HomeAssistant,
    exchange: HomeFlexConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails(*_: object) -> Signal:
        raise OSError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr("custom_components.home_flex.site_prices.async_past", fails)
        exchange.runtime_data.prices._told[SignalKind.IMPORT_PRICE].past_of = None  # an hour on
        await exchange.runtime_data.prices.async_refresh()
    assert "import_price could not be brought up to date" in caplog.text
    publish(hass, hours=40)
    await exchange.runtime_data.prices.async_refresh()
    assert ahead(exchange).known_until == this_hour() + timedelta(hours=40)


async def test_an_entity_that_is_gone_for_a_while_is_told_and_what_was_read_holds(
    hass: HomeAssistant, exchange: HomeFlexConfigEntry
) -> None:
    prices = exchange.runtime_data.prices
    hass.states.async_remove(ENTITY)
    for _ in range(2):
        await prices.async_refresh()
    assert issues(hass) == set()
    await prices.async_refresh()
    assert issues(hass) == {"tariff_not_read"}
    slot = prices.current(SignalKind.IMPORT_PRICE)
    assert slot is not None
    assert float(slot.value) == price_at(this_hour())
    publish(hass)
    await prices.async_refresh()
    assert issues(hass) == set()


@pytest.mark.parametrize(
    ("told", "issue"),
    [
        ({"start": this_hour() - timedelta(days=5), "hours": 48}, "tariff_old"),
        ({"start": this_hour() - timedelta(hours=3), "late": timedelta(hours=1)}, "tariff_shifted"),
    ],
)
async def test_prices_that_are_old_or_an_hour_off_are_told_when_they_stay_so(
    hass: HomeAssistant, exchange: HomeFlexConfigEntry, told: dict[str, Any], issue: str
) -> None:
    prices = exchange.runtime_data.prices
    publish(hass, **told)
    await prices.async_refresh()
    assert issues(hass) == set()
    await prices.async_refresh()
    assert issues(hass) == {issue}
    assert await hass.config_entries.async_unload(exchange.entry_id)
    assert issues(hass) == set()


async def test_a_tariff_that_a_later_release_wrote_is_left_out_and_the_site_starts(
    hass: HomeAssistant, start_site: StartSite, caplog: pytest.LogCaptureFixture
) -> None:
    await start_site(tariff(oracle="of tomorrow"), tariff("shares", price_per_kwh="1"))
    state = hass.states.get(IMPORT)
    assert state is not None
    assert state.state == "0.3"
    assert caplog.text.count("cannot be read and is left out") == 2


async def test_nobody_reads_prices_after_the_site_has_gone(
    hass: HomeAssistant, exchange: HomeFlexConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(exchange.entry_id)
    await hass.async_block_till_done()
    assert not [task for task in home_flex_tasks() if "prices" in task]
