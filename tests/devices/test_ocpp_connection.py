"""Chargers connect, lie, break off and send rubbish; the central system stands."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from custom_components.home_flex.core.model import ChargerReading
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.ocpp import Patience
from custom_components.home_flex.devices.ocpp.transport import MAX_MESSAGE_BYTES, Allowance
from tests.devices.ocpp_clients import (
    NOON,
    SETTINGS,
    RawCharger,
    basic,
    dial,
    driving,
    serving,
    silent,
)


async def is_served(charger: RawCharger) -> bool:
    """Whether the connection still answers."""
    answer = await charger.call("Heartbeat", {})
    return bool(answer[0] == 3 and answer[2]["currentTime"])


@pytest.mark.parametrize(
    "path",
    [
        "/CP1",
        "/ocpp/CP1",
        "/CP1/CP1",
        "/CP1/",
        "//CP1",
        "/ocpp/1.6/CP1",
        "/cp1",
        "/CP%31",
        "/CP1?charger=1",
    ],
)
async def test_a_charger_is_served_by_any_address_that_ends_with_its_identity(path: str) -> None:
    async with driving() as home, dial(home.port, path=path) as charger:
        assert charger.socket.protocol == "ocpp1.6"
        assert await is_served(charger)


@pytest.mark.parametrize(
    ("protocols", "agreed"),
    [
        ((), None),
        (("OCPP1.6",), "OCPP1.6"),
        (("ocpp1.6J",), "ocpp1.6J"),
        (("ocpp2.0.1", "ocpp1.6"), "ocpp1.6"),
        (("ocpp2.0.1",), "ocpp2.0.1"),
    ],
)
async def test_the_subprotocol_may_be_left_out_or_spelled_otherwise(
    protocols: tuple[str, ...], agreed: str | None
) -> None:
    async with driving() as home, dial(home.port, protocols=protocols) as charger:
        assert charger.socket.protocol == agreed
        assert await is_served(charger)


async def test_the_same_handler_serves_a_path_of_another_http_server() -> None:
    async with serving() as (central, _, _):
        central.add(SETTINGS)
        application = web.Application()
        application.router.add_get("/api/home_flex/ocpp/{identity}", central.handle)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            port = runner.addresses[0][1]
            async with dial(port, path="/api/home_flex/ocpp/{identity}") as charger:
                assert await is_served(charger)
                await central.stop()
                await charger.until_closed()
        finally:
            await runner.cleanup()


async def test_an_unknown_identity_is_not_found() -> None:
    async with driving() as home:
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            async with dial(home.port, identity="CP2"):
                pass
        assert error.value.status == 404


@pytest.mark.parametrize(
    ("user", "password"), [(None, "wrong"), (None, None), ("CP2", "secret"), (None, ""), (None, "sécret")]
)
async def test_wrong_or_missing_credentials_are_refused_with_a_challenge(
    user: str | None, password: str | None
) -> None:
    async with driving() as home:
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            async with dial(home.port, user=user, password=password):
                pass
        assert error.value.status == 401
        assert error.value.headers is not None
        assert error.value.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer Q1AxOnNlY3JldA==", "Basic é", "x" * 4000])
async def test_a_malformed_authorization_is_refused(header: str) -> None:
    async with (
        driving() as home,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{home.port}/CP1", headers={"Authorization": header}) as response,
    ):
        assert response.status == 401


async def test_a_browser_is_told_that_chargers_connect_here() -> None:
    async with driving() as home, aiohttp.ClientSession() as http:
        headers = {"Authorization": basic("CP1", "secret")}
        response = await http.get(f"http://127.0.0.1:{home.port}/CP1", headers=headers)
        assert response.status == 426


@pytest.mark.parametrize("protocols", [("ocpp2.1",), ("ocpp1.5", "ocpp2.0")])
async def test_without_a_common_subprotocol_the_connection_is_closed(
    protocols: tuple[str, ...],
) -> None:
    async with driving() as home, dial(home.port, protocols=protocols) as charger:
        assert await charger.until_closed() == 1002
        assert charger.socket.protocol is None


RUBBISH = [
    "",
    "hello",
    "{",
    "{}",
    "[]",
    "null",
    "[2]",
    '[9,"1","Heartbeat",{}]',
    '[2,true,"Heartbeat",{}]',
    '[3,"nobody-asked",{}]',
    '[4,"nobody-asked","GenericError","",{}]',
    '[3,"1",[]]',
    '["2","1","Heartbeat",{}]',
    '[2,"' + "x" * 5000 + '","Heartbeat",{}]',
    '[2,"1","MeterValues",{"connectorId":NaN}]',
    "[" * 60000,
    "1" * 60000,
    '{"a":' * 10000 + "1" + "}" * 10000,
    "[" * 3_000_000,
    "\ud7ff\u0000",
]


async def test_rubbish_is_ignored_and_the_next_message_is_answered() -> None:
    async with driving() as home, dial(home.port) as charger:
        for rubbish in RUBBISH:
            await charger.send(rubbish)
            assert await is_served(charger)
        await charger.socket.send_bytes(b"\x00\xff")
        assert await is_served(charger)
        assert home.published == []
        assert home.driver.ignored_messages > 0


VIOLATIONS: list[tuple[str, Any]] = [
    ("BootNotification", {}),
    ("BootNotification", {"chargePointVendor": 7, "chargePointModel": []}),
    ("StatusNotification", {"connectorId": 1}),
    ("StatusNotification", {"connectorId": "one", "status": "Available"}),
    ("StatusNotification", {"connectorId": 1, "status": {"a": 1}}),
    ("MeterValues", {"meterValue": []}),
    ("StartTransaction", {"connectorId": 1, "idTag": "T", "meterStart": "x", "timestamp": "now"}),
    ("StopTransaction", {"transactionId": None}),
    ("StopTransaction", {"transactionId": 1e400}),
]


@pytest.mark.parametrize(("action", "payload"), VIOLATIONS)
async def test_a_call_that_breaks_the_schema_gets_a_call_error(action: str, payload: Any) -> None:
    async with driving() as home, dial(home.port) as charger:
        await charger.send(f'[2,"v","{action}",{json.dumps(payload).replace("Infinity", "1e400")}]')
        answer = await charger.answer_to("v")
        assert answer[0] == 4
        assert answer[2] in {"ProtocolError", "TypeConstraintViolation"}
        assert await is_served(charger)
        assert home.published == []


@pytest.mark.parametrize("payload", [["x"], "x", 5, True])
async def test_a_call_without_an_object_as_payload_gets_a_call_error(payload: Any) -> None:
    async with driving() as home, dial(home.port) as charger:
        assert (await charger.call("Heartbeat", payload))[2] == "FormationViolation"


@pytest.mark.parametrize("action", ["NotAnAction", "GetReport", "", "a" * 3000])
async def test_an_unknown_action_gets_a_call_error(action: str) -> None:
    async with driving() as home, dial(home.port) as charger:
        assert (await charger.call(action, {}))[2] == "NotImplemented"
        assert await is_served(charger)


async def test_the_samples_of_a_long_session_in_one_message_are_taken() -> None:
    sample = {"timestamp": NOON, "sampledValue": [{"value": "12470", "unit": "Wh"}]}
    async with driving() as home, dial(home.port) as charger:
        transaction_id = await charger.start_transaction()
        stop = {"transactionId": transaction_id, "meterStop": 12470, "timestamp": NOON}
        answer = await charger.call("StopTransaction", stop | {"transactionData": [sample] * 20_000})
        assert answer[0] == 3
        assert await is_served(charger)


async def test_a_frame_beyond_any_session_ends_the_connection_and_not_the_server() -> None:
    async with driving() as home:
        async with dial(home.port) as charger:
            with suppress(ConnectionError):
                await charger.send("x" * (MAX_MESSAGE_BYTES + 1))
            await charger.until_closed()
        async with dial(home.port) as charger:
            assert await is_served(charger)


async def test_a_queue_that_comes_at_once_is_read_to_its_end() -> None:
    async with driving() as home, dial(home.port) as charger:
        for number in range(300):
            await charger.send(f'[2,"q{number}","Heartbeat",{{}}]')
        await charger.until(lambda: "q299" in charger.answers)
        assert await is_served(charger)


def test_what_comes_too_fast_waits_and_what_comes_in_time_does_not() -> None:
    allowance = Allowance(rate=50.0, burst=200.0)
    assert not any(allowance.take(1000.0 + n / 50.0) for n in range(5000))
    assert not any(allowance.take(2000.0) for _ in range(200))
    assert allowance.take(2000.0) == pytest.approx(1 / 50)
    assert allowance.take(2000.0) == pytest.approx(2 / 50)


@pytest.mark.parametrize(
    "call",
    [
        '[2,17,"Heartbeat",{}]',
        '[2,"17","Heartbeat"]',
        '[2,"17","Heartbeat",null]',
        '[2,"17","Heartbeat",[]]',
        '[2,"17","Heartbeat",{}]\u0000',
        '\ufeff[2,"17","Heartbeat",{}]',
        '[2,"17","Heartbeat",{},"more"]',
        '[2,"' + "x" * 65 + '","Heartbeat",{}]',
    ],
)
@pytest.mark.parametrize("is_binary", [False, True])
async def test_a_call_that_can_be_answered_is_answered_with_the_id_it_came_with(
    call: str, is_binary: bool
) -> None:
    unique_id = json.loads(call.strip("\ufeff\0"))[1]
    async with driving() as home, dial(home.port) as charger:
        await (charger.socket.send_bytes(call.encode()) if is_binary else charger.send(call))
        answer = await charger.answer_to(unique_id)
        assert answer[0] == 3
        assert answer[2]["currentTime"]


@pytest.mark.parametrize("answer", ['[4,"{}"]', '[4,"{}",null,"",{{}}]', '[3,"{}"]', '[3,"{}",null]'])
async def test_an_answer_that_lacks_parts_is_a_refusal_at_once(answer: str) -> None:
    patience = Patience(boot_s=0.1, limit_s=30.0, write_s=30.0)
    async with driving(patience=patience) as home, dial(home.port) as charger:
        await charger.get_ready()
        charger.replies["SetChargingProfile"] = silent
        limiting = asyncio.create_task(home.driver.set_current_limit(6.0, expires_in_s=60))
        for number in range(10):
            await charger.until(lambda wanted=number + 1: len(charger.unanswered) == wanted)  # type: ignore[misc] # a default holds the number
            await charger.send(answer.format(charger.unanswered[-1]))
        with pytest.raises(DeviceError) as error:
            await asyncio.wait_for(limiting, 5)
        assert error.value.reason == "write_refused"


async def test_pings_of_the_charger_are_answered_and_it_is_never_pinged() -> None:
    async with driving() as home, dial(home.port) as charger:
        assert await is_served(charger)
        await charger.socket.ping(b"hello")
        assert await is_served(charger)
        assert charger.control_frames == [(aiohttp.WSMsgType.PONG, b"hello")]


async def test_a_charger_that_hangs_up_in_the_middle_of_a_call_fails_the_call_at_once() -> None:
    patience = Patience(boot_s=0.1, limit_s=30.0, write_s=30.0)
    async with (
        driving(patience=patience) as home,
        dial(home.port, replies={"SetChargingProfile": silent}) as charger,
    ):
        await charger.boot()
        limiting = asyncio.create_task(home.driver.set_current_limit(6.0, expires_in_s=60))
        await charger.until(lambda: bool(charger.called("SetChargingProfile")))
        await charger.hang_up()
        with pytest.raises(DeviceError) as error:
            await asyncio.wait_for(limiting, 5)
        assert error.value.reason == "charger_not_connected"


async def test_stopping_fails_the_calls_that_wait_and_closes_the_connections() -> None:
    patience = Patience(boot_s=0.1, limit_s=30.0, write_s=30.0)
    async with serving(patience) as (central, port, _):
        driver = central.add(SETTINGS)
        async with dial(port, replies={"SetChargingProfile": silent}) as charger:
            await charger.boot()
            limiting = asyncio.create_task(driver.set_current_limit(6.0, expires_in_s=60))
            await charger.until(lambda: bool(charger.called("SetChargingProfile")))
            await central.stop()
            with pytest.raises(DeviceError):
                await asyncio.wait_for(limiting, 5)
            assert await charger.until_closed() == 1001
        with pytest.raises(aiohttp.ClientConnectorError):
            async with dial(port):
                pass


async def test_a_removed_charger_is_hung_up_on_and_not_let_in_again() -> None:
    async with serving() as (central, port, _):
        central.add(SETTINGS)
        async with dial(port) as charger:
            await charger.boot()
            central.remove("CP1")
            await charger.until_closed()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with dial(port):
                pass


async def test_an_identity_is_added_once() -> None:
    async with serving() as (central, _, _):
        central.add(SETTINGS)
        with pytest.raises(DeviceError) as error:
            central.add(SETTINGS)
        assert error.value.reason == "charger_already_added"


async def test_a_new_connection_takes_the_place_of_the_old_one_without_a_loss() -> None:
    async with driving() as home, dial(home.port) as old:
        await old.boot()
        await old.status("Available")
        async with dial(home.port) as new:
            await old.until_closed()
            await new.status("Charging")
            assert home.losses == 0
            await home.driver.set_current_limit(8.0, expires_in_s=60)
            assert new.profiles()
            assert not old.profiles()


async def test_a_short_probe_connection_does_not_disturb_the_real_one_after_it() -> None:
    async with driving() as home:
        for _ in range(3):
            async with dial(home.port):
                pass
        async with dial(home.port) as charger:
            await charger.boot()
            await charger.status("Available")
            await home.driver.set_current_limit(8.0, expires_in_s=60)
            assert isinstance(home.published[-1], ChargerReading)


async def test_a_charger_that_is_silent_is_asked_for_a_sign_of_life_and_stays() -> None:
    async with (
        driving(patience=Patience(boot_s=0.05, set_up_s=0.1, silence_s=0.6)) as home,
        dial(home.port) as charger,
    ):
        await charger.boot()
        await charger.status("Available")

        def asked() -> int:
            triggers = charger.called("TriggerMessage")
            return sum(trigger["requestedMessage"] == "Heartbeat" for trigger in triggers)

        await charger.until(lambda: asked() >= 3)
        assert home.losses == 0


async def test_a_charger_without_a_sign_of_life_is_lost() -> None:
    async with (
        driving(patience=Patience(boot_s=0.05, set_up_s=0.05, silence_s=0.6)) as home,
        dial(home.port) as charger,
    ):
        await charger.boot()
        await charger.status("Available")
        await charger.until(lambda: len(charger.called("ChangeConfiguration")) >= 3)
        for action in ("TriggerMessage", "ChangeConfiguration", "GetConfiguration"):
            charger.replies[action] = silent
        await home.until(lambda: home.losses == 1)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


async def test_no_password_and_no_payload_is_logged(everything_logged: pytest.LogCaptureFixture) -> None:
    async with driving() as home:
        async with dial(home.port) as charger:
            await charger.boot()
            await charger.start_transaction()
            await home.driver.set_current_limit(8.0, expires_in_s=60)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with dial(home.port, password="another"):
                pass
    assert "secret" not in everything_logged.text
    assert "another" not in everything_logged.text
    assert "TAG" not in everything_logged.text
    assert "secret" not in repr(SETTINGS)


async def test_a_fault_of_ours_in_one_message_costs_neither_the_connection_nor_the_next_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with driving() as home, dial(home.port) as charger:
        publish = home.driver._publish
        home.driver._publish = lambda _: 1 / 0  # type: ignore[assignment]  # a listener that fails
        assert (await charger.status("Available"))[2] == "InternalError"
        home.driver._publish = publish
        assert (await charger.status("Available"))[0] == 3
        assert "could not be handled" in caplog.text
