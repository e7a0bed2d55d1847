"""The archive that HACS installs: all of the integration, and the panel that the source has not."""

import json
import zipfile
from pathlib import Path

import pytest

from scripts.archive import ArchiveError, write


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "home_flex"
    (folder / "frontend").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / "manifest.json").write_text(json.dumps({"domain": "home_flex"}))
    (folder / "frontend" / "panel-Ab12.js").write_text("export {};\n")
    (folder / "frontend" / "cards-Cd34.js").write_text("export {};\n")
    (folder / "frontend" / "licenses.md").write_text("# Licences\n")
    (folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    return folder


def test_it_holds_the_integration_with_its_panel_and_the_licences_of_others(package: Path) -> None:
    target = package.parent / "out" / "home_flex.zip"
    write(target, package)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [
            "frontend/cards-Cd34.js",
            "frontend/licenses.md",
            "frontend/panel-Ab12.js",
            "manifest.json",
        ]


def test_the_same_files_make_the_same_archive(package: Path) -> None:
    first, second = package.parent / "a.zip", package.parent / "b.zip"
    write(first, package)
    (package / "manifest.json").touch()
    write(second, package)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("missing", ["panel-Ab12.js", "cards-Cd34.js"])
def test_without_its_panel_or_cards_there_is_none(package: Path, missing: str) -> None:
    (package / "frontend" / missing).unlink()
    with pytest.raises(ArchiveError, match="not built"):
        write(package.parent / "home_flex.zip", package)
