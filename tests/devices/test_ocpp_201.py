"""A charger of OCPP 2.0.1 is measured, limited and set up as one of 1.6 is."""

from typing import Any

import pytest

from custom_components.home_flex.core.model import ChargerStatus
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.ocpp import ChargerSettings, TagRule
from tests.devices.ocpp_201_clients import (
    STATION,
    energy,
    event,
    home_of_201,
    power,
    status,
    takes,
    variables,
)
from tests.devices.ocpp_clients import (
    NOON,
    Reply,
    not_implemented,
    rejected,
)

CONNECTOR: dict[str, Any] = {"evseId": 1, "connectorId": 1}
EVSE: dict[str, Any] = {"evse": {"id": 1, "connectorId": 1}}


async def test_who_it_is_and_what_it_is_asked_for() -> None:
    async with home_of_201() as (home, charger):
        identity = home.driver.identity
        assert identity is not None
        assert (identity.manufacturer, identity.model, identity.serial_number) == ("Raw", "Two", "S2")
        told = {
            each["setVariableData"][0]["variable"]["name"]: each["setVariableData"][0]["attributeValue"]
            for each in charger.called("SetVariables")
        }
        assert told["TxUpdatedInterval"] == "2"
        assert told["TxUpdatedMeasurands"].startswith("Power.Active.Import,")


async def test_a_session_from_plugging_in_to_the_end() -> None:
    async with home_of_201() as (home, charger):
        await status(charger, "Occupied")
        plugged = home.reading
        assert plugged.status is ChargerStatus.PREPARING
        await event(charger, "Started", "EVConnected", energy(12000, "Transaction.Begin"), **EVSE)
        await event(charger, "Updated", "Charging", power(7.2, multiplier=3), energy(12000))
        assert (home.reading.status, home.reading.power_w) == (ChargerStatus.CHARGING, 7200.0)
        home.clock.advance(300)
        await event(charger, "Updated", "Charging", power(7200), energy(12470))
        charged = home.reading
        assert charged.session_energy_wh == 470.0
        assert charged.transaction_id is not None
        await event(charger, "Ended", "EVConnected", energy(12500, "Transaction.End"))
        assert (home.reading.transaction_id, home.reading.power_w) == (None, 0.0)
        assert home.reading.session_energy_wh == 500.0
        await status(charger, "Available")
        left = home.reading
        assert left.status is ChargerStatus.AVAILABLE


async def test_a_limit_is_a_profile_of_the_transaction_by_the_charger_s_own_name() -> None:
    async with home_of_201() as (home, charger):
        await event(charger, "Started", "Charging", power(11000), **EVSE)
        await home.driver.set_current_limit(7.0, expires_in_s=60)
        message = charger.called("SetChargingProfile")[-1]
        assert message["evseId"] == 1
        profile = message["chargingProfile"]
        assert (profile["transactionId"], profile["chargingProfilePurpose"]) == ("tx-1", "TxProfile")
        assert profile["stackLevel"] == 5
        (schedule,) = profile["chargingSchedule"]
        assert schedule["duration"] == 360
        assert schedule["startSchedule"] == "2026-11-21T11:55:00Z"
        assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 7.0, "numberPhases": 3}]
        assert home.reading.current_limit_a == 7.0


async def test_without_a_transaction_a_limit_is_a_default_and_is_handed_back() -> None:
    async with home_of_201() as (home, charger):
        await home.driver.set_current_limit(7.0, expires_in_s=60)
        message = charger.called("SetChargingProfile")[-1]
        assert (message["evseId"], message["chargingProfile"]["chargingProfilePurpose"]) == (
            0,
            "TxDefaultProfile",
        )
        await home.driver.set_current_limit(None, expires_in_s=60)
        assert charger.called("ClearChargingProfile") == [{"chargingProfileId": 9302}]


def wants_station(payload: dict[str, Any]) -> dict[str, Any]:
    is_max = payload["chargingProfile"]["chargingProfilePurpose"] == "ChargingStationMaxProfile"
    return {"status": "Accepted" if is_max else "Rejected"}


