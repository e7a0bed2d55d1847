"""Figures rest, and are shown at once when a device comes or goes."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.memory import Judgement
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.runtime.figure_pace import FIGURES_EVERY_S, FigurePace
from custom_components.home_flex.runtime.view import DeviceView, SiteView


def view(*, there: bool = True) -> SiteView:
    """Show a site with one meter."""
    meter = DeviceView(
        device_id="meter",
        kind=DeviceKind.GRID_METER,
        name="Meter",
        reading=None,
        identity=None,
        link_reason=None if there else "timeout",
        setpoint=None,
        judgement=Judgement.UNKNOWN,
        charge_now=False,
        reserve=0.0,
    )
    return SiteView(
        time=datetime(2026, 11, 28, 12, tzinfo=UTC),
        devices={"meter": meter},
        balance=None,
        import_limit_w=None,
        export_limit_w=None,
        limit_owner=None,
        shortfall_w=0.0,
        records=(),
        active=None,
        next=None,
        participating=True,
        aggregator_connected=None,
        aggregator_reason=None,
    )


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
