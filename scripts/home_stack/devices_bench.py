"""What devices cost: telegrams and polls a second, many chargers, and twelve devices in Home Assistant."""

import asyncio
import ctypes.util
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from custom_components.home_flex.devices.entities.profile_loader import load_profiles
from custom_components.home_flex.devices.p1.framing import TelegramFramer, crc16
from custom_components.home_flex.devices.p1.telegram import parse_telegram

from .chargers_bench import chargers_p95_ms
from .home_assistant import HomeAssistant
from .house import STEADY
from .loads import add_loads, configuration
from .polls_bench import polls_per_s
from .processes import ROOT
from .stack import running_stack

CHARGERS = 50
_TELEGRAMS = 2000
_LOADS = 8
_RESTS_S, _WATCHED_S = 20.0, 60.0
_TELEGRAM = ROOT / "tests" / "data" / "dsmr" / "dsmr-v5-nl-iskra-mt382.txt"
_CPU_TARGET = 0.05
# What Home Assistant's image, and with it a deployed home, sets for its allocator (hass-config/home_start).
MALLOC_CONF = "background_thread:true,metadata_thp:auto,dirty_decay_ms:20000,muzzy_decay_ms:20000"


async def bench_devices(tell: Callable[[str], None]) -> int:
    """Measure all of it, end with one JSON line; return 0 when twelve devices cost what they may."""
    telegrams, floor = _telegrams_per_s()
    tell(f"P1: {telegrams:.0f} telegrams/s, {telegrams / floor:.2f} of what their CRC alone allows")
    ocpp_ms = await chargers_p95_ms(CHARGERS)
    tell(f"OCPP: {CHARGERS} chargers are told a limit and accept it within {ocpp_ms:.1f} ms (p95)")
    allocator, environment = _allocator()
    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        async with running_stack(
            Path(name),
            home_assistant_environment=environment,
            house_options=STEADY,
            set_up=False,
            more_configuration=configuration(_LOADS, switched=False),
            tell=tell,
        ) as stack:
            polls, bare_polls = await polls_per_s(stack.house.ports.modbus_port, stack.house.ports.pv_unit_id)
            tell(
                f"SunSpec: {polls:.0f} polls of an inverter/s, {polls / bare_polls:.2f} of its bare requests"
            )
            bare = await _settled(stack.home_assistant)
            await stack.home_flex.set_up(stack.house, stack.broker, tell=tell)
            await add_loads(stack.home_flex, _LOADS, switched=False)
            # Forms and reloads leave memory behind that a home has only until its next start.
            await stack.home_assistant.restart()
            await stack.home_flex.ready()
            full = await _settled(stack.home_assistant)
    tell(f"memory: {full.memory_mb - bare.memory_mb:.1f} MB above Home Assistant alone, with {allocator}")
    figures = {
        "entity_profiles": len(load_profiles().profiles),
        "p1_telegrams_per_s": round(telegrams),
        "modbus_polls_per_s": round(polls),
        "chargers": CHARGERS,
        "ocpp_p95_ms": round(ocpp_ms, 1),
        "cpu_share_1hz_home": round(full.cpu_share - bare.cpu_share, 4),
        "memory_mb": round(full.memory_mb - bare.memory_mb, 1),
    }
    print(json.dumps(figures))
    return 0 if figures["cpu_share_1hz_home"] < _CPU_TARGET else 1


def _allocator() -> tuple[str, Mapping[str, str]]:
    """Return what Home Assistant gets its memory from, and the environment for that.

    Its own image brings jemalloc. The system's allocator keeps more of what was given back, by thread.
    """
    if (library := ctypes.util.find_library("jemalloc")) is None:
        return "the system's allocator (libjemalloc2 is missing)", {}
    return "jemalloc", {"LD_PRELOAD": library, "MALLOC_CONF": MALLOC_CONF}


def _telegrams_per_s() -> tuple[float, float]:
    """Return how many telegrams are read a second, and how many if their CRC were all there is to do."""
    data, now = _TELEGRAM.read_bytes(), datetime.now(UTC)
    framer = TelegramFramer()
    begun = time.process_time()
    for _ in range(_TELEGRAMS):
        for frame in framer.feed(data):
            parse_telegram(frame.text, time=now)
    read_s = time.process_time() - begun
    begun = time.process_time()
    for _ in range(_TELEGRAMS):
        crc16(data)
    return _TELEGRAMS / read_s, _TELEGRAMS / (time.process_time() - begun)


class _Usage:
    """What a process took: its share of a core, and its memory in MB."""

    def __init__(self, cpu_share: float, memory_mb: float) -> None:
        self.cpu_share = cpu_share
        self.memory_mb = memory_mb


async def _settled(home_assistant: HomeAssistant) -> _Usage:
    await asyncio.sleep(_RESTS_S)
    begun, used_s = time.monotonic(), cpu_s(home_assistant.pid)
    await asyncio.sleep(_WATCHED_S)
    share = (cpu_s(home_assistant.pid) - used_s) / (time.monotonic() - begun)
    return _Usage(share, home_assistant.memory_kib()["Pss"] * 1024 / 1e6)


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used, in seconds (proc(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
