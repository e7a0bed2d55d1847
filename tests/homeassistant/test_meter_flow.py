"""Adding and changing the grid meter, against real sockets and a real pseudo-terminal."""

import asyncio
import os
import tty
from pathlib import Path

import pytest
from homeassistant.components import usb
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.repairs import ChangeDevice, async_create_fix_flow
from scripts.home_stack.processes import free_port
from tests.devices.fakes.homewizard import homewizard
from tests.devices.fakes.p1_feeder import feeding, for_ever
from tests.devices.fakes.telegrams import telegram

from .house import METER_LINES, SubentryFlow, until


async def test_a_meter_on_the_network_is_kept_once_its_telegram_was_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry, meter_port: int
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "grid_meter")
    menu = await flow.start()
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == [
        "tcp",
        "homewizard",
        "serial",
        "sunspec",
        "sunspec_rtu_over_tcp",
        "sunspec_serial",
        "fronius",
        "shelly",
        "entities",
    ]
    await flow.choose("tcp")
    created = await flow.enter(name="Meter", host=" 127.0.0.1 ", port=meter_port)
    await hass.async_block_till_done()
    assert (created["type"], created["title"]) == (FlowResultType.CREATE_ENTRY, "Meter")
    (subentry,) = site.subentries.values()
    assert subentry.data == {"driver": "p1", "type": "tcp", "host": "127.0.0.1", "port": meter_port}
    assert subentry.unique_id == "grid_meter_E0001"
    assert subentry.subentry_id in site.runtime_data.data.devices  # the site was reloaded


async def test_a_homewizard_meter_is_kept_once_its_telegram_was_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    async with homewizard(lambda: METER_LINES) as host:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        await flow.start()
        await flow.choose("homewizard")
        created = await flow.enter(name="Meter", host=host)
        assert created["type"] is FlowResultType.CREATE_ENTRY
        assert created["data"] == {"driver": "p1", "type": "homewizard", "host": host}
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_a_meter_on_a_serial_line_is_kept_by_its_cable_once_its_telegram_was_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    device = os.ttyname(slave)
    # What udev keeps in /dev/serial/by-id.
    by_id = tmp_path / "usb-P1_cable-if00-port0"
    by_id.symlink_to(device)
    monkeypatch.setattr(usb, "get_serial_by_id", lambda path: {device: str(by_id)}.get(path, path))

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
        assert created["data"] == {"driver": "p1", "type": "serial", "device": str(by_id)}
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


async def test_a_changed_meter_is_the_same_meter_or_one_that_has_taken_its_place(
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
        asked = await flow.enter(name="Meter", host="127.0.0.1", port=other_port)
        assert asked["step_id"] == "another_device"
        assert asked["description_placeholders"] == {"device": "TST Meter-1", "serial": "E0002"}
        done = await flow.enter()
        await hass.async_block_till_done()
        assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
        (changed,) = site.subentries.values()
        assert (changed.subentry_id, changed.unique_id) == (subentry.subentry_id, "grid_meter_E0002")
    await flow.start(subentry.subentry_id)
    await flow.choose("tcp")
    await flow.enter(name="Smart meter", host="localhost", port=meter_port)
    await flow.enter()
    await hass.async_block_till_done()
    (changed,) = site.subentries.values()
    assert (changed.title, changed.data["host"]) == ("Smart meter", "localhost")


async def test_a_port_for_one_reader_can_be_changed_while_the_meter_is_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    readers = 0

    async def for_one_reader(writer: asyncio.StreamWriter) -> None:
        nonlocal readers
        if readers:
            return
        readers += 1
        try:
            while True:
                writer.write(METER_LINES)
                await writer.drain()
                await asyncio.sleep(0.02)
        finally:
            readers -= 1

    async with feeding(for_one_reader) as port:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        await flow.start()
        await flow.choose("tcp")
        await flow.enter(name="Meter", host="127.0.0.1", port=port)
        await hass.async_block_till_done()
        (subentry,) = site.subentries.values()
        slot = site.runtime_data.controller.slots[subentry.subentry_id]
        await until(lambda: slot.reading is not None)
        await flow.start(subentry.subentry_id)
        await flow.choose("tcp")
        done = await flow.enter(name="The meter", host="127.0.0.1", port=port)
        assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_a_meter_swapped_while_it_is_read_is_told_and_adopted_by_one_click(
    hass: HomeAssistant, site: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    serial = "4530303031"

    async def feed(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(telegram(f"0-0:96.1.1({serial})", "1-0:1.7.0(00.500*kW)"))
            await writer.drain()
            await asyncio.sleep(0.02)

    async with feeding(feed) as port:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        await flow.start()
        await flow.choose("tcp")
        await flow.enter(name="Meter", host="127.0.0.1", port=port)
        await hass.async_block_till_done()
        (subentry,) = site.subentries.values()
        issue_id = f"device_replaced_{subentry.subentry_id}"
        assert issue_registry.async_get_issue("home_flex", issue_id) is None
        serial = "4530303032"
        await until(lambda: issue_registry.async_get_issue("home_flex", issue_id) is not None)
        issue = issue_registry.async_get_issue("home_flex", issue_id)
        assert issue is not None
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["serial"] == "E0002"
        repair = await async_create_fix_flow(hass, issue_id, dict(issue.data or {}))
        assert isinstance(repair, ChangeDevice)
        repair.hass, repair.handler, repair.issue_id = hass, "home_flex", issue_id
        assert (await repair.async_step_init())["type"] is FlowResultType.FORM
        assert (await repair.async_step_confirm({}))["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        (adopted,) = site.subentries.values()
        assert adopted.unique_id == "grid_meter_E0002"
        assert issue_registry.async_get_issue("home_flex", issue_id) is None
        assert await hass.config_entries.async_unload(site.entry_id)


def _probe_defaults() -> dict[str, object]:
    from custom_components.home_flex.devices.p1.meter import probe_p1  # noqa: PLC0415 # only here

    defaults = probe_p1.__kwdefaults__
    assert defaults is not None
    return defaults
