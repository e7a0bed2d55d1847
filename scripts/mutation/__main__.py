"""``scripts/bench mutants``: change one operator after the other in control and events, and see who notices.

mutmut makes the mutants, in the bodies of functions: not of properties, nor in the constants of modules. The
quick tests of the two folders are collected once, and each mutant is tried in a fork of them. What survives
is printed; the last line is JSON.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from .making import COPY, CORE, FOLDERS, ROOT, made, shown

# Closed loops and drawn houses are for the whole; a mutant is to fail a quick test.
_SLOW_TESTS = (
    "test_closed_loop.py",
    "test_properties.py",
    "test_loads_properties.py",
    "test_chargers.py",
    "test_failsafe.py",
)
_RESULTS = COPY / "results.jsonl"
_SURVIVED = ("survived", "no tests")


def main() -> int:
    """Return 0 when no more than ``--most`` of the mutants survive and all were tried."""
    parser = argparse.ArgumentParser(prog="scripts/bench mutants", description=__doc__)
    parser.add_argument(
        "--only", metavar="FILE", action="append", help="a file of core/control or core/events"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="N of the mutants, drawn by chance")
    parser.add_argument("--minutes", type=float, default=180.0, help="stop after so long (180)")
    parser.add_argument("--most", type=float, default=0.05, help="share that may survive (0.05)")
    asked = parser.parse_args()
    mutants = made(_files(asked.only))
    if asked.sample is not None:
        mutants = _sampled(mutants, asked.sample)
        (COPY / "mutants.json").write_text(json.dumps(mutants))
    count = sum(map(len, mutants.values()))
    print(f"{count} mutants in {len(mutants)} files", file=sys.stderr, flush=True)
    is_whole = _tried(60 * asked.minutes)
    states = [json.loads(line) for line in _RESULTS.read_text().splitlines()]
    _print(states)
    survived = sum(one["state"] in _SURVIVED for one in states)
    share = survived / len(states) if states else 1.0
    print(json.dumps({"mutants": len(states), "survived": survived, "survived_share": round(share, 4)}))
    return 0 if is_whole and len(states) == count and share <= asked.most else 1


def _files(only: Sequence[str] | None) -> list[Path]:
    every = [
        path.relative_to(ROOT) for folder in FOLDERS for path in sorted((ROOT / CORE / folder).rglob("*.py"))
    ]
    if only is None:
        return every
    chosen = [path for path in every if any(str(path).endswith(one.removeprefix("./")) for one in only)]
    if not chosen:
        raise SystemExit(f"no such file in {CORE}/{{{','.join(FOLDERS)}}}: {', '.join(only)}")
    return chosen


def _sampled(mutants: Mapping[str, Sequence[str]], count: int) -> dict[str, list[str]]:
    every = [(module, name) for module, names in mutants.items() for name in names]
    drawn: dict[str, list[str]] = defaultdict(list)
    for module, name in sorted(random.Random(1).sample(every, min(count, len(every)))):  # noqa: S311 # no secret
        drawn[module].append(name)
    return drawn


def _tried(seconds: float) -> bool:
    """Try the mutants in the copy; return whether all were within the time."""
    tests = [
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in sorted((ROOT / "tests/core" / folder).rglob("test_*.py"))
        if path.name not in _SLOW_TESTS
    ]
    plain = (
        "--assert=plain",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--hypothesis-seed=1",
    )
    _RESULTS.touch()
    try:
        subprocess.run(  # noqa: S603 # own words
            [sys.executable, "-m", "pytest", "-q", *plain, "-p", "scripts.mutation.trying", *tests],
            cwd=COPY,
            check=True,
            timeout=seconds,
            stdout=sys.stderr,
            env={**os.environ, "MUTATION_RESULTS": str(_RESULTS), "PYTHONPATH": str(COPY)},
        )
    except subprocess.TimeoutExpired:
        return False
    return True


def _print(states: Sequence[Mapping[str, str]]) -> None:
    """Print each mutant that survived, and how many of each file were tried and survived."""
    survivors: dict[str, list[str]] = defaultdict(list)
    for one in states:
        if one["state"] in _SURVIVED:
            module, _, name = one["mutant"].rpartition(".")
            survivors[module].append(name)
    for module, names in survivors.items():
        print(*shown(module, names), sep="\n")
    for module, count in sorted(Counter(one["mutant"].rpartition(".")[0] for one in states).items()):
        file = ".".join(module.split(".")[-2:])
        print(f"{file:<28}{count:>6}{len(survivors[module]):>6}{len(survivors[module]) / count:>8.1%}")


if __name__ == "__main__":
    sys.exit(main())
