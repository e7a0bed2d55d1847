"""A second back end of OCPP 2.0.1 hears of transactions without a gap, and is obeyed as little as in 1.6."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from ocpp.v201 import call  # type: ignore[import-untyped]  # the library has no types

from tests.devices.fakes.back_end import BackEnd, back_end
from tests.devices.forwarding_home import Home, Store, forwarding, hurry
from tests.devices.ocpp_201_clients import STATION, event, is_set_up, power, status, takes, variables
from tests.devices.ocpp_clients import NOON, RawCharger, dial

URL_OF_NOBODY = "ws://127.0.0.1:1/ocpp"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@asynccontextmanager
async def charger_of(home: Home) -> AsyncIterator[RawCharger]:
    replies = {"SetVariables": takes(), "GetVariables": variables(ProfileStackLevel="5")}
    async with dial(home.driven.port, protocols=("ocpp2.0.1",), replies=replies) as charger:
        await charger.call("BootNotification", {"reason": "PowerUp", "chargingStation": STATION})
        await charger.until(lambda: is_set_up(charger))
        yield charger


@asynccontextmanager
async def all_three(**more: Any) -> AsyncIterator[tuple[BackEnd, Home, RawCharger]]:
    async with (
        back_end(version="2.0.1") as employer,
        forwarding(employer.url, **more) as home,
        charger_of(home) as charger,
    ):
        await employer.until(lambda: bool(employer.heard("BootNotification")))
        yield employer, home, charger


async def test_it_hears_each_state_and_numbers_them_without_a_gap() -> None:
    async with all_three(id_tag="EMPLOYEE-7") as (employer, home, charger):
        await status(charger, "Occupied")
        token = {"idToken": "TAG", "type": "ISO14443"}
        await event(charger, "Started", "Charging", power(7000), idToken=token)
        for number in range(60):
            home.clock.advance(2.0)
            await event(charger, "Updated", "Charging", power(7000), seqNo=number + 1)
        await event(charger, "Updated", "SuspendedEV", seqNo=61)
        await event(charger, "Ended", "EVConnected", seqNo=62)
        await employer.until(lambda: len(employer.heard("TransactionEvent")) == 5)
        told = employer.heard("TransactionEvent")
        assert [each["seqNo"] for each in told] == [0, 1, 2, 3, 4]
        assert [each["eventType"] for each in told] == ["Started", "Updated", "Updated", "Updated", "Ended"]
        assert told[0]["idToken"] == {"idToken": "EMPLOYEE-7", "type": "ISO14443"}
        assert employer.heard("StatusNotification")[0]["connectorStatus"] == "Occupied"
        assert employer.heard("BootNotification")[0]["chargingStation"] == STATION
        assert employer.broken == []


async def test_a_transaction_while_it_was_away_is_told_later() -> None:
    store = Store()
    async with forwarding(URL_OF_NOBODY, store) as home, charger_of(home) as charger:
        await event(charger, "Started", "Charging")
    async with (
        back_end(version="2.0.1") as employer,
        forwarding(employer.url, store) as home,
        charger_of(home) as charger,
    ):
        await event(charger, "Ended", None, seqNo=1)
        await employer.until(lambda: len(employer.heard("TransactionEvent")) == 2)
        assert [each["seqNo"] for each in employer.heard("TransactionEvent")] == [0, 1]


async def test_it_never_sets_a_power_or_a_variable() -> None:
    async with all_three(may_start=True) as (employer, _home, charger):
        period = {"startPeriod": 0, "limit": 32.0}
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
        profile = {
            "id": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": [schedule],
        }
        asked = call.SetChargingProfile(evse_id=0, charging_profile=profile)
        assert (await employer.call(asked)).status == "Rejected"
        data = {
            "attributeValue": "9",
            "component": {"name": "SampledDataCtrlr"},
            "variable": {"name": "TxUpdatedInterval"},
        }
        before = len(charger.called("SetVariables"))
        answer = await employer.call(call.SetVariables(set_variable_data=[data]))
        assert answer.set_variable_result[0]["attribute_status"] == "Rejected"
        assert (await employer.call(call.UnlockConnector(evse_id=1, connector_id=1))).status == "UnlockFailed"
        assert (await employer.call(call.Reset(type="Immediate"))).status == "Rejected"
        assert len(charger.called("SetVariables")) == before
        assert charger.called("Reset") == charger.called("UnlockConnector") == []


@pytest.mark.parametrize("may_start", [True, False])
async def test_it_starts_and_stops_where_it_may(may_start: bool) -> None:
    async with all_three(may_start=may_start) as (employer, _home, charger):
        token = {"idToken": "EMPLOYEE-7", "type": "Central"}
        wanted = "Accepted" if may_start else "Rejected"
        start = call.RequestStartTransaction(id_token=token, remote_start_id=4, evse_id=1)
        assert (await employer.call(start)).status == wanted
        stop = call.RequestStopTransaction(transaction_id="tx-1")
        assert (await employer.call(stop)).status == wanted
        assert len(charger.called("RequestStartTransaction")) == may_start
        assert len(charger.called("RequestStopTransaction")) == may_start


async def test_it_reads_variables_but_no_password() -> None:
    async with all_three() as (employer, _home, _charger):
        names = [("OCPPCommCtrlr", "HeartbeatInterval"), ("SecurityCtrlr", "BasicAuthPassword")]
        wanted = [{"component": {"name": one}, "variable": {"name": two}} for one, two in names]
        answer = await employer.call(call.GetVariables(get_variable_data=wanted))
        assert [each["variable"]["name"] for each in answer.get_variable_result] == ["HeartbeatInterval"]


async def test_what_the_charger_sends_twice_is_told_once() -> None:
    async with all_three() as (employer, _home, charger):
        for _ in range(2):
            await event(charger, "Started", "Charging")
        await event(charger, "Ended", None, seqNo=1, timestamp=NOON)
        await employer.until(lambda: len(employer.heard("TransactionEvent")) == 2)
