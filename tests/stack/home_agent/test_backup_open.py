"""The by-hand way: a sealed backup, the home's key, and nothing else of the home."""

import io
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from home_agent.backup.cipher import PIECE_BYTES, seal

from scripts.home_stack.processes import python_path

KEY = "the-key-of-this-home-in-the-operators-folder"
OTHER_KEY = "the-key-of-another-home-in-the-same-folder"
MEMBER = "homeassistant/.storage/core.config"
TEXT = os.urandom(2 * PIECE_BYTES + 17)


@pytest.fixture
async def sealed() -> bytes:
    async def tar() -> AsyncIterator[bytes]:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            member = tarfile.TarInfo(MEMBER)
            member.size = len(TEXT)
            archive.addfile(member, io.BytesIO(TEXT))
        yield packed.getvalue()

    return b"".join([piece async for piece in seal(tar(), KEY)])


def open_by_hand(sealed: bytes, target: Path, *, key: str = KEY) -> subprocess.CompletedProcess[bytes]:
    """Run the command in an environment that holds the key and says nothing of the home."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "home_agent", "open", str(target)],
        input=sealed,
        capture_output=True,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": python_path("addons/home_agent"),
            "BACKUP_KEY": key,
        },
        timeout=50,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[bytes], folder: Path, *secrets: str) -> None:
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1
    assert len(said.splitlines()) == 1, said
    assert not [secret for secret in secrets if secret in said]
    assert not list(folder.iterdir()), "nothing of it stays"


def test_a_sealed_backup_opens_to_a_tar_for_its_owner_only(sealed: bytes, tmp_path: Path) -> None:
    target = tmp_path / "home.tar"
    done = open_by_hand(sealed, target)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    with tarfile.open(target) as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None
        assert (member.name, content.read()) == (MEMBER, TEXT)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_another_key_leaves_no_file(sealed: bytes, tmp_path: Path) -> None:
    done = open_by_hand(sealed, tmp_path / "home.tar", key=OTHER_KEY)
    assert_refused(done, tmp_path, OTHER_KEY)
    assert b"the key is another one" in done.stderr


@pytest.mark.parametrize("length", [0, 10, PIECE_BYTES, 2 * PIECE_BYTES + 100, -1])
def test_a_backup_that_was_not_brought_home_whole_leaves_no_file(
    sealed: bytes, tmp_path: Path, length: int
) -> None:
    assert_refused(open_by_hand(sealed[:length], tmp_path / "home.tar"), tmp_path, KEY)


@pytest.mark.parametrize("key", ["", "short", "changeme", "a" * 64])
def test_a_key_that_is_none_is_refused_at_once(sealed: bytes, tmp_path: Path, key: str) -> None:
    done = open_by_hand(sealed, tmp_path / "home.tar", key=key)
    assert_refused(done, tmp_path)
    assert b"BACKUP_KEY" in done.stdout + done.stderr


def test_what_was_there_stays_when_the_backup_does_not_open(sealed: bytes, tmp_path: Path) -> None:
    target = tmp_path / "home.tar"
    target.write_text("the tar of last week")
    assert open_by_hand(sealed, target, key=OTHER_KEY).returncode == 1
    assert target.read_text() == "the tar of last week"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_said_in_one_line(sealed: bytes, tmp_path: Path) -> None:
    done = open_by_hand(sealed, tmp_path / "missing" / "home.tar")
    assert_refused(done, tmp_path)
