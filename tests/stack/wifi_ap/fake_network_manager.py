"""A NetworkManager on a real D-Bus daemon, after its D-Bus API; its radio is a tale."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

DAEMON = shutil.which("dbus-daemon")
NAME = "org.freedesktop.NetworkManager"
ROOT = "/org/freedesktop/NetworkManager"
RADIO = f"{ROOT}/Devices/2"
CABLE = f"{ROOT}/Devices/1"

_BUS_CONFIGURATION = """
<busconfig>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


@asynccontextmanager
async def bus(folder: Path) -> AsyncIterator[str]:
    """Run a D-Bus daemon of our own; yields its address."""
    assert DAEMON is not None
    path = folder / "bus"
    configuration = folder / "bus.conf"
    configuration.write_text(_BUS_CONFIGURATION.format(path=path))
    daemon = await asyncio.create_subprocess_exec(
        DAEMON,
        f"--config-file={configuration}",
        "--nofork",
        "--print-address",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert daemon.stdout is not None
        await asyncio.wait_for(daemon.stdout.readline(), 10)
        yield f"unix:path={path}"
    finally:
        daemon.terminate()
        await daemon.wait()


@dataclass(kw_only=True)
class FakeNetworkManager:
    """One cable, one radio, and the connections it was asked to raise."""

    capabilities: int = 0x40
    radio_state: int = 30
    stored: list[dict[str, dict[str, Variant]]] = field(default_factory=list)
    on_cable: bool = True
    active: dict[str, str] = field(default_factory=dict)
    raised: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    lowered: list[str] = field(default_factory=list)
    refuses: bool = False
    fails: bool = False
    _bus: MessageBus | None = None

    async def start(self, address: str) -> None:
        self._bus = await MessageBus(bus_address=address).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name(NAME)

    def stop(self) -> None:
        assert self._bus is not None
        self._bus.disconnect()

    def _answer(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or not (message.path or "").startswith(ROOT):
            return None
        return self._reply(message, message.path or "")

    def _reply(self, message: Message, asked: str) -> Message:
        match message.member:
            case "GetAllDevices":
                return Message.new_method_return(message, "ao", [[CABLE, RADIO]])
            case "ListConnections":
                paths = [f"{ROOT}/Settings/{number}" for number in range(len(self.stored))]
                return Message.new_method_return(message, "ao", [paths])
            case "GetSettings":
                settings = self.stored[int(asked.rsplit("/", 1)[1])]
                return Message.new_method_return(message, "a{sa{sv}}", [settings])
            case "GetAll":
                return Message.new_method_return(message, "a{sv}", [self._properties(message)])
            case "AddAndActivateConnection2":
                return self._raise(message)
            case "DeactivateConnection":
                self.lowered.append(message.body[0])
                self.active.clear()
                self.radio_state = 30
                return Message.new_method_return(message)
        return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "")

    def _raise(self, message: Message) -> Message:
        if self.refuses:
            psk = message.body[0]["802-11-wireless-security"]["psk"].value
            return Message.new_error(message, f"{NAME}.PermissionDenied", f"not with {psk}")
        self.raised.append((message.body[0], message.body[3]))
        path = f"{ROOT}/ActiveConnection/{len(self.raised) + 1}"
        if self.fails:
            return Message.new_method_return(message, "ooa{sv}", [f"{ROOT}/Settings/9", path, {}])
        self.active[path] = message.body[0]["connection"]["id"].value
        self.radio_state = 100
        return Message.new_method_return(message, "ooa{sv}", [f"{ROOT}/Settings/9", path, {}])

    def _properties(self, message: Message) -> dict[str, Variant]:
        nothing = Variant("o", "/")
        match message.path, message.body[0].removeprefix(NAME):
            case (path, ".Device") if path == RADIO:
                active = next(iter(self.active), "/")
                return _device("wlan0", 2, self.radio_state, active)
            case (path, ".Device"):
                return _device("eth0", 1, 100, f"{ROOT}/ActiveConnection/1")
            case (_, ".Device.Wireless"):
                return {"WirelessCapabilities": Variant("u", self.capabilities)}
            case (path, ".Connection.Active") if path in self.active:
                return {"Id": Variant("s", self.active[str(path)]), "Devices": Variant("ao", [RADIO])}
            case (_, ".Connection.Active"):
                return {"Id": Variant("s", "cable"), "Devices": Variant("ao", [CABLE])}
        primary = Variant("o", f"{ROOT}/ActiveConnection/1") if self.on_cable else nothing
        return {"PrimaryConnection": primary}


def _device(interface: str, kind: int, state: int, active: str) -> dict[str, Variant]:
    return {
        "Interface": Variant("s", interface),
        "DeviceType": Variant("u", kind),
        "Managed": Variant("b", True),
        "State": Variant("u", state),
        "ActiveConnection": Variant("o", active),
    }
