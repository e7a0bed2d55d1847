"""The home's own certificate for the LAN, and how the running door gets a new one."""

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from home_common.settings import SettingsError
from home_nginx import certificate
from home_nginx.defaults import LOCAL_NAMES

from scripts.home_stack.api import wait_until
from scripts.home_stack.fake_clock import FakeClock
from scripts.home_stack.processes import StackError

from .door import HOME_ID, Door
from .visitors import any_certificate, trusting, visit

NAMES = [*LOCAL_NAMES, f"{HOME_ID.lower()}.local"]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    door = Door(tmp_path / "door")
    yield door
    await door.stop()


def read(data: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((data / certificate.FILE).read_bytes())


def end_in(data: Path, days: int) -> None:
    """Put a certificate there that ends so soon."""
    (data / certificate.FILE).unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificate, "VALID_DAYS", days)
        certificate.ensure(data, NAMES)


def begin_in(data: Path, wait: timedelta) -> None:
    """Put a certificate there that begins then."""
    begin, key = datetime.now(UTC) + wait, ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Home Flex")])
    names = x509.SubjectAlternativeName([x509.DNSName(each) for each in NAMES])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=397))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (data / certificate.FILE).write_bytes(built.public_bytes(Encoding.PEM) + private)


def test_it_is_made_for_the_homes_names_and_no_longer_than_browsers_take(tmp_path: Path) -> None:
    assert certificate.ensure(tmp_path / "data", NAMES)
    made = read(tmp_path / "data")
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == NAMES
    assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)
    lasts = made.not_valid_after_utc - made.not_valid_before_utc
    assert timedelta(days=360) < lasts <= timedelta(days=398)


def test_only_the_service_reads_its_key_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    certificate.ensure(data, NAMES)
    assert [path.name for path in data.iterdir()] == [certificate.FILE]
    assert (data / certificate.FILE).stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700


def test_each_home_makes_its_own(tmp_path: Path) -> None:
    for home in ("one", "two"):
        certificate.ensure(tmp_path / home, NAMES)
    assert read(tmp_path / "one").public_key() != read(tmp_path / "two").public_key()


def test_it_is_kept_while_it_is_good_for_a_month(tmp_path: Path) -> None:
    end_in(tmp_path, days=31)
    before = (tmp_path / certificate.FILE).read_bytes()
    assert not certificate.ensure(tmp_path, NAMES)
    assert (tmp_path / certificate.FILE).read_bytes() == before


def test_it_is_renewed_before_it_ends(tmp_path: Path) -> None:
    end_in(tmp_path, days=29)
    assert certificate.ensure(tmp_path, NAMES)
    assert read(tmp_path).not_valid_after_utc > datetime.now(UTC) + timedelta(days=360)


def test_one_that_a_wrong_clock_put_into_the_future_is_replaced(tmp_path: Path) -> None:
    begin_in(tmp_path, timedelta(days=-1))
    assert not certificate.ensure(tmp_path, NAMES)
    begin_in(tmp_path, timedelta(days=1))
    assert certificate.ensure(tmp_path, NAMES)
    assert read(tmp_path).not_valid_before_utc <= datetime.now(UTC)
    assert not certificate.ensure(tmp_path, NAMES)


def test_a_name_more_or_less_makes_a_new_one(tmp_path: Path) -> None:
    certificate.ensure(tmp_path, NAMES)
    assert certificate.ensure(tmp_path, [*NAMES, "energy.example.org"])
    assert certificate.ensure(tmp_path, NAMES)


@pytest.mark.parametrize("part", ["CERTIFICATE", "PRIVATE KEY"])
def test_one_that_the_card_has_spoiled_is_replaced(part: str, tmp_path: Path) -> None:
    certificate.ensure(tmp_path, NAMES)
    path = tmp_path / certificate.FILE
    path.write_text(path.read_text().replace(f"-----BEGIN {part}-----\nM", f"-----BEGIN {part}-----\n?"))
    assert certificate.ensure(tmp_path, NAMES)
    assert not certificate.ensure(tmp_path, NAMES)


