"""What was found to reach much of a parser is still stood: ``scripts/fuzz`` finds it, and what is not."""

import time

import pytest

from tests.fuzz import __main__ as fuzzer
from tests.fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_each_kept_input_is_stood(name: str) -> None:
    target = TARGETS[name]
    assert target.seeds()
    for data in [*target.first(), *target.seeds()]:
        target.check(data)


@pytest.mark.parametrize(("hangs", "find"), [(0, None), (1, None), (2, "HangError: not done within 0.2 s")])
def test_an_input_that_waited_once_on_a_busy_machine_is_no_hang(
    monkeypatch: pytest.MonkeyPatch, hangs: int, find: str | None
) -> None:
    waits = iter([60.0] * hangs + [0.0] * 2)
    monkeypatch.setattr(fuzzer, "_HANGS_S", 0.2)
    target = Target(name="waiting", first=list, check=lambda _: time.sleep(next(waits)))
    assert fuzzer.failing(target, b"") == find


def test_whatever_else_an_input_raises_is_a_find() -> None:
    def check(data: bytes) -> None:
        raise ValueError(f"{data!r} is odd")

    assert fuzzer.failing(Target(name="odd", first=list, check=check), b"1") == "ValueError: b'1' is odd"
