"""What real chargers do beside the standard, and what is made of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from ocpp.exceptions import OCPPError  # type: ignore[import-untyped]  # the library has no types

from custom_components.home_flex.core.model import ChargerReading, ChargerStatus
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.ocpp import OcppCharger, Patience, TagRule
from custom_components.home_flex.devices.ocpp.session import CallRefusedError
from tests.devices.ocpp_clients import (
    NOON,
    POWER,
    QUICK,
    SETTINGS,
    RawCharger,
    Reply,
    dial,
    driving,
    not_implemented,
    rejected,
    serving,
    silent,
)

HASTY = replace(QUICK, boot_s=0.05, set_up_s=0.05)
# Looks each tenth of a second for what is due.
WATCHFUL = replace(QUICK, silence_s=1.2, poll_s=30.0, start_s=10.0)


async def test_a_charger_that_started_anew_is_set_up_again_and_has_its_limit_at_once() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await charger.meter(POWER)
        await home.driver.set_current_limit(6.0, expires_in_s=120)
        charger.calls.clear()
        await charger.boot()
        assert (await charger.status("Preparing"))[0] == 3
        assert home.reading.power_w == 0.0
        await charger.until(lambda: "StopTxnSampledData" in charger.changed())
        assert charger.limits() == [6.0]
        asked = [action for action, _ in charger.calls]
        assert asked.index("SetChargingProfile") < asked.index("GetConfiguration")


async def test_a_charger_that_cannot_be_asked_who_it_is_is_set_up_when_it_starts() -> None:
    replies = {"TriggerMessage": not_implemented}
    async with driving() as home, dial(home.port, replies=replies) as charger:
        await charger.until(lambda: "StopTxnSampledData" in charger.changed())
        charger.calls.clear()
        await charger.boot()
        await charger.until(lambda: "StopTxnSampledData" in charger.changed())


async def test_a_boot_that_was_asked_for_sets_nothing_up_twice() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.until(
            lambda: {"requestedMessage": "BootNotification"} in charger.called("TriggerMessage")
        )
        await charger.boot()
        await charger.until(lambda: "StopTxnSampledData" in charger.changed())
        await charger.call("Heartbeat", {})
        assert [entry["key"] for entry in charger.called("ChangeConfiguration")].count(
            "HeartbeatInterval"
        ) == 1


@pytest.mark.parametrize("kind", ["0", "-1", "the one that runs"])
async def test_a_transaction_ends_by_a_stop_without_its_id(kind: str) -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        transaction_id = await charger.start_transaction()
        await charger.meter(POWER)
        assert home.reading.power_w == 7200.0
        stopped = transaction_id if kind == "the one that runs" else int(kind)
        await charger.call("StopTransaction", {"transactionId": stopped, "meterStop": 0, "timestamp": NOON})
        assert (home.reading.transaction_id, home.reading.power_w) == (None, 0.0)


async def test_a_transaction_without_a_stop_ends_when_the_vehicle_is_gone() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.start_transaction()
        await charger.status("Available")
        await charger.status("Preparing")
        await home.driver.set_current_limit(7.0, expires_in_s=60)
        assert charger.profiles()[-1]["chargingProfilePurpose"] == "TxDefaultProfile"
        assert home.reading.transaction_id is None


async def test_a_queued_session_between_takes_nothing_from_the_one_that_runs() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        live = await charger.start_transaction(meter_start=12000)
        queued = await charger.start_transaction(meter_start=9000, time="2026-11-20T12:00:00Z")
        stop = {"transactionId": queued, "meterStop": 9500, "timestamp": "2026-11-20T13:00:00Z"}
        await charger.call("StopTransaction", stop)
        energy = {"value": "12400", "measurand": "Energy.Active.Import.Register"}
        await charger.meter(POWER, energy, transactionId=live)
        assert home.reading.transaction_id == live
        assert home.reading.session_energy_wh == 400.0


async def test_an_idle_charger_that_tells_no_status_is_there_all_the_same() -> None:
    async with (
        driving() as home,
        dial(home.port, replies={"TriggerMessage": not_implemented}) as charger,
    ):
        await charger.boot()
        await home.until(lambda: bool(home.published))
        home.clock.advance(60)
        await charger.call("Heartbeat", {})
        assert (home.reading.status, home.reading.time) == (ChargerStatus.AVAILABLE, home.clock())


@dataclass
class Hanging:
    """Answers until it is asked who it is, and then nothing any more."""

    hangs: bool = False

    def __call__(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        self.hangs |= payload.get("requestedMessage") == "BootNotification"
        return None if self.hangs else {"status": "Accepted"}


async def test_a_charger_that_hangs_on_a_question_is_not_asked_it_for_ever() -> None:
    hung = []
    async with driving(patience=HASTY) as home:
        for _ in range(3):
            it = Hanging()
            replies = dict.fromkeys(("TriggerMessage", "GetConfiguration", "ChangeConfiguration"), it)
            async with dial(home.port, replies=replies) as charger:
                await charger.status("Available")
                await charger.until(lambda: "StopTxnSampledData" in charger.changed())
            hung.append(it.hangs)
    assert hung == [True, True, False]


async def test_what_one_connection_left_unanswered_is_asked_again() -> None:
    async with driving(patience=HASTY) as home:
        for _ in range(4):
            async with dial(home.port, replies={"TriggerMessage": silent}) as charger:
                await charger.status("Available")
                await charger.until(lambda: "StopTxnSampledData" in charger.changed())
                triggers = charger.called("TriggerMessage")
                assert "BootNotification" in {each["requestedMessage"] for each in triggers}


def takes(*values: str) -> Reply:
    """Accept these values of the configuration, and reject all others."""
    return lambda payload: {"status": "Accepted" if payload["value"] in values else "Rejected"}


async def negotiated(reply: Reply) -> dict[str, str]:
    """Return what a charger that answers so was left with."""
    left: dict[str, str] = {}

    def change(payload: dict[str, Any]) -> dict[str, Any] | None:
        answer = reply(payload)
        if answer is not None and answer["status"] in {"Accepted", "RebootRequired"}:
            left[payload["key"]] = payload["value"]
        return answer

    async with driving() as home, dial(home.port, replies={"ChangeConfiguration": change}) as charger:
        await charger.get_ready()
        return left


@pytest.mark.parametrize(
    ("taken", "interval_s"), [(("2",), "2"), (("10", "30", "60"), "10"), (("60",), "60")]
)
async def test_the_shortest_interval_that_a_charger_takes_is_used(
    taken: tuple[str, ...], interval_s: str
) -> None:
    assert (await negotiated(takes(*taken)))["MeterValueSampleInterval"] == interval_s


@pytest.mark.parametrize(
    ("taken", "measurands"),
    [
        (("Power.Active.Import", "Current.Import"), "Current.Import"),
        (
            ("Power.Active.Import", "Current.Import", "Power.Active.Import,Current.Import"),
            "Power.Active.Import,Current.Import",
        ),
        (("Energy.Active.Import.Register",), "Energy.Active.Import.Register"),
    ],
)
async def test_measurands_are_tried_one_by_one_where_all_at_once_are_refused(
    taken: tuple[str, ...], measurands: str
) -> None:
    left = await negotiated(takes(*taken))
    assert left["MeterValuesSampledData"] in {measurands, taken[0]}


async def test_a_change_that_needs_a_reboot_counts_as_taken() -> None:
    left = await negotiated(lambda _: {"status": "RebootRequired"})
    assert left["MeterValueSampleInterval"] == "2"
    assert left["StopTxnSampledData"] == ""


def polls(charger: RawCharger) -> int:
    triggers = charger.called("TriggerMessage")
    return sum(trigger["requestedMessage"] == "MeterValues" for trigger in triggers)


async def test_a_car_that_charges_is_measured_by_asking_where_values_come_seldom() -> None:
    async with driving(patience=WATCHFUL) as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await charger.meter(POWER)
        for count in (2, 3):
            home.clock.advance(31)
            await charger.until(lambda wanted=count: polls(charger) == wanted)  # type: ignore[misc] # a default holds the count


async def test_a_charger_that_sends_nothing_when_asked_is_not_asked_for_ever() -> None:
    async with driving(patience=WATCHFUL) as home, dial(home.port) as charger:
        await charger.get_ready()
        charger.replies["TriggerMessage"] = not_implemented
        await charger.status("Charging")
        for _ in range(3):
            home.clock.advance(31)
            await asyncio.sleep(0.25)
        assert polls(charger) == 2


async def test_an_unavailable_charger_is_made_operative_once() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.boot()
        await charger.status("Unavailable")
        await charger.until(lambda: bool(charger.called("ChangeAvailability")))
        assert charger.called("ChangeAvailability") == [{"connectorId": 1, "type": "Operative"}]


async def test_what_the_charger_says_is_wrong_is_kept_until_it_is_right() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.call(
            "StatusNotification",
            {
                "connectorId": 1,
                "errorCode": "GroundFailure",
                "status": "Faulted",
                "vendorErrorCode": "E7",
                "info": "residual current",
            },
        )
        assert home.driver.connector.fault == "GroundFailure E7 residual current"
        await charger.status("Available")
        assert home.driver.connector.fault is None


ONE_CONNECTOR: Reply = lambda _: {  # noqa: E731  # one line says it
    "configurationKey": [{"key": "NumberOfConnectors", "value": "1", "readonly": True}]
}


async def test_a_charger_whose_only_socket_has_another_number_is_used_by_that() -> None:
    async with driving() as home, dial(home.port, replies={"GetConfiguration": ONE_CONNECTOR}) as charger:
        await charger.boot()
        await charger.until(lambda: "StopTxnSampledData" in charger.changed())
        await charger.status("Charging", connector_id=2)
        values = [{"timestamp": NOON, "sampledValue": [POWER]}]
        await charger.call("MeterValues", {"connectorId": 2, "meterValue": values})
        assert (home.reading.status, home.reading.power_w) == (ChargerStatus.CHARGING, 7200.0)
        await charger.call("StartTransaction", {"connectorId": 2, "idTag": "", "meterStart": 12.5})
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        assert charger.called("SetChargingProfile")[-1]["connectorId"] == 2


async def test_what_is_told_of_the_whole_charger_counts_where_nothing_else_is_told() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging", connector_id=0)
        values = [{"timestamp": NOON, "sampledValue": [POWER]}]
        await charger.call("MeterValues", {"connectorId": 0, "meterValue": values})
        assert (home.reading.status, home.reading.power_w) == (ChargerStatus.CHARGING, 7200.0)


async def test_a_fault_of_the_whole_charger_is_told_beside_a_socket_that_charges_on() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        fault = {"errorCode": "OtherError", "info": "meter lost, 14 A at most", "vendorErrorCode": "210"}
        await charger.call("StatusNotification", {"connectorId": 0, "status": "Faulted", **fault})
        assert home.central.diagnostics()[0]["fault"] == "OtherError 210 meter lost, 14 A at most"
        assert home.driver.connector.status is ChargerStatus.CHARGING
        await charger.status("Available", connector_id=0)
        assert home.central.diagnostics()[0]["fault"] is None


@dataclass
class TwoSockets:
    """Both sockets of one charger, and what each published."""

    drivers: tuple[OcppCharger, OcppCharger]
    published: tuple[list[Any], list[Any]]
    charger: RawCharger


@asynccontextmanager
async def two_sockets() -> AsyncIterator[TwoSockets]:
    async with serving() as (central, port, _):
        drivers = central.add(SETTINGS), central.add(replace(SETTINGS, connector_id=2))
        published: tuple[list[Any], list[Any]] = ([], [])
        running = [
            asyncio.create_task(driver.run(told.append))
            for driver, told in zip(drivers, published, strict=True)
        ]
        async with dial(port) as charger:
            await charger.boot()
            await charger.until(lambda: "StopTxnSampledData" in charger.changed())
            yield TwoSockets(drivers, published, charger)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_each_socket_is_a_charger_of_its_own() -> None:
    async with two_sockets() as both:
        await both.charger.status("Charging", connector_id=1)
        await both.charger.status("Preparing", connector_id=2)
        await both.charger.meter(POWER)
        one, two = (told[-1] for told in both.published)
        assert isinstance(one, ChargerReading)
        assert (one.status, one.power_w) == (ChargerStatus.CHARGING, 7200.0)
        assert (two.status, two.power_w) == (ChargerStatus.PREPARING, 0.0)


async def test_a_limit_of_one_socket_holds_back_no_other() -> None:
    async with two_sockets() as both:
        for driver, current_a in zip(both.drivers, (7.0, 9.0), strict=True):
            await driver.set_current_limit(current_a, expires_in_s=60)
        told = [
            (message["connectorId"], message["csChargingProfiles"]["chargingProfileId"])
            for message in both.charger.called("SetChargingProfile")
        ]
        assert told == [(1, 9302), (2, 9312)]
        assert [driver.limiter.current_a for driver in both.drivers] == [7.0, 9.0]


async def test_the_stop_of_one_socket_s_transaction_leaves_the_other_s() -> None:
    async with two_sockets() as both:
        start = {"idTag": "TAG", "meterStart": 0, "timestamp": NOON}
        ids = [
            (await both.charger.call("StartTransaction", {"connectorId": connector_id, **start}))[2][
                "transactionId"
            ]
            for connector_id in (1, 2)
        ]
        await both.charger.call("StopTransaction", {"transactionId": -1, "meterStop": 0, "timestamp": NOON})
        await both.charger.call("StopTransaction", {"transactionId": ids[0], "meterStop": 0})
        running = [driver.connector.transactions.running for driver in both.drivers]
        assert running == [None, ids[1]]


async def test_two_chargers_that_start_in_the_same_second_get_different_ids() -> None:
    async with serving() as (central, port, _):
        central.add(SETTINGS)
        central.add(replace(SETTINGS, identity="CP2"))
        async with dial(port) as one, dial(port, identity="CP2") as two:
            assert await one.start_transaction() != await two.start_transaction()


async def test_an_id_of_64_bits_is_understood() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER, transactionId=2**63 - 1)
        assert home.reading.transaction_id == 2**63 - 1
        stop = {"transactionId": 2**63 - 1, "meterStop": 5.5, "timestamp": NOON}
        assert (await charger.call("StopTransaction", stop))[0] == 3
        assert home.reading.transaction_id is None


@pytest.mark.parametrize(
    ("rule", "tag", "status"),
    [
        (TagRule.FREE, "ANY", "Accepted"),
        (TagRule.FREE, "", "Accepted"),
        (TagRule.LIST, "04A1B2", "Accepted"),
        (TagRule.LIST, "04a1b2", "Accepted"),
        (TagRule.LIST, "ANY", "Invalid"),
        (TagRule.LIST, "", "Invalid"),
        (TagRule.USER, "04A1B2", "Invalid"),
        (TagRule.USER, "HOMEFLEX", "Accepted"),
    ],
)
async def test_whose_tag_may_charge_is_the_resident_s_choice(rule: TagRule, tag: str, status: str) -> None:
    settings = replace(SETTINGS, tag_rule=rule, tags=("04A1B2", "7777"))
    async with driving(settings) as home, dial(home.port) as charger:
        authorized = await charger.call("Authorize", {"idTag": tag})
        assert authorized[2] == {"idTagInfo": {"status": status}}
        start = {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": NOON}
        assert (await charger.call("StartTransaction", start))[2]["idTagInfo"] == {"status": status}


@pytest.mark.parametrize("starts_itself", [True, False])
async def test_a_session_is_started_for_who_plugs_in_where_that_is_wanted(starts_itself: bool) -> None:
    settings = replace(SETTINGS, starts_itself=starts_itself)
    async with driving(settings, WATCHFUL) as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Preparing")
        await asyncio.sleep(0.25)
        home.clock.advance(11)
        await asyncio.sleep(0.25)
        wanted = [{"idTag": "HOMEFLEX", "connectorId": 1}] if starts_itself else []
        assert charger.called("RemoteStartTransaction") == wanted


async def test_a_charger_that_starts_nothing_is_asked_three_times() -> None:
    settings = replace(SETTINGS, starts_itself=True)
    replies = {"RemoteStartTransaction": rejected}
    async with driving(settings, WATCHFUL) as home, dial(home.port, replies=replies) as charger:
        await charger.get_ready()
        await charger.status("Preparing")
        for _ in range(6):
            await asyncio.sleep(0.15)
            home.clock.advance(61)
        assert len(charger.called("RemoteStartTransaction")) == 3


async def test_no_session_is_started_while_the_charger_is_paused_and_one_is_afterwards() -> None:
    limits = [16.0]

    def take(payload: dict[str, Any]) -> dict[str, Any]:
        limits.append(payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"])
        return {"status": "Accepted"}

    replies: dict[str, Reply] = {
        "SetChargingProfile": take,
        "RemoteStartTransaction": lambda _: {"status": "Accepted" if limits[-1] else "Rejected"},
    }
    settings = replace(SETTINGS, starts_itself=True)
    async with driving(settings, WATCHFUL) as home, dial(home.port, replies=replies) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(0.0, expires_in_s=3600.0)
        await charger.status("Preparing")
        for current_a, starts in ((0.0, 0), (10.0, 1)):
            await home.driver.set_current_limit(current_a, expires_in_s=3600.0)
            for _ in range(3):
                await asyncio.sleep(0.15)
                home.clock.advance(11)
            assert len(charger.called("RemoteStartTransaction")) == starts


@pytest.mark.parametrize(("paused_a", "starts"), [(0.0, 1), (8.0, 0)])
async def test_a_session_that_the_charger_ends_for_a_pause_is_started_again_and_one_a_person_ends_is_not(
    paused_a: float, starts: int
) -> None:
    settings = replace(SETTINGS, starts_itself=True)
    async with driving(settings, WATCHFUL) as home, dial(home.port) as charger:
        await charger.get_ready()
        session = await charger.start_transaction()
        await charger.status("Charging")
        await home.driver.set_current_limit(paused_a, expires_in_s=3600.0)
        await charger.call("StopTransaction", {"transactionId": session, "meterStop": 10, "timestamp": NOON})
        await charger.status("Finishing")
        await home.driver.set_current_limit(10.0, expires_in_s=3600.0)
        for _ in range(3):
            await asyncio.sleep(0.15)
            home.clock.advance(11)
        assert len(charger.called("RemoteStartTransaction")) == starts


async def test_a_person_may_call_the_charger_by_any_action() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        charger.replies["UnlockConnector"] = lambda _: {"status": "Unlocked"}
        assert await home.central.call("CP1", "UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
        charger.replies["Reset"] = not_implemented
        with pytest.raises(CallRefusedError) as refused:
            await home.central.call("CP1", "Reset", {"type": "Soft"})
        assert refused.value.code == "NotImplemented"
        with pytest.raises(OCPPError):
            await home.central.call("CP1", "Reset", {"type": "Sideways"})
        assert charger.called("Reset") == [{"type": "Soft"}]


async def test_a_charger_that_is_not_there_cannot_be_called() -> None:
    async with driving() as home:
        for identity in ("CP1", "CP9"):
            with pytest.raises(DeviceError) as error:
                await home.central.call(identity, "ClearCache", {})
            assert error.value.reason == "charger_not_connected"


async def test_what_only_people_can_use_is_passed_on() -> None:
    told: list[tuple[str, str, dict[str, Any]]] = []
    async with serving(on_told=lambda *news: told.append(news)) as (central, port, _):
        central.add(SETTINGS)
        async with dial(port) as charger:
            await charger.call("FirmwareStatusNotification", {"status": "Installed"})
            await charger.call("DataTransfer", {"vendorId": "X", "data": "1"})
    assert told == [
        ("CP1", "FirmwareStatusNotification", {"status": "Installed"}),
        ("CP1", "DataTransfer", {"vendorId": "X", "data": "1"}),
    ]


async def test_how_a_charger_takes_its_limits_is_handed_out_to_be_kept() -> None:
    kept: dict[str, Any] = {}
    watts: Reply = lambda payload: {  # noqa: E731  # one line says it
        "status": "Accepted"
        if payload["csChargingProfiles"]["chargingSchedule"]["chargingRateUnit"] == "W"
        else "Rejected"
    }
    replies = {"SetChargingProfile": watts}
    async with serving(on_remembered=kept.update) as (central, port, _):
        driver = central.add(SETTINGS)
        async with dial(port, replies=replies) as charger:
            await charger.get_ready()
            await driver.set_current_limit(8.0, expires_in_s=60)
    async with serving(remembered=kept) as (central, port, _):
        driver = central.add(SETTINGS)
        async with dial(port, replies=replies) as charger:
            await charger.get_ready()
            await driver.set_current_limit(8.0, expires_in_s=60)
            assert len(charger.profiles()) == 1


async def test_a_slow_answer_to_a_person_blocks_no_limit_for_long() -> None:
    patience = Patience(boot_s=0.1, call_s=0.2, limit_s=0.3, write_s=1.0, set_up_s=0.2)
    async with driving(patience=patience) as home, dial(home.port) as charger:
        await charger.get_ready()
        charger.replies["GetDiagnostics"] = lambda _: None
        with pytest.raises(DeviceError) as error:
            await home.central.call("CP1", "GetDiagnostics", {"location": "ftp://127.0.0.1/"})
        assert error.value.reason == "timeout"
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        assert charger.limits()[-1] == 8.0
