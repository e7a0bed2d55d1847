"""Runs a canary: each version plans all scenarios in a process of its own, in turns, and both are judged."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from home_flex_core.planner.cleaning import cleaned
from home_flex_core.planner.problem import Problem
from home_flex_core.planner.scenario import problem_from

from .comparing import Comparison, Outcome, compared
from .judging import figures
from .scenarios import Scenario
from .versions import Version

_REPLAY: Final = Path(__file__).with_name("replay.py")
# In turns, so that what the machine does meanwhile falls on both.
_ROUNDS: Final = 2
_TIMEOUT_S: Final = 3600.0

type Told = Mapping[str, Mapping[str, Any]]


def run_canary(old: Version, new: Version, scenarios: Sequence[Scenario]) -> Comparison:
    """Compare two versions. Raises ValueError when one does not run at all."""
    with tempfile.TemporaryDirectory(prefix="canary-") as name:
        folder = Path(name)
        told = folder / "scenarios.json"
        keyed = {f"{number:04} {each.name}": each for number, each in enumerate(scenarios, 1)}
        told.write_text(json.dumps([{"name": key, "problem": each.problem} for key, each in keyed.items()]))
        cores = {"old": _unpacked(old, folder / "old"), "new": _unpacked(new, folder / "new")}
        rounds: dict[str, list[Told]] = {which: [] for which in cores}
        for _ in range(_ROUNDS):
            for which, core in cores.items():
                rounds[which].append(_replayed(core, told, folder / "plans.json"))
    problems = {key: _problem(each) for key, each in keyed.items()}
    return compared(_judged(problems, rounds["old"]), _judged(problems, rounds["new"]))


def _unpacked(version: Version, folder: Path) -> Path:
    with zipfile.ZipFile(version.wheel) as archive:
        archive.extractall(folder)
    return folder


def _replayed(core: Path, scenarios: Path, plans: Path) -> Told:
    plans.unlink(missing_ok=True)
    try:
        done = subprocess.run(  # noqa: S603 # our own program and files
            # Isolated: of this process's paths none, so that the core is the one that is named.
            [sys.executable, "-I", _REPLAY, core, scenarios, plans],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"the {core.name} version did not end in {_TIMEOUT_S:g} s") from error
    if done.returncode or not plans.exists():
        last = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise ValueError(f"the {core.name} version does not run: {last}")
    return {each["name"]: each for each in json.loads(plans.read_text())}


def _problem(scenario: Scenario) -> Problem | str:
    """Return what plans are judged by: the scenario without its absurd numbers, or why there is none."""
    try:
        return cleaned(problem_from(scenario.problem))[0]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return f"it cannot be read: {type(error).__name__}: {error}"


def _judged(problems: Mapping[str, Problem | str], rounds: Sequence[Told]) -> dict[str, Outcome]:
    return {name: _judge(problem, [told[name] for told in rounds]) for name, problem in problems.items()}


def _judge(problem: Problem | str, told: Sequence[Mapping[str, Any]]) -> Outcome:
    if isinstance(problem, str):
        return problem
    if (error := next((each["error"] for each in told if "error" in each), None)) is not None:
        return str(error)
    try:
        return figures(
            problem,
            told[0]["device_power_w"],
            status=told[0]["status"],
            cpu_s=min(each["cpu_s"] for each in told),
        )
    except ValueError as error:
        return str(error)
