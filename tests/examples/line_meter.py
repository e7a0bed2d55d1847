"""A meter that sends a line of JSON each second over TCP: {"serial": "7", "power_w": 1500}."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from custom_components.home_flex.core.model import DeviceIdentity, DeviceKind, MeterReading
from custom_components.home_flex.devices.backoff import Backoff
from custom_components.home_flex.devices.driver import DeviceError, LinkDown, Publish
from custom_components.home_flex.devices.spec import (
    Data,
    DriverSpec,
    Field,
    FieldType,
    Form,
    ProbeResources,
    Resources,
)

_SILENCE_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class LineMeterSettings:
    """Where the meter is."""

    host: str
    port: int


class LineMeter:
    """Publishes a reading for each line; the link is lost after 10 s without one."""

    def __init__(self, settings: LineMeterSettings, *, clock: Callable[[], datetime]) -> None:
        """Remember where the meter is; ``clock`` gives the aware UTC time of arrival."""
        self.identity: DeviceIdentity | None = None
        self._settings = settings
        self._clock = clock

    async def run(self, publish: Publish) -> None:
        """Read until cancelled, as ``devices.driver.Driver`` says."""
        backoff, is_down = Backoff(), False
        while True:
            try:
                async for reading in self.readings():
                    is_down = False
                    backoff.reset()
                    publish(reading)
            except DeviceError as error:
                if not is_down:
                    is_down = True
                    publish(LinkDown(error.reason, str(error)))
            await asyncio.sleep(backoff.next_s())

    async def readings(self) -> AsyncIterator[MeterReading]:
        """Connect and read. Raises DeviceError ``cannot_connect``, ``timeout``, ``bad_telegram``."""
        try:
            reader, writer = await asyncio.open_connection(self._settings.host, self._settings.port)
        except OSError as error:
            raise DeviceError("cannot_connect", str(error)) from error
        try:
            while line := await asyncio.wait_for(reader.readline(), _SILENCE_S):
                told = json.loads(line)
                self.identity = DeviceIdentity(
                    manufacturer="Example", model="Line meter", serial_number=told["serial"]
                )
                yield MeterReading(time=self._clock(), power_w=float(told["power_w"]))
            raise DeviceError("connection_lost", "the meter closed the connection")
        except TimeoutError as error:
            raise DeviceError("timeout", "not a line in 10 s") from error
        except (ValueError, KeyError, TypeError) as error:
            raise DeviceError("bad_telegram", str(error)) from error
        finally:
            writer.close()


def _parse(data: Data) -> LineMeterSettings:
    return LineMeterSettings(host=data["host"], port=int(data["port"]))


async def _probe(_kind: DeviceKind, settings: LineMeterSettings, resources: ProbeResources) -> DeviceIdentity:
    meter = LineMeter(settings, clock=resources.clock)
    await anext(meter.readings())
    assert meter.identity is not None
    return meter.identity


def _build(_kind: DeviceKind, settings: LineMeterSettings, resources: Resources) -> LineMeter:
    return LineMeter(settings, clock=resources.clock)


LINE_METER = DriverSpec(
    id="line_meter",
    kinds=frozenset({DeviceKind.GRID_METER}),
    forms=(
        Form(
            step="line_meter",
            fields=(
                Field(name="host"),
                Field(name="port", type=FieldType.WHOLE_NUMBER, low=1, high=65535, suggested=4000),
            ),
        ),
    ),
    parse=_parse,
    probe=_probe,
    build=_build,
)
