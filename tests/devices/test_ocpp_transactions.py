"""Transactions, statuses and the meter of a charger that is not always right."""

from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.model import ChargerStatus
from tests.devices.ocpp_clients import NOON, POWER, dial, driving

BEFORE_NOON = "2026-11-21T11:59:30Z"
AFTER_NOON = "2026-11-21T12:00:30Z"


def energy(value: str, unit: str | None = None) -> dict[str, str]:
    sampled = {"value": value, "measurand": "Energy.Active.Import.Register"}
    return sampled if unit is None else sampled | {"unit": unit}


async def test_the_energy_of_the_session_counts_from_the_start_of_the_transaction() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await home.until(lambda: bool(home.published))
        transaction_id = await charger.start_transaction(meter_start=12000)
        home.clock.advance(300)
        await charger.meter(energy("12.47", "kWh"), transactionId=transaction_id)
        assert home.reading.energy_wh == 12470.0
        assert home.reading.session_energy_wh == 470.0
        assert home.reading.transaction_id == transaction_id


async def test_a_final_value_rounded_below_the_register_takes_nothing_back() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await home.until(lambda: bool(home.published))
        transaction_id = await charger.start_transaction(meter_start=12000)
        home.clock.advance(300)
        await charger.meter(energy("12.47", "kWh"), transactionId=transaction_id)
        stop = {"transactionId": transaction_id, "meterStop": 12000, "timestamp": AFTER_NOON}
        assert (await charger.call("StopTransaction", stop))[2] == {"idTagInfo": {"status": "Accepted"}}
        assert home.reading.energy_wh == 12470.0
        assert home.reading.session_energy_wh == 470.0
        assert home.reading.transaction_id is None


async def test_kilowatt_hours_while_charging_and_watt_hours_at_the_stop_are_one_register() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await home.until(lambda: bool(home.published))
        transaction_id = await charger.start_transaction(meter_start=12000)
        home.clock.advance(300)
        await charger.meter(energy("12.1", "kWh"), transactionId=transaction_id)
        data = [{"timestamp": AFTER_NOON, "sampledValue": [energy("12200", "Wh")]}]
        stop = {"transactionId": transaction_id, "meterStop": 12200, "timestamp": AFTER_NOON}
        await charger.call("StopTransaction", stop | {"transactionData": data})
        assert home.reading.energy_wh == 12200.0
        assert home.reading.session_energy_wh == 200.0


async def test_values_of_the_transaction_between_start_and_stop_of_the_lifetime_are_one_register() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await home.until(lambda: bool(home.published))
        lifetime_wh = 400
        for _ in range(2):
            transaction_id = await charger.start_transaction(
                meter_start=lifetime_wh, time=home.clock.now.isoformat()
            )
            for minutes in range(1, 9):
                home.clock.advance(60)
                await charger.meter(energy(str(0.12 * minutes), "kWh"), transactionId=transaction_id)
                told = home.reading.energy_wh, home.reading.session_energy_wh
                assert told == pytest.approx((lifetime_wh + 120 * minutes, 120 * minutes))
                await charger.meter(energy(str(lifetime_wh + 120 * minutes)))
                assert home.reading.energy_wh == lifetime_wh + 120 * minutes
            lifetime_wh += 960
            stop = {"transactionId": transaction_id, "meterStop": lifetime_wh, "timestamp": AFTER_NOON}
            await charger.call("StopTransaction", stop)
            assert (home.reading.energy_wh, home.reading.session_energy_wh) == (lifetime_wh, 960.0)


async def test_a_register_that_shows_too_much_for_a_transaction_is_none_of_its_own() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await home.until(lambda: bool(home.published))
        transaction_id = await charger.start_transaction(meter_start=12_470_000)
        home.clock.advance(60)
        await charger.meter(energy("12480"), transactionId=transaction_id)
        assert (home.reading.energy_wh, home.reading.session_energy_wh) == (12480.0, 0.0)


async def test_the_same_start_sent_again_is_the_same_transaction() -> None:
    async with driving() as home, dial(home.port) as charger:
        first = await charger.start_transaction()
        assert await charger.start_transaction() == first
        assert await charger.start_transaction(time=AFTER_NOON) == first + 1


async def test_transaction_ids_grow_with_the_time_across_restarts() -> None:
    async with driving() as home, dial(home.port) as charger:
        before = await charger.start_transaction()
    async with driving() as home, dial(home.port) as charger:
        home.clock.advance(10)
        assert before < await charger.start_transaction() < 2**31


