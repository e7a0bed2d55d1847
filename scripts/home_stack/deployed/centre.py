"""The community's broker beside a deployed home: Mosquitto 2.1 on its reference configuration."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import aiomqtt
import trustme
from community_hub.enrolment.authority import (
    FleetAuthority,
    new_private_key,
    private_key_pem,
    signing_request,
)
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ..processes import ROOT, ManagedProcess
from .compose import Home

NAME = "centre"
PORT = 8883
HUB = "hub"
REFERENCE = ROOT / "addons" / "community_hub" / "broker"
MOSQUITTO = ROOT / ".cache" / "mosquitto-2.1"
PLUGIN_NAME = "mosquitto_persist_sqlite.so"


def persistence_plugin() -> Path:
    """Return where Mosquitto 2.1's SQLite plugin lies on this machine."""
    return next((MOSQUITTO / "root").rglob(PLUGIN_NAME))


def address(home: Home) -> IPv4Address:
    """Return the address of the centre on a home's network: outside of what services are given."""
    return home.network.network_address + 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A certificate of the fleet, and its key."""

    certificate: str
    private_key: str = field(repr=False)


class Centre:
    """``start`` after the network is up; survives ``kill`` as a central broker must."""

    def __init__(self, folder: Path, home: Home, namespace: str) -> None:
        """Make an authority for homes, and a certificate for the broker from another one."""
        self.address = address(home)
        self._folder = folder
        self._authority = FleetAuthority.create("Test fleet", now=datetime.now(UTC))
        self._public = trustme.CA()
        self._write()
        command = [
            "ip",
            "netns",
            "exec",
            namespace,
            str(MOSQUITTO / "mosquitto"),
            "-c",
            str(folder / "mosquitto.conf"),
        ]
        self._process = ManagedProcess(NAME, command, log=folder / "centre.log")
        self._hub = self.identity(HUB)

    def identity(self, name: str) -> Identity:
        """Return a new certificate with the common name ``name``."""
        key = new_private_key()
        request = signing_request(name, key)
        certificate = self._authority.sign(request, name, now=datetime.now(UTC))
        return Identity(certificate=certificate, private_key=private_key_pem(key))

    def environment(self, home_id: str) -> dict[str, str]:
        """Return what the fleet tells the home's broker."""
        identity = self.identity(home_id)
        return {
            "CENTRAL_BROKER": f"{NAME}:{PORT}",
            "CENTRAL_CA": self._public.cert_pem.bytes().decode(),
            "HOME_CERTIFICATE": identity.certificate,
            "HOME_PRIVATE_KEY": identity.private_key,
            "PERSISTENCE_PLUGIN": str(persistence_plugin()),
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

    def client(self, identity: Identity | None = None, *, identifier: str = HUB) -> aiomqtt.Client:
        """Return a client with a durable session: the hub's, or that of another identity."""
        known = identity or self._hub
        certificate, key = self._folder / f"{identifier}.pem", self._folder / f"{identifier}.key"
        certificate.write_text(known.certificate)
        key.touch(mode=0o600)
        key.write_text(known.private_key)
        return aiomqtt.Client(
            str(self.address),
            PORT,
            identifier=identifier,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
            properties=_session(),
            tls_params=aiomqtt.TLSParameters(
                ca_certs=str(self._folder / "certs" / "public.pem"),
                certfile=str(certificate),
                keyfile=str(key),
            ),
            timeout=10,
        )

    @asynccontextmanager
    async def listening(self, topic: str, heard: Callable[[aiomqtt.Message], None]) -> AsyncIterator[None]:
        """Hear every message on a topic, over every loss of the broker."""
        ready = asyncio.Event()

        async def listen() -> None:
            while True:
                try:
                    async with self.client() as client:
                        await client.subscribe(topic, qos=1)
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

    def _write(self) -> None:
        certs, data = self._folder / "certs", self._folder / "data"
        certs.mkdir(parents=True)
        data.mkdir()
        server = self._public.issue_cert(NAME, str(self.address))
        files = {
            "server.pem": b"".join(each.bytes() for each in server.cert_chain_pems).decode(),
            "server.key": server.private_key_pem.bytes().decode(),
            "public.pem": self._public.cert_pem.bytes().decode(),
            "homes-ca.pem": self._authority.certificate_pem,
            "homes-crl.pem": self._authority.revocation_list({}, number=1, now=datetime.now(UTC)),
        }
        for name, text in files.items():
            (certs / name).touch(mode=0o600)
            (certs / name).write_text(text)
        text = (REFERENCE / "mosquitto.conf").read_text(encoding="utf-8")
        places = {
            "/mosquitto/certs": str(certs),
            "/mosquitto/config/access": str(REFERENCE / "access"),
            "/mosquitto/data/": str(data),
            f"/usr/lib/{PLUGIN_NAME}": str(persistence_plugin()),
        }
        for place, here in places.items():
            text = text.replace(place, here)
        user = "user root\n" if os.geteuid() == 0 else ""
        (self._folder / "mosquitto.conf").write_text(user + text)


def _session() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho leaves it untyped
    properties.SessionExpiryInterval = 24 * 3600
    return properties
