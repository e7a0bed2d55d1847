"""What is sampled for the measurement store, and how often."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.state import PowerBalance
from custom_components.home_flex.core.model import DeviceKind, MeterReading
from custom_components.home_flex.history.entries import LedgerEntry
from custom_components.home_flex.history.telemetry_schema import Point
from custom_components.home_flex.runtime.telemetry_feed import TelemetryFeed
from custom_components.home_flex.runtime.view import SiteView

from .site_view import device_view, site_view

BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
BALANCE = PowerBalance(grid_w=1.0, pv_w=0.0, battery_w=0.0, ev_charger_w=0.0, rest_w=1.0)


class Collector:
    """Keeps the points it is given."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.urgent: list[Point] = []

    def add(self, points: Iterable[Point], *, urgent: bool = False) -> None:
        (self.urgent if urgent else self.points).extend(points)

    def times(self, measurement: str) -> list[float]:
        """Return the seconds since BEGIN of a measurement's points."""
        return [
            (point.time - BEGIN).total_seconds() for point in self.points if point.measurement == measurement
        ]


def view(at_s: float, reading_s: float | None, *, balance: PowerBalance | None = None) -> SiteView:
    """Return the site at a time, its meter read at another; None: the meter is lost."""
    reading = None
    if reading_s is not None:
        reading = MeterReading(time=BEGIN + timedelta(seconds=reading_s), power_w=1.0)
    meter = device_view(
        DeviceKind.GRID_METER, reading, device_id="m1", link_reason=None if reading else "timeout"
    )
    return site_view(BEGIN + timedelta(seconds=at_s), {"m1": meter}, balance=balance)


def sampled(views: Sequence[SiteView]) -> Collector:
    collector = Collector()
    feed = TelemetryFeed(collector, lambda: BEGIN)
    for each in views:
        feed.view_changed(each)
    return collector


@pytest.mark.parametrize("period_s", [1, 2, 5, 10])
def test_a_meter_is_sampled_each_ten_seconds_however_often_it_speaks(period_s: int) -> None:
    collector = sampled([view(second, second // period_s * period_s) for second in range(60)])
    assert collector.times("power") == [0, 10, 20, 30, 40, 50]


def test_no_telegram_of_a_meter_that_speaks_each_ten_seconds_is_missed_for_being_early() -> None:
    spoken = [0, 9.9, 20.1, 29.7, 40.0]
    assert sampled([view(each, each) for each in spoken]).times("power") == spoken


def test_a_reading_is_written_once_though_it_is_shown_for_long() -> None:
    assert sampled([view(second, 0) for second in range(60)]).times("power") == [0]


def test_a_lost_device_gives_no_reading_but_its_availability() -> None:
    collector = sampled([view(0, None)])
    assert collector.times("power") == []
    (availability,) = (point for point in collector.points if point.measurement == "availability")
    assert availability.fields == {"readable": 0.0}


def test_the_balance_is_written_only_where_there_is_one() -> None:
    assert sampled([view(0, 0)]).times("balance") == []
    assert sampled([view(0, 0, balance=BALANCE)]).times("balance") == [0]


def test_a_clock_that_was_set_back_does_not_stop_the_samples() -> None:
    views = [view(3600, 3600), view(0, 0), view(10, 10)]
    assert sampled(views).times("power") == [3600, 0, 10]
    assert sampled(views).times("limit") == [3600, 0, 10]


@given(steps=st.lists(st.floats(0.1, 40), max_size=60))
def test_samples_are_never_closer_than_the_interval_nor_missed_when_due(steps: list[float]) -> None:
    spoken = [sum(steps[:end]) for end in range(len(steps) + 1)]
    times = sampled([view(each, each) for each in spoken]).times("power")
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap >= 9.5 - 1e-5 for gap in gaps)
    for earlier, later in pairwise(times):
        assert not [each for each in spoken if earlier + 9.5 + 1e-5 <= each < later - 1e-5]


def test_a_row_of_the_ledger_bears_the_kind_of_its_device() -> None:
    collector = Collector()
    feed = TelemetryFeed(collector, lambda: BEGIN)
    feed.view_changed(view(0, 0))
    row = LedgerEntry(
        time=BEGIN,
        device_id="m1",
        owner="resident",
        reason="event",
        event_id=None,
        quantity="power_w",
        value=None,
        outcome="handed_back",
    )
    feed.ledger_row(row)
    feed.ledger_row(replace(row, device_id="unknown"))
    kinds = [point.kind for point in collector.points if point.measurement == "setpoint"]
    assert kinds == ["grid_meter", "site"]
