"""A long message holds nobody up: it is read aside, and of what it tells the newest is taken."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from custom_components.home_flex.devices.ocpp.meter_values import read_meter_values
from tests.devices.ocpp_clients import NOON, POWER, dial, driving
from tests.devices.ocpp_clients import RawCharger as Charger


def energy(value_wh: int) -> dict[str, Any]:
    sampled = {"value": str(value_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    return {"timestamp": NOON, "sampledValue": [sampled]}


def session_of(samples: int) -> list[dict[str, Any]]:
    return [energy(each) for each in range(samples)]


class Reading:
    """Stands in for the JSON parser: it only goes on once the event loop has had a turn."""

    def __init__(self, loads: Callable[..., object], longest: int) -> None:
        self._loads, self._longest = loads, longest
        self._loop = asyncio.get_running_loop()
        self.held_up = 0
        self.long_ones = 0

    def __call__(self, text: str, **hooks: Any) -> object:
        if len(text) > self._longest:
            self.long_ones += 1
            turn = threading.Event()
            self._loop.call_soon_threadsafe(turn.set)
            self.held_up += not turn.wait(1.0)
        return self._loads(text, **hooks)


async def test_the_loop_has_its_turns_while_ten_megabytes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = session_of(90_000)
    assert len(json.dumps(data)) > 10_000_000
    async with driving() as driven, dial(driven.port) as charger:
        await charger.get_ready()
        transaction_id = await charger.start_transaction()
        reading = Reading(json.loads, longest=1_000_000)
        with monkeypatch.context() as patched:
            patched.setattr(json, "loads", reading)
            stop = {"transactionId": transaction_id, "meterStop": 90_000, "timestamp": NOON}
            answer = await charger.call("StopTransaction", stop | {"transactionData": data})
        assert answer[0] == 3
        assert (reading.long_ones, reading.held_up) == (1, 0)
        assert driven.driver.connector.transactions.running is None
        assert driven.driver.connector.transactions.session_energy_wh == 90_000


def test_of_more_values_than_any_session_needs_the_newest_are_read() -> None:
    samples = read_meter_values(session_of(90_000))
    assert len(samples) == 2048
    assert samples[-1].energy_wh == 89_999
    one_sample = [
        {"timestamp": NOON, "sampledValue": [energy(each)["sampledValue"][0] for each in range(5000)]}
    ]
    assert read_meter_values(one_sample)[0].energy_wh == 4999


async def test_a_session_of_600_samples_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driving() as driven, dial(driven.port) as charger:
        await charger.get_ready()
        transaction_id = await charger.start_transaction()
        stop = {"transactionId": transaction_id, "meterStop": 600, "timestamp": NOON}
        monkeypatch.setattr(asyncio, "to_thread", None)
        answer = await charger.call("StopTransaction", stop | {"transactionData": session_of(600)})
        assert answer[0] == 3


@pytest.mark.parametrize("action", ["DataTransfer", "Heartbeat", "NoSuchAction"])
async def test_what_has_no_reason_to_be_long_is_refused_with_its_cause(
    action: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    async with driving() as driven, dial(driven.port) as charger:
        driven.central._surroundings.on_told = lambda _identity, name, _payload: told.append(name)
        await charger.get_ready()
        answer = await charger.call(action, {"vendorId": "V", "data": "x" * 200_000})
        assert answer[0] == 4
        assert answer[2:4] == ["GenericError", "the message is longer than this action has to be"]
        await lives_on(charger)
    assert told == []
    assert f"A charger's {action} was refused" in caplog.text


async def test_a_long_text_that_is_no_json_is_left_aside() -> None:
    async with driving() as driven, dial(driven.port) as charger:
        await charger.get_ready()
        await charger.send("[2," * 100_000)
        await lives_on(charger)
        assert driven.driver.ignored_messages == 1


async def lives_on(charger: Charger) -> None:
    assert (await charger.meter(POWER))[0] == 3
