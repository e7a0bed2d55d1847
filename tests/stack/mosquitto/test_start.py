"""What the home's broker does before it is one: passwords, files, and refusing to start with less."""

import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from home_common.secret_files import write_secret

from . import programs
from .brokers import CentralBroker, HomeBroker, bridged
from .community import Community
from .conftest import Start
from .messages import Door, answer, into_home

CANNOT_START = 78


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


async def test_a_first_start_makes_a_strong_password_for_each_client(home: HomeBroker) -> None:
    for client in ("home_assistant", "home_agent"):
        folder = home.folder / "credentials" / client
        assert (folder / "mqtt_username").read_text() == client
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", (folder / "mqtt_password").read_text())


async def test_later_starts_keep_the_passwords(home: HomeBroker) -> None:
    before = {client: home.password(client) for client in ("home_assistant", "home_agent")}
    await home.kill()
    await home.start()
    assert {client: home.password(client) for client in before} == before
    assert await answer(into_home(home)) == "accepted"


async def test_a_password_that_was_taken_away_is_made_again(home: HomeBroker) -> None:
    old = into_home(home)
    (home.folder / "credentials" / "home_assistant" / "mqtt_password").unlink()
    await home.stop()
    await home.start()
    assert await answer(old) == "not authorised"
    assert await answer(into_home(home)) == "accepted"


async def test_the_broker_itself_stores_hashes_only(home: HomeBroker) -> None:
    passwords = [home.password(client) for client in ("home_assistant", "home_agent")]
    for path in (each for each in home.folder.rglob("*") if each.is_file() and each.name != "mqtt_password"):
        assert not any(password.encode() in path.read_bytes() for password in passwords), path
    lines = (home.folder / "run" / "passwords").read_text().splitlines()
    assert [line.split("$")[:2] for line in lines] == [["home_assistant:", "7"], ["home_agent:", "7"]]


async def test_a_password_that_differs_by_one_character_opens_nothing(home: HomeBroker) -> None:
    door = into_home(home)
    assert door.password
    wrong = Door(port=door.port, username=door.username, password=f"{door.password[:-1]}!")
    assert await answer(wrong) == "not authorised"


async def test_files_are_for_their_owner_and_credentials_for_the_homes_group(
    folder: Path, start: Start, community: Community
) -> None:
    home = HomeBroker(folder / "home", **bridged(community, 9, community.home("home-1")))
    await start(home)
    run = home.folder / "run"
    assert mode(run) == "0o700"
    assert {path.name: mode(path) for path in run.iterdir()} == dict.fromkeys(
        [
            "access_rules",
            "central_authority.pem",
            "home_certificate.pem",
            "home_private_key.pem",
            "mosquitto.conf",
            "passwords",
        ],
        "0o600",
    )
    assert mode(home.folder / "data" / "mosquitto.sqlite3") == "0o600"
    for client in ("home_assistant", "home_agent"):
        for path in (home.folder / "credentials" / client).iterdir():
            assert mode(path) == "0o640"
            assert path.stat().st_gid == int(home.settings["HOME_GROUP"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
async def test_root_is_given_up_for_good(home: HomeBroker) -> None:
    status = process_file(home, "status").decode()
    assert re.search(r"^Uid:\s+1883\s+1883\s+1883\s+1883$", status, re.MULTILINE)
    assert re.search(r"^Groups:\s*2000\s*$", status, re.MULTILINE)
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)


async def test_the_broker_has_no_secret_in_its_environment_log_or_command_line(
    folder: Path, start: Start, community: Community
) -> None:
    identity = community.home("home-1")
    home = HomeBroker(folder / "home", **bridged(community, 9, identity))
    await start(home)
    await home.logs("Connection Refused|Connection refused|error|Error")
    seen = home.log().encode() + process_file(home, "environ") + process_file(home, "cmdline")
    secrets = [home.password("home_assistant"), home.password("home_agent"), *key_lines(identity.private_key)]
    assert not [secret for secret in secrets if secret.encode() in seen]


def process_file(home: HomeBroker, name: str) -> bytes:
    return Path(f"/proc/{home.pid}/{name}").read_bytes()


def key_lines(pem: str) -> list[str]:
    return [line for line in pem.splitlines() if not line.startswith("-----")]


async def test_a_home_without_a_community_says_so(home: HomeBroker) -> None:
    assert "CENTRAL_BROKER is not set: home home-1 speaks to no community" in home.log()
    assert "connection " not in (home.folder / "run" / "mosquitto.conf").read_text().splitlines()[-1]


async def test_its_health_is_whether_it_takes_connections(home: HomeBroker) -> None:
    assert await home.is_healthy()
    await home.stop()
    assert not await home.is_healthy()


@contextmanager
def small_disk(path: Path) -> Iterator[None]:
    """Mount a disk of two megabytes."""
    path.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path], check=True, timeout=10)  # noqa: S603, S607
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True, timeout=10)  # noqa: S603, S607


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
async def test_on_a_full_disk_it_starts_and_forgets_and_with_room_again_asks_to_be_started_anew(
    folder: Path,
) -> None:
    home = HomeBroker(folder / "home")
    with small_disk(home.folder / "data"):
        try:
            (home.folder / "data" / "fill").write_bytes(bytes(2 * 2**20))
            await home.start()
            assert "what waits is kept in memory only" in home.log()
            assert await answer(into_home(home)) == "accepted"
            assert await home.is_healthy()
            (home.folder / "data" / "fill").unlink()
            assert not await home.is_healthy()
            await home.stop()
            await home.start()
            assert await home.is_healthy()
            assert (home.folder / "data" / "mosquitto.sqlite3").exists()
        finally:
            await home.kill()


