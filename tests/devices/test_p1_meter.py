"""The P1 meter over real sockets and a real pseudo-terminal."""

import asyncio
import os
import random
import socket
import termios
import tty

import pytest

from custom_components.home_flex.core.model import MeterReading
from custom_components.home_flex.devices.driver import DeviceError, Driver, settable
from custom_components.home_flex.devices.p1 import P1Settings, probe_p1

from .fakes.listener import NOON, running
from .fakes.p1_feeder import NO_HTTP, Feed, corpus, feeding, for_ever, p1_meter
from .fakes.telegrams import simple, telegram


def at(port: int) -> P1Settings:
    return P1Settings("127.0.0.1", port)


def sending(data: bytes, *, then_stay: bool = True) -> Feed:
    async def feed(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if then_stay:
            await for_ever()

    return feed


async def test_the_capture_in_ragged_pieces_gives_566_readings() -> None:
    capture, pieces = corpus("m550t-capture.txt"), random.Random(7)  # noqa: S311 - repeatable raggedness

    async def ragged(writer: asyncio.StreamWriter) -> None:
        start = 0
        while start < len(capture):
            end = start + pieces.randint(1, 3000)
            writer.write(capture[start:end])
            await writer.drain()
            await asyncio.sleep(0)
            start = end
        await for_ever()

    async with feeding(ragged) as port:
        meter = p1_meter(at(port))
        async with running(meter) as heard:
            await heard.until(lambda: len(heard.readings) == 566)
    assert not heard.losses
    assert meter.identity is not None
    assert (meter.identity.manufacturer, meter.identity.model) == ("ISK", "M550T-1012")
    first = heard.readings[0]
    assert isinstance(first, MeterReading)
    assert (first.power_w, first.phase_power_w, first.time) == (378, (45, 10, 322), NOON)
    assert first.phase_voltage_v == (237.1, 235.1, 236.1)


async def test_a_cut_connection_is_told_once_and_readings_return() -> None:
    async with (
        feeding(sending(simple(0.7), then_stay=False)) as port,
        running(p1_meter(at(port))) as heard,
    ):
        await heard.until(lambda: len(heard.readings) >= 2)
    kinds = [type(news).__name__ for news in heard.published[:3]]
    assert kinds == ["MeterReading", "LinkDown", "MeterReading"]
    assert heard.losses[0].reason == "connection_lost"


async def test_a_meter_that_stays_away_is_told_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        async with running(p1_meter(at(taken.getsockname()[1]))) as heard:
            await heard.until(lambda: bool(heard.losses))
            await asyncio.sleep(1.5)  # the next attempt fails within this time
    assert [loss.reason for loss in heard.losses] == ["cannot_connect"]


async def test_a_meter_that_falls_silent_is_lost_and_called_again() -> None:
    async with (
        feeding(sending(simple())) as port,
        running(p1_meter(at(port), silence_s=0.3)) as heard,
    ):
        await heard.until(lambda: len(heard.readings) >= 2)
    assert heard.losses[0].reason == "no_data"


def at_second(second: int) -> bytes:
    return telegram(f"0-0:1.0.0(2606011200{second:02}S)", "1-0:1.7.0(00.500*kW)")


async def test_a_reader_that_repeats_one_telegram_is_lost_as_if_it_were_silent() -> None:
    async def repeating(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(at_second(0))
            await asyncio.sleep(0.05)

    async with (
        feeding(repeating) as port,
        running(p1_meter(at(port), silence_s=0.3)) as heard,
    ):
        await heard.until(lambda: bool(heard.losses))
        await asyncio.sleep(1.5)  # it is called again within this time
    assert [loss.reason for loss in heard.losses] == ["stands_still"]
    assert len(heard.readings) == 1


async def test_the_same_power_a_second_later_is_news_and_so_is_all_from_a_meter_without_a_clock() -> None:
    old = telegram("1-0:1.7.0(00.500*kW)", version="42")
    async with (
        feeding(sending(at_second(1) + at_second(1) + at_second(2) + old + old)) as port,
        running(p1_meter(at(port))) as heard,
    ):
        await heard.until(lambda: len(heard.readings) == 4)
    assert not heard.losses


def without_crc(serial: str, energy_kwh: str = "00001.000") -> bytes:
    lines = (f"0-0:96.1.1({serial})", f"1-0:1.8.1({energy_kwh}*kWh)", "1-0:1.7.0(0000.50*kW)")
    return telegram(*lines, version=None)[:-6] + b"\r\n"


async def test_of_a_meter_without_a_crc_a_serial_number_and_a_counter_are_new_when_they_come_twice() -> None:
    meter_sends = without_crc("OLD") * 2 + without_crc("0LD", "70001.000") + without_crc("OLD")
    meter_sends += without_crc("NEW", "00007.000") * 2
    async with feeding(sending(meter_sends)) as port:
        meter = p1_meter(at(port))
        async with running(meter) as heard:
            await heard.until(lambda: len(heard.readings) == 6)
    readings = [reading for reading in heard.readings if isinstance(reading, MeterReading)]
    assert [reading.energy_import_wh for reading in readings] == [None, 1000, None, 1000, None, 7000]
    assert meter.identity is not None
    assert meter.identity.serial_number == "NEW"


async def test_an_old_meter_may_be_silent_for_longer() -> None:
    async def every_fifth(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(telegram("1-0:1.7.0(00.100*kW)", version="42"))
            await asyncio.sleep(0.5)

    async with (
        feeding(every_fifth) as port,
        running(p1_meter(at(port), silence_s=0.3)) as heard,
    ):
        await heard.until(lambda: len(heard.readings) >= 3)
    assert not heard.losses


async def test_telegrams_with_a_wrong_crc_are_passed_over() -> None:
    broken = simple(0.1).replace(b"00.100", b"00.900")
    async with (
        feeding(sending(broken + simple(0.2) + broken + simple(0.3))) as port,
        running(p1_meter(at(port))) as heard,
    ):
        await heard.until(lambda: len(heard.readings) == 2)
    assert [reading.power_w for reading in heard.readings] == [200, 300]


async def test_the_probe_returns_identity_and_first_reading() -> None:
    async with feeding(sending(simple(1.25, 0.25))) as port:
        telegram_ = await probe_p1(at(port), NO_HTTP)
    identity, reading = telegram_.identity, telegram_.reading
    assert (identity.manufacturer, identity.model) == ("TST", "Meter-1")
    assert (identity.serial_number, identity.firmware) == ("E0001", "DSMR 5.0")
    assert reading.power_w == 1000
    assert reading.time.tzinfo is not None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_data"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not_p1"),
        (simple()[:-20], "no_telegram"),
        (simple().replace(b"00.500", b"00.900"), "bad_crc"),
        (telegram("1-0:1.7.0(nothing)"), "bad_telegram"),
        (telegram("0-1:24.2.1(00.900*GJ)"), "no_electricity"),
    ],
)
async def test_the_probe_says_why_no_telegram_came(data: bytes, reason: str) -> None:
    async with feeding(sending(data)) as port:
        with pytest.raises(DeviceError) as refusal:
            await probe_p1(at(port), NO_HTTP, timeout_s=0.3)
    assert refusal.value.reason == reason


