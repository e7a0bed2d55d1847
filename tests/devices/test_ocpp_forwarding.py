"""A second back end hears what a charger does, and is obeyed in nothing that the resident did not allow."""

import asyncio
import ssl
from datetime import timedelta
from typing import Any

import pytest
import trustme
from ocpp.exceptions import NotSupportedError, OCPPError  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16 import call as call16  # type: ignore[import-untyped]  # the library has no types

from custom_components.home_flex.devices.driver import Forwarding
from custom_components.home_flex.devices.ocpp import ForwardSettings
from tests.devices.fakes.back_end import PASSWORD, THEIR_FIRST_ID, back_end
from tests.devices.forwarding_home import Store, all_three, eventually, forwarding, hurry
from tests.devices.ocpp_clients import NOON, POWER, dial

CLOSED = "ws://127.0.0.1:1/ocpp"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


async def test_it_hears_boot_status_values_and_transactions_by_its_own_numbers() -> None:
    async with all_three() as (employer, home, charger):
        ours = await charger.start_transaction(100)
        await charger.meter(POWER, transactionId=ours)
        stop = {"transactionId": ours, "meterStop": 700, "timestamp": NOON, "idTag": "TAG"}
        await charger.call("StopTransaction", stop)
        await employer.until(lambda: bool(employer.heard("StopTransaction")))
        assert employer.heard("BootNotification")[0]["chargePointVendor"] == "Raw"
        assert employer.heard("StatusNotification")[0]["status"] == "Available"
        assert employer.heard("StartTransaction")[0]["meterStart"] == 100
        assert employer.heard("MeterValues")[0]["transactionId"] == THEIR_FIRST_ID
        assert employer.heard("StopTransaction") == [stop | {"transactionId": THEIR_FIRST_ID}]
        assert ours != THEIR_FIRST_ID
        assert employer.broken == []
        await eventually(lambda: home.forwarder.diagnostics()["waiting"] == 0)
        assert home.forwarder.diagnostics() == {
            "connected": True,
            "trouble": None,
            "waiting": 0,
            "dropped": 0,
            "refused": 0,
        }


async def test_what_the_charger_repeats_is_told_once() -> None:
    async with all_three() as (employer, _home, charger):
        ours = await charger.start_transaction()
        assert await charger.start_transaction() == ours
        stop = {"transactionId": ours, "meterStop": 1, "timestamp": NOON}
        other = await charger.start_transaction(7)
        for _ in range(2):
            await charger.call("StopTransaction", stop)
        await charger.call("StopTransaction", stop | {"transactionId": other})
        await employer.until(lambda: len(employer.heard("StopTransaction")) == 2)
        told = [each["transactionId"] for each in employer.heard("StopTransaction")]
        assert told == [THEIR_FIRST_ID, THEIR_FIRST_ID + 1]
        assert len(employer.heard("StartTransaction")) == 2


async def test_an_end_by_a_number_that_was_never_given_ends_the_one_that_runs() -> None:
    async with all_three() as (employer, _home, charger):
        await charger.start_transaction()
        stop = {"transactionId": -1, "meterStop": 1, "timestamp": NOON}
        await charger.call("StopTransaction", stop)
        await employer.until(lambda: bool(employer.heard("StopTransaction")))
        assert employer.heard("StopTransaction")[0]["transactionId"] == THEIR_FIRST_ID


async def test_the_end_of_a_transaction_it_never_heard_of_is_kept_from_it() -> None:
    async with all_three() as (employer, home, charger):
        await charger.start_transaction()
        await charger.call("StopTransaction", {"transactionId": 4711, "meterStop": 1, "timestamp": NOON})
        await charger.status("Charging")
        await employer.until(lambda: employer.heard("StatusNotification")[-1]["status"] == "Charging")
        await eventually(lambda: home.forwarder.diagnostics()["waiting"] == 0)
        assert employer.heard("StopTransaction") == []


async def test_values_are_told_once_a_minute() -> None:
    async with all_three() as (employer, home, charger):
        for _ in range(61):
            home.clock.advance(2.0)
            await charger.meter(POWER)
        await charger.status("Preparing")
        await employer.until(lambda: employer.heard("StatusNotification")[-1]["status"] == "Preparing")
        assert len(employer.heard("MeterValues")) == 3


async def test_sessions_are_told_under_the_tag_the_resident_chose() -> None:
    async with all_three(id_tag="EMPLOYEE-7") as (employer, _home, charger):
        await charger.start_transaction()
        await employer.until(lambda: bool(employer.heard("StartTransaction")))
        assert employer.heard("StartTransaction")[0]["idTag"] == "EMPLOYEE-7"


