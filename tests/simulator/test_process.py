"""The command line and the control API: one process, started and stopped for real."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from .conftest import Control, eventually

ROOM = Path(__file__).parents[2] / "addons" / "home_simulator"


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "home_simulator",
        *arguments,
        env={**os.environ, "PYTHONPATH": str(ROOM)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def ready_line(running: asyncio.subprocess.Process) -> dict[str, int]:
    assert running.stdout is not None
    line: dict[str, int] = json.loads(await asyncio.wait_for(running.stdout.readline(), 10))
    return line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_tells_its_ports_on_one_line_and_stops_cleanly(number: signal.Signals) -> None:
    async with process("--base-load-w", "500") as running:
        ports = await ready_line(running)
        assert ports.keys() == {
            "p1_port",
            "modbus_port",
            "rtu_port",
            "solar_port",
            "shelly_port",
            "control_port",
            "pv_unit_id",
            "battery_unit_id",
        }
        for name in ("p1_port", "modbus_port", "solar_port", "shelly_port", "control_port"):
            _, writer = await asyncio.open_connection("127.0.0.1", ports[name])
            writer.close()
        running.send_signal(number)
        output, errors = await asyncio.wait_for(running.communicate(), 5)
        assert (running.returncode, output, errors) == (0, b"", b"")


async def test_a_taken_port_is_told_in_one_line() -> None:
    async with process() as first:
        port = str((await ready_line(first))["modbus_port"])
        for option in ("--p1-port", "--modbus-port", "--control-port"):
            async with process(option, port) as second:
                _, errors = await asyncio.wait_for(second.communicate(), 10)
                assert second.returncode == 2
                assert errors.decode().splitlines()[-1].startswith("home_simulator: ")
                assert b"Traceback" not in errors


async def test_a_series_that_is_not_there_is_told_in_one_line() -> None:
    async with process("--series", "/nowhere.csv") as running:
        _, errors = await asyncio.wait_for(running.communicate(), 10)
        assert running.returncode == 2
        assert errors.decode().startswith("home_simulator: ")


async def test_the_password_is_read_from_a_file_and_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("sesame\n")
    arguments = ("--ocpp-url", "ws://127.0.0.1:1", "--ocpp-password-file", str(secret))
    async with process(*arguments) as running:
        await ready_line(running)
        running.terminate()
        output, errors = await asyncio.wait_for(running.communicate(), 5)
        assert b"sesame" not in output + errors


async def test_the_state_adds_up(control: Control) -> None:
    state = await control.state()
    for phase in range(3):
        devices = sum(state[part]["phase_power_w"][phase] for part in ("base_load", "pv", "battery", "car"))
        assert state["grid"]["phase_power_w"][phase] == pytest.approx(devices, abs=1e-6)
    assert state["time"].startswith("2026-06-21T13:00:0")


async def test_the_house_can_be_changed(control: Control) -> None:
    status, state = await control.put(
        "/house", '{"cloud": 1, "base_load_w": 2500, "battery_soc": 0.9, "car_plugged": true, "car_soc": 0.2}'
    )
    assert status == 200
    assert state["battery"]["state_of_charge"] == 0.9
    assert state["car"]["plugged"] is True
    await asyncio.sleep(0.2)
    assert (await control.state())["base_load"]["power_w"] == pytest.approx(2500)


async def test_faults_are_set_and_cleared_as_a_whole(control: Control) -> None:
    status, faults = await control.put("/faults", '{"p1_silent": true, "modbus_exception": 4}')
    assert status == 200
    assert (faults["p1_silent"], faults["modbus_exception"]) == (True, 4)
    _, faults = await control.put("/faults", "{}")
    assert not any(faults.values())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/faults", '{"moon": true}'),
        ("/faults", '{"p1_silent": 1}'),
        ("/faults", '{"modbus_exception": 9}'),
        ("/faults", '{"modbus_delay_s": NaN}'),
        ("/faults", "[]"),
        ("/faults", "not json"),
        ("/house", '{"cloud": 1.1}'),
        ("/house", '{"battery_soc": -0.1}'),
        ("/house", '{"battery_soc": Infinity}'),
        ("/house", '{"battery_soc": true}'),
        ("/house", '{"car_plugged": "yes"}'),
        ("/house", '{"cloud": 0.5, "roof": 1}'),
        ("/charge_point", '{"url": "http://127.0.0.1", "identity": "x"}'),
        ("/charge_point", '{"url": "ws://127.0.0.1", "identity": ""}'),
    ],
)
async def test_bad_input_is_refused_and_changes_nothing(control: Control, path: str, text: str) -> None:
    before = await control.state()
    status, answer = await control.put(path, text)
    assert status == 400
    assert answer["error"]
    after = await control.state()
    assert [after[name] for name in ("cloud", "faults")] == [before[name] for name in ("cloud", "faults")]


async def test_the_charge_point_is_told_where_to_dial(control: Control, central_system: Any) -> None:
    where = {"url": central_system.url, "identity": "CP 1", "password": central_system.password}
    assert (await control.put("/charge_point", json.dumps(where)))[0] == 200
    await eventually(lambda: central_system.said("BootNotification"))
    assert (await control.put("/charge_point", '{"url": null}'))[0] == 200
    assert central_system.connection is not None
    await asyncio.wait_for(central_system.connection.wait_closed(), 3)
    assert not (await control.state())["charge_point"]["online"]


async def test_a_huge_body_is_refused(control: Control) -> None:
    with pytest.raises(aiohttp.ContentTypeError):
        await control.put("/faults", " " * 100_000)
