"""Current limits on chargers that answer late, wrongly, or not at all."""

import asyncio
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.ocpp import Patience
from custom_components.home_flex.devices.ocpp.charging_profiles import permitted_current_a
from tests.devices.ocpp_clients import (
    POWER,
    SETTINGS,
    RefusalError,
    Reply,
    accepted,
    dial,
    driving,
    not_implemented,
    rejected,
    silent,
)


def only(purpose: str) -> Reply:
    """Accept profiles of one purpose."""

    def reply(payload: dict[str, Any]) -> dict[str, Any]:
        is_good = payload["csChargingProfiles"]["chargingProfilePurpose"] == purpose
        return {"status": "Accepted" if is_good else "NotSupported"}

    return reply


@pytest.mark.parametrize("purpose", ["TxProfile", "TxDefaultProfile", "ChargePointMaxProfile"])
async def test_the_first_purpose_the_charger_supports_is_used(purpose: str) -> None:
    async with driving() as home, dial(home.port, replies={"SetChargingProfile": only(purpose)}) as charger:
        await charger.get_ready()
        await charger.start_transaction()
        await home.driver.set_current_limit(7.0, expires_in_s=60)
        assert charger.profiles()[-1]["chargingProfilePurpose"] == purpose
        assert home.reading.current_limit_a == 7.0


async def test_a_profile_of_another_purpose_that_is_in_force_is_cleared() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(7.0, expires_in_s=60)
        await charger.start_transaction()
        await charger.until(lambda: bool(charger.called("ClearChargingProfile")))
        assert charger.profiles()[-1]["chargingProfilePurpose"] == "TxProfile"
        assert charger.called("ClearChargingProfile") == [{"id": 9302}]


async def test_accepted_is_not_taken_for_proof_the_measured_power_is_reported() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await home.driver.set_current_limit(0.0, expires_in_s=60)
        await charger.meter(POWER)
        assert (home.reading.current_limit_a, home.reading.power_w) == (0.0, 7200.0)


async def test_silence_is_a_timeout_and_does_not_block_the_next_limit() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        charger.replies["SetChargingProfile"] = silent
        with pytest.raises(DeviceError) as error:
            await home.driver.set_current_limit(7.0, expires_in_s=60)
        assert error.value.reason == "timeout"
        charger.replies["SetChargingProfile"] = accepted
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        assert home.reading.current_limit_a == 8.0


async def test_an_answer_that_comes_too_late_is_ignored() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        charger.replies["SetChargingProfile"] = silent
        with pytest.raises(DeviceError):
            await home.driver.set_current_limit(7.0, expires_in_s=60)
        await charger.send(f'[3,"{charger.unanswered[-1]}",{{"status":"Accepted"}}]')
        await charger.status("Available")
        assert home.reading.current_limit_a is None


async def test_a_charger_that_answers_nothing_we_ask_can_still_be_measured() -> None:
    nothing = dict.fromkeys(("ChangeConfiguration", "TriggerMessage", "GetConfiguration"), silent)
    async with driving() as home, dial(home.port, replies=nothing) as charger:
        await charger.boot()
        await charger.status("Charging")
        await charger.meter(POWER)
        await charger.until(lambda: len(charger.called("ChangeConfiguration")) >= 3)
        assert home.reading.power_w == 7200.0
        assert home.losses == 0


@pytest.mark.parametrize(
    "answer",
    [
        rejected,
        not_implemented,
        lambda _: {},
        lambda _: {"status": 7},
        lambda _: {"configurationKey": [7, {"key": "ChargeProfileMaxStackLevel"}]},
    ],
)
async def test_a_charger_that_refuses_to_be_configured_is_limited_all_the_same(answer: Reply) -> None:
    replies = dict.fromkeys(("ChangeConfiguration", "TriggerMessage", "GetConfiguration"), answer)
    async with driving() as home, dial(home.port, replies=replies) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        assert charger.profiles()[-1]["stackLevel"] == 0


def never_pauses(payload: dict[str, Any]) -> dict[str, Any]:
    (period,) = payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"]
    return accepted(payload) if period["limit"] > 0.0 else rejected(payload)


async def test_a_charger_that_refuses_a_limit_of_nothing_is_told_its_smallest_current() -> None:
    async with driving() as home, dial(home.port, replies={"SetChargingProfile": never_pauses}) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(0.0, expires_in_s=60)
        assert home.reading.current_limit_a == SETTINGS.min_current_a
        tried = len(charger.profiles())
        await home.driver.set_current_limit(0.0, expires_in_s=60)
        assert len(charger.profiles()) == tried + 1
        await charger.start_transaction()
        await home.driver.set_current_limit(0.0, expires_in_s=60)
        assert 0.0 in charger.limits()[tried + 1 :]


@pytest.mark.parametrize("value", ["5", 5, 5.0])
async def test_a_limit_is_put_on_the_highest_stack_level_even_when_told_as_a_number(value: object) -> None:
    entry = {"key": "ChargeProfileMaxStackLevel", "readonly": True, "value": value}
    told: Reply = lambda _: {"configurationKey": [entry]}  # noqa: E731  # one line says it
    async with driving() as home, dial(home.port, replies={"GetConfiguration": told}) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        assert charger.profiles()[-1]["stackLevel"] == 5


