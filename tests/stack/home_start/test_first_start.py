"""From an empty volume to a home that reads its meter, and once more on the kept volume."""

import hashlib
import json
import secrets
import stat
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from home_start.owner_folder import charger_password_file

from scripts.home_stack.api import wait_until
from scripts.home_stack.processes import StackError

from .conftest import Surroundings, surroundings_in
from .home import Home, record_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(150)]

# What Home Assistant writes by itself while it runs; the rest of the volume must not change.
_ALIVE = ("home-assistant", ".ha_run.lock", "core.restore_state", "trace.saved_traces", "telemetry")


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What was seen of one start."""

    seconds: float
    entries: dict[str, Any]
    energy: Any
    files: dict[str, str]
    states: dict[str, Any]
    core: dict[str, Any]
    forwarded_status: int
    spoofed_status: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoRuns:
    """A first start and a second one on the kept volumes."""

    home: Home
    first: Run
    second: Run
    exit_status: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoRuns]:
    async with surroundings_in(tmp_path_factory.mktemp("first_start")) as around:
        home = await _home_with_charger(around)
        try:
            first = await _run(home, around)
            await home.stop()
            (home.owner / charger_password_file("CP001")).write_text("of a home that was here before")
            second = await _run(home, around, times=2)
            status = await home.stop()
        finally:
            await home.kill()
        yield TwoRuns(home=home, first=first, second=second, exit_status=status)


async def _home_with_charger(around: Surroundings) -> Home:
    """Return a home whose charger dials from now on; its password was made when the home was enrolled."""
    record = record_of(around.house)
    charger = {"identity": "CP001", "password": secrets.token_hex(12)}
    devices = [*record["devices"], {"type": "ev_charger", **charger}]
    home = around.home(site=record["site"], devices=devices)
    url = f"ws://127.0.0.1:{record['site']['ocpp_port']}"
    await around.house.connect_charge_point(url=url, **charger)
    return home


async def _run(home: Home, around: Surroundings, *, times: int = 1) -> Run:
    begin = time.monotonic()
    await home.start()
    await home.says("home_start: The home is set up\n", times=times)
    async with home.api() as api:

        async def states() -> dict[str, Any] | None:
            found = await api.states()
            power = found.get("sensor.grid_meter_power", {}).get("state", "unavailable")
            if power in {"unavailable", "unknown"}:
                return None
            # The car has begun to charge: the truth moves.
            truth = (await around.house.state()).grid_power_w
            return found if float(power) == pytest.approx(truth, abs=100) else None

        shown = await wait_until(states, "the grid meter to show the house's power", timeout_s=30)
        seconds = time.monotonic() - begin
        # The Energy dashboard takes a device when it has counted something; the sun is down, the PV waits.
        await wait_until(lambda: _filled(home), "the Energy dashboard to be filled", timeout_s=30)
        core = await api.get("/api/config")
    return Run(
        seconds=seconds,
        entries=await home.entries(),
        energy=await home.energy(),
        files=_files(home.config),
        states=shown,
        core=core,
        forwarded_status=await _forwarded(home, {"X-Forwarded-For": "192.0.2.44"}),
        spoofed_status=await _forwarded(home, {"X-Forwarded-For": "not an address"}),
    )


async def _filled(home: Home) -> bool:
    try:
        shown = await home.energy()
    except StackError:
        return False  # nothing is chosen yet
    kinds = {source["type"] for source in shown["energy_sources"]}
    return {"grid", "battery"} <= kinds and bool(shown["device_consumption"])


async def _forwarded(home: Home, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{home.url}/manifest.json", headers=headers)
        async with answer:
            return answer.status


def _files(folder: Path) -> dict[str, str]:
    """Return the hash of each file that is configuration."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and ".storage" not in file.parts
        and "__pycache__" not in file.parts
        and not file.name.startswith(_ALIVE)
    }