def overwritten(memory: bytes, at: int, by: bytes) -> bytes:
    return memory[:at] + by + memory[at + len(by) :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda memory: bytes(len(memory)),
        lambda memory: memory[: len(memory) // 2],
        lambda memory: overwritten(memory, 0, b"torn" * 100),
        lambda memory: overwritten(memory, 5000, b"\xff" * 40_000),
    ],
    ids=["zeros", "cut", "torn head", "torn pages"],
)
async def test_a_memory_that_a_power_cut_damaged_is_set_aside_and_the_broker_starts(
    folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    home = HomeBroker(folder / "home")
    memory = home.folder / "data" / "mosquitto.sqlite3"
    try:
        await home.start()
        await home.stop()
        damaged = damage(memory.read_bytes())
        memory.write_bytes(damaged)
        await home.start()
        assert await answer(into_home(home)) == "accepted"
        assert "is damaged and set aside" in home.log()
        assert (memory.parent / "damaged.mosquitto.sqlite3").read_bytes() == damaged
    finally:
        await home.kill()


async def test_a_memory_of_a_broker_that_was_killed_is_no_damaged_one(folder: Path) -> None:
    home = HomeBroker(folder / "home")
    try:
        await home.start()
        await home.kill()
        await home.start()
        assert "set aside" not in home.log()
    finally:
        await home.kill()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"HOME_ID": ""}, "HOME_ID is not set"),
        ({"HOME_ID": "home/1"}, "HOME_ID must be"),
        ({"HOME_ID": "home-1\nallow_anonymous true"}, "HOME_ID must be"),
        ({"HOME_ID": "#"}, "HOME_ID must be"),
        ({"MQTT_PREFIX": "home_flex/+"}, "MQTT_PREFIX must look like"),
        ({"MQTT_PREFIX": "a b"}, "MQTT_PREFIX must look like"),
        ({"PORT": "0"}, "PORT is not between"),
        ({"PORT": "18.5"}, "PORT is not a whole number"),
        ({"RUN_AS": "0:0"}, "RUN_AS must look like"),
        ({"MAX_QUEUED_MESSAGES": "0"}, "MAX_QUEUED_MESSAGES is not between"),
        ({"CENTRAL_BROKER": "mqtt.example.org"}, "CENTRAL_BROKER must look like"),
        ({"CENTRAL_BROKER": "mqtt.example.org:99999"}, "CENTRAL_BROKER must look like"),
        ({"CENTRAL_BROKER": "a b:8883"}, "CENTRAL_BROKER must look like"),
        ({"CENTRAL_CA": ""}, "CENTRAL_CA is not set"),
        ({"CENTRAL_CA": "no certificate"}, "CENTRAL_CA is no PEM text"),
        ({"CENTRAL_CA": "-----BEGIN CERTIFICATE-----\nx"}, "CENTRAL_CA holds no certificate"),
        ({"HOME_CERTIFICATE": ""}, "HOME_CERTIFICATE is not set"),
        ({"HOME_PRIVATE_KEY": ""}, "HOME_PRIVATE_KEY is not set"),
        ({"HOME_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\nx"}, "do not belong together"),
    ],
)
async def test_it_does_not_start_with_a_wrong_setting(
    folder: Path, community: Community, change: dict[str, str], complaint: str
) -> None:
    home = HomeBroker(folder / "home", **bridged(community, 9, community.home("home-1")) | change)
    said = await home.refusal()
    assert complaint in said
    assert "Traceback" not in said
    assert not [
        line for line in key_lines(home.settings["HOME_PRIVATE_KEY"]) if len(line) > 9 and line in said
    ]
    assert home.exit_status == CANNOT_START


