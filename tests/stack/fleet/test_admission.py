"""No ring gets a release before a canary found it no worse, or a person answers for it in writing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .fake_balena import FIXED, GOOD
from .operator import Operator, operator

# What is other about the report, and what the tool says.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "of another release": ({"release": "1.1.0"}, "is of 1.1.0"),
    "of other code": ({"new": "f" * 64}, "other code than this clone holds"),
    "that found it worse": ({"passed": False}, "worse than what homes run"),
    "of too few homes": ({"compared": 3}, "worse than what homes run"),
    "that is eight days old": (
        {"made_at": datetime.now(UTC) - timedelta(days=8)},
        "not of the last 7 days",
    ),
    "of tomorrow": ({"made_at": datetime.now(UTC) + timedelta(days=1)}, "not of the last 7 days"),
    "of words in place of figures": ({"compared": "many"}, "is no report of a canary"),
}


def audit(someone: Operator) -> list[dict[str, Any]]:
    path = someone.folder / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize(("other", "said"), REFUSED.values(), ids=REFUSED)
async def test_a_report_admits_no_release(tmp_path: Path, other: dict[str, Any], said: str) -> None:
    async with operator(tmp_path) as someone:
        someone.canary("1.1.1", **other)
        outcome = await someone.run("rollout", "1.1.1")
        assert outcome.code == 1
        assert said in outcome.output
        assert someone.balena.writes == []
        assert not (someone.folder / "rollout.json").exists()


async def test_without_a_report_no_home_is_told(tmp_path: Path) -> None:
    async with operator(tmp_path) as someone:
        (someone.folder / "canary" / "1.1.1.json").unlink()
        outcome = await someone.run("rollout", "1.1.1")
        assert outcome.code == 1
        assert "there is no report of a canary" in outcome.output
        assert someone.balena.writes == []


async def test_a_person_may_answer_for_a_release_and_is_kept_with_the_reason(tmp_path: Path) -> None:
    async with operator(tmp_path) as someone:
        someone.canary("1.1.1", passed=False)
        assert (await someone.run("rollout", "1.1.1", "--without-canary", "urgent")).code == 1
        assert audit(someone) == []
        why = "a hole that is exploited is mended; plans cost a little more"
        await someone.done("rollout", "1.1.1", "--without-canary", why)
        [line] = audit(someone)
        assert someone.balena.fleet_release == FIXED
        kept = json.loads((someone.folder / "rollout.json").read_text())
    assert (line["release"], line["reason"]) == ("1.1.1", why)
    assert line["by"]
    assert "worse" in line["refused"]
    assert kept["admission"]["reason"] == why
    assert (tmp_path / "fleet" / "audit.jsonl").stat().st_mode & 0o777 == 0o600


async def test_a_dry_run_says_so_and_keeps_nothing(tmp_path: Path) -> None:
    async with operator(tmp_path) as someone:
        someone.canary("1.1.1", passed=False)
        said = await someone.done(
            "rollout", "1.1.1", "--dry-run", "--without-canary", "to see what it would do"
        )
        assert "goes to homes though" in said
        assert audit(someone) == []
        assert someone.balena.fleet_release == GOOD


async def test_a_rollout_that_was_admitted_goes_on_when_its_report_has_aged(tmp_path: Path) -> None:
    async with operator(tmp_path) as someone:
        await someone.done("rollout", "1.1.1", "--once")
        someone.canary("1.1.1", made_at=datetime.now(UTC) - timedelta(days=30))
        await someone.done("rollout", "1.1.1")
        assert someone.balena.fleet_release == FIXED


async def test_a_rollout_of_a_tool_that_did_not_ask_is_asked_about(tmp_path: Path) -> None:
    async with operator(tmp_path) as someone:
        await someone.done("rollout", "1.1.1", "--once")
        path = someone.folder / "rollout.json"
        record = json.loads(path.read_text())
        del record["admission"]
        path.write_text(json.dumps(record))
        someone.canary("1.1.1", passed=False)
        assert (await someone.run("rollout", "1.1.1", "--once")).code == 1
