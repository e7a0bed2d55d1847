"""Figures rest, and are shown at once when a device comes or goes."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.runtime.figure_pace import (
    FIGURES_EVERY_S,
    UNNOTICED_FOR_S,
    Figure,
    FigurePace,
    Notice,
)
from custom_components.home_flex.runtime.view import SiteView

from .site_view import device_view, site_view


def view(*, there: bool = True) -> SiteView:
    """Show a site with one meter."""
    meter = device_view(DeviceKind.GRID_METER, device_id="meter", link_reason=None if there else "timeout")
    return site_view(datetime(2026, 11, 28, 12, tzinfo=UTC), {"meter": meter})


def test_a_meter_that_speaks_each_second_is_shown_720_times_an_hour() -> None:
    pace = FigurePace()
    assert sum(pace.is_due(view(), float(second)) for second in range(3600)) == 720


@given(st.lists(st.floats(min_value=0.0, max_value=10.0), max_size=50))
def test_between_two_showings_lies_at_least_the_pause_however_often_is_decided(gaps_s: list[float]) -> None:
    pace, now_s, shown_s = FigurePace(), 0.0, []
    for gap_s in (0.0, *gaps_s):
        now_s += gap_s
        if pace.is_due(view(), now_s):
            shown_s.append(now_s)
    assert all(b - a >= FIGURES_EVERY_S for a, b in pairwise(shown_s))
    assert now_s - shown_s[-1] < FIGURES_EVERY_S


@pytest.mark.parametrize("there", [True, False])
def test_a_device_that_comes_or_goes_is_shown_at_once(there: bool) -> None:
    pace = FigurePace()
    assert pace.is_due(view(there=not there), 0.0)
    assert not pace.is_due(view(there=not there), 1.0)
    assert pace.is_due(view(there=there), 2.0)
    assert not pace.is_due(view(there=there), 3.0)


@pytest.mark.parametrize(
    ("shown", "now", "after_s", "is_due"),
    [
        (1000.0, 1029.0, 5.0, False),
        (1000.0, 1031.0, 5.0, True),
        (1000.0, 969.0, 5.0, True),
        (100.0, 110.0, 5.0, False),
        (100.0, 126.0, 5.0, True),
        (-1000.0, -1029.0, 5.0, False),
        (1000.0, 1001.0, UNNOTICED_FOR_S, True),
        (1000.0, 1000.0, 2 * UNNOTICED_FOR_S, False),
        (None, 1000.0, 5.0, True),
        (1000.0, None, 5.0, True),
    ],
)
def test_a_figure_is_shown_when_it_moved_noticeably_or_a_while_ago(
    shown: float | None, now: float | None, after_s: float, is_due: bool
) -> None:
    figure = Figure(Notice(step=25.0, share=0.03))
    figure.is_due(shown, 0.0)
    assert figure.is_due(now, after_s) == is_due


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=40))
def test_a_figure_is_never_older_than_its_rest(values: list[float]) -> None:
    figure, shown = Figure(Notice(step=25.0, share=0.03)), [(0.0, values[0])]
    for number, value in enumerate(values):
        if figure.is_due(value, number * 5.0):
            shown.append((number * 5.0, value))
        told_s, told = shown[-1]
        assert value == told or number * 5.0 - told_s < UNNOTICED_FOR_S
