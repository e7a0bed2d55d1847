"""What the panel is told of a period: counted, paid and earned, with what is known of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.settlement.receipt import receipt as reckoned
from custom_components.home_flex.history.database import HistoryError
from custom_components.home_flex.panel.figures import KEPT
from custom_components.home_flex.runtime import accounts, metered
from tests.core.settlement.test_receipt import ACCOUNT

from .test_panel import Browser, Clients
from .test_statistics import DAY, fill, keeper_of

type Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def ask(hass: HomeAssistant, site: HomeFlexConfigEntry, hass_ws_client: Clients) -> Ask:
    """Return how a browser asks what a period brought, after a day of 23 hours was counted."""
    await fill(await keeper_of(hass, site), "meter")
    browser = Browser(await hass_ws_client(hass))

    async def money(grouping: str, date: str | None = DAY.date().isoformat()) -> Any:
        asked = {"type": f"{DOMAIN}/money", "grouping": grouping}
        answer = await browser.ask(**asked, **({} if date is None else {"date": date}))
        assert answer["success"], answer
        return answer["result"]

    return money


async def test_a_day_is_bought_and_sold_by_its_hours_and_rounded_once(ask: Ask) -> None:
    day = await ask("day")
    total = day["total"]
    assert total["energy"]["import"] == {"wh": 23 * 600, "known": 1.0, "measured": 1.0}
    assert (total["bought"]["amount"], total["sold"]["amount"], total["paid"]) == ("4.14", "0.28", "3.86")
    assert total["carbon_g"] == {"amount": 2760, "known": 1.0}
    assert [part["energy"]["import"]["wh"] for part in day["parts"]] == [600] * 23


async def test_what_is_not_known_of_a_week_is_said_beside_each_figure(ask: Ask) -> None:
    week = await ask("week")
    total, hours = week["total"], 7 * 24 - 1
    assert len(week["parts"]) == 7
    assert total["energy"]["import"]["known"] == pytest.approx(23 / hours, abs=1e-3)
    assert total["bought"]["known"] < 1
    assert total["bought"]["amount"] == "4.14"
    assert week["parts"][0]["energy"]["import"]["wh"] is None


@pytest.mark.parametrize(
    ("grouping", "before", "after"),
    [
        ("day", "2026-03-28", "2026-03-30"),
        ("week", "2026-03-16", "2026-03-30"),
        ("month", "2026-02-01", "2026-04-01"),
        ("year", "2025-01-01", None),
    ],
)
async def test_the_periods_beside_one_are_named(
    ask: Ask, grouping: str, before: str, after: str | None
) -> None:
    document = await ask(grouping)
    assert (document["before"], document["after"]) == (before, after)


async def test_a_week_begins_on_the_day_that_whoever_asks_has_chosen(
    ask: Ask, hass: HomeAssistant, hass_ws_client: Clients
) -> None:
    monday = await ask("week")
    asked = {"type": f"{DOMAIN}/money", "grouping": "week", "date": monday["date"]}
    browser = Browser(await hass_ws_client(hass))

    sunday = (await browser.ask(**asked, first_weekday="sunday"))["result"]

    # The same Monday is in a week that began on the day before it.
    assert (monday["date"], sunday["date"]) == ("2026-03-23", "2026-03-22")
    assert (sunday["before"], sunday["after"]) == ("2026-03-15", "2026-03-29")
    assert not (await browser.ask(**asked, first_weekday="someday"))["success"]


async def test_a_period_that_has_not_begun_has_no_figures(ask: Ask) -> None:
    tomorrow = (DAY + timedelta(days=4000)).date().isoformat()
    document = await ask("day", tomorrow)
    assert (document["total"], document["parts"], document["after"]) == (None, [], None)


async def test_the_receipts_of_events_add_up_to_what_was_earned(ask: Ask, site: HomeFlexConfigEntry) -> None:
    site.runtime_data.put_receipt(reckoned(ACCOUNT))
    start = str(ACCOUNT.event["start"])
    found = None
    while not found:
        # Written behind; the day's answer is kept, so another period of it is asked for.
        site.runtime_data.hass.data.pop(KEPT, None)
        found = (await ask("month", start[:10]))["events"]
    results: Any = reckoned(ACCOUNT).document["results"]
    assert [(row["id"], row["paid"]) for row in found] == [(ACCOUNT.event["id"], results["paid"])]
    assert (await ask("month", start[:10]))["earned"] == results["paid"]


async def test_what_takes_long_is_reckoned_once_for_all_who_look(
    ask: Ask, hass: HomeAssistant, hass_ws_client: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = 0
    real = metered.metered

    async def counted(*asked: Any) -> Any:
        nonlocal times
        times += 1
        return await real(*asked)

    monkeypatch.setattr(accounts, "metered", counted)
    other = Browser(await hass_ws_client(hass))
    same = {"type": f"{DOMAIN}/money", "grouping": "year", "date": DAY.date().isoformat()}
    first, second = await asyncio.gather(ask("year"), other.ask(**same))
    assert first == second["result"]
    assert times == 2 * len(first["parts"])


async def test_a_store_that_cannot_be_read_is_told_and_asked_anew(
    ask: Ask,
    site: HomeFlexConfigEntry,
    hass: HomeAssistant,
    hass_ws_client: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fails(**_: object) -> None:
        raise HistoryError("the disk is gone")

    browser = Browser(await hass_ws_client(hass))
    with monkeypatch.context() as broken:
        broken.setattr(site.runtime_data.receipts, "receipts", fails)
        answer = await browser.ask(type=f"{DOMAIN}/money", grouping="month", date="2026-03-01")
        assert answer["error"]["translation_key"] == "store_unreadable"
    assert (await ask("month", "2026-03-01"))["total"] is not None


@pytest.mark.parametrize(
    "asked",
    [
        {"grouping": "15min"},
        {"grouping": "day", "date": "soon"},
        {"grouping": "year", "date": "0001-01-01"},
        {"grouping": "day", "date": "9999-12-31"},
        {},
    ],
)
async def test_what_is_no_period_is_refused(
    ask: Ask, hass: HomeAssistant, hass_ws_client: Clients, asked: Any
) -> None:
    browser = Browser(await hass_ws_client(hass))
    assert (await browser.ask(type=f"{DOMAIN}/money", **asked))["error"]["code"] == "invalid_format"
