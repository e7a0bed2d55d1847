"""What reaches a home, beyond Compose, Dockerfiles and apps."""

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from .dockerfile_rules import instructions
from .source_rules import findings, is_ignored
from .stack_files import ROOT, context, deployed, dockerfiles, load, tracked

TEXT = [
    path for path in deployed() if path.suffix not in {".png", ".pyc"} and path.name != "requirements.txt"
]
PINS = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def _ignore_lines() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("path", TEXT, ids=str)
def test_it_holds_no_secret_and_opens_no_door(path: Path) -> None:
    found = findings(str(path), (ROOT / path).read_text(encoding="utf-8"))
    assert [str(finding) for finding in found] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.conf", "allow_anonymous true"),
        ("a.conf", "bridge_insecure true"),
        ("a.conf", "proxy_ssl_verify off;"),
        ("a.yaml", "wifi_password: hemshome"),
        ("a.json", '  "influxdb_token": "abcdef"'),
        ("a.py", "context.check_hostname = False"),
        ("a.py", "context.verify_mode = ssl.CERT_NONE"),
        ("run.sh", "nginx; sleep infinity"),
        ("run.sh", "curl -sk https://example.org"),
        ("a.pem", "-----BEGIN PRIVATE KEY-----\n" + "A" * 64),
        ("a.sh", "chmod 777 /data"),
    ],
)
def test_a_secret_or_an_open_door_is_found(name: str, text: str) -> None:
    assert list(findings(name, text)) != []


@pytest.mark.parametrize("text", ["ocpp_password: password?", "token: str", "password: !secret x", "secret:"])
def test_the_kind_of_a_secret_is_none(text: str) -> None:
    assert list(findings("a.yaml", text)) == []


def test_what_images_install_is_what_is_tested_here() -> None:
    locked = dict(PINS.findall((ROOT / "requirements.lock").read_text()))
    for path in (path for path in deployed(".txt") if path.name == "requirements.txt"):
        text = (ROOT / path).read_text()
        pins = dict(PINS.findall(text))
        lines = [line for line in text.splitlines() if line and line[0] not in "# "]
        assert [line for line in lines if not PINS.fullmatch(line.removesuffix(" \\"))] == []
        assert {name: locked.get(name, version) for name, version in pins.items()} == pins


def test_home_assistants_image_installs_all_that_the_integration_needs() -> None:
    manifest = json.loads((ROOT / "custom_components/home_flex/manifest.json").read_text())
    pinned = {_name(name) for name, _ in PINS.findall((ROOT / "hass-config/requirements.txt").read_text())}
    needed: set[str] = set()
    waiting = [Requirement(text).name for text in manifest["requirements"]]
    while waiting:
        if (name := _name(waiting.pop())) in needed:
            continue
        needed.add(name)
        found = [Requirement(text) for text in importlib.metadata.requires(name) or []]
        waiting += [each.name for each in found if each.marker is None or each.marker.evaluate({"extra": ""})]
    assert pinned == needed


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("dockerfile", [path for path in dockerfiles() if context(path) == ROOT], ids=str)
def test_the_builder_gets_what_a_service_is_built_from(dockerfile: Path) -> None:
    steps = instructions((ROOT / dockerfile).read_text())
    copies = [step.value for step in steps if step.name == "COPY" and "--from=" not in step.value]
    sources = [word for copy in copies for word in copy.split()[:-1]]
    assert sources
    # A builder takes the file beside a Dockerfile in place of the root's.
    own = (ROOT / dockerfile).with_name("Dockerfile.dockerignore")
    ignored = own.read_text().splitlines() if own.exists() else _ignore_lines()
    for source in sources:
        files = [path for path in tracked() if path.is_relative_to(source)]
        assert files
        assert [path for path in files if is_ignored(str(path), ignored)] == []


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".cache/x",
        "tests/conftest.py",
        "artifacts/log",
        "docs/fleet.md",
        "addons/community_hub/community_hub/enrolment/authority.py",
        "balena/fleet/store.json",
        "nginx/tls.key",
        "addons/mosquitto/ca.pem",
        "hass-config/home_start/__pycache__/x.pyc",
    ],
)
def test_the_builder_never_gets_a_workstations_files(path: str) -> None:
    assert is_ignored(path, _ignore_lines())


@pytest.mark.parametrize(
    "path", ["docker-compose.yml", "balena.yml", "nginx/Dockerfile", "addons/wifi_ap/wifi_ap/keeper.py"]
)
def test_the_builder_gets_every_service(path: str) -> None:
    assert not is_ignored(path, _ignore_lines())


def test_the_deploy_button_brings_no_setting_with_it() -> None:
    contract = load(Path("balena/balena.yml"))
    assert contract["type"] == "sw.application"
    assert contract["data"].keys() == {"defaultDeviceType", "supportedDeviceTypes"}
    assert (ROOT / "balena.yml").resolve() == ROOT / "balena" / "balena.yml"


def test_one_version_is_told_everywhere() -> None:
    version = load(Path("balena/balena.yml"))["version"]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text()
    assert f'"version": "{version}"' in (ROOT / "custom_components/home_flex/manifest.json").read_text()


def _tool(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - a tool of the environment
        [Path(sys.executable).parent / name, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )


def test_yamllint_has_nothing_against_the_stack() -> None:
    checked = _tool("yamllint", "--strict", *map(str, deployed(".yaml", ".yml")), "repository.yaml")
    assert checked.returncode == 0, checked.stdout


def test_shellcheck_has_nothing_against_the_stack() -> None:
    scripts = [
        str(path)
        for path in TEXT
        if re.match(r"#!.*\b(sh|bash)\n", (ROOT / path).read_text(encoding="utf-8"))
    ]
    if not scripts:
        pytest.skip("the stack has no shell script")
    checked = _tool("shellcheck", *scripts)
    assert checked.returncode == 0, checked.stdout