async def test_it_does_not_start_with_the_certificate_of_another_home(
    folder: Path, community: Community
) -> None:
    home = HomeBroker(folder / "home", **bridged(community, 9, community.home("home-2")))
    assert "HOME_CERTIFICATE is another home's: its common name is not HOME_ID" in await home.refusal()


async def test_it_does_not_start_with_the_key_of_another_certificate(
    folder: Path, community: Community
) -> None:
    settings = bridged(community, 9, community.home("home-1"))
    other = community.home("home-1").private_key
    home = HomeBroker(folder / "home", **settings | {"HOME_PRIVATE_KEY": other})
    assert "HOME_CERTIFICATE and HOME_PRIVATE_KEY do not belong together" in await home.refusal()


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "homeassistant"])
async def test_it_does_not_start_with_a_weak_password(folder: Path, weak: str) -> None:
    home = HomeBroker(folder / "home")
    own = home.folder / "credentials" / "home_assistant"
    own.mkdir(parents=True)
    home.folder.joinpath("credentials").chmod(0o755)
    write_secret(own / "mqtt_password", weak)
    (own / "mqtt_password").chmod(0o644)
    said = await home.refusal()
    assert "home_assistant/mqtt_password is too weak" in said
    assert weak not in said


async def test_secrets_come_from_secret_files_too(folder: Path, start: Start, community: Community) -> None:
    settings = bridged(community, 9, community.home("home-1"))
    home = HomeBroker(folder / "home")
    (home.folder / "secrets").mkdir()
    for name, value in settings.items():
        (home.folder / "secrets" / name.lower()).write_text(value)
    await start(home)
    assert "Home home-1 is bridged to 127.0.0.1:9" in home.log()


async def test_mosquitto_finds_nothing_wrong_or_outdated_in_its_configuration(
    folder: Path, start: Start, community: Community
) -> None:
    home = HomeBroker(folder / "home", **bridged(community, 9, community.home("home-1")))
    await start(home)
    await home.stop()
    status, said = check(home.folder / "run" / "mosquitto.conf")
    assert status == 0
    assert "deprecated" not in (said + home.log()).lower()
    assert "warning" not in said.lower()


def test_mosquitto_finds_nothing_wrong_or_outdated_in_the_centres_configuration(
    folder: Path, community: Community
) -> None:
    centre = CentralBroker(folder / "centre", community)
    status, said = check(centre.folder / "config" / "mosquitto.conf")
    assert status == 0
    assert "deprecated" not in said.lower()
    assert "warning" not in said.lower()


def check(configuration: Path) -> tuple[int, str]:
    checked = subprocess.run(  # noqa: S603 # Mosquitto itself
        [str(programs.mosquitto()), "-c", configuration, "--test-config", "-v"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    return checked.returncode, checked.stdout + checked.stderr
