"""``flexctl verify``: files in, an answer in words and an exit code out."""

import json
import sys
from pathlib import Path

import pytest
from community_hub.flexctl.__main__ import main
from community_hub.market.issuing import statements
from community_hub.market.received import received_of
from community_hub.market.statement import document_of
from community_hub.market.verify import Received

from .communities import three_homes

RECEIVED = "start,import_wh,export_wh\n1970-01-01T00:00:00+00:00,300,0\n"


def _run(folder: Path, monkeypatch: pytest.MonkeyPatch, rule: str, received: str = RECEIVED) -> int:
    statement = document_of(statements(three_homes(), rule, currency="EUR")[0])
    (folder / "statement.json").write_text(json.dumps(statement))
    (folder / "received.csv").write_text(received)
    words = ["flexctl", "verify", str(folder / "statement.json"), "--received", str(folder / "received.csv")]
    monkeypatch.setattr(sys, "argv", words)
    return main()


def test_a_right_line_is_told_as_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, monkeypatch, "pro_rata") == 0
    assert "ann, by pro_rata: 0.08 EUR over 1 quarter-hours: right" in capsys.readouterr().out


def test_a_wrong_line_is_told_with_its_quarter_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, monkeypatch, "pro_rata", RECEIVED.replace("300", "290")) == 1
    assert "1970-01-01T00:00:00+00:00: taken_not_by_rule" in capsys.readouterr().out


def test_what_only_an_auditor_can_reckon_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, monkeypatch, "cost_causation") == 0
    assert "within its bounds" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, monkeypatch, "pro_rata", "when,what\n") == 1
    assert (
        capsys.readouterr().err == "flexctl: the first line names the columns start, import_wh, export_wh\n"
    )


@pytest.mark.parametrize("text", ["[]", "[" * 200_000, "{", '{"version": 1}', "\x00"])
def test_a_statement_that_is_none_is_one_line(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "statement.json").write_text(text)
    (tmp_path / "received.csv").write_text(RECEIVED)
    words = ["verify", str(tmp_path / "statement.json"), "--received", str(tmp_path / "received.csv")]
    monkeypatch.setattr(sys, "argv", ["flexctl", *words])
    assert main() == 1
    told = capsys.readouterr().err
    assert told.startswith("flexctl: ")
    assert told.count("\n") == 1


def test_quarter_hours_are_read_by_their_offset() -> None:
    text = "start,import_wh,export_wh\n2026-10-25T02:15+02:00,1,2\n2026-10-25T02:15+01:00,3,4\n\n"
    slot = 1_792_887_300 // 900
    assert received_of(text) == {slot: Received(1, 2), slot + 4: Received(3, 4)}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-10-25T02:15,1,2", "no offset"),
        ("2026-10-25T02:16Z,1,2", "no quarter-hour"),
        ("2026-10-25T02:15Z,-1,2", "below zero"),
        ("2026-10-25T02:15Z,1.5,2", "line 2"),
        ("2026-10-25T02:15Z,1", "line 2"),
        ("2026-10-25T02:15Z,1,2\n2026-10-25T02:15Z,1,2", "line 3: .* twice"),
        ("tomorrow,1,2", "line 2"),
    ],
)
def test_a_row_that_could_mean_something_else_is_refused(row: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        received_of("start,import_wh,export_wh\n" + row)
