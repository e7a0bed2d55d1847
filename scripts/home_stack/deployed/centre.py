"""The community's broker beside a deployed home: Mosquitto 2.1 on its reference configuration."""

import asyncio
import getpass
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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
from home_broker import password_file
from home_common.mqtt import properties
from paho.mqtt.packettypes import PacketTypes

from ..processes import ROOT, ManagedProcess, StackError
from .compose import Home

NAME = "centre"
HOME_PORT = 8883
HUB_PORT = 8884
LISTENER = "hub.ingest"
DISPATCHER = "hub.dispatch"
REFERENCE = ROOT / "addons" / "community_hub" / "broker"
MOSQUITTO = ROOT / ".cache" / "mosquitto-2.1"


def plugins() -> Path:
    """Return where Mosquitto 2.1's plugins lie on this machine. Raises StackError."""
    for found in MOSQUITTO.rglob("mosquitto_persist_sqlite.so"):
        return found.parent
    raise StackError("Mosquitto 2.1 is missing: run scripts/setup as root on Debian")


def address(home: Home) -> IPv4Address:
    """Return the address of the centre on a home's network: outside of what services are given."""
    return home.network.network_address + 200


class Centre:
    """``start`` after the network is up; survives ``kill`` as a central broker must."""

    def __init__(self, folder: Path, home: Home, namespace: str) -> None:
        """Make an authority for homes, a certificate for the broker, and the hub's passwords, all anew."""
        self.address = address(home)
        self._folder = folder
        self._authority = FleetAuthority.create("Test fleet", now=datetime.now(UTC))
        self._public = trustme.CA()
        self._passwords = {name: secrets.token_urlsafe(32) for name in (LISTENER, DISPATCHER)}
        self._write()
        broker = [str(MOSQUITTO / "mosquitto"), "-c", str(folder / "config" / "mosquitto.conf")]
        self._process = ManagedProcess(
            NAME, ["ip", "netns", "exec", namespace, *broker], log=folder / "centre.log"
        )

    def environment(self, home_id: str) -> dict[str, str]:
        """Return what the fleet tells the home's broker."""
        key = new_private_key()
        certificate = self._authority.sign(signing_request(home_id, key), home_id, now=datetime.now(UTC))
        return {
            "CENTRAL_BROKER": f"{NAME}:{HOME_PORT}",
            "CENTRAL_CA": self._public.cert_pem.bytes().decode(),
            "HOME_CERTIFICATE": certificate,
            "HOME_PRIVATE_KEY": private_key_pem(key),
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
        return aiomqtt.Client(
            str(self.address),
            HUB_PORT,
            username=name,
            password=self._passwords[name],
            identifier=name,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
            properties=properties(PacketTypes.CONNECT, SessionExpiryInterval=24 * 3600),
            tls_params=aiomqtt.TLSParameters(ca_certs=str(self._folder / "config" / "public.pem")),
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

    def _write(self) -> None:
        config = self._folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (self._folder / "data").mkdir(exist_ok=True)
        server = self._public.issue_cert(NAME, str(self.address))
        text = (REFERENCE / "mosquitto.conf").read_text(encoding="utf-8")
        text = text.replace("/mosquitto/", f"{self._folder}/").replace("/usr/lib/", f"{plugins()}/")
        files = {
            "server_certificate.pem": b"".join(each.bytes() for each in server.cert_chain_pems).decode(),
            "server_key.pem": server.private_key_pem.bytes().decode(),
            "public.pem": self._public.cert_pem.bytes().decode(),
            "home_authority.pem": self._authority.certificate_pem,
            "revoked_homes.pem": self._authority.revocation_list({}, number=1, now=datetime.now(UTC)),
            "passwords": password_file.render(self._passwords),
            "access_rules": (REFERENCE / "access_rules").read_text(encoding="utf-8"),
            "mosquitto.conf": f"{text}user {getpass.getuser()}\n",
        }
        for name, content in files.items():
            (config / name).touch(mode=0o600)
            (config / name).write_text(content)
