"""Whatever a second back end asks is answered in its protocol, and nothing that a charger says is too odd."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpp.exceptions import NotSupportedError  # type: ignore[import-untyped]  # the library has no types
from ocpp.messages import CallResult, validate_payload  # type: ignore[import-untyped]  # the library has no types

from custom_components.home_flex.devices.kept import NothingKept
from custom_components.home_flex.devices.ocpp import Forwarder, ForwardSettings
from custom_components.home_flex.devices.ocpp.forwarding.books import Books
from custom_components.home_flex.devices.ocpp.forwarding.outbox import Outbox
from custom_components.home_flex.devices.ocpp.forwarding.permits import Permits
from custom_components.home_flex.devices.ocpp.schemas import _ACTIONS_16, _ACTIONS_201
from tests.devices.test_ocpp_envelope import ANY_JSON, PAYLOADS

SETTINGS = ForwardSettings(url="wss://x", identity="EMP1")
FORWARDED = ["BootNotification", "MeterValues", "StartTransaction", "StatusNotification", "StopTransaction"]
ALLOWED = {"GetCompositeSchedule", "GetConfiguration", "GetLocalListVersion", "GetVariables"}
REACHED: list[str] = []


async def nobody(action: str, _payload: dict[str, Any]) -> dict[str, Any]:
    REACHED.append(action)
    return {}


def permits(version: str) -> Permits:
    return Permits(SETTINGS, version=version, books=Books(), ask=nobody, repeat=lambda _: True)


SOME_PAYLOAD = {
    "requestedMessage": "Heartbeat",
    "setVariableData": [{"component": {"name": "C"}, "variable": {"name": "V"}, "attributeValue": "1"}],
}


@pytest.mark.parametrize(
    ("version", "action"),
    [("1.6", each) for each in _ACTIONS_16] + [("2.0.1", each) for each in _ACTIONS_201],
)
async def test_each_answer_is_one_of_its_version_and_only_reading_reaches_the_charger(
    version: str, action: str
) -> None:
    REACHED.clear()
    try:
        answer = await permits(version).answer(action, SOME_PAYLOAD)
    except NotSupportedError:
        assert REACHED == []
        return
    assert [action][: action in ALLOWED] == REACHED
    if action not in ALLOWED:
        result = CallResult("1", answer)
        result.action = action
        await validate_payload(result, version)


@given(calls=st.lists(st.tuples(st.sampled_from([*FORWARDED, "TransactionEvent"]), PAYLOADS, PAYLOADS)))
def test_whatever_a_charger_says_can_be_heard_worded_and_kept(
    calls: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    async def hear() -> None:
        forwarder = Forwarder(
            "CP1",
            SETTINGS,
            http=None,  # type: ignore[arg-type] # nothing is sent
            kept=NothingKept(),
            clock=lambda: datetime(2026, 11, 28, tzinfo=UTC),
            monotonic_s=lambda: 0.0,
        )
        for action, payload, answer in calls:
            forwarder.heard(action, payload, answer, 20_000)
            forwarder.heard(action, payload, answer, 100)
        while (notice := forwarder._outbox.first) is not None:
            forwarder._books.worded(notice, "TAG")
            forwarder._books.told(notice, notice.payload)
            forwarder._outbox.remove(notice)
        Books().restore(forwarder._books.document())

    asyncio.run(hear())


@given(document=ANY_JSON | st.dictionaries(st.sampled_from(["theirs", "next"]), ANY_JSON))
def test_what_was_kept_and_cannot_be_read_is_left_out(document: Any) -> None:
    Books().restore(document)
    Outbox().restore(document)
