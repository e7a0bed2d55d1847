"""A real Mosquitto that lets homes in by the operator's authority and revocation list."""

import asyncio
import shutil
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from scripts.home_stack.processes import free_port

from .operator import Operator, ven_id

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
# MQTT 3.1.1, sections 3.1 and 3.2: a clean session without a name, and the answer that accepts it.
CONNECT = bytes.fromhex("100c 0004 4d515454 04 02 003c 0000")
CONNECTED = bytes.fromhex("20020000")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="Mosquitto is not installed")


@dataclass
class Broker:
    """A real Mosquitto that lets in whoever holds a certificate of the fleet that is not revoked."""

    process: asyncio.subprocess.Process
    port: int
    server_authority: Path

    async def lets_in(self, certificate: Path, key: Path) -> bool:
        """Whether a home with this certificate can connect and is answered."""
        tls = ssl.create_default_context(cafile=self.server_authority)
        tls.maximum_version = ssl.TLSVersion.TLSv1_2  # there a refusal is part of the handshake: no time-out
        tls.load_cert_chain(certificate, key)
        try:
            reader, writer = await asyncio.open_connection("localhost", self.port, ssl=tls)
        except ssl.SSLError, ConnectionResetError:
            return False
        try:
            async with asyncio.timeout(10):
                writer.write(CONNECT)
                return await reader.readexactly(4) == CONNECTED
        finally:
            writer.close()
            await writer.wait_closed()

    async def lets_in_home(self, someone: Operator, number: int) -> bool:
        """Whether the home can connect with what the operator's folder holds for it."""
        home = someone.folder / "homes" / ven_id(number)
        return await self.lets_in(home / "certificate.pem", home / "private_key.pem")

    async def read_revocation_list(self) -> None:
        """Send the hang-up signal, on which Mosquitto reads the revocation list anew."""
        self.process.send_signal(signal.SIGHUP)
        await _line(self.process, "Reloading config")


async def _line(process: asyncio.subprocess.Process, text: str) -> None:
    assert process.stderr is not None
    async with asyncio.timeout(10):
        while text not in (await process.stderr.readline()).decode():
            assert process.returncode is None


@asynccontextmanager
async def broker(someone: Operator, folder: Path) -> AsyncIterator[Broker]:
    """Run Mosquitto with the operator's authority and revocation list."""
    assert MOSQUITTO is not None
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "server-ca.pem")
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(folder / "server.key")
    issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
    port = free_port()
    lines = [
        f"listener {port} 127.0.0.1",
        f"cafile {someone.folder}/authority/certificate.pem",
        f"crlfile {someone.folder}/centre/crl.pem",
        f"certfile {folder}/server.pem",
        f"keyfile {folder}/server.key",
        "require_certificate true",
        "use_identity_as_username true",
        "allow_anonymous false",
        "user root",
        "log_dest stderr",
    ]
    (folder / "mosquitto.conf").write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        MOSQUITTO, "-c", folder / "mosquitto.conf", stderr=asyncio.subprocess.PIPE
    )
    try:
        await _line(process, "running")
        yield Broker(process=process, port=port, server_authority=folder / "server-ca.pem")
    finally:
        process.terminate()
        await process.communicate()
