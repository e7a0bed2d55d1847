"""Whatever a charger sends, it is answered by the rules or left aside: nothing fails."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.ocpp.charge_point import ChargePoint, Surroundings
from custom_components.home_flex.devices.ocpp.dialect import V16, Dialect
from custom_components.home_flex.devices.ocpp.session import Session
from custom_components.home_flex.devices.ocpp.transport import ChargerSocket
from custom_components.home_flex.devices.ocpp.v201 import V201
from tests.devices.ocpp_clients import QUICK, SETTINGS

DIALECTS = pytest.mark.parametrize("dialect", [V16, V201], ids=["1.6", "2.0.1"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=8,
)
# The fields that are read, so that what is in them is.
NAMES = [
    *(
        "connectorId",
        "status",
        "errorCode",
        "meterValue",
        "transactionId",
        "meterStart",
        "meterStop",
        "idTag",
    ),
    *("timestamp", "transactionData", "chargePointVendor", "chargePointModel", "evseId", "connectorStatus"),
    *(
        "transactionInfo",
        "eventType",
        "evse",
        "idToken",
        "chargingStation",
        "offline",
        "sampledValue",
        "value",
    ),
    *("unit", "phase", "measurand", "context", "unitOfMeasure", "multiplier", "id", "vendorName", "model"),
    "chargingState",
]
WORDS = st.sampled_from(
    ["Charging", "Available", "Occupied", "Started", "Updated", "Ended", "W", "kWh", "L1"]
)
PARTS = st.recursive(
    ANY_JSON | WORDS | st.integers(0, 2) | st.just("2026-11-21T12:00:00Z"),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.sampled_from(NAMES), children),
    max_leaves=12,
)
PAYLOADS = st.dictionaries(st.sampled_from(NAMES), PARTS)


class Heard:
    """A socket that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))


def answering(dialect: Dialect) -> tuple[Session, Heard]:
    """Return a session with a charger that is set up."""
    surroundings = Surroundings(clock=lambda: datetime.now(UTC), monotonic_s=time.monotonic, patience=QUICK)
    station = ChargePoint("CP1", surroundings)
    station.add(SETTINGS)
    requests = dialect.requests(
        station,
        identity="CP1",
        clock=surroundings.clock,
        monotonic_s=surroundings.monotonic_s,
        heartbeat_s=60,
        ids=surroundings.ids,
    )
    heard = Heard()
    return Session(cast("ChargerSocket", heard), requests.handlers, dialect), heard


def take(dialect: Dialect, *messages: object) -> list[Any]:
    """Return what is answered to messages in a row."""

    async def take_all() -> list[Any]:
        session, heard = answering(dialect)
        for message in messages:
            await session._take(message if isinstance(message, str) else json.dumps(message))
        return heard.sent

    return asyncio.run(take_all())


@DIALECTS
@given(message=ANY_JSON | st.lists(ANY_JSON, min_size=1, max_size=5) | st.text())
def test_no_message_is_too_odd(dialect: Dialect, message: object) -> None:
    take(dialect, message)


@DIALECTS
@given(data=st.data())
def test_no_payload_of_a_known_action_is_a_fault_of_ours(dialect: Dialect, data: st.DataObject) -> None:
    session, _ = asyncio.run(_session(dialect))
    action = st.sampled_from(sorted(session._handlers))
    calls = data.draw(st.lists(st.tuples(action, PAYLOADS), min_size=1, max_size=4))
    answers = take(dialect, *([2, str(n), name, payload] for n, (name, payload) in enumerate(calls)))
    assert len(answers) == len(calls)
    assert all(answer[0] == 3 or answer[2] != "InternalError" for answer in answers)


async def _session(dialect: Dialect) -> tuple[Session, Heard]:
    return answering(dialect)
