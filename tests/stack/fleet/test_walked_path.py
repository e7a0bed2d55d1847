"""Who does what the pages say, word by word, gets homes: every command in a fence is run here."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import time
from pathlib import Path

import pytest
from home_common.signed_command import is_signed

from scripts.home_stack.processes import ROOT
from tests.stack.influxdb.ingest_process import ToldStore, running_ingest

from .central_broker import broker, needs_mosquitto
from .fake_balena import GOOD
from .operator import Operator, enrolled, operator, ven_id

TOOL = "balena/fleet-tool"
# What cannot be run here, and why.
NOT_HERE = {
    "scripts/setup": "makes the environment this test runs in",
    "balena/release": "asks public registries; tests/stack/policy/test_release.py runs it",
    "scripts/core_wheel": "builds a wheel; tests/hub/test_core_wheel.py runs it",
    "scripts/flexctl": "compares two wheels; tests/hub/canary/test_canary_page.py runs it",
    "balena": "balena's own tool, on a real account",
    "export": "names the folder, which the test does itself",
    "mkdir": "makes the folder, which the test does itself",
    "openssl": "writes a secret into it",
    "chmod": "closes it",
    "mosquitto_pub": "publishes a command; tests/stack/home_agent/test_commands.py has an agent obey one",
    "mosquitto_sub": "waits for its answer",
    "scp": "copies to the centre, which the test reads from where it is",
}
# A box of ten.
BOX = range(1, 11)
_FENCE = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[list[str]]:
    """Return the words of each line in the fences of a page of ``docs``."""
    text = (ROOT / "docs" / page).read_text()
    lines = [line.strip() for fence in _FENCE.findall(text) for line in fence.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line]


def configuration() -> str:
    """Return the ``fleet.toml`` that the tool's page shows."""
    text = (ROOT / "balena" / "fleet" / "README.md").read_text()
    found = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def place(word: str, folder: Path) -> str:
    """Return a word with files of an operator where those of the test are."""
    if word == "homes.csv":
        table = folder / word
        return str(table if table.exists() else table.with_suffix(".json"))
    return str(folder / "key.pem") if word == "/media/operator/key.pem" else word


async def walk(someone: Operator, page: str, folder: Path) -> list[str]:
    """Do what a page says; return what the tool said."""
    said = []
    for program, *words in commands(page):
        match program:
            case program if program == TOOL:
                said.append(await someone.done(*(place(word, folder) for word in words)))
            case "cp":
                (folder / words[1]).write_bytes((ROOT / words[0]).read_bytes())
            case _:
                assert program in NOT_HERE
    return said


def store(someone: Operator) -> list[str]:
    """Send a measurement as each home would, with what it was given; return what reaches the centre."""
    accepted = someone.folder / "centre" / "ingest_tokens.json"
    central = ToldStore()
    central.start()
    folder = someone.folder.parent / "ingest"
    try:
        with running_ingest(folder, central.url, kind="influxdb", accepted=accepted) as ingest:
            for number, device in someone.balena.devices.items():
                token = someone.balena.variable(device, "influxdb", "REPLICATION_TOKEN")
                line = f"power,home={ven_id(number)} power_w=1.5 {time.time_ns()}"
                assert ingest.write(line.encode(), token=token).status == 204
    finally:
        central.stop()
    return sorted(body.decode() for _, _, body in central.requests)


async def let_in(someone: Operator, folder: Path) -> list[int]:
    """Return the homes that the centre's broker lets in with what they were given."""
    async with broker(someone, folder) as central:
        found = []
        for number, device in someone.balena.devices.items():
            files = {"HOME_CERTIFICATE": folder / "home.pem", "HOME_PRIVATE_KEY": folder / "home.key"}
            for name, path in files.items():
                path.write_text(someone.balena.variable(device, "mosquitto", name) or "")
            if await central.lets_in(*files.values()):
                found.append(number)
        return found


@needs_mosquitto
async def test_the_pages_lead_from_a_box_of_gateways_to_homes_with_data_at_the_centre(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    async with operator(tmp_path, size=len(BOX)) as someone:
        someone.balena.fleet_release, someone.balena.tracks_latest = None, True
        told = (someone.folder / "fleet.toml").read_text()
        api, fleet = re.findall(r'^(?:api|fleet) = "(.*)"$', told, re.MULTILINE)[::-1]
        ours = configuration().replace('fleet = "our-community/homes"', f'fleet = "{fleet}"\napi = "{api}"')
        # Homes come by their own variables; who erases and enrols is no part of this walk.
        ours = re.sub(r"^(enrolment_url|erasure_url) .*\n", "", ours, flags=re.MULTILINE)
        for name in ("balena_token", "operator_token", "broker-ca.pem"):
            path = someone.folder / name
            path.touch(mode=0o600)
            path.write_text(os.environ["BALENA_TOKEN"])
        (someone.folder / "fleet.toml").write_text(ours)
        said = await walk(someone, "fleet.md", tmp_path / "work")
        balena = someone.balena
        assert (balena.fleet_release, balena.tracks_latest) == (GOOD, False)
        for device in balena.devices.values():
            record = json.loads(balena.variable(device, "home_assistant", "HOME_RECORD") or "{}")
            assert record["site"]["name"].startswith("Lime Street")
            assert balena.variable(device, "mosquitto", "HOME_PRIVATE_KEY")
            assert balena.variable(device, "influxdb", "REPLICATION_TOKEN")
        secret = balena.variable(balena.devices[1], "home_agent", "OPERATOR_SECRET")
        assert secret is not None
        assert secret in said[-1]
        assert all(ven_id(number) in said[-2] for number in BOX)
        assert await let_in(someone, tmp_path) == [*BOX]
        sent = await asyncio.to_thread(store, someone)
        assert [line.partition(" ")[0] for line in sent] == [f"power,home={ven_id(each)}" for each in BOX]


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_every_program_of_ours_that_a_page_runs_is_there(page: str) -> None:
    ours = [program for program, *_ in commands(page) if program.startswith(("scripts/", "balena/"))]
    assert [program for program in ours if not os.access(ROOT / program, os.X_OK)] == []


@pytest.mark.parametrize("service", ["enrolment", "ingest"])
def test_the_centres_services_start_as_their_pages_say(service: str) -> None:
    page = (ROOT / "addons" / "community_hub" / "community_hub" / service / "README.md").read_text()
    assert f"scripts/hub {service} --" in page
    told = subprocess.run(  # noqa: S603 # our own program
        [ROOT / "scripts" / "hub", service, "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    shown = page.partition(f"scripts/hub {service} ")[2].partition("\n\n")[0].partition("```")[0]
    assert set(re.findall(r"--[a-z-]+", shown)) <= set(re.findall(r"--[a-z-]+", told))


async def test_the_pages_lead_a_home_onto_a_new_gateway(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    async with enrolled(tmp_path, 1) as someone:
        someone.batch(1, devices={1: 2}).rename(tmp_path / "work" / "homes.json")
        await someone.done("operator-key", str(tmp_path / "work" / "key.pem"))
        for program, *words in commands("restore.md"):
            if program == TOOL:
                said = await someone.done(*(place(word, tmp_path / "work") for word in words))
        document = json.loads(said)
        assert is_signed(someone.operator_key(), ven_id(1), "restore", document)
        assert document["arguments"] == {"name": f"{ven_id(1)}-20261115T031500Z.hfb"}
        balena = someone.balena
        assert balena.variable(balena.devices[2], "mosquitto", "HOME_PRIVATE_KEY")
        assert balena.variable(balena.devices[1], "mosquitto", "HOME_PRIVATE_KEY") is None
