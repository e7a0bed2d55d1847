"""What a charger queued while it was offline is told from what it measures now, by its pace alone."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.home_flex.core.model import ChargerStatus
from custom_components.home_flex.devices.ocpp.connector import Connector
from custom_components.home_flex.devices.ocpp.meter_values import POWER, MeterSample
from custom_components.home_flex.devices.ocpp.transactions import TransactionIds, TransactionStart
from tests.devices.ocpp_clients import SETTINGS

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
FAR = datetime(2099, 1, 1, tzinfo=UTC)
WRONG = datetime(1970, 1, 1, tzinfo=UTC)


def at(time: datetime | None, power_w: float) -> MeterSample:
    return MeterSample(time=time, values={POWER: {0: power_w}}, ignored=0)


def charging() -> Connector:
    """Return a connector that has just been connected."""
    connector = Connector(settings=SETTINGS)
    connector.connect()
    connector.take_status(ChargerStatus.CHARGING, 0.0)
    return connector


@pytest.mark.parametrize("clock", [NOW, FAR, WRONG, None], ids=["right", "in 2099", "in 1970", "none"])
def test_live_values_count_whatever_the_clock_shows(clock: datetime | None) -> None:
    connector = charging()
    powers = []
    for minute in range(4):
        stamp = None if clock is None else clock + timedelta(minutes=minute)
        connector.take_sample(at(stamp, 1000.0 * minute), None, 60.0 * minute)
        powers.append(connector.power_w)
    assert powers == [0.0, 1000.0, 2000.0, 3000.0]


@pytest.mark.parametrize("to", [NOW - timedelta(hours=1), WRONG, FAR])
def test_a_clock_that_is_set_in_the_middle_freezes_nothing(to: datetime) -> None:
    connector = charging()
    connector.take_sample(at(NOW, 7200.0), None, 0.0)
    connector.take_sample(at(NOW + timedelta(seconds=60), 7200.0), None, 60.0)
    connector.take_sample(at(to, 3000.0), None, 120.0)
    assert connector.power_w == 3000.0


@pytest.mark.parametrize("interval_s", [2, 60, 900])
def test_what_was_queued_moves_nothing_however_much_it_is(interval_s: int) -> None:
    connector = charging()
    connector.take_sample(at(NOW, 1000.0), None, 0.0)
    told = [
        connector.take_sample(at(NOW + timedelta(seconds=n * interval_s), 11000.0), None, n * 0.015)
        for n in range(1, 300)
    ]
    assert not any(told)
    assert connector.power_w == 1000.0


def test_the_first_value_in_pace_ends_the_queue() -> None:
    connector = charging()
    for n in range(10):
        connector.take_sample(at(NOW + timedelta(seconds=60 * n), 11000.0), None, n * 0.1)
    assert connector.take_sample(at(NOW + timedelta(seconds=600), 3000.0), None, 61.0)
    assert connector.power_w == 3000.0


def test_parts_of_a_late_sample_are_late_together() -> None:
    connector = charging()
    late = at(NOW + timedelta(seconds=60), 11000.0)
    connector.take_sample(at(NOW, 1000.0), None, 0.0)
    assert not connector.take_sample(late, None, 0.1)
    assert not connector.take_sample(late, None, 0.2)


def ended() -> tuple[Connector, int]:
    connector = charging()
    start = TransactionStart(1, "TAG", 0.0, NOW)
    transaction_id = connector.transactions.start(start, TransactionIds(), NOW)
    connector.take_status(ChargerStatus.AVAILABLE, 100.0)
    return connector, transaction_id


def test_values_of_a_transaction_that_is_over_move_nothing() -> None:
    connector, transaction_id = ended()
    assert not connector.take_sample(at(NOW, 7200.0), transaction_id, 120.0)
    assert connector.power_w == 0.0


def test_a_transaction_that_is_over_and_still_draws_after_minutes_is_believed() -> None:
    connector, transaction_id = ended()
    connector.transactions.carry_on(transaction_id, 401.0)
    assert connector.take_sample(at(NOW, 7200.0), transaction_id, 401.0)
    assert (connector.power_w, connector.transactions.running) == (7200.0, transaction_id)
