"""A plugin of pytest: once the tests are collected, each mutant is tried by those that reach it, in a fork.

Tests are run first as they are, to learn which functions each reaches and what it costs; the cheapest that
reaches a mutant's function goes first. A line of JSON for each mutant goes to ``MUTATION_RESULTS``.
"""

import gc
import json
import os
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings
from mutmut.mutation import trampoline

# A mutant may take so many times what its tests took unchanged, and a little more: else it runs for ever.
_TIMES, _MORE_S = 3, 5
_CHILDREN = os.cpu_count() or 1


def pytest_collection() -> None:
    """Let properties stop at the first input that fails: nobody reads a mutant's smallest one."""
    settings.register_profile("mutants", deadline=None, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutants")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Try the mutants in place of running the tests."""
    if session.testsfailed:
        raise session.Interrupted("tests could not be collected")
    reached, costs_s = _learned(session.items)
    mutants = json.loads(Path("mutants.json").read_text())
    gc.collect()
    gc.freeze()
    with Path(os.environ["MUTATION_RESULTS"]).open("a", buffering=1) as results:

        def tell(mutant: str, state: str) -> None:
            results.write(json.dumps({"mutant": mutant, "state": state}) + "\n")

        _try_all(mutants, reached, costs_s, tell)
    return True


def _learned(
    items: Sequence[pytest.Item],
) -> tuple[Mapping[str, Sequence[pytest.Item]], Mapping[pytest.Item, float]]:
    """Return the tests that reach each function, the cheapest first, and what each costs in s."""
    hits: set[str] = set()
    trampoline.record_trampoline_hit = lambda name, caller=None: hits.add(name)  # type: ignore[attr-defined] # noqa: ARG005 # mutmut's own
    trampoline.set_mutant_under_test("stats")
    by_function: dict[str, list[pytest.Item]] = defaultdict(list)
    costs_s = {}
    for item in items:
        hits.clear()
        began_s = time.process_time()
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=None)):
            raise pytest.UsageError(f"fails without a mutant: {item.nodeid}")
        costs_s[item] = time.process_time() - began_s
        for function in hits:
            by_function[function].append(item)
    trampoline.set_mutant_under_test("")
    return {name: sorted(tests, key=costs_s.__getitem__) for name, tests in by_function.items()}, costs_s


def _try_all(
    mutants: Mapping[str, Sequence[str]],
    reached: Mapping[str, Sequence[pytest.Item]],
    costs_s: Mapping[pytest.Item, float],
    tell: Callable[[str, str], None],
) -> None:
    running: dict[int, str] = {}

    def take_one() -> None:
        process, status = os.wait()
        state = "killed" if os.WIFEXITED(status) and os.WEXITSTATUS(status) else "survived"
        tell(running.pop(process), "too slow" if os.WIFSIGNALED(status) else state)

    every = [f"{module}.{name}" for module, names in mutants.items() for name in names]
    # Where time is up before the end, those that were tried stand for all.
    random.Random(1).shuffle(every)  # noqa: S311 # no secret
    for mutant in every:
        tests = reached.get(mutant.rpartition("__mutmut_")[0], ())
        if not tests:
            tell(mutant, "no tests")
            continue
        if len(running) >= _CHILDREN:
            take_one()
        running[_forked(mutant, tests, sum(costs_s[test] for test in tests))] = mutant
    while running:
        take_one()


def _forked(mutant: str, tests: Sequence[pytest.Item], cost_s: float) -> int:
    """Return the process that tries a mutant: it ends with 1 as soon as a test fails."""
    process = os.fork()
    if process:
        return process
    ended = 1
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
            os.dup2(null, stream)
        seconds = int(_TIMES * cost_s) + _MORE_S
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        trampoline.set_mutant_under_test(mutant)
        ended = int(any(_fails(test) for test in tests))
    finally:
        os._exit(ended)


def _fails(test: pytest.Item) -> bool:
    """Run one test, without pytest's reports."""
    state = test.session._setupstate  # noqa: SLF001 # as pytest's own runner does
    test._initrequest()  # type: ignore[attr-defined] # noqa: SLF001 # the same
    try:
        state.setup(test)
        test.runtest()
    except BaseException:  # noqa: BLE001 # whatever a mutant raises, it was noticed
        return True
    state.teardown_exact(None)
    return False