async def test_the_shape_that_a_charger_takes_is_found() -> None:
    async with home_of_201(
        SetChargingProfile=wants_station, GetVariables=variables(RateUnit="W", ProfileStackLevel="0")
    ) as (home, charger):
        await home.driver.set_current_limit(10.0, expires_in_s=60)
        profile = charger.called("SetChargingProfile")[-1]["chargingProfile"]
        (schedule,) = profile["chargingSchedule"]
        assert schedule["chargingRateUnit"] == "W"
        assert schedule["chargingSchedulePeriod"][0]["limit"] == 6900


@pytest.mark.parametrize("answer", [rejected, not_implemented])
async def test_a_charger_without_smart_charging_refuses_and_is_still_measured(answer: Reply) -> None:
    async with home_of_201(SetChargingProfile=answer) as (home, charger):
        await event(charger, "Started", "Charging", power(11000), **EVSE)
        with pytest.raises(DeviceError) as error:
            await home.driver.set_current_limit(7.0, expires_in_s=60)
        assert error.value.reason == "write_refused"
        assert (home.reading.power_w, home.reading.current_limit_a) == (11000.0, None)


async def test_the_lasting_default_is_told_and_read_back() -> None:
    schedule = {
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}, {"startPeriod": 60, "limit": 8.0}]
    }
    composite: Reply = lambda _: {"status": "Accepted", "schedule": schedule}  # noqa: E731  # one line says it
    async with home_of_201(GetCompositeSchedule=composite) as (home, charger):
        home.driver.keep_default(8.0)
        await status(charger, "Available")
        boot = {"reason": "PowerUp", "chargingStation": STATION}
        await charger.call("BootNotification", boot)
        await home.until(lambda: home.driver.default_kept is True)
        profile = charger.called("SetChargingProfile")[0]["chargingProfile"]
        assert (profile["id"], profile["stackLevel"], profile["chargingProfileKind"]) == (9304, 4, "Relative")


@pytest.mark.parametrize(
    ("taken", "value"),
    [
        (
            "Power.Active.Import,Energy.Active.Import.Register",
            "Power.Active.Import,Energy.Active.Import.Register",
        ),
        ("Power.Active.Import", "Power.Active.Import"),
    ],
)
async def test_measurands_are_left_out_until_the_charger_takes_the_rest(taken: str, value: str) -> None:
    async with home_of_201(SetVariables=takes("60", "10", taken)) as (_, charger):
        told = [each["setVariableData"][0] for each in charger.called("SetVariables")]
        lists = [each["attributeValue"] for each in told if each["variable"]["name"] == "TxUpdatedMeasurands"]
        intervals = [
            each["attributeValue"] for each in told if each["variable"]["name"] == "TxUpdatedInterval"
        ]
        assert (lists[-1], intervals[-1]) == (value, "10")


async def test_what_was_queued_moves_no_power_and_takes_nothing_from_the_session() -> None:
    async with home_of_201() as (home, charger):
        await event(charger, "Started", "Charging", power(7200), energy(12000), name="live", **EVSE)
        await event(charger, "Started", "Charging", power(11000), name="old", offline=True, **EVSE)
        await event(charger, "Ended", None, power(11000), name="old", offline=True)
        await event(charger, "Updated", "Charging", power(7000), energy(12400), name="live")
        assert (home.reading.power_w, home.reading.session_energy_wh) == (7000.0, 400.0)


async def test_what_comes_again_after_a_later_event_changes_nothing() -> None:
    async with home_of_201() as (home, charger):
        await event(charger, "Started", "Charging", power(7200), energy(12000), **EVSE)
        await event(charger, "Updated", "Charging", power(7000), energy(12400), seqNo=2)
        await event(charger, "Updated", "Charging", power(3000), energy(12200), seqNo=1)
        assert (home.reading.power_w, home.reading.session_energy_wh) == (7000.0, 400.0)
        await event(charger, "Ended", None, power(0), seqNo=3)
        await charger.call(
            "StatusNotification", {"timestamp": NOON, "connectorStatus": "Available"} | CONNECTOR
        )
        for kind, number in (("Updated", 2), ("Started", 0)):
            await event(charger, kind, "Charging", power(7000), energy(12400), seqNo=number, **EVSE)
        assert (home.reading.status, home.reading.power_w) == (ChargerStatus.AVAILABLE, 0.0)
        assert home.reading.transaction_id is None


