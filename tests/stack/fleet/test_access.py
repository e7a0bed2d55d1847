"""Certificates open the central broker until rotated or revoked; an erased home leaves nothing."""

import asyncio
import json
import shutil
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from cryptography import x509

from .fake_balena import serve
from .operator import Operator, operator, ven_id

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
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
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


@asynccontextmanager
async def enrolled(
    tmp_path: Path, *numbers: int, centre: dict[str, str] | None = None
) -> AsyncIterator[Operator]:
    """Give an operator whose homes are enrolled and have their variables."""
    (tmp_path / "broker.pem").write_text("the broker's authority")
    settings = {
        "mqtt_broker": "mqtt.example.org:8883",
        "mqtt_ca_file": "../broker.pem",
        "replication_url": "https://ingest.example.org",
        **(centre or {}),
    }
    async with operator(tmp_path, centre=settings) as someone:
        await someone.done("authority", "Community fleet")
        assert (await someone.enrol(*numbers)).code == 0
        await someone.done("variables")
        yield someone


def accepted(someone: Operator) -> dict[str, list[str]]:
    """Return the token hashes the ingest proxy accepts."""
    tokens: dict[str, list[str]] = json.loads((someone.folder / "centre/ingest_tokens.json").read_text())
    return tokens


def token_hash(someone: Operator, number: int) -> str:
    """Return the hash of the token a home has."""
    device = someone.balena.devices[number]
    token = someone.balena.variable(device, "influxdb", "REPLICATION_TOKEN")
    assert token is not None
    return sha256(token.encode()).hexdigest()


def listed(someone: Operator) -> set[int]:
    """Return the revoked serial numbers."""
    found = x509.load_pem_x509_crl((someone.folder / "centre/crl.pem").read_bytes())
    return {entry.serial_number for entry in found}


def serial(pem: str) -> int:
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


@needs_mosquitto
async def test_a_real_broker_lets_a_home_in_until_it_is_revoked_and_keeps_letting_others_in(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1, 2) as someone, broker(someone, tmp_path) as central:
        assert await central.lets_in_home(someone, 1)
        await someone.done("revoke", ven_id(1))
        await central.read_revocation_list()
        assert not await central.lets_in_home(someone, 1)
        assert await central.lets_in_home(someone, 2)


