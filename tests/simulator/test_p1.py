"""P1: the telegram, and the port that sends one a second."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from dsmr_parser import telegram_specifications  # type: ignore[import-untyped] # ships no types
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped] # ships no types
from home_simulator.faults import Faults
from home_simulator.house import GridReading
from home_simulator.p1_server import replayed_telegrams
from home_simulator.simulator import Simulator
from home_simulator.telegram import crc16_arc, telegram
from hypothesis import given
from hypothesis import strategies as st

from .conftest import CORPUS, eventually, house_on_the_wire

CAPTURE = CORPUS / "dsmr" / "m550t-capture.txt"
needs_capture = pytest.mark.skipif(not CAPTURE.exists(), reason="the corpus of shared test data is not here")
HOME = ZoneInfo("Europe/Amsterdam")

powers = st.floats(-25_000, 25_000)
energies = st.fixed_dictionaries({1: st.floats(0, 9e8), 2: st.floats(0, 9e8)})
readings = st.builds(
    GridReading,
    time=st.integers(1_600_000_000, 2_200_000_000).map(lambda second: datetime.fromtimestamp(second, HOME)),
    phase_powers_w=st.tuples(powers, powers, powers),
    phase_voltages_v=st.tuples(*[st.floats(200, 250)] * 3),
    energy_import_wh=energies,
    energy_export_wh=energies,
    tariff=st.sampled_from([1, 2]),
)


def crc_holds(data: bytes) -> bool:
    """Check as a receiver does: bit by bit division, written independently of the simulator's."""
    body, _, tail = data.rpartition(b"!")
    remainder = 0
    for byte in body + b"!":
        for bit in range(8):
            feedback = (remainder ^ (byte >> bit)) & 1
            remainder = (remainder >> 1) ^ (0xA001 if feedback else 0)
    return f"{remainder:04X}\r\n".encode() == tail


def number(data: bytes, code: str) -> Decimal:
    found = re.search(re.escape(code) + r"\(([\d.]+)\*", data.decode())
    assert found is not None
    return Decimal(found[1])


def test_the_crc_is_arc() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D


@given(reading=readings)
def test_every_telegram_has_a_valid_crc_and_only_crlf(reading: GridReading) -> None:
    data = telegram(reading)
    assert crc_holds(data)
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")


@given(reading=readings)
def test_the_total_is_exactly_the_sum_of_the_phases(reading: GridReading) -> None:
    data = telegram(reading)
    phases = sum(number(data, f"1-0:{phase}1.7.0") - number(data, f"1-0:{phase}2.7.0") for phase in (2, 4, 6))
    assert number(data, "1-0:1.7.0") - number(data, "1-0:2.7.0") == phases
    assert float(phases) * 1000 == pytest.approx(sum(reading.phase_powers_w), abs=1.6)


@given(reading=readings)
def test_an_independent_parser_reads_what_was_meant(reading: GridReading) -> None:
    parsed = TelegramParser(telegram_specifications.V5).parse(telegram(reading).decode())
    assert parsed.P1_MESSAGE_TIMESTAMP.value.timestamp() == reading.time.timestamp()
    assert float(parsed.ELECTRICITY_USED_TARIFF_2.value) * 1000 == pytest.approx(
        reading.energy_import_wh[2], abs=0.6
    )
    assert float(parsed.ELECTRICITY_DELIVERED_TARIFF_1.value) * 1000 == pytest.approx(
        reading.energy_export_wh[1], abs=0.6
    )
    assert float(parsed.INSTANTANEOUS_VOLTAGE_L3.value) == pytest.approx(
        reading.phase_voltages_v[2], abs=0.06
    )
    assert int(parsed.ELECTRICITY_ACTIVE_TARIFF.value) == reading.tariff


@asynccontextmanager
async def listening(simulator: Simulator) -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.p1.port)
    try:
        yield reader
    finally:
        writer.close()


async def next_telegram(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        data = await reader.readuntil(b"!")
        return data + await reader.readuntil(b"\r\n")


async def test_every_client_gets_the_same_telegram_each_second(simulator: Simulator) -> None:
    async with listening(simulator) as first, listening(simulator) as second:
        await next_telegram(first)
        began = time.monotonic()
        data = await next_telegram(first)
        assert time.monotonic() - began == pytest.approx(1, abs=0.3)
        assert crc_holds(data)
        assert data in {await next_telegram(second), await next_telegram(second)}


async def test_the_telegram_shows_the_house(simulator: Simulator) -> None:
    await eventually(lambda: simulator.house.pv.power_w == -simulator.house.pv.available_w)
    async with listening(simulator) as reader:
        await next_telegram(reader)
        data = await next_telegram(reader)
    power_w = float(number(data, "1-0:1.7.0") - number(data, "1-0:2.7.0")) * 1000
    assert power_w == pytest.approx(simulator.house.read_grid().power_w, abs=5)


@needs_capture
def test_the_capture_holds_566_whole_telegrams_of_a_real_meter() -> None:
    telegrams = replayed_telegrams(CAPTURE)
    assert len(telegrams) == 566
    assert all(crc_holds(data) for data in telegrams)


@needs_capture
async def test_a_replay_plays_the_capture_in_place_of_the_model() -> None:
    async with house_on_the_wire(replay=CAPTURE) as simulator, listening(simulator) as reader:
        telegrams = replayed_telegrams(CAPTURE)
        first = await next_telegram(reader)
        assert telegrams[telegrams.index(first) + 1] == await next_telegram(reader)


class TestFaults:
    async def test_a_corrupt_telegram_fails_its_crc(self, simulator: Simulator) -> None:
        simulator.faults.now = Faults(p1_corrupt=True)
        async with listening(simulator) as reader:
            assert not crc_holds(await next_telegram(reader))

    async def test_half_a_telegram_never_ends(self, simulator: Simulator) -> None:
        simulator.faults.now = Faults(p1_half=True)
        async with listening(simulator) as reader:
            data = await asyncio.wait_for(reader.readuntil(b"/HFS5"), 3)
            data += await asyncio.wait_for(reader.readuntil(b"/HFS5"), 3)
        assert b"!" not in data

    async def test_a_frozen_meter_repeats_itself(self, simulator: Simulator) -> None:
        async with listening(simulator) as reader:
            last = await next_telegram(reader)
            simulator.faults.now = Faults(p1_frozen=True)
            assert await next_telegram(reader) == last

    async def test_a_silent_meter_keeps_the_connection(self, simulator: Simulator) -> None:
        simulator.faults.now = Faults(p1_silent=True)
        async with listening(simulator) as reader:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 1.3)
            simulator.faults.now = Faults()
            assert crc_holds(await next_telegram(reader))

    async def test_the_link_can_be_cut_and_comes_back_on_its_port(self, simulator: Simulator) -> None:
        async with listening(simulator) as reader:
            simulator.faults.now = Faults(p1_link_down=True)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await asyncio.wait_for(reader.readuntil(b"never sent"), 3)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", simulator.p1.port)
        simulator.faults.now = Faults()
        await eventually(lambda: simulator.p1.listening)
        async with listening(simulator) as reader:
            assert crc_holds(await next_telegram(reader))
