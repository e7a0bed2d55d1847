"""Secrets are strong by themselves, and are written whole, for their owner and perhaps a group."""

import os
import re
import stat
from pathlib import Path

import pytest
from home_common.secret_files import new_secret, write_secret
from home_common.settings import Settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_secret_is_another_one_each_time_and_strong() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    for secret in secrets:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
        assert Settings({"SECRET": secret}).secret("SECRET") == secret


def test_only_its_owner_reads_a_secret_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_secret(tmp_path / "password", "secret")
    finally:
        os.umask(before)
    assert mode(tmp_path / "password") == 0o600


def test_a_group_may_read_when_it_is_named(tmp_path: Path) -> None:
    write_secret(tmp_path / "password", "secret", group_id=os.getegid())
    assert mode(tmp_path / "password") == 0o640
    assert (tmp_path / "password").stat().st_gid == os.getegid()


def test_a_secret_is_replaced_as_a_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    write_secret(path, "a longer one before")
    old = path.stat().st_ino
    write_secret(path, "after")
    assert path.read_text() == "after"
    assert path.stat().st_ino != old
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_power_cut_left_behind_does_not_get_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".password.new").write_text("half")
    write_secret(tmp_path / "password", "whole")
    assert (tmp_path / "password").read_text() == "whole"


def test_a_link_that_waits_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("untouched")
    (tmp_path / ".password.new").symlink_to(elsewhere)
    write_secret(tmp_path / "password", "secret")
    assert elsewhere.read_text() == "untouched"


def test_a_secret_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "password"
    write_secret(path, "before")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_secret(path, "after")
    assert path.read_text() == "before"
