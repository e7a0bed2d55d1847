"""``flexctl canary``: two wheels, each in a process of its own, on the stories of this repository."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from community_hub.canary.report import Report
from community_hub.canary.versions import digest_of_source, version_at
from community_hub.flexctl.__main__ import main

from .wheels import CORE, IDLE_AND_SLOW, NO_CARS, STORIES, wheel

# Enough of them, with batteries and with cars.
HOMES = [
    str(path)
    for path in sorted(STORIES.glob("*.json"))
    if path.stem.startswith(("battery", "car", "flat", "fuse"))
]


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Return what runs the command on an old and a new wheel."""

    def run(old: Path, new: Path, *scenarios: str) -> int:
        words = [str(old), str(new), *(scenarios or HOMES), "--release", "1.0.1"]
        report = tmp_path / "canary" / "1.0.1.json"
        monkeypatch.setattr("sys.argv", ["flexctl", "canary", *words, "--report", str(report)])
        return main()

    return run


def test_the_version_that_homes_run_passes_beside_itself(
    canary: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = wheel(tmp_path / "old")

    assert canary(ours, ours) == 0

    report = Report.load(tmp_path / "canary" / "1.0.1.json")
    assert (report.release, report.passed, report.compared) == ("1.0.1", True, len(HOMES))
    assert report.old == report.new == digest_of_source(CORE)
    assert "no worse than the old version" in capsys.readouterr().out


def test_a_version_that_leaves_batteries_idle_and_thinks_longer_is_blocked(
    canary: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert canary(wheel(tmp_path / "old"), wheel(tmp_path / "new", IDLE_AND_SLOW)) == 5

    report = json.loads((tmp_path / "canary" / "1.0.1.json").read_text())
    worse = {row["figure"] for row in report["rows"] if row["worse"]}
    assert report["passed"] is False
    assert {"cost", "cpu_s"} <= worse
    assert "worse: " in capsys.readouterr().out


def test_a_version_that_cannot_plan_a_home_which_the_old_one_could_is_blocked(
    canary: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert canary(wheel(tmp_path / "old"), wheel(tmp_path / "new", NO_CARS)) == 5

    assert "ValueError: a car" in capsys.readouterr().out


def test_a_version_that_does_not_run_is_told_in_a_line(
    canary: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = wheel(tmp_path / "new", {"planner/scenario.py": ("import math", "import no_such_module")})

    assert canary(wheel(tmp_path / "old"), broken) == 1

    assert "the new version does not run: ModuleNotFoundError" in capsys.readouterr().err


def test_a_digest_is_of_the_code_and_not_of_the_wheel(tmp_path: Path) -> None:
    ours = version_at(wheel(tmp_path / "ours").parent)
    other = version_at(wheel(tmp_path / "other", NO_CARS))

    assert ours.digest == digest_of_source(CORE) != other.digest


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive"], ids=["empty", "damaged"])
def test_what_is_no_wheel_is_told(
    canary: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "bad.whl"
    path.write_bytes(content)

    assert canary(path, path) == 1

    assert "is no wheel" in capsys.readouterr().err
