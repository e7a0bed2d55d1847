"""Which period's loss is shown: the newest with a figure."""

from dataclasses import replace
from datetime import timedelta

from custom_components.home_flex.core.building.days import HeatSource
from custom_components.home_flex.core.building.heat_loss import Lacking, NoHeatLoss
from custom_components.home_flex.core.building.newest import newest_heat_loss

from .test_heat_loss import period


def test_the_longest_of_the_newest_periods_is_shown() -> None:
    days = period(120).days
    found = newest_heat_loss(days, today=days[-1].day + timedelta(days=1), source=HeatSource.HEAT_METER)
    assert not isinstance(found, NoHeatLoss)
    assert found[0].asked_days == 90


def test_in_summer_last_winter_is_shown() -> None:
    winter = period(120).days
    summer = [
        replace(winter[0], day=winter[-1].day + timedelta(days=number), outdoor_c=22.0, indoor_c=23.0)
        for number in range(1, 150)
    ]
    found = newest_heat_loss(
        [*winter, *summer], today=summer[-1].day + timedelta(days=1), source=HeatSource.HEAT_METER
    )
    assert not isinstance(found, NoHeatLoss)
    assert winter[0].day < found[0].end < summer[50].day


def test_without_any_figure_it_is_said_what_the_newest_days_lack() -> None:
    days = period(10).days
    found = newest_heat_loss(days, today=days[-1].day + timedelta(days=1), source=HeatSource.HEAT_METER)
    assert isinstance(found, NoHeatLoss)
    assert found.lacking is Lacking.TOO_FEW_DAYS
    assert found.support.days == 10
