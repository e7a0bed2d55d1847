"""The OCPP 1.6J charge point, against an independent central system over a real WebSocket."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from home_simulator.faults import Faults
from home_simulator.ocpp_link import CentralSystem as Address
from home_simulator.simulator import Simulator

from .conftest import CentralSystem, eventually, house_on_the_wire

FULL_POWER_W = 16 * 3 * 230


@pytest.fixture
async def charging(central_system: CentralSystem) -> AsyncIterator[Simulator]:
    """Run a house whose car charges at full power, which the central system knows."""
    address = Address(url=central_system.url, identity="CP 1", password=central_system.password)
    async with house_on_the_wire(car_plugged=True, central_system=address) as simulator:
        await eventually(lambda: simulator.connector.status == "Charging")
        simulator.house.step(simulator.clock.now(), 2)  # the car's start is not what is tested
        assert simulator.house.car.power_w == FULL_POWER_W
        await eventually(lambda: central_system.said("MeterValues"))
        yield simulator


def profile(limit: float, **changes: Any) -> dict[str, Any]:
    schedule = {
        "chargingRateUnit": changes.pop("unit", "A"),
        "chargingSchedulePeriod": changes.pop("periods", [{"startPeriod": 0, "limit": limit}]),
        **changes.pop("schedule", {}),
    }
    return {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
        **changes,
    }


async def set_profile(central_system: CentralSystem, limit: float, connector: int = 1, **changes: Any) -> str:
    request = {"connectorId": connector, "csChargingProfiles": profile(limit, **changes)}
    status: str = (await central_system.call("SetChargingProfile", request))["status"]
    return status


async def test_a_plugged_car_boots_authorises_and_charges(
    charging: Simulator, central_system: CentralSystem
) -> None:
    await eventually(lambda: central_system.said("Heartbeat"))
    actions = [action for action, _ in central_system.received]
    first = list(dict.fromkeys(actions))
    assert first[:4] == ["BootNotification", "Authorize", "StatusNotification", "StartTransaction"]
    statuses = [payload["status"] for payload in central_system.said("StatusNotification")]
    assert statuses[:2] == ["Preparing", "Charging"]


async def test_meter_values_tell_the_truth_of_the_model(
    charging: Simulator, central_system: CentralSystem
) -> None:
    await eventually(lambda: central_system.measured("Power.Active.Import") == FULL_POWER_W)
    samples = central_system.said("MeterValues")[-1]["meterValue"][0]["sampledValue"]
    currents = {
        sample["phase"]: float(sample["value"])
        for sample in samples
        if sample["measurand"] == "Current.Import"
    }
    assert currents == {"L1": 16.0, "L2": 16.0, "L3": 16.0}
    assert central_system.measured("SoC") == pytest.approx(charging.house.car.state_of_charge * 100, abs=0.1)
    assert central_system.said("MeterValues")[-1]["transactionId"] == 101


@pytest.mark.parametrize(
    ("limit", "changes", "expected_w"),
    [
        (10, {}, 10 * 690),
        (10, {"periods": [{"startPeriod": 0, "limit": 10, "numberPhases": 1}]}, 10 * 230),
        (4140, {"unit": "W"}, 4140),
        (5.9, {}, 0),
        (0, {}, 0),
        (8, {"chargingProfilePurpose": "TxProfile"}, 8 * 690),
        (7, {"chargingProfilePurpose": "ChargePointMaxProfile", "connector": 0}, 7 * 690),
    ],
)
async def test_the_car_follows_a_profile_within_600_ms(
    charging: Simulator,
    central_system: CentralSystem,
    limit: float,
    changes: dict[str, Any],
    expected_w: float,
) -> None:
    began = time.monotonic()
    assert await set_profile(central_system, limit, **changes) == "Accepted"
    await eventually(lambda: charging.house.car.power_w == pytest.approx(expected_w, abs=60))
    assert time.monotonic() - began < 0.6
    await eventually(
        lambda: central_system.measured("Power.Active.Import") == pytest.approx(expected_w, abs=60), 1.0
    )


async def test_a_pause_is_told_as_suspended_by_the_charger(
    charging: Simulator, central_system: CentralSystem
) -> None:
    await set_profile(central_system, 0)
    await eventually(lambda: central_system.said("StatusNotification")[-1]["status"] == "SuspendedEVSE")


async def test_a_profile_with_a_duration_ends_by_itself(
    charging: Simulator, central_system: CentralSystem
) -> None:
    await set_profile(central_system, 6, schedule={"duration": 1})
    await eventually(lambda: charging.house.car.power_w < 5000)
    await eventually(lambda: charging.house.car.power_w == FULL_POWER_W)


async def test_a_profile_is_over_after_valid_to(charging: Simulator, central_system: CentralSystem) -> None:
    end = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    await set_profile(central_system, 6, validTo=end)
    await eventually(lambda: charging.house.car.power_w < 5000)
    await eventually(lambda: charging.house.car.power_w == FULL_POWER_W)


async def test_clearing_a_profile_gives_full_power_back(
    charging: Simulator, central_system: CentralSystem
) -> None:
    await set_profile(central_system, 6)
    await eventually(lambda: charging.house.car.power_w < 5000)
    assert await central_system.call("ClearChargingProfile", {"id": 1}) == {"status": "Accepted"}
    assert await central_system.call("ClearChargingProfile", {"id": 1}) == {"status": "Unknown"}
    await eventually(lambda: charging.house.car.power_w == FULL_POWER_W)


async def test_the_composite_schedule_shows_each_change(
    charging: Simulator, central_system: CentralSystem
) -> None:
    await set_profile(
        central_system,
        0,
        periods=[{"startPeriod": 0, "limit": 10}, {"startPeriod": 60, "limit": 8}],
        schedule={"duration": 120},
    )
    answer = await central_system.call("GetCompositeSchedule", {"connectorId": 1, "duration": 300})
    periods = answer["chargingSchedule"]["chargingSchedulePeriod"]
    assert [period["limit"] for period in periods] == [10.0, 8.0, 16.0]
    assert [period["startPeriod"] for period in periods] == pytest.approx([0, 60, 120], abs=1)


async def test_a_profile_for_another_transaction_is_rejected(
    charging: Simulator, central_system: CentralSystem
) -> None:
    status = await set_profile(central_system, 6, chargingProfilePurpose="TxProfile", transactionId=999)
    assert status == "Rejected"
    assert charging.house.car.power_w == FULL_POWER_W


@pytest.mark.parametrize("broken", [{"chargingSchedule": None}, {"stackLevel": -1}, {"validTo": "soon"}])
async def test_a_malformed_profile_is_answered_by_an_error(
    charging: Simulator, central_system: CentralSystem, broken: dict[str, Any]
) -> None:
    request = {"connectorId": 1, "csChargingProfiles": {**profile(6), **broken}}
    assert await central_system.call("SetChargingProfile", request) == {"code": "FormationViolation"}


async def test_an_unknown_operation_is_not_implemented(
    charging: Simulator, central_system: CentralSystem
) -> None:
    assert await central_system.call("MakeCoffee", {}) == {"code": "NotImplemented"}


async def test_remote_stop_and_start_end_and_begin_a_transaction(
    charging: Simulator, central_system: CentralSystem
) -> None:
    stop = await central_system.call("RemoteStopTransaction", {"transactionId": 101})
    assert stop == {"status": "Accepted"}
    await eventually(lambda: charging.house.car.power_w == 0)
    assert central_system.said("StopTransaction")[-1]["reason"] == "Remote"
    start = await central_system.call("RemoteStartTransaction", {"idTag": "APP", "connectorId": 1})
    assert start == {"status": "Accepted"}
    await eventually(lambda: charging.house.car.power_w == FULL_POWER_W)
    assert central_system.said("StartTransaction")[-1]["idTag"] == "APP"


async def test_unplugging_ends_the_transaction(charging: Simulator, central_system: CentralSystem) -> None:
    charging.house.car.plugged = False
    await eventually(lambda: central_system.said("StopTransaction"))
    assert central_system.said("StopTransaction")[-1]["reason"] == "EVDisconnected"
    await eventually(lambda: central_system.said("StatusNotification")[-1]["status"] == "Available")


async def test_a_refused_tag_does_not_charge(central_system: CentralSystem) -> None:
    central_system.answers["Authorize"] = {"idTagInfo": {"status": "Blocked"}}
    address = Address(url=central_system.url, identity="CP 1", password=central_system.password)
    async with house_on_the_wire(car_plugged=True, central_system=address) as simulator:
        await eventually(lambda: central_system.said("Heartbeat"))
        assert simulator.house.car.power_w == 0
        assert not central_system.said("StartTransaction")


async def test_settings_can_be_read_and_changed(charging: Simulator, central_system: CentralSystem) -> None:
    change = {"key": "MeterValueSampleInterval", "value": "30"}
    assert await central_system.call("ChangeConfiguration", change) == {"status": "Accepted"}
    wanted = {"key": ["MeterValueSampleInterval", "Moon"]}
    answer = await central_system.call("GetConfiguration", wanted)
    assert answer["configurationKey"][0]["value"] == "30"
    assert answer["unknownKey"] == ["Moon"]
    read_only = {"key": "NumberOfConnectors", "value": "2"}
    assert await central_system.call("ChangeConfiguration", read_only) == {"status": "Rejected"}


@pytest.mark.parametrize("message", ["StatusNotification", "MeterValues", "Heartbeat", "BootNotification"])
async def test_a_triggered_message_comes(
    charging: Simulator, central_system: CentralSystem, message: str
) -> None:
    await central_system.call("ChangeConfiguration", {"key": "MeterValueSampleInterval", "value": "0"})
    before = len(central_system.said(message))
    answer = await central_system.call("TriggerMessage", {"requestedMessage": message})
    assert answer == {"status": "Accepted"}
    await eventually(lambda: len(central_system.said(message)) > before, 1.0)


async def test_a_change_of_availability_waits_for_the_transaction(
    charging: Simulator, central_system: CentralSystem
) -> None:
    request = {"connectorId": 1, "type": "Inoperative"}
    assert await central_system.call("ChangeAvailability", request) == {"status": "Scheduled"}
    assert charging.house.car.power_w == FULL_POWER_W
    charging.house.car.plugged = False
    await eventually(lambda: central_system.said("StatusNotification")[-1]["status"] == "Unavailable")


async def test_a_lost_link_is_dialled_again_and_the_transaction_lives_on(
    charging: Simulator, central_system: CentralSystem
) -> None:
    assert central_system.connection is not None
    await central_system.connection.close()
    await eventually(lambda: central_system.connections == 2)
    await eventually(lambda: charging.connector.online)
    assert len(central_system.said("StartTransaction")) == 1
    assert charging.house.car.power_w == FULL_POWER_W


async def test_a_reset_boots_again(charging: Simulator, central_system: CentralSystem) -> None:
    assert await central_system.call("Reset", {"type": "Soft"}) == {"status": "Accepted"}
    await eventually(lambda: len(central_system.said("BootNotification")) == 2)
    assert central_system.said("StopTransaction")[-1]["reason"] == "SoftReset"


async def test_a_wrong_password_keeps_the_charge_point_out(central_system: CentralSystem) -> None:
    central_system.accept_password = False
    address = Address(url=central_system.url, identity="CP 1", password="wrong")
    async with house_on_the_wire(car_plugged=True, central_system=address) as simulator:
        await eventually(lambda: simulator.house.car.power_w == 0)
        assert not simulator.connector.online
        assert central_system.connections == 0


async def test_garbage_from_the_central_system_does_not_hurt(
    charging: Simulator, central_system: CentralSystem
) -> None:
    assert central_system.connection is not None
    for garbage in ("", "{}", "[2]", "[3,{},1]", "null", '[2,"1","Reset",7]', "[9,9,9,9]", '[4,"nobody",1]'):
        await central_system.connection.send(garbage)
    assert await set_profile(central_system, 6) == "Accepted"
    assert central_system.connections == 1


class TestFaults:
    async def test_a_charger_can_accept_a_profile_and_ignore_it(
        self, charging: Simulator, central_system: CentralSystem
    ) -> None:
        charging.faults.now = Faults(charger_ignores_profiles=True)
        assert await set_profile(central_system, 6) == "Accepted"
        told = len(central_system.said("MeterValues"))
        await eventually(lambda: len(central_system.said("MeterValues")) > told)
        assert charging.house.car.power_w == FULL_POWER_W

    async def test_a_charger_can_reject_profiles(
        self, charging: Simulator, central_system: CentralSystem
    ) -> None:
        charging.faults.now = Faults(charger_rejects_profiles=True)
        assert await set_profile(central_system, 6) == "Rejected"

    async def test_a_charger_can_leave_calls_unanswered(
        self, charging: Simulator, central_system: CentralSystem
    ) -> None:
        charging.faults.now = Faults(charger_silent=True)
        with pytest.raises(TimeoutError):
            await central_system.call("GetConfiguration", {}, within_s=0.3)

    async def test_the_link_can_be_cut_and_comes_back(
        self, charging: Simulator, central_system: CentralSystem
    ) -> None:
        charging.faults.now = Faults(ocpp_link_down=True)
        await eventually(lambda: not charging.connector.online)
        charging.faults.now = Faults()
        await eventually(lambda: charging.connector.online)
        assert central_system.connections == 2