async def test_a_transaction_that_began_before_we_did_is_taken_over() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER, transactionId=77)
        assert home.reading.transaction_id == 77
        assert home.reading.session_energy_wh is None


async def test_late_values_of_an_ended_transaction_do_not_revive_it() -> None:
    async with driving() as home, dial(home.port) as charger:
        transaction_id = await charger.start_transaction()
        stop = {"transactionId": transaction_id, "meterStop": 0, "timestamp": NOON}
        await charger.call("StopTransaction", stop)
        await charger.meter(POWER, transactionId=transaction_id)
        await charger.status("Finishing")
        assert (home.reading.transaction_id, home.reading.power_w) == (None, 0.0)


async def test_the_stop_of_an_unknown_transaction_is_answered_and_changes_nothing() -> None:
    async with driving() as home, dial(home.port) as charger:
        transaction_id = await charger.start_transaction()
        answer = await charger.call(
            "StopTransaction", {"transactionId": 1, "meterStop": 5, "timestamp": NOON}
        )
        assert answer[0] == 3
        await charger.meter(POWER)
        assert home.reading.transaction_id == transaction_id


async def test_power_is_zero_once_the_charging_stopped() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER, time=NOON)
        await charger.status("SuspendedEVSE", timestamp=AFTER_NOON)
        assert home.reading.power_w == 0.0
        assert home.reading.vehicle_connected


async def test_what_arrives_last_counts_whatever_the_charger_s_clock_says() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER, time="2036-02-07T06:28:00Z")
        await charger.meter(POWER | {"value": "3000"}, time=NOON)
        assert home.reading.power_w == 3000.0
        await charger.meter(POWER, time="1970-01-01T00:00:10Z")
        assert home.reading.power_w == 7200.0
        await charger.status("Finishing", timestamp=BEFORE_NOON)
        assert home.reading.power_w == 0.0


async def test_a_sample_that_was_under_way_when_the_charging_stopped_moves_the_register_only() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Finishing")
        await charger.meter(POWER, energy("500"))
        assert (home.reading.power_w, home.reading.energy_wh) == (0.0, 500.0)


async def test_what_is_still_drawn_a_while_after_the_stop_is_believed() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("SuspendedEV")
        home.clock.advance(11)
        await charger.meter(POWER)
        assert home.reading.power_w == 7200.0


async def test_power_right_after_a_clear_that_cannot_be_is_left_out() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER)
        await charger.meter(POWER | {"value": "150000"})
        assert home.reading.power_w == 7200.0
        assert home.driver.ignored_values == 1


async def test_the_whole_charger_and_other_connectors_do_not_change_the_connector() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER)
        await charger.status("Unavailable", connector_id=0)
        await charger.status("Faulted", connector_id=2)
        assert home.reading.status is ChargerStatus.CHARGING


async def test_a_status_we_do_not_know_is_answered_and_changes_nothing() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER)
        assert (await charger.status("Occupied"))[0] == 3
        assert home.reading.status is ChargerStatus.CHARGING


async def test_an_idle_charger_that_only_sends_heartbeats_stays_fresh() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Available")
        home.clock.advance(60)
        await charger.call("Heartbeat", {})
        assert home.reading.time == datetime(2026, 11, 21, 12, 1, tzinfo=UTC)


async def test_a_charging_charger_without_new_values_does_not_look_fresh() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await charger.meter(POWER)
        home.clock.advance(60)
        await charger.call("Heartbeat", {})
        assert home.reading.time == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


async def test_a_car_that_charges_is_not_taken_for_one_that_draws_nothing_before_its_power_is_told() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        assert home.published == []
        await charger.meter(POWER)
        assert home.reading.power_w == 7200.0


async def test_a_charger_that_was_asked_and_tells_no_power_is_taken_as_it_is() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.status("Charging")
        await home.until(lambda: bool(home.published))
        assert home.reading.power_w == 0.0


async def test_every_id_tag_and_notification_is_answered() -> None:
    async with driving() as home, dial(home.port) as charger:
        authorized = await charger.call("Authorize", {"idTag": "TAG"})
        assert authorized[2] == {"idTagInfo": {"status": "Accepted"}}
        assert (await charger.call("DataTransfer", {"vendorId": "X"}))[2] == {"status": "UnknownVendorId"}
        for action in ("FirmwareStatusNotification", "DiagnosticsStatusNotification"):
            assert (await charger.call(action, {"status": "Idle"}))[2] == {}
