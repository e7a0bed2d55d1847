"""Brokers, the aggregator's side of the wire, and a home's link for the tests of the aggregator."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .broker import Broker, mosquitto_program

type StartBroker = Callable[..., Broker]


@pytest.fixture
def start_broker(tmp_path: Path) -> Iterator[StartBroker]:
    """Start brokers with options; all are gone after the test."""
    if mosquitto_program() is None:
        pytest.skip("mosquitto is not installed")
    brokers: list[Broker] = []

    def start(*options: str, **settings: object) -> Broker:
        broker = Broker(folder=tmp_path / f"broker{len(brokers)}", options=options, **settings)  # type: ignore[arg-type]
        brokers.append(broker)
        broker.start()
        return broker

    yield start
    for broker in brokers:
        broker.kill()


@pytest.fixture
def broker(start_broker: StartBroker) -> Broker:
    """Start a broker that lets everybody in."""
    return start_broker()
