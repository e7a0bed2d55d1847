"""docker-compose.yml and its demo overlay, by balena's rules and by ours."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # its stubs are a package of their own

from .compose_rules import findings, memory_mib, network_findings
from .dockerfile_rules import ADMINISTRATORS
from .stack_files import COMPOSE, DEMO, DEMO_SERVICES, ROOT, SERVICES, VOLUMES, load

MEMORY_MIB = 1600  # of 2 GB, beside some 300 for the system and what the graphics keep

# Debian's docker-compose 2 may be unpacked there; scripts need not install it.
UNPACKED = ROOT / ".cache/docker-compose/root/usr/libexec/docker/cli-plugins/docker-compose"


@pytest.fixture(name="home", scope="module")
def home_fixture() -> dict[str, Any]:
    document: dict[str, Any] = load(COMPOSE)
    return document


def test_no_rule_has_anything_against_the_home(home: dict[str, Any]) -> None:
    assert [str(finding) for finding in findings(home, COMPOSE.read_text())] == []


def test_no_rule_has_anything_against_the_demo() -> None:
    assert [str(finding) for finding in findings(load(DEMO), DEMO.read_text(), is_overlay=True)] == []


def test_a_home_is_made_of_exactly_its_services(home: dict[str, Any]) -> None:
    assert home["services"].keys() == SERVICES.keys()


def test_the_demo_adds_the_simulator_and_nothing_else(home: dict[str, Any]) -> None:
    assert load(DEMO)["services"].keys() - home["services"].keys() == DEMO_SERVICES.keys()


def test_names_of_volumes_never_change(home: dict[str, Any]) -> None:
    assert set(home["volumes"]) == VOLUMES


def test_all_limits_together_fit_a_gateway_of_two_gigabytes_and_the_sum_is_told(home: dict[str, Any]) -> None:
    limits = memory_mib(home)
    assert limits.keys() == SERVICES.keys()
    assert sum(limits.values()) <= MEMORY_MIB
    told = " + ".join(str(limit) for limit in limits.values())
    assert f"Memory: {told} = {sum(limits.values())} MiB" in COMPOSE.read_text()


def test_each_service_is_known_by_its_own_address_and_only_nginx_is_believed(
    home: dict[str, Any],
) -> None:
    assert list(network_findings(home)) == []


def test_credentials_are_written_by_one_side_and_only_read_by_the_other(home: dict[str, Any]) -> None:
    mounts = {
        (service, volume)
        for service, settings in home["services"].items()
        for volume in settings.get("volumes", [])
        if volume.startswith("credentials_")
    }
    writers = {
        "credentials_home_assistant": {"mosquitto", "influxdb"},
        "credentials_home_agent": {"mosquitto", "influxdb"},
        "credentials_agent_owner": {"home_assistant"},
    }
    for name, allowed in writers.items():
        assert {
            service
            for service, volume in mounts
            if volume.startswith(f"{name}:") and not volume.endswith(":ro")
        } == allowed


def test_who_is_the_administrator_has_a_reason(home: dict[str, Any]) -> None:
    administrators = {
        name
        for name, settings in home["services"].items()
        if SERVICES[name] in ADMINISTRATORS and "user" not in settings
    }
    assert administrators == {"home_assistant", "home_agent", "config_editor", "wifi_ap"}
    simulator = load(DEMO)["services"]["home_simulator"]
    assert simulator["user"] == "65534:65534"


def test_who_is_no_administrator_keeps_run_time_files_where_it_may_write(home: dict[str, Any]) -> None:
    """A tmpfs has the mode of its folder in the image: /tmp alone lets others in."""
    settings = home["services"]
    for name in ("mosquitto", "nginx"):
        assert settings[name]["environment"]["RUN_FOLDER"].startswith("/tmp/")  # noqa: S108 - in the container
        assert settings[name]["tmpfs"] == ["/tmp"]  # noqa: S108 - in the container


def test_nothing_is_mounted_below_what_is_read_only(home: dict[str, Any]) -> None:
    for service in home["services"].values():
        parts = [volume.split(":") for volume in service.get("volumes", [])]
        read_only = [path for _, path, *mode in parts if mode == ["ro"]]
        assert not [path for _, path, *_ in parts for above in read_only if path.startswith(f"{above}/")]


def _with(change: str) -> dict[str, Any]:
    """Return the home with one service changed by a snippet of YAML."""
    document: dict[str, Any] = copy.deepcopy(load(COMPOSE))
    for name, settings in yaml.safe_load(change).items():
        document["services"][name] |= settings
    return document


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("nginx: {restart: on_failure}", "is no policy"),
        ("nginx: {restart: 'no'}", "does not start again"),
        ("nginx: {image: 'nginx:1.29.3'}", "both image and build"),
        ("nginx: {image: nginx}", "no exact version"),
        ("nginx: {image: 'nginx:latest'}", "no exact version"),
        ("nginx: {image: 'nginx:1.29-alpine'}", "no exact version"),
        ("nginx: {volumes: ['./nginx:/etc/nginx']}", "no named volume"),
        ("nginx: {volumes: ['/run/dbus:/host/run/dbus']}", "no named volume"),
        ("nginx: {volumes: [{type: bind, source: /, target: /host}]}", "no named volume"),
        ("nginx: {volumes: ['nginx_new:/data']}", "is not declared"),
        ("nginx: {privileged: true}", "privileged may not"),
        ("nginx: {network_mode: host}", "opens it to the gateway"),
        ("nginx: {devices: ['/dev/ttyUSB0:/dev/ttyUSB0']}", "devices may not"),
        ("nginx: {env_file: .env}", "env_file may not"),
        ("nginx: {logging: {driver: none}}", "logging may not"),
        ("nginx: {deploy: {replicas: 2}}", "deploy may not"),
        ("nginx: {tmpfs: ['/tmp:size=4m,mode=1777']}", "a part of the name"),
        ("nginx: {container_name: nginx}", "container_name may not"),
        ("nginx: {build: {context: ., secrets: [a]}}", "build.secrets may not"),
        ("nginx: {depends_on: {mosquitto: {condition: service_healthy}}}", "as a list only"),
        ("nginx: {ports: ['80:80', '443:443', '8887:8887', '1883:1883']}", "need not be"),
        ("mosquitto: {ports: ['1883:1883']}", "need not be"),
        ("mosquitto: {labels: {io.balena.features.dbus: '1'}}", "not its own"),
        ("home_agent: {labels: {io.balena.features.balena-socket: '1'}}", "not its own"),
        ("wifi_ap: {environment: {AP_PASSWORD: hemshome}}", "everybody can read"),
        ("influxdb: {environment: [TOKEN=x]}", "is no mapping"),
        ("influxdb: {cap_add: [SYS_ADMIN]}", "without a reason"),
        ("influxdb: {cap_drop: []}", "keeps capabilities"),
        ("influxdb: {read_only: false}", "may change its image"),
        ("influxdb: {security_opt: []}", "may gain rights"),
        ("influxdb: {mem_limit: 0.5g}", "no memory limit"),
    ],
)
def test_what_every_parser_lets_through_is_found(change: str, complaint: str) -> None:
    assert complaint in " | ".join(str(finding) for finding in findings(_with(change), ""))


def test_variables_of_the_machine_that_builds_are_found(home: dict[str, Any]) -> None:
    assert list(findings(home, "image: nginx:${TAG}")) != []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("nginx: {networks: {home: {ipv4_address: 172.28.64.9}}}", "given to another"),
        ("nginx: {networks: {home: {ipv4_address: 172.28.64.249}}}", "believes another"),
        ("nginx: {networks: {home: {ipv4_address: 172.28.64.242}}}", "two services have one"),
        ("mosquitto: {networks: [home]}", "no address of its own"),
        ("home_assistant: {extra_hosts: []}", "would ask the network's name server"),
        ("home_agent: {extra_hosts: ['mosquitto:172.28.64.242']}", "would ask the network's name server"),
        ("influxdb: {extra_hosts: ['mosquitto:192.168.1.9']}", "would ask the network's name server"),
    ],
)
def test_a_service_that_could_be_taken_for_another_is_found(change: str, complaint: str) -> None:
    assert complaint in " | ".join(str(finding) for finding in network_findings(_with(change)))


def _docker_compose() -> list[str]:
    """Return a Docker Compose 2 that can be run, as words of a command; empty without one."""
    for candidate in (shutil.which("docker-compose"), str(UNPACKED)):
        if candidate and Path(candidate).exists():
            told = subprocess.run([candidate, "version"], capture_output=True, text=True, check=False)  # noqa: S603 - found above
            if re.search(r"\b2\.\d+", told.stdout):
                return [candidate]
    return []


@pytest.mark.parametrize("files", [(COMPOSE,), (COMPOSE, DEMO)], ids=["home", "demo"])
def test_docker_compose_accepts_it(files: tuple[Path, ...]) -> None:
    command = _docker_compose()
    if not command:
        pytest.skip("no Docker Compose 2 on this machine, nor unpacked in .cache/docker-compose")
    words = [word for file in files for word in ("--file", str(file))]
    checked = subprocess.run(  # noqa: S603 - found above
        [*command, *words, "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
        timeout=30,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_compose_specification_accepts_it() -> None:
    checked = subprocess.run(  # noqa: S603 - a tool of the environment
        [
            Path(sys.executable).parent / "check-jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            str(COMPOSE),
            str(DEMO),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert checked.returncode == 0, checked.stdout
