"""A socket that is switched over TCP: it sends a line of JSON each second, and takes one: {"on": true}."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from custom_components.home_flex.core.kinds.switched_load import SwitchedLoadReading
from custom_components.home_flex.core.model import DeviceIdentity, DeviceKind, Quantity
from custom_components.home_flex.devices.backoff import Backoff
from custom_components.home_flex.devices.driver import DeviceError, LinkDown, Publish
from custom_components.home_flex.devices.spec import Data, DriverSpec, Field, FieldType, Form, Resources

_SILENCE_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class LineSwitchSettings:
    """Where the socket is, and what hangs on it."""

    host: str
    port: int
    rated_power_w: float


class LineSwitch:
    """Publishes a reading for each line, and switches when it is told to."""

    quantities = frozenset({Quantity.SWITCH})

    def __init__(self, settings: LineSwitchSettings, *, clock: Callable[[], datetime]) -> None:
        """Remember where the socket is; ``clock`` gives the aware UTC time of arrival."""
        self.identity: DeviceIdentity | None = None
        self._settings = settings
        self._clock = clock
        self._writer: asyncio.StreamWriter | None = None
        self._told: bool | None = None
        self._is_on = self._was_on = False

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

    async def set_value(
        self,
        quantity: Quantity,
        value: float | None,
        *,
        expires_in_s: float,  # noqa: ARG002 # it has no timer: what it was told lasts
    ) -> None:
        """Switch; None switches back to what was before. Raises DeviceError ``cannot_connect``."""
        if self._writer is None or quantity is not Quantity.SWITCH:
            raise DeviceError("cannot_connect", "the socket is not connected")
        is_on = self._was_on if value is None else value > 0.5
        if is_on is not self._is_on:
            self._writer.write(json.dumps({"on": is_on}).encode() + b"\n")
            await self._writer.drain()
        self._told = None if value is None else is_on

    async def readings(self) -> AsyncIterator[SwitchedLoadReading]:
        """Connect and read. Raises DeviceError ``cannot_connect``, ``connection_lost``."""
        settings = self._settings
        try:
            reader, self._writer = await asyncio.open_connection(settings.host, settings.port)
            while line := await asyncio.wait_for(reader.readline(), _SILENCE_S):
                yield self._reading(json.loads(line))
            raise DeviceError("connection_lost", "the socket closed the connection")
        except (OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise DeviceError("cannot_connect", str(error)) from error
        finally:
            if self._writer is not None:
                self._writer.close()
            self._writer = None

    def _reading(self, told: Data) -> SwitchedLoadReading:
        self._is_on = bool(told["on"])
        if self._told is None:
            self._was_on = self._is_on
        self.identity = DeviceIdentity(
            manufacturer="Example", model="Line switch", serial_number=str(told["serial"])
        )
        return SwitchedLoadReading(
            time=self._clock(),
            power_w=float(told["power_w"]),
            is_on=self._is_on,
            rated_power_w=self._settings.rated_power_w,
            switched=self._told,
        )


def _parse(data: Data) -> LineSwitchSettings:
    return LineSwitchSettings(
        host=data["host"], port=int(data["port"]), rated_power_w=float(data["rated_power_w"])
    )


def _build(_kind: DeviceKind, settings: LineSwitchSettings, resources: Resources) -> LineSwitch:
    return LineSwitch(settings, clock=resources.clock)


LINE_SWITCH = DriverSpec(
    id="line_switch",
    kinds=frozenset({DeviceKind.SWITCHED_LOAD}),
    forms=(
        Form(
            step="line_switch",
            fields=(
                Field(name="host"),
                Field(name="port", type=FieldType.WHOLE_NUMBER, low=1, high=65535, suggested=4000),
                Field(name="rated_power_w", type=FieldType.NUMBER, low=1, high=30000, unit="W"),
            ),
        ),
    ),
    parse=_parse,
    build=_build,
)
