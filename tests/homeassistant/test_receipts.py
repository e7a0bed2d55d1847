"""Receipts in Home Assistant: shown, reckoned again, and an aggregator's statement beside them."""

import copy
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.settlement.receipt import receipt as reckoned
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.core.statistics.blocks import Block, BlockKind
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.receipt_parts import followed_up_events, receipts_home
from custom_components.home_flex.runtime.event_follow_ups import EventFollowUps
from tests.core.settlement.test_receipt import ACCOUNT

from .house import until
from .test_statistics import keeper_of


async def ask(hass: HomeAssistant, action: str, **data: Any) -> Any:
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


@pytest.fixture
async def receipt(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Return the receipt of an event of the resident's own ended early, in a home without a meter."""
    monkeypatch.setattr("custom_components.home_flex.runtime.event_measures.LATEST_S", 0.0)
    events = site.runtime_data.controller.events
    told = await ask(hass, "dispatch", import_limit=1000, duration="00:10:00")
    event_id = told["event_id"]
    await ask(hass, "get_status")
    await hass.services.async_call(DOMAIN, "cancel_dispatch", {"event_id": event_id}, blocking=True)
    await until(lambda: events.book.records[event_id].is_settled, timeout_s=10)
    found: list[dict[str, Any]] = []
    while not found:
        found = (await ask(hass, "get_receipts", event_id=event_id))["receipts"]
    return found[0]


async def test_a_receipt_is_shown_and_holds_and_one_altered_digit_is_found(
    hass: HomeAssistant, receipt: dict[str, Any]
) -> None:
    kept = json.loads(json.dumps(receipt))
    assert await ask(hass, "verify_receipt", receipt=kept) == {"holds": True, "differences": []}
    altered = copy.deepcopy(kept)
    altered["receipt"]["results"]["used_wh"] = 1
    answer = await ask(hass, "verify_receipt", receipt=altered)
    assert answer["holds"] is False
    assert "results.used_wh" in answer["differences"]


async def test_what_the_home_took_back_stands_in_the_receipt_the_day_after(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    keeper = await keeper_of(hass, site)
    await hass.config.async_set_time_zone("UTC")  # where no day is short
    today = dt_util.start_of_local_day()
    start, end = (dt_util.as_utc(today - timedelta(hours=hours)) for hours in (12, 11))
    event = {**ACCOUNT.event, "scope": "SITE", "started": start.isoformat(), "ended": end.isoformat()}
    event |= {"id": "yesterday", "start": start.isoformat(), "end": end.isoformat()}
    first = reckoned(replace(ACCOUNT, event=event))
    site.runtime_data.put_receipt(first)
    batch = SeriesBatch()
    slot = slot_at(end)
    cells = dict.fromkeys(range(slot - 60 * 288, slot), (100, Mark.MEASURED))
    cells |= dict.fromkeys(range(slot, slot + 48), (110, Mark.MEASURED))
    batch.put(SeriesKey(device_id="meter", name="import", unit="Wh"), cells)
    await keeper.store.write(batch)
    coordinator = site.runtime_data
    rule = EventFollowUps(keeper.store, receipts_home(coordinator), followed_up_events(coordinator))
    await rule.make(Block(kind=BlockKind.EVENT, day=slot // 288))
    found: list[dict[str, Any]] = []
    while not found or found[0]["digest"] == first.digest:
        found = (await ask(hass, "get_receipts", event_id="yesterday"))["receipts"]
    told = found[0]["receipt"]
    # 48 slots of 110 Wh and not 100.
    assert (told["results"]["rebound"]["energy_wh"], told["replaces"]) == (480, first.digest)
    assert (await ask(hass, "verify_receipt", receipt=json.loads(json.dumps(found[0]))))["holds"] is True


@pytest.mark.parametrize("bundle", [{}, {"receipt": 1, "inputs": {}}, {"receipt": {}, "inputs": []}])
async def test_what_is_no_receipt_is_refused(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    bundle: dict[str, Any],
) -> None:
    with pytest.raises(ServiceValidationError) as refusal:
        await ask(hass, "verify_receipt", receipt=bundle)
    assert refusal.value.translation_key == "no_receipt"


async def test_a_statement_is_laid_beside_the_receipts(hass: HomeAssistant, receipt: dict[str, Any]) -> None:
    event_id = receipt["receipt"]["event"]["id"]
    lines = [{"event_id": event_id, "delivered": 9.9}, {"event_id": "unknown", "paid": "1.00"}]
    answer = await ask(hass, "compare_statement", lines=lines)
    assert answer["agrees"] is False
    assert [line["event_id"] for line in answer["lines"]] == [event_id, "unknown"]
    assert answer["lines"][1]["comparison"] == "not_known_here"


@pytest.mark.parametrize("delivered", ["much", "nan", "inf", True, 1e12])
async def test_a_statement_with_what_is_no_number_is_refused(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    delivered: Any,
) -> None:
    with pytest.raises(Exception, match="no number"):
        await ask(hass, "compare_statement", lines=[{"event_id": "e1", "delivered": delivered}])


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Statement"), ("nl", "Overzicht"), ("de", "Abrechnung")]
)
async def test_a_month_is_summed_up_on_a_page_in_the_language_of_the_home(
    hass: HomeAssistant, receipt: dict[str, Any], tmp_path: Path, language: str, title: str
) -> None:
    hass.config.language = language
    hass.config.media_dirs = {"local": str(tmp_path)}
    answer = await ask(hass, "get_statement", month=receipt["receipt"]["event"]["start"][:10])
    (row,) = answer["statement"]["events"]
    assert row["receipt"] == receipt["digest"]
    page = await hass.async_add_executor_job(Path(answer["path"]).read_text)
    assert f"<h1>{title} " in page
    assert row["id"] in page
