"""What the resident sees of an event and what goes to the aggregator are one figure, from one receipt."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiomqtt
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from tests.aggregator.broker import Broker
from tests.devices.fakes.p1_feeder import feeding
from tests.devices.fakes.telegrams import telegram

from .conftest import StartSite
from .house import subentry, until
from .test_actions import aggregator
from .test_panel import Browser, Clients
from .test_receipts import ask

ROOT = "home_flex/vens/ven-secret"
POWER_KW = 12.0


@pytest.fixture
async def meter_port() -> AsyncIterator[int]:
    """Serve a meter whose register counts 12 kW."""

    async def feed(writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        began_s = clock()
        while True:
            counted_kwh = 1000.0 + POWER_KW * (clock() - began_s) / 3600
            writer.write(
                telegram(
                    "0-0:96.1.1(4530303031)",
                    f"1-0:1.8.1({counted_kwh:010.3f}*kWh)",
                    "1-0:2.8.1(000000.000*kWh)",
                    f"1-0:1.7.0({POWER_KW:06.3f}*kW)",
                    "1-0:2.7.0(00.000*kW)",
                )
            )
            await writer.drain()
            await asyncio.sleep(0.2)

    async with feeding(feed) as port:
        yield port


async def live_through_an_event(
    hass: HomeAssistant, entry: HomeFlexConfigEntry, client: aiomqtt.Client
) -> Any:
    """Let a home of which 3 kW are usual be asked for ten seconds, and return the settlement it sends."""
    keeper = entry.runtime_data.series.keeper
    assert keeper is not None
    batch = SeriesBatch()
    now = slot_at(dt_util.utcnow())
    usual = dict.fromkeys(range(now - 60 * 288, now - 3), (250, Mark.MEASURED))
    (meter,) = (key for key, device in entry.runtime_data.data.devices.items() if device.reading)
    batch.put(SeriesKey(device_id=meter, name="import", unit="Wh"), usual)
    await keeper.store.write(batch)
    programme = {"program_id": "evening", "baseline": "three_weeks", "pays_per_kwh": 4.0}
    await hass.services.async_call(DOMAIN, "set_programme", programme, blocking=True)
    start = (dt_util.utcnow() + timedelta(seconds=3)).isoformat()
    stamp = dt_util.utcnow().isoformat()
    limit = {"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]}
    event = {
        "id": "e1",
        "objectType": "EVENT",
        "createdDateTime": stamp,
        "modificationDateTime": stamp,
        "programID": "evening",
        "intervalPeriod": {"start": start, "duration": "PT10S"},
        "intervals": [limit],
    }
    told = {"objectType": "EVENT", "operation": "CREATE", "object": event}
    await client.subscribe(f"{ROOT}/reports/create", qos=1)
    await client.publish(f"{ROOT}/events/create", json.dumps(told), qos=1)
    async with asyncio.timeout(40):
        async for message in client.messages:
            report = json.loads(bytes(message.payload))["object"]
            if report["reportName"] == "settlement":
                (interval,) = report["resources"][0]["intervals"]
                return {each["type"]: each["values"][0] for each in interval["payloads"]}
    raise AssertionError("the broker went away")


async def test_the_resident_sees_the_figure_that_the_aggregator_gets(
    hass: HomeAssistant,
    start_site: StartSite,
    broker: Broker,
    meter_port: int,
    hass_ws_client: Clients,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    monkeypatch.setattr("custom_components.home_flex.runtime.event_measures.LATEST_S", 0.0)
    monkeypatch.setattr("custom_components.home_flex.past_days._LOOK_EVERY_S", 0.2)
    hass.config.media_dirs = {"local": str(tmp_path)}
    await hass.config.async_set_time_zone("UTC")
    entry = await start_site(
        subentry("grid_meter", "Grid meter", type="tcp", host="127.0.0.1", port=meter_port),
        aggregator(broker),
    )
    await until(lambda: entry.runtime_data.data.aggregator_connected)
    await until(lambda: entry.runtime_data.series.keeper and entry.runtime_data.data.balance)
    async with aiomqtt.Client(broker.host, broker.port, username="home", password="secret-of-home") as client:
        told = await live_through_an_event(hass, entry, client)

    browser = Browser(await hass_ws_client(hass))
    shown = (await browser.ask(type=f"{DOMAIN}/receipt", event_id="e1"))["result"]
    assert shown["digest"] == told["RECEIPT"]
    assert shown["holds"] is True
    assert shown["rule"] == told["BASELINE_RULE"] == "three_weeks"
    assert shown["used_wh"] == pytest.approx(33, abs=2)
    assert told["USAGE"] == shown["used_wh"] / 1000
    # More was used than is usual: nothing was delivered, and that is not hidden.
    assert shown["delivered_wh"] == pytest.approx(8 - 33, abs=3)
    assert told["DELTA_USAGE"] == -shown["delivered_wh"] / 1000
    assert told["KEPT_SHARE"] == float(shown["kept_share"]) == 0.0
    (past,) = (await browser.watch("events"))["body"]["past"]
    assert past["delivered"]["energy_wh"] == shown["used_wh"]
    assert past["delivered"]["less_wh"] == shown["delivered_wh"]
    month = dt_util.utcnow().date().isoformat()
    (row,) = (await ask(hass, "get_statement", month=month))["statement"]["events"]
    assert (row["receipt"], Decimal(row["paid"])) == (told["RECEIPT"], Decimal(shown["paid"]))
    lines = [{"event_id": "e1", "delivered": -told["DELTA_USAGE"], "paid": shown["paid"]}]
    assert (await ask(hass, "compare_statement", lines=lines))["agrees"] is True