async def test_the_newest_limit_wins_over_one_that_waits() -> None:
    patience = Patience(boot_s=0.1, limit_s=0.3, write_s=5.0)
    async with driving(patience=patience) as home, dial(home.port) as charger:
        await charger.get_ready()
        charger.replies["SetChargingProfile"] = silent
        first = asyncio.create_task(home.driver.set_current_limit(7.0, expires_in_s=60))
        await charger.until(lambda: bool(charger.called("SetChargingProfile")))
        waiting = [
            asyncio.create_task(home.driver.set_current_limit(current, expires_in_s=60))
            for current in (8.0, 9.0, 10.0)
        ]
        charger.replies["SetChargingProfile"] = accepted
        outcomes = await asyncio.gather(first, *waiting, return_exceptions=True)
        reasons = [outcome.reason if isinstance(outcome, DeviceError) else None for outcome in outcomes]
        assert reasons == ["timeout", "superseded", "superseded", None]
        limits = [
            profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
            for profile in charger.profiles()
        ]
        assert limits == [7.0, 10.0]


async def test_sending_a_limit_again_renews_it() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        home.clock.advance(50)
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        home.clock.advance(50)
        await charger.status("Available")
        assert home.reading.current_limit_a == 8.0
        assert [profile["chargingProfileId"] for profile in charger.profiles()] == [9302, 9302]


async def test_a_limit_that_ended_by_itself_is_not_reported_any_more() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        home.clock.advance(61)
        await charger.status("Available")
        assert home.reading.current_limit_a is None


async def test_handing_back_clears_our_profile_only() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        await home.driver.set_current_limit(None, expires_in_s=60)
        assert charger.called("ClearChargingProfile") == [{"id": 9302}]
        assert home.reading.current_limit_a is None


async def test_a_profile_the_charger_forgot_is_handed_back_too() -> None:
    unknown: Reply = lambda _: {"status": "Unknown"}  # noqa: E731  # one line says it
    async with driving() as home, dial(home.port, replies={"ClearChargingProfile": unknown}) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        await home.driver.set_current_limit(None, expires_in_s=60)
        assert len(charger.profiles()) == 1


async def test_where_a_profile_cannot_be_cleared_the_charger_gets_all_its_circuit_can_carry() -> None:
    async with (
        driving() as home,
        dial(home.port, replies={"ClearChargingProfile": not_implemented}) as charger,
    ):
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        await home.driver.set_current_limit(None, expires_in_s=60)
        assert charger.limits()[-1] == 16.0
        assert home.reading.current_limit_a is None


async def test_a_charger_that_was_never_limited_is_handed_back_without_an_error() -> None:
    async with (
        driving() as home,
        dial(home.port, replies={"ClearChargingProfile": not_implemented}) as charger,
    ):
        await charger.get_ready()
        await home.driver.set_current_limit(None, expires_in_s=60)
        assert not charger.profiles()


async def test_after_a_reconnect_a_limit_that_is_in_force_is_written_again_for_what_is_left() -> None:
    async with driving() as home:
        async with dial(home.port) as charger:
            await charger.get_ready()
            await home.driver.set_current_limit(8.0, expires_in_s=60)
        await home.until(lambda: home.losses == 1)
        home.clock.advance(20)
        async with dial(home.port) as charger:
            await charger.until(lambda: bool(charger.profiles()))
            assert charger.limits() == [8.0]
            assert charger.profiles()[0]["chargingSchedule"]["duration"] == 300 + 40


async def test_after_a_reconnect_a_limit_that_ended_is_not_written_again() -> None:
    async with driving() as home:
        async with dial(home.port) as charger:
            await charger.get_ready()
            await home.driver.set_current_limit(8.0, expires_in_s=60)
        await home.until(lambda: home.losses == 1)
        home.clock.advance(61)
        async with dial(home.port) as charger:
            await charger.get_ready()
            assert not charger.profiles()


async def test_a_new_transaction_is_limited_as_soon_as_it_begins() -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        transaction_id = await charger.start_transaction()
        await charger.until(lambda: len(charger.profiles()) == 2)
        assert charger.profiles()[-1]["transactionId"] == transaction_id


@pytest.mark.parametrize("current_a", [math.nan, math.inf, -math.inf, -1.0])
async def test_a_current_no_charger_can_draw_is_refused_and_not_sent(current_a: float) -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        with pytest.raises(DeviceError) as error:
            await home.driver.set_current_limit(current_a, expires_in_s=60)
        assert error.value.reason == "write_refused"
        assert not charger.profiles()


async def test_a_charger_that_lies_about_errors_is_refused() -> None:
    def lie(_: dict[str, Any]) -> dict[str, Any]:
        raise RefusalError("NoSuchCodeInOcpp" * 100)

    async with driving() as home, dial(home.port, replies={"SetChargingProfile": lie}) as charger:
        await charger.get_ready()
        with pytest.raises(DeviceError) as error:
            await home.driver.set_current_limit(8.0, expires_in_s=60)
        assert error.value.reason == "write_refused"


@given(st.floats(0.0, 1000.0), st.floats(6.0, 10.0), st.floats(10.0, 63.0))
def test_a_charger_is_never_told_more_than_it_may_draw(
    current_a: float, min_current_a: float, max_current_a: float
) -> None:
    told = permitted_current_a(current_a, min_current_a=min_current_a, max_current_a=max_current_a)
    assert told <= min(current_a, max_current_a) + 1e-6
    assert told == 0.0 or told >= min_current_a
    assert round(told, 1) == told


@given(st.integers(60, 160))
def test_a_current_with_one_decimal_is_told_as_it_is(tenths: int) -> None:
    assert permitted_current_a(tenths / 10, min_current_a=6.0, max_current_a=16.0) == tenths / 10
