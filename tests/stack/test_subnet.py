"""The inner network of a deployed home is moved whole, or not at all."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped] # stubs are not locked
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.home_stack.deployed import compose
from scripts.home_stack.deployed.subnet import move, moved, prefix
from scripts.home_stack.processes import StackError

from .policy.compose_rules import findings, network_findings

COMPOSE = compose.DEPLOYED[0]
TEXT = COMPOSE.read_text(encoding="utf-8")


@settings(max_examples=15)  # a file is read and judged twice
@given(st.integers(0, 2**16 - 1))
def test_a_moved_home_passes_what_every_home_must(number: int) -> None:
    to = IPv4Network((10 << 24 | number << 8, 24))
    text = moved(TEXT, str(to))
    assert prefix(TEXT) not in text
    document = yaml.safe_load(text)
    assert [*findings(document, text), *network_findings(document)] == []
    assert moved(text, f"{prefix(TEXT)}0/24") == TEXT


def test_a_moved_home_can_be_run_here(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text(TEXT, encoding="utf-8")
    assert move(file, "10.77.5.0/24") == TEXT.count(prefix(TEXT))
    for number in (0, 1):
        home = compose.load([file], number=number)
        door = home.services["nginx"].address
        assert home.network == IPv4Network(f"10.77.{5 + number}.0/24")
        assert home.services["home_assistant"].environment["TRUSTED_PROXIES"] == f"{door}/32"


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("10.77.5.0/16", "is no network"),
        ("10.77.0.0/16", "256 addresses"),
        ("10.77.5.0/25", "256 addresses"),
        ("8.8.8.0/24", "belongs to somebody"),
        ("10.77.5", "is no network"),
        ("home", "is no network"),
        ("fd00::/24", "is no network"),
        ("", "is no network"),
    ],
)
def test_what_is_no_network_for_a_home_changes_nothing(to: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text(TEXT, encoding="utf-8")
    with pytest.raises(StackError, match=why):
        move(file, to)
    assert file.read_text(encoding="utf-8") == TEXT
