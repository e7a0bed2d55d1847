"""The config flow waits for a charger that is being set up."""

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest

from custom_components.home_flex.devices.driver import DeviceError
from tests.devices.ocpp_clients import QUICK, SETTINGS, dial, serving


async def test_the_charger_that_boots_is_told_to_the_one_who_waits() -> None:
    async with serving() as (central, port, _), central.expecting(SETTINGS) as expectation:
        waiting = asyncio.create_task(expectation.wait(5))
        async with dial(port) as charger:
            await charger.boot()
            identity = await waiting
        assert (identity.manufacturer, identity.model, identity.serial_number) == ("Raw", "One", "S1")


async def test_a_charger_without_serial_number_is_known_by_its_identity() -> None:
    async with (
        serving() as (central, port, _),
        central.expecting(SETTINGS) as expectation,
        dial(port) as charger,
    ):
        await charger.boot(chargePointSerialNumber="")
        assert (await expectation.wait(5)).serial_number == "CP1"


async def test_a_charger_that_was_accepted_before_is_asked_to_boot() -> None:
    async with serving() as (central, port, _), central.expecting(SETTINGS), dial(port) as charger:
        await charger.until(
            lambda: {"requestedMessage": "BootNotification"} in charger.called("TriggerMessage")
        )


async def test_a_charger_that_does_not_come_is_a_timeout() -> None:
    async with serving() as (central, _, _), central.expecting(SETTINGS) as expectation:
        with pytest.raises(DeviceError) as error:
            await expectation.wait(0.05)
        assert error.value.reason == "charger_timeout"


@pytest.mark.parametrize(("password", "patience_s"), [("wrong", 5.0), (None, 0.3)])
async def test_a_charger_with_a_wrong_or_no_password_is_told_as_that(
    password: str | None, patience_s: float
) -> None:
    async with serving() as (central, port, _), central.expecting(SETTINGS) as expectation:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with dial(port, password=password):
                pass
        with pytest.raises(DeviceError) as error:
            await expectation.wait(patience_s)
        assert error.value.reason == "charger_wrong_password"
        assert "secret" not in str(error.value)


async def test_a_charger_that_first_tries_without_a_password_and_then_with_it_is_welcome() -> None:
    async with serving() as (central, port, _), central.expecting(SETTINGS) as expectation:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with dial(port, password=None):
                pass
        async with dial(port) as charger:
            await charger.boot()
            assert (await expectation.wait(5)).model == "One"


async def test_afterwards_the_charger_is_hung_up_on_and_unknown_until_it_is_added() -> None:
    async with serving() as (central, port, _), AsyncExitStack() as line:
        async with central.expecting(SETTINGS):
            charger = await line.enter_async_context(dial(port))
            await charger.boot()
        await charger.until_closed()
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            async with dial(port):
                pass
        assert error.value.status == 404
        central.add(SETTINGS)
        async with dial(port) as charger:
            assert (await charger.boot())["status"] == "Accepted"


async def test_a_known_charger_can_be_set_up_anew_with_another_password() -> None:
    async with serving() as (central, port, _):
        known = central.add(SETTINGS)
        async with dial(port) as before:
            await before.boot()
            renewed = type(SETTINGS)(
                identity="CP1", password="another", phases=1, min_current_a=6.0, max_current_a=32.0
            )
            async with central.expecting(renewed) as expectation:
                await before.until_closed()
                async with dial(port, password="another") as charger:
                    await charger.boot(chargePointModel="Two")
                    assert (await expectation.wait(5)).model == "Two"
        assert known.identity is not None
        assert known.identity.model == "One"


async def test_an_identity_is_expected_by_one_at_a_time() -> None:
    async with serving(QUICK) as (central, _, _), central.expecting(SETTINGS):
        with pytest.raises(DeviceError) as error:
            async with central.expecting(SETTINGS):
                pass
        assert error.value.reason == "charger_already_expected"
