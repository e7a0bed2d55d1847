"""The bills of materials: each image's, from its Dockerfile and what that pins."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from image_digests.references import used
from sbom.__main__ import bills
from sbom.contents import ContentsError, SystemPackage, contents, python_packages
from sbom.licences import LicenceError, Licences

from .dockerfile_rules import instructions
from .stack_files import ROOT, context, dockerfiles

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
IMAGES = {path.parent.name: path for path in dockerfiles()}
SHA256 = "a" * 64


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return bills(ROOT, NOON)


def parts(bill: str, begin: str) -> dict[str, dict[str, Any]]:
    """Return the components whose package URL begins so, by name."""
    found = json.loads(bill)["components"]
    return {part["name"]: part for part in found if part.get("purl", "").startswith(begin)}


def test_every_image_has_one(written: dict[str, str]) -> None:
    assert written.keys() == IMAGES.keys()


@pytest.mark.parametrize("image", IMAGES)
def test_it_is_cyclonedx(written: dict[str, str], image: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written[image]) is None


@pytest.mark.parametrize("image", IMAGES)
def test_it_names_every_image_that_this_one_rests_on(written: dict[str, str], image: str) -> None:
    named = {part["version"] for part in parts(written[image], "pkg:docker/").values()}
    assert named == {base.tag for base in used((ROOT / IMAGES[image]).read_text())}


@pytest.mark.parametrize("image", IMAGES)
def test_it_names_every_locked_package_with_its_hashes(written: dict[str, str], image: str) -> None:
    requirements = ROOT / IMAGES[image].parent / "requirements.txt"
    listed = requirements.read_text() if requirements.exists() else ""
    named = parts(written[image], "pkg:pypi/")
    hashes = [each["content"] for part in named.values() for each in part["externalReferences"][0]["hashes"]]
    assert len(named) == listed.count("==")
    assert len(hashes) == listed.count("--hash=sha256:")
    assert all(content in listed for content in hashes)


@pytest.mark.parametrize("image", IMAGES)
def test_it_names_every_package_of_alpine(written: dict[str, str], image: str) -> None:
    runs = " ".join(
        step.value for step in instructions((ROOT / IMAGES[image]).read_text()) if step.name == "RUN"
    )
    assert bool(parts(written[image], "pkg:apk/")) == ("apk add" in runs)
    assert all(name in runs for name in parts(written[image], "pkg:apk/"))


@pytest.mark.parametrize("image", IMAGES)
def test_every_part_has_a_licence(written: dict[str, str], image: str) -> None:
    assert [
        part["name"] for part in json.loads(written[image])["components"] if not part.get("licenses")
    ] == []


def test_the_same_image_has_the_same_serial_number(written: dict[str, str]) -> None:
    again = bills(ROOT, datetime(2027, 1, 1, tzinfo=UTC))
    serials = {json.loads(bill)["serialNumber"] for bill in written.values()}
    assert {json.loads(bill)["serialNumber"] for bill in again.values()} == serials
    assert len(serials) == len(IMAGES)


def test_the_program_taken_out_of_another_image_is_told(written: dict[str, str]) -> None:
    store = parts(written["influxdb"], "pkg:docker/")["influxdb"]
    assert store["properties"] == [{"name": "home-flex:taken", "value": "/usr/local/bin/influxd"}]


def test_a_release_tells_the_digest_of_its_bases(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(f"FROM nginx:1.30.7-alpine@sha256:{SHA256}\n")
    assert contents(dockerfile, tmp_path).bases[0].image.digest == f"sha256:{SHA256}"


def test_a_package_of_alpine_keeps_the_version_it_is_asked_for(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(
        "FROM nginx:1.30.7-alpine\nRUN apk add --no-cache python3=~3.12 openssl \\\n  && mkdir /x\n"
    )
    assert contents(dockerfile, tmp_path).system == (
        SystemPackage(name="python3", version="3.12"),
        SystemPackage(name="openssl", version=None),
    )


@pytest.mark.parametrize(
    "instruction",
    [
        "RUN pip install requests",
        "RUN pip install --require-hashes --requirement /elsewhere.txt",
        "RUN apk add --no-cache python3 && pip install requests==2.0",
        "RUN apt-get install -y python3",
        "RUN wget -O /x https://example.org/x",
        "RUN python3 -m pip install requests",
        "RUN sh -c 'curl https://example.org'",
        "ADD https://example.org/x /x",
    ],
)
def test_what_cannot_be_named_ends_it(tmp_path: Path, instruction: str) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(f"FROM python:3.14.7-alpine3.24\n{instruction}\n")
    with pytest.raises(ContentsError, match="Dockerfile: it cannot be said what this brings"):
        contents(dockerfile, tmp_path)


def test_a_stage_that_is_built_here_ends_it(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM nginx:1.30.7 AS a\nRUN apk add x\nFROM nginx:1.30.7\n")
    with pytest.raises(ContentsError, match="after a stage"):
        contents(dockerfile, tmp_path)


@pytest.mark.parametrize(
    ("name", "version", "complaint"),
    [
        ("no-such-package", "1.0", "is not installed here"),
        ("attrs", "0.0.1", "is installed here, and not 0.0.1"),
    ],
)
def test_a_licence_is_never_guessed(name: str, version: str, complaint: str) -> None:
    package = python_packages(f"{name}=={version} \\\n    --hash=sha256:{SHA256}\n")[0]
    with pytest.raises(LicenceError, match=complaint):
        Licences.read().of_python(package)


def test_a_package_without_a_licence_of_spdx_is_asked_for() -> None:
    lock = (ROOT / "hass-config/requirements.txt").read_text()
    package = next(package for package in python_packages(lock) if package.name == "aiomqtt")
    with pytest.raises(LicenceError, match=r"add it to licences\.json"):
        Licences({"images": {}, "system": {}, "python": {}}).of_python(package)


def test_the_command_writes_all_of_them_or_says_why_not(tmp_path: Path) -> None:
    done = _run("--root", str(ROOT), "--into", str(tmp_path / "bills"))
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "bills").iterdir()} == {f"{image}.cdx.json" for image in IMAGES}
    failed = _run("--root", str(tmp_path), "--into", str(tmp_path / "none"))
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "none").exists()


def test_every_image_is_built_where_its_bill_thinks() -> None:
    alone = {image for image, path in IMAGES.items() if context(path) != ROOT}
    assert alone == {"home_simulator"}


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "sbom", *words],
        cwd=ROOT / "balena",
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
