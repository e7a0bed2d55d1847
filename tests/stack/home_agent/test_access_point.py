"""What the access point says of itself, as the service that keeps it writes it."""

import json
from pathlib import Path

import pytest
from home_agent.access_point import STATES, AccessPoint, read
from home_agent.heartbeat.document import document
from home_agent.web.page import status_page
from wifi_ap.decision import State, Status
from wifi_ap.keeper import tell

from .test_document import home


@pytest.mark.parametrize("state", State)
def test_what_the_service_writes_is_what_the_agent_reads(tmp_path: Path, state: State) -> None:
    tell(tmp_path, Status(state=state, reason="because", interface="wlan0"), name="HomeFlex-C0FFEE")
    assert read(tmp_path) == AccessPoint(state=state.value, reason="because")
    assert state.value in STATES


def test_what_stands_there_already_is_not_written_again(tmp_path: Path) -> None:
    tell(tmp_path, Status(state=State.OFF, reason="not wanted"))
    before = (tmp_path / "status.json").stat().st_ino
    tell(tmp_path, Status(state=State.OFF, reason="not wanted"))
    assert (tmp_path / "status.json").stat().st_ino == before
    tell(tmp_path, Status(state=State.OFF, reason="the service has stopped"))
    assert (tmp_path / "status.json").stat().st_ino != before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"state": "on"}',
        '{"state": "burning", "reason": "x"}',
        '{"state": ["on"], "reason": "x"}',
        '{"state": "on", "reason": 1}',
    ],
)
def test_what_cannot_be_understood_is_unknown(tmp_path: Path, text: str) -> None:
    assert read(tmp_path) is None
    (tmp_path / "status.json").write_text(text)
    assert read(tmp_path) is None


def test_a_reason_is_one_short_line(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text(json.dumps({"state": "off", "reason": "a\n" * 500}))
    told = read(tmp_path)
    assert told is not None
    assert len(told.reason) == 200
    assert "\n" not in told.reason


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (AccessPoint(state="on", reason="commissioning"), "<dt>Access point</dt><dd>on</dd>"),
        (AccessPoint(state="disabled", reason="a <cable>"), "off: a &lt;cable&gt;"),
        (None, "<dt>Access point</dt><dd>unknown</dd>"),
    ],
)
def test_the_status_page_says_why_it_is_off(found: AccessPoint | None, shown: str) -> None:
    assert shown in status_page(document(home(access_point=found)), [], password_waits=False)
