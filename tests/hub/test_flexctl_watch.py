"""What homes tell that mean harm, or are broken, ends no watching and moves no terminal."""

import io
import json
from typing import Any

import aiomqtt
import pytest
from community_hub.flexctl.broker import read_document
from community_hub.flexctl.hub_commands import show
from community_hub.flexctl.watch import Homes, told_report, told_values
from rich.console import Console

HOSTILE = "[/x] [red]h\x1b]0;owned\x07\x1b[2J\u202eome"


def shown(homes: Homes) -> str:
    screen = io.StringIO()
    Console(file=screen, width=200).print(homes.table())
    return screen.getvalue()


def is_plain(text: str) -> bool:
    return all(letter.isprintable() or letter == "\n" for letter in text)


def test_a_name_is_shown_as_it_is_and_moves_no_terminal() -> None:
    homes = Homes()
    homes.presence("home-1", {"status": HOSTILE, "venName": HOSTILE})
    values = {"type": "INSTRUCTION_STATUS", "values": [HOSTILE]}
    homes.report("home-1", {"eventID": HOSTILE, "resources": [{"intervals": [{"payloads": [values]}]}]})

    told = shown(homes)

    assert "[/x] [red]h" in told
    assert is_plain(told)


def test_what_the_hub_answers_is_shown_so_too() -> None:
    screen = io.StringIO()
    show("people", [{"name": HOSTILE}], Console(file=screen, width=200))
    show("people", {"name": HOSTILE}, Console(file=screen, width=200))
    assert screen.getvalue().count("[/x] [red]h") == 2
    assert is_plain(screen.getvalue())


@pytest.mark.parametrize(
    "report",
    [
        "x",
        [1],
        {"resources": 1},
        {"resources": ["x"]},
        {"resources": [{"intervals": [{"payloads": [{"type": [], "values": []}]}]}]},
        {"resources": [{"intervals": [{"payloads": [{"type": "DEMAND", "values": {"a": 1}}]}]}]},
        {"resources": [{"intervals": [{"payloads": [{}]}]}]},
    ],
    ids=json.dumps,
)
def test_a_report_of_another_shape_says_nothing(report: Any) -> None:
    homes = Homes()
    homes.report("home-1", told_report({"object": report}))
    assert told_values(told_report({"object": report})) == {}
    assert "home-1" in shown(homes)


@pytest.mark.parametrize("payload", [b"[" * 60_000, b"9" * 60_000, b"\xff", b"[]", b""])
def test_what_is_no_document_is_passed_over(payload: bytes) -> None:
    message = aiomqtt.Message("home_flex/vens/home-1/status", payload, 1, True, 1, None)
    assert read_document(message) is None
