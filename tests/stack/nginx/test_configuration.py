"""nginx takes the configuration whatever was set, an analyser finds nothing, and settings inject nothing."""

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from home_common.settings import Settings, SettingsError
from home_nginx.__main__ import prepare
from home_nginx.configuration import configuration
from home_nginx.defaults import DEFAULTS, PORTS, UPSTREAMS, NginxSettings, load

from .door import Door, free_ports

# What the analyser finds and may: the reason is the value.
ALLOWED = {
    "proxy_buffering_off": "downloads and event streams pass at once; limit_conn bounds who is slow",
}
LONGEST = "H" * 64
UUID = "0123456789abcdef0123456789abcdef"
INJECTIONS = [
    "a\nserver_tokens on",
    "a;b",
    "a}b",
    'a"b',
    "a'b",
    "a b",
    "$host",
    "${host}",
    "a#b",
    "a\\",
    "ä",
    "@run@",
]


def settings_in(folder: Path, **values: str) -> NginxSettings:
    """Return the settings of a home that was told ``values``."""
    told = {
        "HOME_ID": "home_1",
        "DATA_FOLDER": str(folder / "data"),
        "RUN_FOLDER": str(folder / "run"),
        # nginx listens while it checks.
        "LISTEN_ADDRESS": "127.0.0.1",
        **{name: str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)},
        **dict.fromkeys(UPSTREAMS, "127.0.0.1:9"),
        **values,
    }
    return load(Settings.load(DEFAULTS, environ=told, options=folder / "none.json"))


COMBINATIONS: list[Mapping[str, str]] = [
    {**identity, **names, **tunnel}
    for identity, names, tunnel in itertools.product(
        ({}, {"HOME_ID": LONGEST, "BALENA_DEVICE_UUID": UUID}, {"HOME_ID": "-", "BALENA_DEVICE_UUID": "_"}),
        ({}, {"HOST_NAMES": f"energy.example.org, Home, {'n' * 63}.{'o' * 63}.example"}),
        ({}, {"TUNNEL_SOURCES": "172.28.64.1, 10.0.0.0/24, fd00::1"}),
    )
]


@pytest.mark.parametrize("told", COMBINATIONS, ids=lambda told: "-".join(sorted(told)) or "defaults")
def test_nginx_takes_the_configuration_of_every_combination_of_settings(
    told: Mapping[str, str], tmp_path: Path
) -> None:
    prepare(settings_in(tmp_path, **told))


def test_a_fault_of_the_configuration_stops_the_start_and_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="host not found in upstream"):
        prepare(settings_in(tmp_path, OCPP="no-such-host.invalid:8887"))


@pytest.mark.parametrize("told", [{}, {"TUNNEL_SOURCES": "172.28.64.1"}], ids=["defaults", "tunnel"])
def test_the_analyser_finds_nothing_that_has_no_reason(told: Mapping[str, str], tmp_path: Path) -> None:
    prepare(settings_in(tmp_path, **told))
    assert set(_analyse(tmp_path / "run" / "nginx.conf")) == set(ALLOWED)


def test_the_analyser_would_find_a_visitor_who_chooses_where_requests_go(tmp_path: Path) -> None:
    prepare(settings_in(tmp_path))
    routes = tmp_path / "run" / "routes.conf"
    routes.write_text(routes.read_text() + "location ~ /to/(.*) { proxy_pass http://$1; }")
    assert "ssrf" in _analyse(tmp_path / "run" / "nginx.conf")


def test_nothing_of_the_template_is_left_open(tmp_path: Path) -> None:
    for text in configuration(settings_in(tmp_path)).values():
        assert "@run@" not in text
        assert "@names@" not in text


@pytest.mark.parametrize("value", INJECTIONS, ids=repr)
@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("HOME_ID", "{}"),
        ("BALENA_DEVICE_UUID", "{}"),
        ("HOST_NAMES", "{}"),
        ("HOST_NAMES", "one.example,{}"),
        ("TUNNEL_SOURCES", "{}"),
        ("TUNNEL_SOURCES", "fe80::1%{}"),
        ("LISTEN_ADDRESS", "{}"),
        ("HTTP_PORT", "80{}"),
        ("DATA_FOLDER", "/{}"),
        ("RUN_FOLDER", "/{}"),
        ("HOME_ASSISTANT", "{}:8123"),
        ("OCPP", "home_assistant:{}"),
        ("INFLUXDB", "influxdb:8086{}"),
    ],
)
def test_a_setting_that_would_write_configuration_is_refused_by_its_name(
    name: str, around: str, value: str, tmp_path: Path
) -> None:
    told = around.format(value)
    with pytest.raises(SettingsError, match=name) as refused:
        settings_in(tmp_path, **{name: told})
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOME_ID", "h" * 65),
        ("HOST_NAMES", "_"),
        ("HOST_NAMES", "*.example"),
        ("HOST_NAMES", "~^.*$"),
        ("HOST_NAMES", "a..b"),
        ("HOST_NAMES", "n" * 64 + ".example"),
        ("TUNNEL_SOURCES", "0.0.0.0/0"),
        ("TUNNEL_SOURCES", "172.16.0.0/12"),
        ("TUNNEL_SOURCES", "10.0.0.1/24"),
        ("TUNNEL_SOURCES", "::/0"),
        ("LISTEN_ADDRESS", "localhost"),
        ("HTTP_PORT", "0"),
        ("HTTP_PORT", "nan"),
        ("OCPP_PORT", "65536"),
        ("HOME_AGENT", "home_agent"),
        ("HOME_AGENT", "home_agent:65536"),
        ("HOME_AGENT", "http://home_agent:8099"),
        ("DATA_FOLDER", "data"),
    ],
)
def test_a_setting_that_is_none_is_refused_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name):
        settings_in(tmp_path, **{name: value})


def test_two_services_cannot_share_a_port(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HTTPS_PORT"):
        settings_in(tmp_path, HTTP_PORT="8080", HTTPS_PORT="8080")


def test_a_home_without_identity_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HOME_ID"):
        settings_in(tmp_path, HOME_ID="")


async def test_the_service_itself_says_which_setting_it_refuses_and_ends(tmp_path: Path) -> None:
    said = await Door(tmp_path, TUNNEL_SOURCES="0.0.0.0/0").fails()
    assert said == "home_nginx: TUNNEL_SOURCES trusts more than 256 addresses\n"


def _analyse(path: Path) -> list[str]:
    """Return the names of what gixy finds."""
    analyser = Path(sys.executable).with_name("gixy")
    said = subprocess.run(  # noqa: S603 # the one of this environment
        [analyser, "-f", "json", path], capture_output=True, text=True, check=False, timeout=60
    )
    return [finding["plugin"] for finding in json.loads(said.stdout)]
