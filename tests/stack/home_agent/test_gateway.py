"""The gateway as the kernel tells it, and when the running agent asks for its reboot."""

import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from home_agent.machine import look

from scripts.home_stack.processes import free_port
from tests.stack.mosquitto.brokers import eventually

from .agent_process import Stack, stack_in
from .fake_home_assistant import EVENT

DAY_S = 24 * 3600
MEMORY = "MemTotal:  1900000 kB\nMemFree: 1 kB\nMemAvailable:  900000 kB\nodd\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files and return their folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def kernel(folder: Path, *, uptime_s: float) -> Path:
    """Return a folder like /proc of a gateway that runs for so long."""
    files = {"uptime": f"{uptime_s} 1.0\n", "sys/kernel/random/boot_id": "boot-1\n", "meminfo": MEMORY}
    return write(folder / "proc", files)


def test_a_raspberry_pi_is_read_from_the_kernels_files(tmp_path: Path) -> None:
    sys = write(
        tmp_path / "sys",
        {
            "class/thermal/thermal_zone0/temp": "61234\n",
            "class/thermal/thermal_zone1/temp": "odd\n",
            "class/hwmon/hwmon0/name": "cpu_thermal\n",
            "class/hwmon/hwmon1/name": "rpi_volt\n",
            "class/hwmon/hwmon1/in0_lcrit_alarm": "1\n",
        },
    )
    seen = look(proc=kernel(tmp_path, uptime_s=12.5), sys=sys, disk=tmp_path)
    assert (seen.boot_id, seen.uptime_s) == ("boot-1", 12.5)
    assert seen.temperature_c == 61.234
    assert seen.under_voltage is True
    assert (seen.memory_total_bytes, seen.memory_available_bytes) == (1_900_000 * 1024, 900_000 * 1024)
    assert seen.disk_free_bytes


def test_what_a_gateway_does_not_tell_is_not_known(tmp_path: Path) -> None:
    seen = look(proc=tmp_path / "proc", sys=tmp_path / "sys", disk=tmp_path / "missing")
    told = (seen.boot_id, seen.temperature_c, seen.under_voltage, seen.disk_used, seen.memory_total_bytes)
    assert told == (None,) * 5
    assert seen.uptime_s == 0.0


@pytest.fixture
def folder(home_folder: Path) -> Path:
    """Return a folder for one test."""
    folder = Path(tempfile.mkdtemp(dir=home_folder))
    folder.chmod(0o755)
    return folder


@pytest.fixture
async def troubled(folder: Path) -> AsyncIterator[Stack]:
    """Return a home whose nginx is down in spite of three restarts, on a gateway that runs for two days."""
    settings = {
        "PROC_FOLDER": str(kernel(folder, uptime_s=2 * DAY_S)),
        "NGINX_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    async with stack_in(folder, **settings) as stack:
        trouble = {"since_s": DAY_S, "restarts": 3, "restarted_s": 2 * DAY_S - 4000}
        memory = {"boot_id": "boot-1", "troubles": {"nginx": trouble}, "reboot_asked_s": None}
        write(stack.agent.data, {"watchdog.json": json.dumps(memory)})
        yield stack


@pytest.mark.parametrize("event", ["running", "unavailable"])
async def test_a_new_agent_reboots_nothing_while_an_event_runs_or_may_run_and_once_after_it(
    troubled: Stack, event: str
) -> None:
    home, supervisor = troubled.home_assistant, troubled.supervisor

    async def look(times: int) -> None:
        seen = home.looks
        await eventually(lambda: home.looks >= seen + times, troubled.agent.log)

    await home.show(EVENT, event)
    await troubled.agent.start()
    await look(3)
    assert (supervisor.restarted, supervisor.reboots) == (["nginx"], 0)
    await home.show(EVENT, "idle")
    kernel(Path(troubled.agent.settings["PROC_FOLDER"]).parent, uptime_s=2 * DAY_S + 7300)
    await eventually(lambda: supervisor.reboots == 1, troubled.agent.log)
    await look(3)
    assert supervisor.reboots == 1
