"""A file is replaced as a whole, has the rights that were asked for, and keeps nothing of a failure."""

import os
import stat
from pathlib import Path

import pytest
from home_common.files import PUBLIC, read_json, write_json, write_whole


def test_a_volume_that_is_not_there_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        write_whole(tmp_path / "missing" / "file", "text")


def test_rights_are_those_asked_for_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "file", "text", mode=PUBLIC)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == PUBLIC


def test_a_failure_keeps_what_was_there_and_leaves_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, "before")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_need_not_last_waits_for_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    monkeypatch.setattr(os, "fsync", waited.append)
    write_json(tmp_path / "status.json", {"at": 1}, durable=False)
    assert (waited, read_json(tmp_path / "status.json")) == ([], {"at": 1})
    write_json(tmp_path / "status.json", {"at": 2})
    assert len(waited) == 1


@pytest.mark.parametrize("text", ["", "{", "[1]", "\udcff"])
def test_a_damaged_document_reads_as_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert read_json(tmp_path / "file") == {}
    assert read_json(tmp_path / "missing") == {}
