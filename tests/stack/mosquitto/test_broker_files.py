"""What the centre's broker cannot read is found before the signal that makes it read."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from community_hub.broker_files.access_rules import is_filter, wrong_rules
from community_hub.broker_files.check import FILES, Reader, problems

from scripts.home_stack.processes import python_path

from .brokers import CENTRAL_FILES, CentralBroker, eventually
from .community import Community
from .messages import as_home
from .test_centre import answers

US = Reader(user_id=os.geteuid(), group_id=os.getegid())
NOW = datetime.now(UTC)


@pytest.fixture
def files(folder: Path, community: Community) -> Path:
    """Return the folder of a broker that has all that it needs."""
    return CentralBroker(folder / "files", community).folder / "config"


def other_authority(community: Community) -> str:
    return Community().revocation_list()


def expired(community: Community) -> str:
    return community.homes.revocation_list({}, number=9, now=NOW - timedelta(days=91))


def another_key(community: Community) -> str:
    return community.server().private_key


ENDS, SHUTS_HOMES_OUT = "ends", "shuts homes out"
# What is written where, what is said of it, and what the broker does at the signal.
DAMAGE: list[tuple[str, str | Callable[[Community], str], str, str]] = [
    ("access_rules", "user hub.ingest\ntopic raed home_flex/#\n", "line 2: topic without one of", ENDS),
    ("access_rules", "user hub.ingest\ntopics read home_flex/#\n", "line 2: 'topics' is no rule", ENDS),
    ("access_rules", "pattern read home_flex/vens/%u#\n", "line 1: 'home_flex/vens/%u#' is no topic", ENDS),
    ("passwords", "hub.ingest:secret\n", "line 1: not a line of mosquitto_passwd", ENDS),
    ("revoked_homes.pem", "-----BEGIN X509 CRL-----\n", "not a list of revoked", ENDS),
    ("revoked_homes.pem", other_authority, "not signed by home_authority.pem", SHUTS_HOMES_OUT),
    ("revoked_homes.pem", expired, "every home would be shut out", SHUTS_HOMES_OUT),
    ("server_certificate.pem", "nonsense\n", "not a certificate", ENDS),
    ("server_key.pem", another_key, "not a certificate in PEM with the key", ENDS),
    ("home_authority.pem", "nonsense\n", "not a certificate", ENDS),
]


@pytest.mark.parametrize(("name", "text", "said", "does"), DAMAGE)
async def test_what_is_found_ends_the_broker_or_shuts_homes_out(
    centre: CentralBroker,
    community: Community,
    name: str,
    text: str | Callable[[Community], str],
    said: str,
    does: str,
) -> None:
    centre.write(name, text if isinstance(text, str) else text(community))
    (problem, *_) = problems(centre.folder / "config", US, NOW)
    assert said in problem
    centre.reload()
    if does == ENDS:
        await eventually(lambda: centre.exit_status is not None, lambda: f"It goes on: {centre.log()}")
    else:
        await answers(as_home(centre, community.home("home-1")), "ended")


async def test_with_what_is_found_good_the_broker_goes_on_and_lets_homes_in(
    centre: CentralBroker, community: Community
) -> None:
    lost = community.home("home-1")
    centre.write("revoked_homes.pem", community.revocation_list(lost))
    assert problems(centre.folder / "config", US, NOW) == []
    centre.reload()
    await answers(as_home(centre, lost), "ended")
    await answers(as_home(centre, community.home("home-2")), "accepted")


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_there_empty_or_a_folder_is_named(files: Path, name: str) -> None:
    path = files / name
    path.write_bytes(b"")
    assert f"{name}: empty" in problems(files, US, NOW)
    path.unlink()
    assert f"{name}: No such file or directory" in problems(files, US, NOW)
    path.mkdir()
    assert f"{name}: not a file" in problems(files, US, NOW)


def test_a_file_that_only_its_writer_may_read_is_found_and_read_by_nobody(files: Path) -> None:
    broker = Reader(user_id=os.geteuid() + 7, group_id=os.getegid() + 7)
    files.chmod(0o755)
    for name in FILES:
        (files / name).chmod(0o644)
    assert problems(files, broker, NOW) == []
    (files / "access_rules").chmod(0o640)
    (found,) = problems(files, broker, NOW)
    assert found.startswith(f"access_rules: user {broker.user_id} may not read it")
    files.chmod(0o700)
    closed = problems(files, broker, NOW)
    assert len(closed) == len(FILES)
    assert all("may not enter its folder" in each for each in closed)


@pytest.mark.parametrize(
    ("mode", "owner", "group", "may"),
    [
        (0o600, 1883, 0, True),
        (0o600, 0, 1883, False),
        (0o640, 0, 1883, True),
        (0o604, 0, 0, True),
        (0o640, 0, 0, False),
        # Who owns it is asked by the owner's part alone, and a group by its own.
        (0o044, 1883, 1883, False),
        (0o604, 0, 1883, False),
    ],
)
def test_who_may_read_follows_from_owner_group_and_mode(
    mode: int, owner: int, group: int, may: object
) -> None:
    assert Reader(user_id=1883, group_id=1883).may(mode, owner, group, 4) is may
    assert Reader(user_id=0, group_id=0).may(mode, owner, group, 4)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("user", "user without a name"),
        ("topic read", "topic without a topic"),
        ("topic home_flex/#", "topic without one of read, write, readwrite, deny"),
        ("pattern write home_flex/vens/+/status", "without %u gives every home the same"),
        ("# nothing but a comment", "no rule at all"),
        ("nonsense", "'nonsense' is no rule"),
    ],
)
def test_a_rule_that_is_none_is_told_with_its_line(line: str, said: str) -> None:
    (wrong,) = wrong_rules(f"{line}\n")
    assert said in wrong


def test_the_rules_of_the_reference_are_rules() -> None:
    assert list(wrong_rules((CENTRAL_FILES / "access_rules").read_text())) == []


@pytest.mark.parametrize(
    ("topic", "valid"),
    [
        ("#", True),
        ("+", True),
        ("a/+/b", True),
        ("a/#", True),
        ("a/#/b", False),
        ("a#", False),
        ("a/b+", False),
    ],
)
def test_a_wildcard_stands_for_a_whole_level(topic: str, valid: object) -> None:
    assert is_filter(topic) is valid


def test_the_command_says_what_is_wrong_and_never_a_password(files: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 # our own program
            [sys.executable, "-m", "community_hub.broker_files", *words],
            env={**os.environ, "PYTHONPATH": python_path("addons/community_hub")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    us = str(os.geteuid())
    good = run(str(files), "--user", us)
    assert (good.returncode, good.stderr) == (0, "")
    (files / "passwords").write_text("hub.ingest:typed-secret\n\xff", encoding="latin-1")
    assert (run(str(files), "--user", us).stderr, run(str(files), "--user", us).returncode) == (
        "passwords: not a text\n",
        1,
    )
    (files / "passwords").write_text("hub.ingest:typed-secret\n")
    bad = run(str(files), "--user", us)
    assert bad.returncode == 1
    assert bad.stderr == "passwords: line 1: not a line of mosquitto_passwd\n"
    assert run(str(files), "--user", "nobody-by-this-name").returncode == 2
