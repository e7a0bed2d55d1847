"""Adding and changing the grid meter, against real sockets and a real pseudo-terminal."""

import asyncio
import os
import tty

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from scripts.home_stack.processes import free_port
from tests.devices.fakes.p1_feeder import feeding, for_ever
from tests.devices.fakes.telegrams import telegram

from .house import METER_LINES, SubentryFlow


async def test_a_meter_on_the_network_is_kept_once_its_telegram_was_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry, meter_port: int
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "grid_meter")
    menu = await flow.start()
    assert (menu["type"], menu["menu_options"][:2]) == (FlowResultType.MENU, ["tcp", "serial"])
    await flow.choose("tcp")
    created = await flow.enter(name="Meter", host=" 127.0.0.1 ", port=meter_port)
    await hass.async_block_till_done()
    assert (created["type"], created["title"]) == (FlowResultType.CREATE_ENTRY, "Meter")
    (subentry,) = site.subentries.values()
    assert subentry.data == {"driver": "p1", "type": "tcp", "host": "127.0.0.1", "port": meter_port}
    assert subentry.unique_id == "grid_meter_E0001"
    assert subentry.subentry_id in site.runtime_data.data.devices  # the site was reloaded


async def test_a_meter_on_a_serial_line_is_kept_once_its_telegram_was_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    device = os.ttyname(slave)

    async def send() -> None:
        while True:
            os.write(master, METER_LINES)
            await asyncio.sleep(0.05)

    sending = asyncio.create_task(send())
    try:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        await flow.start()
        await flow.choose("serial")
        refused = await flow.enter(name="Meter", device=f"{device}-not-there")
        assert refused["errors"] == {"base": "serial_unavailable"}
        created = await flow.enter(name="Meter", device=device)
        assert created["type"] is FlowResultType.CREATE_ENTRY
        assert created["data"] == {"driver": "p1", "type": "serial", "device": device}
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(site.entry_id)
    finally:
        sending.cancel()
        os.close(slave)
        os.close(master)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"SSH-2.0-server\r\n", "not_p1"),
        (METER_LINES.replace(b"01.500", b"01.501"), "bad_crc"),
        (METER_LINES[:200], "no_telegram"),
        (telegram("0-0:96.1.1(4530303031)", "0-1:24.2.1(1)(1*m3)"), "no_electricity"),
    ],
    ids=["not_p1", "bad_crc", "no_telegram", "no_electricity"],
)
async def test_what_is_wrong_with_a_meter_is_said_and_can_be_put_right(
    hass: HomeAssistant, site: HomeFlexConfigEntry, meter_port: int, sent: bytes, error: str
) -> None:
    async def feed(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    async with feeding(feed) as wrong_port:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        await flow.start()
        await flow.choose("tcp")
        refused = await flow.enter(name="Meter", host="127.0.0.1", port=wrong_port)
    assert refused["errors"] == {"base": error}
    created = await flow.enter(name="Meter", host="127.0.0.1", port=meter_port)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_an_address_where_nobody_listens_and_an_empty_one_are_refused(
    hass: HomeAssistant, site: HomeFlexConfigEntry, meter_port: int
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "grid_meter")
    await flow.start()
    await flow.choose("tcp")
    assert (await flow.enter(name="M", host="127.0.0.1", port=free_port()))["errors"] == {
        "base": "cannot_connect"
    }
    assert (await flow.enter(name="M", host=" ", port=2001))["errors"] == {"base": "address_missing"}
    assert (await flow.enter(name=" ", host="127.0.0.1", port=meter_port))["title"] == "Grid meter"
    await hass.async_block_till_done()


async def test_a_silent_meter_is_refused_after_ten_seconds(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def feed(_writer: asyncio.StreamWriter) -> None:
        await for_ever()

    # The one thing shortened is the patience; the socket is real.
    monkeypatch.setitem(_probe_defaults(), "timeout_s", 0.2)
    async with feeding(feed) as port:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        await flow.start()
        await flow.choose("tcp")
        refused = await flow.enter(name="Meter", host="127.0.0.1", port=port)
    assert refused["errors"] == {"base": "no_data"}


async def test_a_second_meter_is_refused(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    flow = SubentryFlow(hass, house.entry_id, "grid_meter")
    result = await flow.start()
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "only_one")


async def test_a_changed_meter_must_be_the_same_meter(
    hass: HomeAssistant, site: HomeFlexConfigEntry, meter_port: int
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "grid_meter")
    await flow.start()
    await flow.choose("tcp")
    await flow.enter(name="Meter", host="127.0.0.1", port=meter_port)
    await hass.async_block_till_done()
    (subentry,) = site.subentries.values()

    async def other_meter(writer: asyncio.StreamWriter) -> None:
        writer.write(telegram("0-0:96.1.1(4530303032)", "1-0:1.7.0(00.500*kW)"))
        await writer.drain()

    await flow.start(subentry.subentry_id)
    await flow.choose("tcp")
    async with feeding(other_meter) as other_port:
        refused = await flow.enter(name="Meter", host="127.0.0.1", port=other_port)
    assert refused["errors"] == {"base": "another_device"}
    done = await flow.enter(name="Smart meter", host="localhost", port=meter_port)
    await hass.async_block_till_done()
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    (changed,) = site.subentries.values()
    assert (changed.title, changed.data["host"]) == ("Smart meter", "localhost")


def _probe_defaults() -> dict[str, object]:
    from custom_components.home_flex.devices.p1.meter import probe_p1  # noqa: PLC0415 # only here

    defaults = probe_p1.__kwdefaults__
    assert defaults is not None
    return defaults
