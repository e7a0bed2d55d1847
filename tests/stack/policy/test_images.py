"""What is found in a built image, and that every image is built; building them is scripts/images itself."""

from pathlib import Path

import pytest

from scripts.home_stack.images.__main__ import _ALONE, _NEEDS_ITS_BASE, _OF_STAND_INS, DOCKERFILES
from scripts.home_stack.images.buildah import _told
from scripts.home_stack.images.trial import secrets

from .stack_files import ROOT, context, dockerfiles

KEY = "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n"


def found(root: Path, base: Path, *environment: str) -> list[str]:
    return sorted(secrets(root, base, {"Env": list(environment)}))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    root, base = tmp_path / "image", tmp_path / "base"
    for folder in (root / "usr", base / "usr"):
        folder.mkdir(parents=True)
    return root, base


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("usr/app.py", f"KEY = '''{KEY}'''"),
        ("usr/tls.key", "x"),
        ("usr/ca.pem", "x"),
        ("usr/.env", "x"),
        ("usr/.netrc", "x"),
        ("id_ed25519", "x"),
    ],
)
def test_a_secret_that_an_image_adds_is_found(folders: tuple[Path, Path], name: str, text: str) -> None:
    root, base = folders
    (root / name).write_text(text)
    assert found(root, base) == [f"/{name}"]


def test_what_the_base_has_is_not_ours(folders: tuple[Path, Path]) -> None:
    root, base = folders
    for folder in folders:
        (folder / "usr/tls.key").write_text(KEY)
    assert found(root, base) == []


@pytest.mark.parametrize("name", ["usr/cacert.pem", "usr/key.py", "usr/environment", "usr/keys"])
def test_what_only_sounds_like_a_secret_is_none(folders: tuple[Path, Path], name: str) -> None:
    root, base = folders
    (root / name).write_text("-----BEGIN CERTIFICATE-----")
    assert found(root, base) == []


def test_a_secret_in_the_environment_is_found(folders: tuple[Path, Path]) -> None:
    root, base = folders
    assert found(root, base, "PATH=/bin", "MQTT_PASSWORD=x") == ["variable MQTT_PASSWORD"]


def test_every_image_is_built_where_the_builder_builds_it() -> None:
    paths = {path.relative_to(ROOT) for pattern in DOCKERFILES for path in ROOT.glob(pattern)}
    assert paths == set(dockerfiles())
    assert {path.parent.name for path in paths if context(path) != ROOT} == _ALONE
    assert _NEEDS_ITS_BASE.keys() | _OF_STAND_INS.keys() <= {path.parent.name for path in paths}


def test_the_line_that_says_what_went_wrong_is_told() -> None:
    assert _told("WARN: x\nError: building at STEP 3\nsubprocess exited with status 1\n").startswith(
        "Error: bui"
    )
    assert _told("first\nlast\n\n") == "last"
    assert _told("") == "it says nothing"
