"""A line of the scenario has the charge point speak OCPP 2.0.1: schema for schema, and with its faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from home_simulator.faults import Faults
from home_simulator.ocpp_link import CentralSystem as Address
from home_simulator.simulator import Simulator
from ocpp.messages import Call, CallResult, validate_payload  # type: ignore[import-untyped]  # has no types

from custom_components.home_flex.core.model import ChargerStatus
from custom_components.home_flex.devices.ocpp import CentralSystem as HomeCentralSystem
from custom_components.home_flex.devices.ocpp import OcppCharger, Patience
from tests.devices.ocpp_clients import SETTINGS

from .conftest import CentralSystem, eventually, house_on_the_wire

FULL_POWER_W = 16 * 3 * 230
SPEAKS = Faults(charger_speaks_201=True)


class CentralSystem201(CentralSystem):
    """Takes both versions, and holds what is said in 2.0.1 against the schemas."""

    subprotocols = ("ocpp2.0.1", "ocpp1.6")

    @property
    def version(self) -> str:
        assert self.connection is not None
        return str(self.connection.subprotocol).removeprefix("ocpp")

    async def ask(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Call it, and check its answer."""
        answer = await self.call(action, payload)
        if "code" not in answer:
            result = CallResult("1", answer)
            result.action = action
            await validate_payload(result, "2.0.1")
        return answer

    async def check(self) -> None:
        for action, payload in self.received:
            await validate_payload(Call("1", action, payload), "2.0.1")

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.said("TransactionEvent") if each["eventType"] == kind]

    def _answer(self, action: str) -> dict[str, Any]:
        if action in {"Authorize", "TransactionEvent"} and self.version == "2.0.1":
            return self.answers.get(action, {"idTokenInfo": {"status": "Accepted"}})
        return super()._answer(action)


@pytest.fixture
async def centre() -> AsyncIterator[CentralSystem201]:
    running = CentralSystem201()
    await running.start()
    yield running
    await running.check()
    await running.stop()


@pytest.fixture
async def charging(centre: CentralSystem201) -> AsyncIterator[Simulator]:
    """Run a house whose charger speaks 2.0.1, and whose car charges at full power."""
    address = Address(url=centre.url, identity="CP 1", password=centre.password)
    async with house_on_the_wire(car_plugged=True) as simulator:
        simulator.faults.now = SPEAKS
        simulator.charge_point.dial(address)
        await eventually(lambda: simulator.connector.status == "Charging")
        simulator.house.step(simulator.clock.now(), 2)
        await eventually(lambda: centre.said("TransactionEvent"))
        yield simulator


def profile(limit: float, purpose: str = "TxDefaultProfile", **more: Any) -> dict[str, Any]:
    period = {"startPeriod": 0, "limit": limit}
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}],
        **more,
    }


