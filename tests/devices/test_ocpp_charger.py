"""A charger on a real WebSocket is measured and limited."""

import pytest

from custom_components.home_flex.core.model import ChargerStatus
from custom_components.home_flex.devices.driver import DeviceError, Driver, LimitsCurrent
from tests.devices.ocpp_clients import (
    POWER,
    Reply,
    dial,
    driving,
    not_implemented,
    rejected,
)


async def test_a_boot_notification_is_accepted_and_tells_who_the_charger_is() -> None:
    async with driving() as home, dial(home.port) as charger:
        answer = await charger.boot(firmwareVersion="1.2.3")
        assert answer == {"currentTime": "2026-11-21T12:00:00Z", "interval": 60, "status": "Accepted"}
        identity = home.driver.identity
        assert identity is not None
        assert (identity.manufacturer, identity.model, identity.serial_number, identity.firmware) == (
            "Raw",
            "One",
            "S1",
            "1.2.3",
        )


async def test_the_driver_offers_what_a_charger_can() -> None:
    async with driving() as home:
        driver: Driver = home.driver
        assert isinstance(driver, LimitsCurrent)


async def test_status_and_meter_values_become_readings() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.boot()
        await charger.status("Charging")
        await charger.meter(POWER)
        assert home.reading.status is ChargerStatus.CHARGING
        assert home.reading.power_w == 7200.0
        assert (home.reading.phases, home.reading.min_current_a, home.reading.max_current_a) == (3, 6.0, 16.0)


async def test_after_the_boot_the_charger_is_asked_for_frequent_values() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        asked = {entry["key"]: entry["value"] for entry in charger.called("ChangeConfiguration")}
        assert asked["MeterValueSampleInterval"] == "2"
        assert "Power.Active.Import" in asked["MeterValuesSampledData"]
        triggered = [entry["requestedMessage"] for entry in charger.called("TriggerMessage")]
        assert triggered == ["StatusNotification", "MeterValues"]


async def test_a_limit_without_a_transaction_is_a_default_profile_that_ends_by_itself() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(10.04, expires_in_s=59.5)
        message = charger.called("SetChargingProfile")[-1]
        assert message["connectorId"] == 0
        profile = message["csChargingProfiles"]
        assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
        assert "validTo" not in profile
        assert profile["chargingSchedule"] == {
            "chargingRateUnit": "A",
            "duration": 360,
            "startSchedule": "2026-11-21T11:55:00Z",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0, "numberPhases": 3}],
        }
        assert home.reading.current_limit_a == 10.0


async def test_a_limit_during_a_transaction_is_a_profile_of_the_transaction() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        transaction_id = await charger.start_transaction()
        await home.driver.set_current_limit(6.0, expires_in_s=60)
        message = charger.called("SetChargingProfile")[-1]
        assert message["connectorId"] == 1
        assert message["csChargingProfiles"]["chargingProfilePurpose"] == "TxProfile"
        assert message["csChargingProfiles"]["transactionId"] == transaction_id


@pytest.mark.parametrize("answer", [rejected, not_implemented, lambda _: {"status": "NotSupported"}])
async def test_a_refused_limit_is_an_error_and_is_not_reported_as_the_limit(answer: Reply) -> None:
    async with driving() as home, dial(home.port, replies={"SetChargingProfile": answer}) as charger:
        await charger.get_ready()
        with pytest.raises(DeviceError) as error:
            await home.driver.set_current_limit(6.0, expires_in_s=60)
        assert error.value.reason == "write_refused"
        purposes = [profile["chargingProfilePurpose"] for profile in charger.profiles()]
        assert purposes[:2] == ["TxDefaultProfile", "ChargePointMaxProfile"]
        assert len(purposes) == 10
        assert home.reading.current_limit_a is None


async def test_without_a_connection_a_limit_is_an_error() -> None:
    async with driving() as home:
        with pytest.raises(DeviceError) as error:
            await home.driver.set_current_limit(6.0, expires_in_s=60)
        assert error.value.reason == "charger_not_connected"


async def test_a_lost_connection_is_told_once() -> None:
    async with driving() as home:
        async with dial(home.port) as charger:
            await charger.get_ready()
        await home.until(lambda: home.losses == 1)
        async with dial(home.port):
            pass
        async with dial(home.port) as charger:
            await charger.status("Available")
            assert home.losses == 1
