"""``scripts/bench mutants``: change one operator after the other in control and events, and see who notices.

mutmut makes the mutants, in the bodies of functions: not of properties, nor in the constants of modules. The
quick tests of the two folders are collected once, and each mutant is tried in a fork of them. What survives
is printed; the last line is JSON. A whole run takes hours: the next one goes on where the last one ended, as
long as code and tests are the very same.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .making import COPY, CORE, FOLDERS, ROOT, WORK, made, shown
from .tried import digest, go_on, tried, untried

# Closed loops and drawn houses are for the whole; a mutant is to fail a quick test.
_SLOW_TESTS = (
    "test_closed_loop.py",
    "test_properties.py",
    "test_loads_properties.py",
    "test_chargers.py",
    "test_failsafe.py",
)
_RESULTS = WORK / "results.jsonl"
_SURVIVED = ("survived", "no tests")


def main() -> int:
    """Return 0 when no more than ``--most`` of the mutants survive and all that are asked for were tried."""
    parser = argparse.ArgumentParser(prog="scripts/bench mutants", description=__doc__)
    parser.add_argument(
        "--only", metavar="FILE", action="append", help="a file of core/control or core/events"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="N of the mutants, drawn by chance")
    parser.add_argument("--minutes", type=float, default=180.0, help="stop after so long (180)")
    parser.add_argument("--most", type=float, default=0.05, help="share that may survive (0.05)")
    parser.add_argument("--anew", action="store_true", help="forget what was tried before")
    asked = parser.parse_args()
    if asked.anew:
        _RESULTS.unlink(missing_ok=True)
    go_on(_RESULTS, digest(ROOT))
    mutants = made(_files(asked.only))
    if asked.sample is not None:
        mutants = _sampled(mutants, asked.sample)
    left = untried(mutants, tried(_RESULTS))
    print(f"{_count(mutants)} mutants, {_count(left)} of them not tried yet", file=sys.stderr, flush=True)
    if _count(left):
        (COPY / "mutants.json").write_text(json.dumps(left))
        _try(60 * asked.minutes)
    return reported(mutants, tried(_RESULTS), asked.most)


def _count(mutants: Mapping[str, Sequence[str]]) -> int:
    return sum(map(len, mutants.values()))


def reported(mutants: Mapping[str, Sequence[str]], states: Mapping[str, str], most: float) -> int:
    """Print what became of ``mutants``; return 0 when all were tried and no more than ``most`` survived."""
    left = _count(untried(mutants, states))
    every = (f"{module}.{name}" for module, names in mutants.items() for name in names)
    asked = {mutant: states[mutant] for mutant in every if mutant in states}
    _print(asked)
    survived = sum(state in _SURVIVED for state in asked.values())
    share = survived / len(asked) if asked else 1.0
    figures = {"mutants": len(asked), "untried": left, "survived": survived}
    print(json.dumps({**figures, "survived_share": round(share, 4)}))
    return 0 if not left and share <= most else 1


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


def _try(seconds: float) -> None:
    """Try the mutants in the copy, as many as there is time for."""
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
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 # own words
            [sys.executable, "-m", "pytest", "-q", *plain, "-p", "scripts.mutation.trying", *tests],
            cwd=COPY,
            check=True,
            timeout=seconds,
            stdout=sys.stderr,
            env={**os.environ, "MUTATION_RESULTS": str(_RESULTS), "PYTHONPATH": str(COPY)},
        )


def _print(states: Mapping[str, str]) -> None:
    """Print each mutant that survived, and how many of each file were tried and survived."""
    survivors: dict[str, list[str]] = defaultdict(list)
    for mutant, state in states.items():
        if state in _SURVIVED:
            module, _, name = mutant.rpartition(".")
            survivors[module].append(name)
    for module, names in survivors.items():
        print(*shown(module, names), sep="\n")
    for module, count in sorted(Counter(mutant.rpartition(".")[0] for mutant in states).items()):
        file = ".".join(module.split(".")[-2:])
        print(f"{file:<28}{count:>6}{len(survivors[module]):>6}{len(survivors[module]) / count:>8.1%}")


if __name__ == "__main__":
    sys.exit(main())
