"""A charger's clock that is set back freezes nothing; what was queued moves nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.home_flex.core.model import ChargerStatus
from custom_components.home_flex.devices.ocpp.connector import Connector
from custom_components.home_flex.devices.ocpp.meter_values import MeterSample
from tests.devices.ocpp_clients import SETTINGS

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def at(time: datetime | None, power_w: float) -> MeterSample:
    return MeterSample(time=time, power_w=power_w, phase_current_a=(), energy_wh=None, ignored=0)


def charging(time: datetime, power_w: float = 0.0) -> Connector:
    """Return a connector that heard of a power, measured at ``time`` by the charger's clock."""
    connector = Connector(settings=SETTINGS)
    connector.take_status(ChargerStatus.CHARGING, time)
    connector.take_sample(at(time, power_w), NOW)
    return connector


@pytest.mark.parametrize("before", [NOW + 60 * MINUTE, FAR], ids=["an hour, in autumn", "a wrong date"])
def test_a_clock_that_was_set_back_is_believed_after_three_minutes(before: datetime) -> None:
    connector = charging(before)
    powers = []
    for minute in range(1, 5):
        connector.take_sample(at(NOW + minute * MINUTE, 11000.0), NOW + minute * MINUTE)
        powers.append(connector.power_w)
    assert powers == [0, 0, 11000, 11000]


def test_what_was_queued_moves_nothing_however_much_it_is() -> None:
    connector = charging(NOW, 11000.0)
    for minute in range(60, 0, -1):
        connector.take_sample(at(NOW - minute * MINUTE, 4140.0), NOW + timedelta(seconds=60 - minute))
    assert connector.power_w == 11000


def test_a_late_value_between_others_begins_the_count_anew() -> None:
    connector = charging(FAR)
    for minute in (1, 2, 4, 5):
        if minute == 4:
            connector.take_sample(at(NOW - 60 * MINUTE, 4140.0), NOW + 3 * MINUTE)
        connector.take_sample(at(NOW + minute * MINUTE, 11000.0), NOW + minute * MINUTE)
    assert connector.power_w == 0


def test_a_value_in_order_begins_the_count_anew() -> None:
    connector = charging(NOW, 7000.0)
    late = [(1, -9), (2, -8), (3, 3), (4, -6), (5, -5)]
    for arrived, measured in late:
        power_w = 9000.0 if measured > 0 else 11000.0
        connector.take_sample(at(NOW + measured * MINUTE, power_w), NOW + arrived * MINUTE)
    assert connector.power_w == 9000


@pytest.mark.parametrize(
    ("before", "power_w"),
    [
        (NOW - MINUTE, 0),
        (NOW + 9 * MINUTE, 11000),
        (NOW + 11 * MINUTE, 0),
        (FAR, 0),
        (datetime.max.replace(tzinfo=UTC), 0),
    ],
)
def test_a_status_ends_the_charging_unless_the_meter_said_otherwise_shortly_after(
    before: datetime, power_w: float
) -> None:
    connector = charging(before, 11000.0)
    connector.take_status(ChargerStatus.FINISHING, NOW)
    assert connector.power_w == power_w


def test_a_status_of_a_clock_that_was_set_back_blocks_nothing_for_long() -> None:
    connector = charging(NOW)
    connector.take_status(ChargerStatus.SUSPENDED_EV, FAR)
    for minute in range(1, 4):
        connector.take_sample(at(NOW + minute * MINUTE, 5000.0), NOW + minute * MINUTE)
    assert connector.power_w == 5000