def test_without_openssl_the_refusal_is_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="certificate cannot be made"):
        certificate.ensure(tmp_path, NAMES)


def write_nothing(folder: Path) -> str:
    """Return a search path with an OpenSSL that makes empty files and ends well, as on a full disk."""
    real = shutil.which("openssl")
    script = folder / "openssl"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = req ] || exec {real} "$@"\n'
        'for word in "$@"; do case $previous in -out|-keyout) : > "$word";; esac; previous=$word; done\n'
    )
    script.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_a_full_disk_leaves_the_older_one_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    end_in(data, days=1)
    before = (data / certificate.FILE).read_bytes()
    monkeypatch.setenv("PATH", write_nothing(tmp_path))
    assert not certificate.ensure(data, NAMES)
    assert (data / certificate.FILE).read_bytes() == before
    assert [path.name for path in data.iterdir()] == [certificate.FILE]
    assert "the older one goes on" in capsys.readouterr().out


@pytest.mark.parametrize("spoiled", [None, "", "-----BEGIN CERTIFICATE-----\n"])
def test_without_one_that_can_be_used_a_full_disk_is_told(
    spoiled: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    if spoiled is not None:
        (data / certificate.FILE).write_text(spoiled)
    monkeypatch.setenv("PATH", write_nothing(tmp_path))
    with pytest.raises(SettingsError, match="certificate cannot be made"):
        certificate.ensure(data, NAMES)


async def test_a_second_start_shows_the_same_certificate(door: Door) -> None:
    await door.start()
    first = (door.data / certificate.FILE).read_bytes()
    await door.stop()
    await door.start()
    assert (door.data / certificate.FILE).read_bytes() == first
    # Nobody is behind this door, and the hand was shaken.
    assert (await visit(door, tls=trusting(door))).status == 503


async def test_a_home_that_runs_on_and_on_shows_a_new_certificate_in_time(door: Door) -> None:
    await door.start()
    end_in(door.data, days=31)
    old = read(door.data)
    await door.check_health()
    assert read(door.data) == old
    end_in(door.data, days=29)
    old = read(door.data)
    await door.check_health()
    new = read(door.data)
    assert new.serial_number != old.serial_number

    async def is_shown() -> bool:
        return await _shown(door) == new

    await wait_until(is_shown, "the new certificate to be shown", timeout_s=60)


async def test_a_clock_that_jumps_years_ahead_and_back_leaves_a_certificate_that_holds(
    tmp_path: Path,
) -> None:
    clock = FakeClock(tmp_path)
    clock.set(2 * 365 * 86400)
    door = Door(tmp_path / "door", **clock.environment)
    await door.start()
    try:
        assert read(door.data).not_valid_before_utc > datetime.now(UTC)
        for offset_s in (0, 380 * 86400, 0):
            clock.set(offset_s)
            await asyncio.sleep(1.1)
            await door.check_health()
            now = datetime.now(UTC) + timedelta(seconds=offset_s)
            assert now - timedelta(minutes=5) < read(door.data).not_valid_before_utc <= now

        async def is_shown() -> bool:
            return await _shown(door) == read(door.data)

        await wait_until(is_shown, "the new certificate to be shown", timeout_s=60)
    finally:
        await door.stop()


async def test_it_is_not_well_once_nobody_answers(door: Door) -> None:
    await door.start()
    await door.stop()
    with pytest.raises(StackError):
        await door.check_health()


async def _shown(door: Door) -> x509.Certificate:
    _, writer = await asyncio.open_connection("127.0.0.1", door.https_port, ssl=any_certificate())
    try:
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True)
        assert der is not None
        return x509.load_der_x509_certificate(der)
    finally:
        writer.close()
