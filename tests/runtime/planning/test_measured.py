"""What the home drew and what its roofs gave, in half-hours."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from custom_components.home_flex.runtime.planning.measured import LOAD, Measured

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Kept:
    """A clock, and the documents that were written."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.off = timedelta()
        self.documents: list[Mapping[str, Any]] = []

    def put_document(self, key: str, document: Mapping[str, Any]) -> None:
        assert key == "measured"
        self.documents.append(document)

    def measured(self, document: object = None) -> Measured:
        return Measured(
            document,
            documents=self,
            clock=lambda: NOON + timedelta(seconds=self.seconds) + self.off,
            monotonic_s=lambda: self.seconds,
        )

    def run(self, measured: Measured, seconds: int, load_w: float | None, every_s: int = 10) -> None:
        for _ in range(0, seconds, every_s):
            measured.note({LOAD: load_w, "roof": 200.0})
            self.seconds += every_s


def values(measured: Measured, key: str = LOAD) -> list[float]:
    history = measured.history(key)
    assert history is not None
    assert history.start == NOON
    return [float(value) for value in history.values_w]


def test_a_half_hour_is_the_mean_of_what_was_drawn_in_it() -> None:
    kept = Kept()
    measured = kept.measured()
    kept.run(measured, 900, 1000.0)
    kept.run(measured, 900, 3000.0)
    kept.run(measured, 10, 0.0)

    assert values(measured) == [pytest.approx(2000.0, abs=15.0)]
    assert values(measured, "roof") == [200.0]


def test_the_half_hour_that_runs_is_not_told_yet() -> None:
    kept = Kept()
    measured = kept.measured()
    kept.run(measured, 1700, 1000.0)

    assert measured.history(LOAD) is None
    assert kept.documents == []


def test_a_half_hour_that_was_seen_for_less_than_half_of_it_is_a_gap() -> None:
    kept = Kept()
    measured = kept.measured()
    kept.run(measured, 1800, 1000.0)
    kept.run(measured, 600, 5000.0)
    kept.run(measured, 1200, None)
    kept.run(measured, 1810, 2000.0)

    first, gap, last = values(measured)
    assert (first, last) == (1000.0, 2000.0)
    assert np.isnan(gap)


def test_a_value_does_not_stand_for_hours_of_silence() -> None:
    kept = Kept()
    measured = kept.measured()
    measured.note({LOAD: 1000.0})
    kept.seconds += 7200
    measured.note({LOAD: 1000.0})

    assert measured.history(LOAD) is None


def test_what_was_measured_outlives_a_restart() -> None:
    kept = Kept()
    measured = kept.measured()
    kept.run(measured, 3610, 1000.0)

    again = kept.measured(kept.documents[-1])

    assert values(again) == [1000.0, 1000.0]
    assert len(kept.documents) == 2


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"step_s": 900, "series": {LOAD: {"first": 1, "powers_w": [1.0]}}},
        {"step_s": 1800, "series": [1]},
        {"step_s": 1800, "series": {LOAD: {"first": "x", "powers_w": [1.0]}}},
        {"step_s": 1800, "series": {LOAD: {"first": 1, "powers_w": "x"}}},
        {"step_s": 1800, "series": {LOAD: {"first": 1, "powers_w": ["x", None]}}},
    ],
)
def test_a_document_that_cannot_be_read_is_no_history(document: object) -> None:
    assert Kept().measured(document).history(LOAD) is None


@pytest.mark.parametrize("wrong", [timedelta(days=-20_000), timedelta(days=-30), timedelta(days=400)])
@pytest.mark.parametrize("seconds", [120, 5400])
def test_a_clock_that_is_wrong_for_a_while_has_nothing_forgotten(wrong: timedelta, seconds: int) -> None:
    step = int(NOON.timestamp()) // 1800
    past = {"first": step - 80 * 48, "powers_w": [500.0] * (80 * 48)}
    kept = Kept()
    measured = kept.measured({"version": 1, "step_s": 1800, "series": {LOAD: past}})
    kept.off = wrong
    kept.run(measured, seconds, 1000.0)
    kept.off = timedelta()
    kept.run(measured, 5410, 1000.0)

    for each in (measured, kept.measured(kept.documents[-1])):
        history = each.history(LOAD)
        assert history is not None
        assert np.isfinite(history.values_w).sum() >= 80 * 48 + 2
        assert len(history) <= 84 * 48
    assert all(len(run["powers_w"]) <= 84 * 48 for run in kept.documents[-1]["series"].values())


def test_what_is_learned_of_the_past_is_kept_in_its_order() -> None:
    step = int(NOON.timestamp()) // 1800
    kept = Kept()
    measured = kept.measured({"step_s": 1800, "series": {LOAD: {"first": step - 100, "powers_w": [1.0]}}})
    measured.learn({LOAD: {step - each: 2.0 for each in range(1, 4032)}})

    again = kept.measured(kept.documents[-1]).history(LOAD)
    assert again is not None
    assert np.isfinite(again.values_w).all()
    assert (len(again), again.end) == (4031, NOON)
    assert again.values_w[-100] == 1.0


def test_what_is_older_than_twelve_weeks_is_forgotten() -> None:
    step = int(NOON.timestamp()) // 1800
    old = {"first": step - 90 * 48, "powers_w": [500.0] * (90 * 48)}
    kept = Kept()
    measured = kept.measured({"version": 1, "step_s": 1800, "series": {LOAD: old}})
    kept.run(measured, 1810, 1000.0)

    history = measured.history(LOAD)
    assert history is not None
    assert len(history) <= 84 * 48
    assert history.end == NOON + timedelta(minutes=30)