@needs_mosquitto
async def test_a_real_broker_refuses_a_certificate_of_another_authority(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone, broker(someone, tmp_path) as central:
        foreign = trustme.CA().issue_cert(common_name=ven_id(1))
        foreign.cert_chain_pems[0].write_to_path(tmp_path / "foreign.pem")
        foreign.private_key_pem.write_to_path(tmp_path / "foreign.key")
        assert not await central.lets_in(tmp_path / "foreign.pem", tmp_path / "foreign.key")


@needs_mosquitto
async def test_while_a_home_is_rotated_both_certificates_open_the_broker_and_then_only_the_new_one(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1) as someone, broker(someone, tmp_path) as central:
        home = someone.folder / "homes" / ven_id(1)
        old = tmp_path / "old"
        shutil.copytree(home, old)
        someone.balena.health_of_all(lambda _: None)  # the home does not confirm
        assert (await someone.run("rotate", ven_id(1), "--wait", "50ms")).code == 1
        await central.read_revocation_list()
        assert await central.lets_in(old / "certificate.pem", old / "private_key.pem")
        new = home / "next"
        assert await central.lets_in(new / "certificate.pem", new / "private_key.pem")
        someone.balena.health_of_all(lambda _: "ok")
        await someone.done("rotate", ven_id(1))
        await central.read_revocation_list()
        assert not await central.lets_in(old / "certificate.pem", old / "private_key.pem")
        assert await central.lets_in_home(someone, 1)


@needs_mosquitto
async def test_the_hub_has_a_certificate_of_its_own_that_is_made_once(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone, broker(someone, tmp_path) as central:
        await someone.done("hub-certificate")
        hub = someone.folder / "centre" / "hub"
        made = (hub / "certificate.pem").read_text()
        await someone.done("hub-certificate")
        assert (hub / "certificate.pem").read_text() == made
        assert await central.lets_in(hub / "certificate.pem", hub / "private_key.pem")


async def test_old_credentials_are_revoked_only_after_a_healthy_heartbeat_with_the_new(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1) as someone:
        old_serial, old_hash = serial(someone.file(1, "certificate.pem")), token_hash(someone, 1)
        someone.balena.health_of_all(lambda _: "broker unreachable")
        waiting = await someone.run("rotate", ven_id(1), "--wait", "50ms")
        assert waiting.code == 1
        assert "old credentials still work" in waiting.output
        assert not listed(someone)
        assert set(accepted(someone)[ven_id(1)]) == {old_hash, token_hash(someone, 1)}
        assert "changed nothing" in await someone.done("variables")
        handed_over = token_hash(someone, 1)
        someone.balena.health_of_all(lambda _: "ok")
        await someone.done("rotate", ven_id(1))
        assert listed(someone) == {old_serial}
        assert accepted(someone) == {ven_id(1): [handed_over]}
        assert token_hash(someone, 1) == handed_over
        assert not (someone.folder / "homes" / ven_id(1) / "rotation.json").exists()


async def test_a_heartbeat_from_before_the_home_can_have_changed_confirms_nothing(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        path = someone.folder / "fleet.toml"
        path.write_text(path.read_text().replace('settle = "0s"', 'settle = "1h"'))
        assert (await someone.run("rotate", ven_id(1), "--wait", "50ms")).code == 1
        assert not listed(someone)


async def test_a_rotation_keeps_the_key_of_the_backups(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        before = json.loads(someone.file(1, "credentials.json"))
        await someone.done("rotate", ven_id(1))
        after = json.loads(someone.file(1, "credentials.json"))
    assert after["backup_key"] == before["backup_key"]
    assert after["replication_token"] != before["replication_token"]


async def test_a_revoked_home_is_given_nothing_until_it_is_rotated(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1, 2) as someone:
        await someone.done("revoke", ven_id(1))
        assert set(accepted(someone)) == {ven_id(2)}
        assert (await someone.run("variables", ven_id(1))).code == 1
        assert (await someone.enrol(1)).code == 1
        assert "revoked" in await someone.done("status")
        await someone.done("rotate", ven_id(1))
        assert set(accepted(someone)) == {ven_id(1), ven_id(2)}


async def test_the_revocation_list_is_signed_anew_with_a_higher_number(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        await someone.done("revoke", ven_id(1))
        path = someone.folder / "centre/crl.pem"
        before = x509.load_pem_x509_crl(path.read_bytes())
        await asyncio.sleep(1)  # numbers follow the clock, in seconds
        await someone.done("crl")
        after = x509.load_pem_x509_crl(path.read_bytes())
    number = x509.CRLNumber
    assert {entry.serial_number for entry in before} == {entry.serial_number for entry in after}
    assert (
        after.extensions.get_extension_for_class(number).value.crl_number
        > before.extensions.get_extension_for_class(number).value.crl_number
    )


@asynccontextmanager
async def erasure_desk(requests: list[Any]) -> AsyncIterator[str]:
    """Run whoever erases central data."""

    async def take(request: web.Request) -> web.Response:
        requests.append(await request.json())
        return web.Response(status=202)

    application = web.Application()
    application.router.add_post("/erasures", take)
    async with serve(application) as url:
        yield f"{url}/erasures"


async def test_an_erased_home_leaves_no_access_no_variable_no_data_and_no_key(tmp_path: Path) -> None:
    requests: list[Any] = []
    async with (
        erasure_desk(requests) as url,
        enrolled(tmp_path, 1, 2, centre={"erasure_url": url}) as someone,
    ):
        balena, device = someone.balena, someone.balena.devices[1]
        held = serial(someone.file(1, "certificate.pem"))
        outcome = await someone.run_process("erase", ven_id(1), typed=f"{ven_id(1)}\n")
        assert outcome.code == 0, outcome.output
        assert listed(someone) == {held}
        assert set(accepted(someone)) == {ven_id(2)}
        assert balena.variable(device, "mosquitto", "HOME_PRIVATE_KEY") is None
        assert balena.variable(balena.devices[2], "mosquitto", "HOME_PRIVATE_KEY") is not None
        assert balena.purged == [device.uuid]
        assert [request["ven_id"] for request in requests] == [ven_id(1)]
        assert not (someone.folder / "homes" / ven_id(1)).exists()
        assert (someone.folder / "erasures" / f"{ven_id(1)}.json").exists()


async def test_nothing_is_erased_when_another_name_is_typed(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        before = someone.files()
        outcome = await someone.run_process("erase", ven_id(1), typed="home-0002\n")
        assert outcome.code == 1
        assert someone.files() == before
        assert not someone.balena.purged


async def test_an_erasure_that_cannot_reach_the_device_takes_the_access_away_and_goes_on_later(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1) as someone:
        someone.balena.offline = True
        outcome = await someone.run("erase", ven_id(1), "--confirm", ven_id(1))
        assert outcome.code == 1
        assert "not erased yet: device" in outcome.output
        assert listed(someone)
        assert (someone.folder / "homes" / ven_id(1)).exists()
        someone.balena.offline = False
        assert "erase it by hand" in (someone.folder / "erasures" / f"{ven_id(1)}.json").read_text()
        await someone.done("erase", ven_id(1), "--confirm", ven_id(1))
        assert someone.balena.purged == [someone.balena.devices[1].uuid]
        assert not (someone.folder / "homes" / ven_id(1)).exists()


async def test_the_status_shows_every_home_its_ring_and_its_health(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        someone.balena.devices[2].health = lambda _: None
        output = await someone.done("status")
    assert ven_id(1) in output
    assert f"until {datetime.now(UTC).year + 2}" in output
    assert "silent" in output
    assert "not enrolled" in output


async def test_two_commands_do_not_work_in_one_folder_at_the_same_time(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        first = await someone.start("erase", ven_id(1))  # waits for a venID to be typed
        assert first.stdout is not None
        async with asyncio.timeout(20):
            assert await first.stdout.readuntil(b"Type ")
        second = await someone.run("status")
        assert second.code == 1
        assert "another fleet-tool" in second.output
        await first.communicate(b"no\n")
