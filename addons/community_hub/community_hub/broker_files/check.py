"""Whether the broker's user can read each file, and whether each is what the broker takes."""

import re
import ssl
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from .access_rules import wrong_rules

CERTIFICATE: Final = "server_certificate.pem"
KEY: Final = "server_key.pem"
AUTHORITY: Final = "home_authority.pem"
REVOKED: Final = "revoked_homes.pem"
PASSWORDS: Final = "passwords"
RULES: Final = "access_rules"
CONFIGURATION: Final = "mosquitto.conf"
FILES: Final = (CONFIGURATION, RULES, PASSWORDS, CERTIFICATE, KEY, AUTHORITY, REVOKED)
# mosquitto_passwd writes a name and a salted hash with its kind ($6$, $7$, $argon2id$).
_ACCOUNT: Final = re.compile(r"[^:\s]+:\$(?:6|7|argon2id)\$\S+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """The user whom the broker becomes."""

    user_id: int
    group_id: int

    def may(self, status_mode: int, owner: int, group: int, bit: int) -> bool:
        """Whether the mode of a file lets this user do it; ``bit`` is 4 to read, 1 to pass a folder."""
        if self.user_id == 0:
            return True
        shift = 6 if owner == self.user_id else 3 if group == self.group_id else 0
        return bool(status_mode >> shift & bit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The folder that is looked at, and the time by which a certificate is good."""

    folder: Path
    now: datetime


def problems(folder: Path, reader: Reader, now: datetime) -> list[str]:
    """Return what would end the broker or shut homes out at its next hang-up signal, each with its file."""
    unreadable = {name: wrong for name in FILES if (wrong := _unreadable(folder / name, reader))}
    context = Context(folder=folder, now=now)
    found = [f"{name}: {wrong}" for name, wrong in unreadable.items()]
    for name, wrong_in in _CHECKS.items():
        if not unreadable.keys() & {name, *_BESIDE.get(name, ())}:
            found += [f"{name}: {wrong}" for wrong in _told(wrong_in, context)]
    return found


def _told(wrong_in: Callable[[Context], Iterator[str]], context: Context) -> list[str]:
    try:
        return list(wrong_in(context))
    except UnicodeDecodeError:
        return ["not a text"]


def _unreadable(path: Path, reader: Reader) -> str | None:
    try:
        folder, status = path.parent.stat(), path.stat()
    except OSError as error:
        return error.strerror or "it cannot be read"
    if not stat.S_ISREG(status.st_mode):
        return "not a file"
    if not status.st_size:
        return "empty"
    if not reader.may(folder.st_mode, folder.st_uid, folder.st_gid, 1):
        return f"user {reader.user_id} may not enter its folder"
    if not reader.may(status.st_mode, status.st_uid, status.st_gid, 4):
        return (
            f"user {reader.user_id} may not read it (owner {status.st_uid}, mode {status.st_mode & 0o777:o})"
        )
    return None


def _wrong_rules(context: Context) -> Iterator[str]:
    yield from wrong_rules((context.folder / RULES).read_text(encoding="utf-8"))


def _wrong_passwords(context: Context) -> Iterator[str]:
    lines = (context.folder / PASSWORDS).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        # What the line holds may be a password that somebody typed.
        if line.strip() and not line.startswith("#") and not _ACCOUNT.fullmatch(line.strip()):
            yield f"line {number}: not a line of mosquitto_passwd"


def _wrong_certificate(context: Context) -> Iterator[str]:
    try:
        (first, *_) = x509.load_pem_x509_certificates((context.folder / CERTIFICATE).read_bytes())
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            context.folder / CERTIFICATE, context.folder / KEY, password=""
        )
    except ValueError, ssl.SSLError:
        yield f"not a certificate in PEM with the key in {KEY}"
        return
    yield from _not_now(first, context.now)


def _wrong_authority(context: Context) -> Iterator[str]:
    try:
        authority = x509.load_pem_x509_certificate((context.folder / AUTHORITY).read_bytes())
    except ValueError:
        yield "not a certificate in PEM"
        return
    yield from _not_now(authority, context.now)


def _not_now(certificate: x509.Certificate, now: datetime) -> Iterator[str]:
    if certificate.not_valid_before_utc > now:
        yield f"good only from {certificate.not_valid_before_utc:%Y-%m-%d} on"
    if certificate.not_valid_after_utc <= now:
        yield f"expired on {certificate.not_valid_after_utc:%Y-%m-%d}"


def _wrong_revocations(context: Context) -> Iterator[str]:
    try:
        revoked = x509.load_pem_x509_crl((context.folder / REVOKED).read_bytes())
        authority = x509.load_pem_x509_certificate((context.folder / AUTHORITY).read_bytes())
    except ValueError:
        yield f"not a list of revoked certificates in PEM, or {AUTHORITY} is no certificate"
        return
    if not revoked.is_signature_valid(authority.public_key()):  # type: ignore[arg-type] # an authority's key signs
        yield f"not signed by {AUTHORITY}"
    if revoked.last_update_utc > context.now:
        yield f"good only from {revoked.last_update_utc:%Y-%m-%d} on"
    if revoked.next_update_utc is None or revoked.next_update_utc <= context.now:
        yield f"expired on {revoked.next_update_utc:%Y-%m-%d}: every home would be shut out"


_CHECKS: Final[Mapping[str, Callable[[Context], Iterator[str]]]] = {
    RULES: _wrong_rules,
    PASSWORDS: _wrong_passwords,
    CERTIFICATE: _wrong_certificate,
    AUTHORITY: _wrong_authority,
    REVOKED: _wrong_revocations,
}
# What a check reads beside its own file.
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {CERTIFICATE: (KEY,), REVOKED: (AUTHORITY,)}