async def test_charging_goes_on_while_it_is_away_and_it_hears_of_the_transaction_later() -> None:
    store = Store()
    async with forwarding(CLOSED, store) as home, dial(home.driven.port) as charger:
        await charger.get_ready()
        ours = await charger.start_transaction(5)
        await charger.meter(POWER, transactionId=ours)
        assert home.driven.reading.power_w == 7200.0
        await home.driven.driver.set_current_limit(8.0, expires_in_s=60.0)
        assert charger.limits()[-1] == 8.0
        assert home.forwarder.diagnostics()["trouble"] == "cannot_connect"
        assert home.forwarder.troubles == frozenset()
    # Home Assistant starts anew, and the employer's line is mended.
    async with (
        back_end() as employer,
        forwarding(employer.url, store) as home,
        dial(home.driven.port) as charger,
    ):
        await charger.get_ready()
        stop = {"transactionId": ours, "meterStop": 9, "timestamp": NOON}
        await charger.call("StopTransaction", stop)
        await employer.until(lambda: bool(employer.heard("StopTransaction")))
        assert [name for name, _ in employer.calls if name.endswith("Transaction")] == [
            "StartTransaction",
            "StopTransaction",
        ]
        assert employer.heard("StopTransaction")[0]["transactionId"] == THEIR_FIRST_ID


async def test_a_silent_back_end_holds_nobody_up() -> None:
    async with (
        back_end(is_silent=True) as employer,
        forwarding(employer.url) as home,
        dial(home.driven.port) as charger,
    ):
        await charger.get_ready()
        for _ in range(20):
            await charger.status("Preparing")
        await home.driven.driver.set_current_limit(8.0, expires_in_s=60.0)
        assert charger.limits()[-1] == 8.0


async def test_what_is_lossy_is_bounded_and_what_lasts_is_kept() -> None:
    store = Store()
    async with forwarding(CLOSED, store) as home, dial(home.driven.port) as charger:
        await charger.get_ready()
        ours = await charger.start_transaction()
        for _ in range(150):
            await charger.status("Preparing")
        await charger.call("StopTransaction", {"transactionId": ours, "meterStop": 1, "timestamp": NOON})
        told = home.forwarder.diagnostics()
        assert (told["waiting"], told["dropped"]) == (102, 51)
        assert store.document is not None
        assert [each["action"] for each in store.document["waiting"]] == [
            "StartTransaction",
            "StopTransaction",
        ]


async def test_it_is_dialled_again_after_it_hung_up() -> None:
    async with all_three() as (employer, _home, charger):
        await employer.hang_up()
        await employer.until(lambda: employer.connections == 2)
        await charger.status("Charging")
        await employer.until(lambda: employer.heard("StatusNotification")[-1]["status"] == "Charging")
        assert len(employer.heard("BootNotification")) == 2


@pytest.mark.parametrize("habits", [{"lets_in": False}, {"accepts": False}], ids=["refused", "not accepted"])
async def test_one_that_does_not_let_the_charger_in_is_told_as_a_trouble(habits: dict[str, Any]) -> None:
    async with (
        back_end(**habits) as employer,
        forwarding(employer.url) as home,
        dial(home.driven.port) as charger,
    ):
        await charger.get_ready()
        await eventually(lambda: bool(home.driven.driver.troubles))
        assert home.driven.driver.troubles == {"forwarding_refused"}
        assert home.forwarder.diagnostics()["connected"] is False


async def test_another_version_than_the_charger_speaks_is_told_as_a_trouble() -> None:
    async with (
        back_end(version="2.0.1") as employer,
        forwarding(employer.url) as home,
        dial(home.driven.port),
    ):
        await eventually(lambda: bool(home.driven.driver.troubles))


async def test_a_certificate_that_nobody_vouches_for_is_not_believed() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with (
        back_end(tls=context) as employer,
        forwarding(employer.url) as home,
        dial(home.driven.port),
    ):
        await eventually(lambda: bool(home.driven.driver.troubles))
        assert employer.connections == 0


async def test_the_authority_of_the_settings_vouches_for_its_certificate() -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with (
        back_end(tls=context) as employer,
        forwarding(employer.url, ca_certificate=authority.cert_pem.bytes().decode()) as home,
        dial(home.driven.port) as charger,
    ):
        await charger.get_ready()
        await employer.until(lambda: bool(employer.heard("BootNotification")))


async def test_whether_it_listens_and_since_when_is_told() -> None:
    async with back_end() as employer, forwarding(employer.url) as home:
        driver = home.driven.driver
        assert driver.forwarding == Forwarding(is_connected=False)
        async with dial(home.driven.port) as charger:
            await charger.get_ready()
            await eventually(lambda: driver.forwarding is not None and driver.forwarding.is_connected)
            assert driver.forwarding == Forwarding(is_connected=True, since=home.clock.now)
            home.clock.advance(60.0)
            began, left = home.clock.now - timedelta(seconds=60), home.clock.now
            assert driver.forwarding == Forwarding(is_connected=True, since=began)
        gone = Forwarding(is_connected=False, since=left, reason="charger_not_connected")
        await eventually(lambda: driver.forwarding == gone)


PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 32.0}],
    },
}
NEVER = [
    (call16.SetChargingProfile(connector_id=0, cs_charging_profiles=PROFILE), "Rejected"),
    (call16.ClearChargingProfile(), "Unknown"),
    (call16.ChangeAvailability(connector_id=0, type="Inoperative"), "Rejected"),
    (call16.ChangeConfiguration(key="MeterValueSampleInterval", value="900"), "Rejected"),
    (call16.Reset(type="Hard"), "Rejected"),
    (call16.UnlockConnector(connector_id=1), "NotSupported"),
    (call16.ClearCache(), "Rejected"),
    (call16.SendLocalList(list_version=1, update_type="Full"), "Failed"),
    (call16.ReserveNow(connector_id=1, expiry_date=NOON, id_tag="T", reservation_id=1), "Rejected"),
    (call16.DataTransfer(vendor_id="V"), "UnknownVendorId"),
]


@pytest.mark.parametrize(("message", "answer"), NEVER, ids=lambda each: type(each).__name__)
async def test_what_it_may_never_do_reaches_no_charger(message: object, answer: str) -> None:
    async with all_three(may_start=True) as (employer, _home, charger):
        before = len(charger.calls)
        assert (await employer.call(message)).status == answer
        await asyncio.sleep(0.05)
        reached = [name for name, _ in charger.calls[before:]]
        assert type(message).__name__ not in reached


async def test_what_has_no_answer_that_says_no_is_refused() -> None:
    async with all_three(may_start=True) as (employer, _home, charger):
        with pytest.raises(NotSupportedError):
            await employer.call(call16.UpdateFirmware(location="http://x", retrieve_date=NOON))
        assert charger.called("UpdateFirmware") == []


async def test_it_starts_and_stops_nothing_by_itself() -> None:
    async with all_three() as (employer, _home, charger):
        await charger.start_transaction()
        start = call16.RemoteStartTransaction(id_tag="EMPLOYEE-7")
        assert (await employer.call(start)).status == "Rejected"
        assert (await employer.call(call16.RemoteStopTransaction(THEIR_FIRST_ID))).status == "Rejected"
        assert charger.called("RemoteStartTransaction") == charger.called("RemoteStopTransaction") == []


async def test_where_it_may_it_starts_without_a_power_and_stops_by_its_own_number() -> None:
    async with all_three(may_start=True) as (employer, _home, charger):
        start = call16.RemoteStartTransaction(id_tag="EMPLOYEE-7", connector_id=1, charging_profile=PROFILE)
        assert (await employer.call(start)).status == "Accepted"
        assert charger.called("RemoteStartTransaction") == [{"idTag": "EMPLOYEE-7", "connectorId": 1}]
        ours = await charger.start_transaction()
        await employer.until(lambda: bool(employer.heard("StartTransaction")))
        await asyncio.sleep(0.05)
        assert (await employer.call(call16.RemoteStopTransaction(THEIR_FIRST_ID))).status == "Accepted"
        assert charger.called("RemoteStopTransaction") == [{"transactionId": ours}]
        assert (await employer.call(call16.RemoteStopTransaction(ours))).status == "Rejected"


async def test_it_reads_what_the_charger_tells_but_no_secret() -> None:
    keys = [
        {"key": "MeterValueSampleInterval", "readonly": False, "value": "2"},
        {"key": "AuthorizationKey", "readonly": False, "value": "secret"},
    ]
    async with all_three(GetConfiguration=lambda _: {"configurationKey": keys}) as (
        employer,
        _home,
        _charger,
    ):
        answer = await employer.call(call16.GetConfiguration())
        assert [each["key"] for each in answer.configuration_key] == ["MeterValueSampleInterval"]


async def test_it_is_told_again_what_it_asks_for_without_troubling_the_charger() -> None:
    async with all_three() as (employer, _home, charger):
        before = len(employer.heard("StatusNotification"))
        asked = len(charger.called("TriggerMessage"))
        trigger = call16.TriggerMessage(requested_message="StatusNotification")
        assert (await employer.call(trigger)).status == "Accepted"
        await employer.until(lambda: len(employer.heard("StatusNotification")) > before)
        for message in ("BootNotification", "Heartbeat"):
            assert (
                await employer.call(call16.TriggerMessage(requested_message=message))
            ).status == "Accepted"
        await employer.until(lambda: bool(employer.heard("Heartbeat")))
        assert len(charger.called("TriggerMessage")) == asked


async def test_a_payload_that_breaks_the_schema_is_answered_with_its_error() -> None:
    async with all_three() as (employer, _home, _charger):
        text = '[2,"x","GetCompositeSchedule",{"connectorId":"one"}]'
        with pytest.raises(OCPPError):
            await employer.call(call16.GetCompositeSchedule(connector_id=1, duration=-1.5))
        await employer.point._connection.send(text)
        await employer.call(call16.ClearCache())


def test_its_secrets_are_in_no_text() -> None:
    settings = ForwardSettings(url="wss://x", identity="E", password=PASSWORD, id_tag="EMPLOYEE-7")
    assert PASSWORD not in repr(settings)
    assert "EMPLOYEE-7" not in repr(settings)