async def test_the_grid_meter_shows_live_power_without_a_browser(
    runs: TwoRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    assert float(runs.first.states["sensor.grid_meter_power"]["state"]) >= 400, "as the house really draws"
    with capsys.disabled():
        print(  # noqa: T201 - the figure is the point
            f"\nlive power after {runs.first.seconds:.1f} s, on the kept volume {runs.second.seconds:.1f} s"
        )
    assert runs.first.seconds < 180


async def test_every_part_of_the_record_is_set_up_once(runs: TwoRuns) -> None:
    assert sorted(kind for kind in runs.first.entries.values() if len(kind) < 24) == [
        "aggregator",
        "battery",
        "ev_charger",
        "grid_meter",
        "measurement_store",
        "pv",
    ]


async def test_the_home_knows_where_it_is(runs: TwoRuns) -> None:
    core = runs.first.core
    assert (core["location_name"], core["time_zone"], core["country"], core["currency"]) == (
        "Test home",
        "Europe/Amsterdam",
        "NL",
        "EUR",
    )
    assert core["latitude"] == pytest.approx(52.09)


async def test_the_energy_dashboard_shows_grid_battery_and_charger(runs: TwoRuns) -> None:
    grid, *_ = [source for source in runs.first.energy["energy_sources"] if source["type"] == "grid"]
    assert grid["stat_energy_from"] == "sensor.grid_meter_energy_import"
    assert grid["stat_energy_to"] == "sensor.grid_meter_energy_export"
    assert runs.first.energy["device_consumption"][0]["stat_rate"] == "sensor.ev_charger_charging_power"
    assert (grid["number_energy_price"], grid["number_energy_price_export"]) == (0.3, 0.08)


async def test_a_second_start_changes_nothing_and_is_quicker(runs: TwoRuns) -> None:
    assert runs.second.entries == runs.first.entries
    assert runs.second.energy == runs.first.energy
    changed = {name for name, digest in runs.first.files.items() if runs.second.files.get(name) != digest}
    assert changed <= {".home_start/provisioned.state"}, "the dashboard is remembered when it is stored"
    assert runs.second.seconds < runs.first.seconds


async def test_requests_through_the_proxy_are_believed_for_good(runs: TwoRuns) -> None:
    stored = json.loads((runs.home.config / ".storage" / "http").read_text())["data"]
    assert stored["pending"] is None
    assert stored["stable"]["trusted_proxies"] in (["127.0.0.1"], ["127.0.0.1/32"])
    assert stored["stable"]["login_attempts_threshold"] == 10
    assert stored["stable"]["error"] is None
    assert runs.first.forwarded_status == runs.second.forwarded_status == 200
    assert runs.first.spoofed_status == 400


async def test_the_agent_gets_the_owner_by_files_that_only_its_group_reads(runs: TwoRuns) -> None:
    assert runs.home.secret("owner_username") == "owner"
    for name in ("owner_password", "owner_token"):
        status = (runs.home.owner / name).stat()
        assert len(runs.home.secret(name)) >= 32
        assert stat.S_IMODE(status.st_mode) in {0o640, 0o600}
        assert status.st_gid == 2000 or stat.S_IMODE(status.st_mode) == 0o600


async def test_the_agent_shows_the_charger_s_password_as_home_assistant_knows_it(runs: TwoRuns) -> None:
    device = json.loads(runs.home.environment["HOME_RECORD"])["devices"][-1]
    assert runs.home.secret(charger_password_file(device["identity"])) == device["password"]


async def test_no_secret_is_in_any_log(runs: TwoRuns) -> None:
    logs = runs.home.text()
    private = [runs.home.secret(name) for name in ("owner_password", "owner_token")]
    private += [file.read_text() for file in runs.home.credentials.iterdir() if "org" not in file.name]
    private.append(json.loads(runs.home.environment["HOME_RECORD"])["devices"][-1]["password"])
    private.remove((runs.home.credentials / "mqtt_username").read_text())
    assert not [secret for secret in private if secret in logs]


async def test_its_log_goes_to_the_container_engine_and_grows_no_file_on_the_card(runs: TwoRuns) -> None:
    logs = {file.name for file in runs.home.config.glob("home-assistant.log*")}
    assert logs <= {"home-assistant.log.fault"}  # Python's own, written to when it crashes
    assert "custom integration home_flex" in runs.home.text()


async def test_the_image_s_integration_is_the_one_that_runs(runs: TwoRuns) -> None:
    assert (runs.home.config / "custom_components" / "home_flex" / "manifest.json").is_file()
    assert not (runs.home.config / "custom_components" / ".home_flex.new").exists()


async def test_it_ends_in_order_when_it_is_told_to(runs: TwoRuns) -> None:
    assert runs.exit_status == 0
    assert "interrupted" not in runs.home.text()
