"""Many chargers at one central system: how soon a limit is accepted."""

import asyncio
import base64
import json
import statistics
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import aiohttp

from custom_components.home_flex.devices.ocpp import CentralSystem, ChargerSettings, OcppCharger

_ROUNDS = 10
_PASSWORD = "bench-secret"  # noqa: S105 # of chargers that live for a minute on 127.0.0.1
_PATIENCE_S = 60.0


class _Charger:
    """A charger that accepts whatever it is asked."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._calls = 0
        self._reading = asyncio.create_task(self._read())

    async def begin(self) -> None:
        await self._call("BootNotification", {"chargePointVendor": "Bench", "chargePointModel": "One"})
        await self._call(
            "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        )
        start = {
            "connectorId": 1,
            "idTag": "CAR",
            "meterStart": 0,
            "timestamp": datetime.now(UTC).isoformat(),
        }
        await self._call("StartTransaction", start)

    async def end(self) -> None:
        self._reading.cancel()
        await asyncio.wait([self._reading])
        await self._socket.close()

    async def _call(self, action: str, payload: dict[str, Any]) -> None:
        self._calls += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[str(self._calls)] = answer
        await self._socket.send_str(json.dumps([2, str(self._calls), action, payload]))
        await answer

    async def _read(self) -> None:
        async for message in self._socket:
            kind, unique_id, *rest = json.loads(message.data)
            if kind == 2:  # CALL
                await self._socket.send_str(json.dumps([3, unique_id, _accepted(rest[0])]))
            else:
                self._answers.pop(unique_id).set_result(rest)


def _accepted(action: str) -> dict[str, Any]:
    if action == "GetConfiguration":
        return {"configurationKey": [], "unknownKey": []}
    return {"status": "Accepted"}


async def chargers_p95_ms(count: int) -> float:
    """Return the 95th percentile, over all chargers, of the ms until a new limit is accepted."""
    central = CentralSystem(clock=lambda: datetime.now(UTC))
    port = await central.start("127.0.0.1", 0)
    async with AsyncExitStack() as cleanup:
        cleanup.push_async_callback(central.stop)
        http = await cleanup.enter_async_context(aiohttp.ClientSession())
        drivers = []
        for number in range(1, count + 1):
            identity = f"BENCH{number}"
            drivers.append(central.add(_settings(identity)))
            credentials = base64.b64encode(f"{identity}:{_PASSWORD}".encode()).decode()
            socket = await http.ws_connect(
                f"http://127.0.0.1:{port}/{identity}",
                protocols=("ocpp1.6",),
                headers={"Authorization": f"Basic {credentials}"},
            )
            charger = _Charger(socket)
            cleanup.push_async_callback(charger.end)
            await charger.begin()
        async with asyncio.timeout(_PATIENCE_S):
            taken_ms = [ms for round_ in range(_ROUNDS) for ms in await _told(drivers, 6.0 + round_)]
    return statistics.quantiles(taken_ms, n=20, method="inclusive")[18]


async def _told(drivers: list[OcppCharger], current_a: float) -> list[float]:
    async def one(driver: OcppCharger) -> float:
        begun = time.monotonic()
        await driver.set_current_limit(current_a, expires_in_s=120.0)
        return (time.monotonic() - begun) * 1000

    return await asyncio.gather(*(one(driver) for driver in drivers))


def _settings(identity: str) -> ChargerSettings:
    return ChargerSettings(
        identity=identity, password=_PASSWORD, phases=3, min_current_a=6.0, max_current_a=16.0
    )
