"""The community's broker beside a deployed home: Mosquitto 2.1 on its reference configuration."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
from pathlib import Path

import aiomqtt
from home_common.mqtt import Client, properties
from paho.mqtt.packettypes import PacketTypes

from ..central_files import HOME_PORT, HUB_PORT, LISTENER, CentralFiles, plugins
from ..processes import ManagedProcess
from .compose import Home

NAME = "centre"


def address(home: Home) -> IPv4Address:
    """Return the address of the centre on a home's network: outside of what services are given."""
    return home.network.network_address + 200


class Centre:
    """``start`` after the network is up; survives ``kill`` as a central broker must."""

    def __init__(self, folder: Path, home: Home, namespace: str) -> None:
        """Make an authority for homes, a certificate for the broker, and the hub's passwords, all anew."""
        self.address = address(home)
        self._files = CentralFiles(folder, NAME, str(self.address))
        self._process = ManagedProcess(
            NAME, ["ip", "netns", "exec", namespace, *self._files.command], log=folder / "centre.log"
        )

    def environment(self, home_id: str) -> dict[str, str]:
        """Return what the fleet tells the home's broker."""
        certificate, key = self._files.enrolled(home_id)
        return {
            "CENTRAL_BROKER": f"{NAME}:{HOME_PORT}",
            "CENTRAL_CA": self._files.public.cert_pem.bytes().decode(),
            "HOME_CERTIFICATE": certificate,
            "HOME_PRIVATE_KEY": key,
            "PLUGINS_FOLDER": str(plugins()),
        }

    async def start(self) -> None:
        """Start it, again too."""
        await self._process.start()

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._process.kill()

    async def stop(self) -> None:
        """End it in order."""
        await self._process.stop(patience_s=5)

    def client(self, name: str) -> aiomqtt.Client:
        """Return a service of the hub, with a durable session."""
        return Client(
            str(self.address),
            HUB_PORT,
            username=name,
            password=self._files.passwords[name],
            identifier=name,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
            properties=properties(PacketTypes.CONNECT, SessionExpiryInterval=24 * 3600),
            tls_params=aiomqtt.TLSParameters(ca_certs=str(self._files.public_authority)),
            timeout=10,
        )

    @asynccontextmanager
    async def listening(self, home_id: str, heard: Callable[[aiomqtt.Message], None]) -> AsyncIterator[None]:
        """Hear all that a home says, over every loss of the broker."""
        ready = asyncio.Event()

        async def listen() -> None:
            while True:
                try:
                    async with self.client(LISTENER) as client:
                        for rest in ("reports/#", "resources/#", "status", "agent/#", "bridge/state"):
                            await client.subscribe(f"home_flex/vens/{home_id}/{rest}", qos=1)
                        ready.set()
                        async for message in client.messages:
                            heard(message)
                except aiomqtt.MqttError:
                    await asyncio.sleep(0.2)

        task = asyncio.create_task(listen())
        try:
            async with asyncio.timeout(20):
                await ready.wait()
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
