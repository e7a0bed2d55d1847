"""A backup is unpacked on the card: a service's memory does not hold a whole home."""

import json
import os
import sys
import tarfile
from pathlib import Path
from subprocess import run

from home_start.restoring import room_to_restore
from homeassistant.const import __version__

# As Home Assistant's entry point does it, telling where it unpacks.
_RESTORE = """
import shutil, sys
from homeassistant import backup_restore
tell, copy = [], shutil.copytree
def copytree(source, *args, **kwargs):
    print("from", source)
    return copy(source, *args, **kwargs)
shutil.copytree = copytree
print(backup_restore.restore_backup(sys.argv[1]))
"""


def a_backup(config: Path) -> Path:
    """Write the smallest backup of a home, and tell the next start to restore it."""
    path = config / "backups" / "home.tar"
    path.parent.mkdir(parents=True)
    inner = config.parent / "homeassistant.tar"
    (config.parent / "data").mkdir()
    (config.parent / "data" / "restored.yaml").touch()
    with tarfile.open(inner, "w") as archive:
        archive.add(config.parent / "data", "data")
    meta = config.parent / "backup.json"
    meta.write_text(json.dumps({"homeassistant": {"version": __version__}, "compressed": False}))
    with tarfile.open(path, "w") as archive:
        archive.add(meta, "backup.json")
        archive.add(inner, "homeassistant.tar")
    instruction = {
        "path": str(path),
        "password": None,
        "remove_after_restore": True,
        "restore_database": True,
        "restore_homeassistant": True,
    }
    (config / ".HA_RESTORE").write_text(json.dumps(instruction))
    return path


def test_a_start_that_restores_unpacks_beside_the_backups_and_leaves_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config"
    a_backup(config)
    environment = {**os.environ, **room_to_restore(config)}
    done = run(  # noqa: S603 # our own words
        [sys.executable, "-c", _RESTORE, str(config)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert f"from {config}/backups/.restore/" in done.stdout
    assert done.stdout.endswith("True\n")
    assert (config / "restored.yaml").exists()
    assert room_to_restore(config) == {}
    assert [each.name for each in (config / "backups").iterdir()] == []


def test_any_other_start_goes_on_as_it_was(tmp_path: Path) -> None:
    assert room_to_restore(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_what_an_interrupted_restore_left_goes(tmp_path: Path) -> None:
    left = tmp_path / "backups" / ".restore" / "tmp1234" / "homeassistant"
    left.mkdir(parents=True)
    assert room_to_restore(tmp_path) == {}
    assert not (tmp_path / "backups" / ".restore").exists()


def test_where_no_folder_can_be_made_memory_has_to_do(tmp_path: Path) -> None:
    (tmp_path / ".HA_RESTORE").touch()
    (tmp_path / "backups").touch()
    assert room_to_restore(tmp_path) == {}