async def test_a_charger_that_started_anew_may_number_its_events_anew() -> None:
    async with home_of_201() as (home, charger):
        await event(charger, "Started", "Charging", power(7200), energy(12000), seqNo=7, **EVSE)
        await charger.call("BootNotification", {"reason": "PowerUp", "chargingStation": STATION})
        await event(charger, "Updated", "Charging", power(3000), energy(12400), seqNo=0, **EVSE)
        assert home.reading.power_w == 3000.0


async def test_a_transaction_that_began_before_we_did_is_taken_over() -> None:
    async with home_of_201() as (home, charger):
        await event(charger, "Updated", "Charging", power(7200), **EVSE)
        assert home.reading.transaction_id is not None
        assert home.reading.session_energy_wh is None


@pytest.mark.parametrize(
    ("tag", "welcome"), [("04A1", "Accepted"), ("1234", "Invalid"), ("HOMEFLEX", "Accepted")]
)
async def test_whose_tag_may_charge_is_the_resident_s_choice(tag: str, welcome: str) -> None:
    settings = ChargerSettings(
        identity="CP1",
        password="secret",
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
        tag_rule=TagRule.LIST,
        tags=("04A1",),
    )
    async with home_of_201(settings) as (_, charger):
        token: dict[str, Any] = {"idToken": {"idToken": tag, "type": "ISO14443"}}
        assert (await charger.call("Authorize", token))[2] == {"idTokenInfo": {"status": welcome}}
        assert await event(charger, "Started", None, **EVSE, **token) == {"idTokenInfo": {"status": welcome}}


VIOLATIONS: list[tuple[str, Any]] = [
    ("BootNotification", {"reason": "PowerUp"}),
    ("BootNotification", {"reason": "PowerUp", "chargingStation": 7}),
    ("StatusNotification", {"evseId": "one", "connectorStatus": "Available"}),
    ("TransactionEvent", {"eventType": "Updated"}),
    ("TransactionEvent", {"eventType": "Updated", "transactionInfo": {"transactionId": 7}}),
    ("MeterValues", {"evseId": None}),
]


@pytest.mark.parametrize(("action", "payload"), VIOLATIONS)
async def test_a_call_that_breaks_the_schema_gets_a_call_error(action: str, payload: Any) -> None:
    async with home_of_201() as (_, charger):
        assert (await charger.call(action, payload))[0] == 4
        assert (await charger.call("Heartbeat", {}))[0] == 3


@pytest.mark.parametrize("values", [7, [7], [{"sampledValue": 7}], [{"sampledValue": [7, {"value": "x"}]}]])
async def test_values_that_are_none_move_nothing(values: Any) -> None:
    async with home_of_201() as (_, charger):
        assert (await charger.call("MeterValues", {"evseId": 1, "meterValue": values}))[0] == 3


async def test_a_multiplier_beyond_reason_is_no_value() -> None:
    async with home_of_201() as (home, charger):
        await event(charger, "Started", "Charging", power(7200), **EVSE)
        await event(charger, "Updated", "Charging", power(7, multiplier=400))
        assert home.reading.power_w == 7200.0


async def test_a_person_may_call_it_by_any_action() -> None:
    async with home_of_201() as (home, charger):
        charger.replies["GetBaseReport"] = lambda _: {"status": "Accepted"}
        asked = {"requestId": 1, "reportBase": "FullInventory"}
        assert await home.central.call("CP1", "GetBaseReport", asked) == {"status": "Accepted"}
        assert charger.called("GetBaseReport") == [asked]