async def test_the_probe_says_that_nothing_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(DeviceError) as refusal:
            await probe_p1(at(taken.getsockname()[1]), NO_HTTP)
    assert refusal.value.reason == "cannot_connect"


@pytest.mark.parametrize(
    ("host", "port"), [("no-such-host.invalid", 1), ("127.0.0.1", 99999), ("a" * 300, 1), ("a\0b", 1)]
)
async def test_the_probe_says_that_the_address_is_no_good(host: str, port: int) -> None:
    with pytest.raises(DeviceError) as refusal:
        await probe_p1(P1Settings(host, port), NO_HTTP)
    assert refusal.value.reason == "cannot_connect"


async def test_the_probe_says_that_there_is_no_serial_device() -> None:
    with pytest.raises(DeviceError) as refusal:
        await probe_p1(P1Settings(device="/dev/no-such-port"), NO_HTTP)
    assert refusal.value.reason == "serial_unavailable"


async def test_a_serial_line_is_read() -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        settings = P1Settings(device=os.ttyname(theirs))
        async with running(p1_meter(settings)) as heard:
            async with asyncio.timeout(10):
                while not heard.readings:  # what is sent before the port is open may be lost
                    os.write(ours, simple(0.6))
                    await asyncio.sleep(0.05)
    finally:
        os.close(ours)
        os.close(theirs)
    assert heard.readings[0].power_w == 600
    assert not heard.losses


async def _sent_at(master: int, slave: int, speed: int) -> None:
    """Speak as a meter with this speed: at another one the line carries rubbish."""
    while True:
        set_speed = termios.tcgetattr(slave)[4]
        os.write(master, simple(0.7) if set_speed == speed else b"\xf3\x0e\x80\x1c\r\n" * 20)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("speed", [termios.B115200, termios.B9600])
async def test_the_speed_of_a_serial_line_is_found(speed: int) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    speaking = asyncio.create_task(_sent_at(master, slave, speed))
    settings = P1Settings(device=os.ttyname(slave))
    try:
        probed = (await probe_p1(settings, NO_HTTP, timeout_s=0.5)).reading
        async with running(p1_meter(settings, silence_s=0.5)) as heard:
            await heard.until(lambda: bool(heard.readings))
    finally:
        speaking.cancel()
        await asyncio.wait([speaking])
        os.close(master)
        os.close(slave)
    assert (probed.power_w, heard.readings[0].power_w) == (700, 700)


async def test_a_serial_line_that_makes_no_sense_at_any_speed_is_told_by_what_came_nearest() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    speaking = asyncio.create_task(_sent_at(master, slave, termios.B300))
    try:
        with pytest.raises(DeviceError) as refusal:
            await probe_p1(P1Settings(device=os.ttyname(slave)), NO_HTTP, timeout_s=0.3)
    finally:
        speaking.cancel()
        await asyncio.wait([speaking])
        os.close(master)
        os.close(slave)
    assert refusal.value.reason == "not_p1"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"host": "meter"},
        {"host": "meter", "port": 1, "device": "/dev/tty"},
        {"device": "/dev/tty", "baudrate": 300},
    ],
)
def test_settings_name_exactly_one_port(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="P1 port"):
        P1Settings(**wrong)  # type: ignore[arg-type] # wrong on purpose


def test_a_meter_is_a_driver() -> None:
    driver: Driver = p1_meter(P1Settings(device="/dev/ttyUSB0"))
    assert settable(driver) == frozenset()
