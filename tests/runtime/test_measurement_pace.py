"""How often running events are reported and kept."""

import pytest

from custom_components.home_flex.runtime.measurement_pace import MeasurementPace

NOW_S = 0.0


@pytest.mark.parametrize(("events", "interval_s"), [(1, 10.0), (50, 10.0), (100, 20.0)])
def test_of_many_events_each_is_reported_less_often(events: int, interval_s: float) -> None:
    pace = MeasurementPace()
    assert pace.is_report_due(events, NOW_S)
    assert not pace.is_report_due(events, NOW_S + interval_s - 0.1)
    assert pace.is_report_due(events, NOW_S + interval_s)


def test_events_of_few_parts_are_kept_each_time() -> None:
    pace = MeasurementPace()
    assert pace.is_keeping_due(16, NOW_S)
    assert pace.is_keeping_due(16, NOW_S + 10)


def test_events_of_many_parts_are_kept_once_a_minute() -> None:
    pace = MeasurementPace()
    assert pace.is_keeping_due(17, NOW_S)
    assert not pace.is_keeping_due(17, NOW_S + 59.9)
    assert pace.is_keeping_due(17, NOW_S + 60)
