"""Feeds parsers with what their seeds become when they are changed; see ``scripts/fuzz``."""

import argparse
import contextlib
import json
import logging
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from tests.fuzz.targets import TARGETS, Target

_HANGS_S: Final = 10.0
_LONGEST: Final = 4096
_MOST_KEPT: Final = 60
_LONGEST_KEPT: Final = 1500
_FOUND: Final = Path(".cache") / "fuzz"
_TOOL: Final = sys.monitoring.COVERAGE_ID
_TELLING: Final = (
    b"0",
    b"-1",
    b"1e309",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b'"',
    b"\\u0000",
    b"9" * 30,
    b"\n",
    b"\xff",
)


class HangError(Exception):
    """An input is not done with in time."""


class Reached:
    """The lines of our own code that ran: each is told once, so that it costs nothing afterwards."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        sys.monitoring.use_tool_id(_TOOL, "fuzz")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, self._ran)
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.LINE)

    def forget(self) -> None:
        self.lines = set()
        sys.monitoring.restart_events()

    def _ran(self, code: CodeType, line: int) -> Any:
        if "home_flex" in code.co_filename and "tests" not in code.co_filename:
            self.lines.add((code.co_filename, line))
        return sys.monitoring.DISABLE


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """End what hangs."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise HangError(f"not done within {_HANGS_S:g} s")

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, _HANGS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def changed(chance: random.Random, corpus: list[bytes]) -> bytes:
    """Return an input with a few changes: bytes, pieces of others, and what parsers stumble over."""
    data = bytearray(chance.choice(corpus))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 2, 4, 16, 64)))
        match chance.randrange(7):
            case 0:
                data[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * chance.choice((1, 2, 30))
            case 3:
                other = chance.choice(corpus)
                start = chance.randrange(len(other) + 1)
                data[at:end] = other[start : start + chance.choice((4, 16, 200))]
            case 4:
                data[at:end] = chance.choice(_TELLING)
            case 5 if end > at:
                data[at] = data[at] ^ (1 << chance.randrange(8))
            case _:
                data[at:at] = bytes([chance.choice(b'0123456789.,:*()/!{}[]"-+eE \t\r\n')])
    return bytes(data[:_LONGEST])


def failing(target: Target, data: bytes) -> str | None:
    """Return why an input is a find; a hang comes twice, as a busy machine lets any input wait once."""
    failure = None
    for _ in range(2):
        try:
            with bounded():
                target.check(data)
        except HangError as error:
            failure = f"HangError: {error}"
        except Exception as error:  # noqa: BLE001 # each is a find
            return f"{type(error).__name__}: {str(error)[:200]}"
        else:
            return None
    return failure


def fuzz(target: Target, *, seconds: float, seed: int, reached: Reached) -> dict[str, Any]:
    """Run for so long; keep what reaches new code and what fails, and return the figures."""
    chance = random.Random(seed)  # noqa: S311 # inputs, no secrets
    corpus = [*target.first(), *target.seeds()]
    until, inputs, failures = time.monotonic() + seconds, 0, dict[str, bytes]()
    reached.forget()
    for data in corpus:
        target.check(data)
    while time.monotonic() < until:
        data, before = changed(chance, corpus), len(reached.lines)
        inputs += 1
        if (failure := failing(target, data)) is not None:
            failures.setdefault(failure, data)
        if len(reached.lines) > before:
            corpus.append(data)
    _keep(target, corpus, reached)
    for number, data in enumerate(failures.values()):
        _FOUND.mkdir(parents=True, exist_ok=True)
        (_FOUND / f"{target.name}-{number}").write_bytes(data)
    return {
        "target": target.name,
        "inputs": inputs,
        "lines": len(reached.lines),
        "kept": len(target.seeds()),
        "failures": list(failures),
    }


def _keep(target: Target, corpus: list[bytes], reached: Reached) -> None:
    """Keep the shortest inputs that still reach what all reach together."""
    reached.forget()
    kept: list[bytes] = []
    for data in [*target.first(), *sorted(corpus[len(target.first()) :], key=len)]:
        before = len(reached.lines)
        with contextlib.suppress(Exception), bounded():
            target.check(data)
            if len(reached.lines) > before and data not in target.first() and len(data) <= _LONGEST_KEPT:
                kept.append(data)
    lines = [json.dumps(data.decode("latin-1")) + "\n" for data in kept[:_MOST_KEPT]]
    target.file.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)}; else all"
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="for each parser")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if unknown := set(arguments.targets) - set(TARGETS):
        parser.error(f"there is no parser {', '.join(sorted(unknown))}")
    logging.disable()
    reached, failed = Reached(), False
    for name in arguments.targets or TARGETS:
        told = fuzz(TARGETS[name], seconds=arguments.minutes * 60, seed=arguments.seed, reached=reached)
        failed |= bool(told["failures"])
        print(json.dumps(told), flush=True)  # noqa: T201 # figures are what it is for
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
