"""What a charger falls back to without us: kept below the limits we renew, and read back."""

from typing import Any

import pytest

from tests.devices.ocpp_clients import (
    Driven,
    RawCharger,
    Reply,
    accepted,
    dial,
    driving,
    not_implemented,
    rejected,
)

DEFAULT_ID = 9304
LIFTED_A = 16.0


def levels(level: str = "5") -> Reply:
    """Tell how many profiles can be stacked."""
    return lambda _: {
        "configurationKey": [{"key": "ChargeProfileMaxStackLevel", "value": level, "readonly": True}]
    }


def schedule(*limits_a: float) -> Reply:
    """Answer with a composite schedule of these limits, a minute each."""
    periods = [{"startPeriod": 60 * number, "limit": limit_a} for number, limit_a in enumerate(limits_a)]
    return lambda _: {
        "status": "Accepted",
        "connectorId": 1,
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": periods},
    }


def default_refused(payload: dict[str, Any]) -> dict[str, Any]:
    is_default = payload["csChargingProfiles"]["chargingProfileId"] == DEFAULT_ID
    return {"status": "Rejected" if is_default else "Accepted"}


def of_default(charger: RawCharger) -> list[dict[str, Any]]:
    return [profile for profile in charger.profiles() if profile["chargingProfileId"] == DEFAULT_ID]


def lifts(charger: RawCharger) -> list[dict[str, Any]]:
    return [profile for profile in charger.profiles() if profile["chargingProfileId"] != DEFAULT_ID]


async def asked(charger: RawCharger, action: str) -> None:
    await charger.until(lambda: bool(charger.called(action)))


REPLIES: dict[str, Reply] = {"GetConfiguration": levels()}


async def until_known(home: Driven, charger: RawCharger) -> bool | None:
    """Wait until the charger was asked what it keeps; return what is known then."""
    await asked(charger, "GetCompositeSchedule")
    await charger.call("Heartbeat", {})
    return home.driver.default_kept


async def test_the_default_lies_without_an_end_below_the_limits_that_are_renewed() -> None:
    async with driving() as home, dial(home.port, replies=REPLIES) as charger:
        home.driver.keep_default(11.0)
        await charger.get_ready()
        await asked(charger, "GetCompositeSchedule")
        (profile,) = of_default(charger)
        assert (profile["chargingProfilePurpose"], profile["stackLevel"]) == ("TxDefaultProfile", 4)
        assert profile["chargingProfileKind"] == "Relative"
        assert profile["chargingSchedule"]["chargingSchedulePeriod"] == [
            {"startPeriod": 0, "limit": 11.0, "numberPhases": 3}
        ]
        assert not {"validTo", "validFrom"} & set(profile)
        assert "duration" not in profile["chargingSchedule"]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (schedule(11.0), True),
        (schedule(6.0, 11.0), True),
        (schedule(6.0, 32.0), False),
        (schedule(6.0), None),
        (schedule(), None),
        (accepted, None),
        (rejected, None),
        (not_implemented, None),
        (lambda _: {"status": "Accepted", "chargingSchedule": {"chargingSchedulePeriod": ["none"]}}, None),
    ],
)
async def test_what_the_schedule_ends_with_is_what_is_kept(answer: Reply, kept: bool | None) -> None:
    replies = {**REPLIES, "GetCompositeSchedule": answer}
    async with driving() as home, dial(home.port, replies=replies) as charger:
        home.driver.keep_default(11.0)
        await charger.get_ready()
        assert await until_known(home, charger) is kept


async def test_a_charger_that_refuses_a_default_is_known_to_keep_none() -> None:
    replies = {**REPLIES, "SetChargingProfile": default_refused}
    async with driving() as home, dial(home.port, replies=replies) as charger:
        home.driver.keep_default(11.0)
        await charger.get_ready()
        await home.until(lambda: home.driver.default_kept is not None)
        assert home.driver.default_kept is False


async def test_a_charger_with_room_for_one_profile_is_not_told_a_default() -> None:
    async with driving() as home, dial(home.port, replies={"GetConfiguration": levels("0")}) as charger:
        home.driver.keep_default(11.0)
        await charger.get_ready()
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        await home.until(lambda: home.driver.default_kept is not None)
        assert home.driver.default_kept is False
        assert of_default(charger) == []


async def test_where_the_charger_may_draw_all_it_can_an_older_default_is_taken_away() -> None:
    async with driving() as home, dial(home.port, replies=REPLIES) as charger:
        home.driver.keep_default(16.0)
        await charger.get_ready()
        await charger.until(lambda: {"id": DEFAULT_ID} in charger.called("ClearChargingProfile"))
        assert charger.profiles() == []


async def test_a_car_under_its_own_control_draws_what_it_likes_while_we_are_here() -> None:
    async with driving() as home, dial(home.port, replies=REPLIES) as charger:
        home.driver.keep_default(11.0)
        await charger.get_ready()
        await charger.status("Charging")
        await charger.start_transaction()
        await charger.until(lambda: bool(lifts(charger)))
        assert charger.limits()[-1] == LIFTED_A
        assert lifts(charger)[-1]["chargingSchedule"]["duration"] == 600
        assert home.reading.current_limit_a is None


async def test_without_a_car_the_charger_is_not_told_more_than_its_default() -> None:
    async with driving() as home, dial(home.port, replies=REPLIES) as charger:
        home.driver.keep_default(11.0)
        await charger.get_ready()
        await asked(charger, "GetCompositeSchedule")
        await charger.boot()
        assert lifts(charger) == []


async def test_after_a_limit_is_handed_back_the_car_is_above_the_default_again() -> None:
    async with driving() as home, dial(home.port, replies=REPLIES) as charger:
        home.driver.keep_default(11.0)
        await charger.get_ready()
        await charger.status("Charging")
        await home.driver.set_current_limit(8.0, expires_in_s=60)
        await home.driver.set_current_limit(None, expires_in_s=60)
        assert charger.limits()[-1] == LIFTED_A
        assert home.reading.current_limit_a is None


async def test_each_connection_is_told_the_default_again() -> None:
    async with driving() as home:
        home.driver.keep_default(11.0)
        for _ in range(2):
            async with dial(home.port, replies=REPLIES) as charger:
                await charger.get_ready()
                await charger.until(lambda: len(of_default(charger)) == 1)  # waited for here


async def test_a_charger_that_is_told_no_default_is_left_as_it_is() -> None:
    async with driving() as home, dial(home.port, replies=REPLIES) as charger:
        await charger.get_ready()
        await charger.status("Charging")
        await charger.start_transaction()
        await charger.boot()
        assert charger.profiles() == []
        assert home.driver.default_kept is None