async def test_a_session_is_told_by_its_events_in_their_order(
    charging: Simulator, centre: CentralSystem201
) -> None:
    charging.house.car.plugged = False
    await eventually(lambda: centre.events("Ended"))
    told = centre.said("TransactionEvent")
    assert [each["seqNo"] for each in told] == list(range(len(told)))
    assert len({each["transactionInfo"]["transactionId"] for each in told}) == 1
    states = [each["transactionInfo"].get("chargingState") for each in told]
    assert [state for state in states if state][:2] == ["EVConnected", "Charging"]
    assert told[-1]["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    await eventually(lambda: centre.said("StatusNotification")[-1]["connectorStatus"] == "Available")


@pytest.mark.parametrize("purpose", ["TxDefaultProfile", "TxProfile", "ChargingStationMaxProfile"])
async def test_the_car_follows_a_profile_and_goes_on_without(
    charging: Simulator, centre: CentralSystem201, purpose: str
) -> None:
    name = centre.said("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    more = {"transactionId": name} if purpose == "TxProfile" else {}
    asked = {"evseId": 0 if purpose == "ChargingStationMaxProfile" else 1}
    told = asked | {"chargingProfile": profile(8, purpose, **more)}
    assert await centre.ask("SetChargingProfile", told) == {"status": "Accepted"}
    await eventually(lambda: charging.house.car.power_w == pytest.approx(8 * 690, abs=60))
    schedule = await centre.ask("GetCompositeSchedule", {"evseId": 1, "duration": 60})
    assert schedule["schedule"]["chargingSchedulePeriod"][0]["limit"] == 8
    assert await centre.ask("ClearChargingProfile", {"chargingProfileId": 1}) == {"status": "Accepted"}
    await eventually(lambda: charging.house.car.power_w == FULL_POWER_W)


async def test_a_profile_of_a_transaction_that_does_not_run_is_rejected(
    charging: Simulator, centre: CentralSystem201
) -> None:
    told = {"evseId": 1, "chargingProfile": profile(8, "TxProfile", transactionId="another")}
    assert await centre.ask("SetChargingProfile", told) == {"status": "Rejected"}


async def test_it_is_asked_stopped_and_started_in_its_words(
    charging: Simulator, centre: CentralSystem201
) -> None:
    names = [("SampledDataCtrlr", "TxUpdatedInterval"), ("SmartChargingCtrlr", "RateUnit"), ("No", "Such")]
    data = [{"component": {"name": one}, "variable": {"name": two}} for one, two in names]
    told = (await centre.ask("GetVariables", {"getVariableData": data}))["getVariableResult"]
    assert [each.get("attributeValue") for each in told] == ["2", "A,W", None]
    wanted = [{**data[0], "attributeValue": "5"}, {**data[2], "attributeValue": "5"}]
    told = (await centre.ask("SetVariables", {"setVariableData": wanted}))["setVariableResult"]
    assert [each["attributeStatus"] for each in told] == ["Accepted", "UnknownVariable"]
    name = centre.said("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    assert await centre.ask("RequestStopTransaction", {"transactionId": name}) == {"status": "Accepted"}
    await eventually(lambda: centre.events("Ended"))
    token = {"idToken": "TAG", "type": "Central"}
    start = {"idToken": token, "remoteStartId": 1, "evseId": 1}
    assert await centre.ask("RequestStartTransaction", start) == {"status": "Accepted"}
    await eventually(lambda: len(centre.events("Started")) == 2)
    trigger = {"requestedMessage": "TransactionEvent", "evse": {"id": 1}}
    assert await centre.ask("TriggerMessage", trigger) == {"status": "Accepted"}
    assert await centre.ask("CostUpdated", {"totalCost": 1, "transactionId": name}) == {
        "code": "NotImplemented"
    }


@asynccontextmanager
async def at_home(faults: Faults) -> AsyncIterator[tuple[Simulator, OcppCharger]]:
    """Run the charger against Home Flex itself."""
    patience = Patience(boot_s=1.0, stop_s=1.0)
    home = HomeCentralSystem(clock=lambda: datetime.now(UTC), patience=patience)
    driver = home.add(SETTINGS)
    port = await home.start("127.0.0.1", 0)
    address = Address(url=f"ws://127.0.0.1:{port}", identity="CP1", password=SETTINGS.password)
    try:
        async with house_on_the_wire(car_plugged=True) as simulator:
            simulator.faults.now = faults
            simulator.charge_point.dial(address)
            await eventually(lambda: simulator.connector.status == "Charging")
            simulator.house.step(simulator.clock.now(), 2)
            await eventually(lambda: driver.connector.power_w == FULL_POWER_W)
            yield simulator, driver
    finally:
        await home.stop()


async def test_home_flex_limits_it_as_it_limits_one_of_16() -> None:
    async with at_home(SPEAKS) as (simulator, driver):
        assert driver.connector.status is ChargerStatus.CHARGING
        await driver.set_current_limit(8.0, expires_in_s=60.0)
        await eventually(lambda: simulator.house.car.power_w == pytest.approx(8 * 690, abs=60))
        await eventually(lambda: driver.connector.power_w == pytest.approx(8 * 690, abs=60))
        await driver.set_current_limit(None, expires_in_s=60.0)
        await eventually(lambda: simulator.house.car.power_w == FULL_POWER_W)


@pytest.mark.parametrize(
    ("fault", "limit_a", "follows_a"),
    [
        ({"charger_ignores_profiles": True}, 8.0, 16.0),
        ({"charger_never_pauses": True}, 0.0, 6.0),
        ({"charger_forgets_after_s": 1.0}, 8.0, 16.0),
    ],
    ids=["ignores", "clips", "forgets"],
)
async def test_its_faults_are_those_of_a_charger_of_16(
    fault: dict[str, Any], limit_a: float, follows_a: float
) -> None:
    async with at_home(replace(SPEAKS, **fault)) as (simulator, driver):
        await driver.set_current_limit(limit_a, expires_in_s=60.0)
        await asyncio.sleep(1.5)
        await eventually(lambda: simulator.house.car.power_w == pytest.approx(follows_a * 690, abs=60))


async def test_the_version_is_changed_while_it_runs(centre: CentralSystem201) -> None:
    address = Address(url=centre.url, identity="CP 1", password=centre.password)
    async with house_on_the_wire(central_system=address) as simulator:
        await eventually(lambda: centre.said("BootNotification"))
        assert centre.version == "1.6"
        centre.received.clear()
        simulator.faults.now = SPEAKS
        await eventually(lambda: centre.connections == 2 and centre.said("BootNotification"))
        assert centre.version == "2.0.1"
