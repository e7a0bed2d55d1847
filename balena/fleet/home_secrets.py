"""What a home is given that is only its own: key, certificate, tokens. Made once, then kept in its folder."""

import hashlib
import secrets
from datetime import datetime

from community_hub.enrolment.authority import (
    FleetAuthority,
    new_private_key,
    private_key_pem,
    serial_number,
    signing_request,
)
from community_hub.enrolment.codes import new_code
from home_common.settings import LEAST_DIFFERENT

from .folder import HomeFolder, OperatorFolder, write_json, write_private


def issue_certificate(folder: HomeFolder, ven_id: str, authority: FleetAuthority, now: datetime) -> None:
    """Make a home's key and certificate, unless both are there."""
    if folder.certificate.exists():
        return
    key = new_private_key()
    certificate = authority.sign(signing_request(ven_id, key), ven_id, now=now)
    write_private(folder.private_key, private_key_pem(key))
    write_private(folder.certificate, certificate)


def issue_secrets(folder: HomeFolder, *, backup_key: str | None = None) -> None:
    """Make what a home lacks of its own secrets. A backup key outlives rotations: old backups need it."""
    kept = folder.read("credentials") or {}
    made = {
        "replication_token": secrets.token_urlsafe(32),
        "backup_key": backup_key or secrets.token_urlsafe(32),
        "operator_secret": secrets.token_urlsafe(32),
        "access_point_password": _typed_from_paper(),
    }
    if kept.keys() < made.keys():
        folder.write("credentials", {**made, **kept})


def _typed_from_paper() -> str:
    """Return five words of 11 bits and more, with as many different letters as services ask of a secret."""
    while len(set(made := new_code(words=5))) < LEAST_DIFFERENT:
        continue
    return made


def serials(folder: HomeFolder) -> list[int]:
    """Return the serial numbers of the certificates a home holds.

    The current one and, in a rotation, the next.
    """
    files = [folder.certificate, folder.successor().certificate]
    return [serial_number(path.read_text()) for path in files if path.exists()]


def write_accepted_tokens(folder: OperatorFolder) -> None:
    """Write whose replication tokens the ingest proxy accepts, as SHA-256 of the token.

    Tokens hold 256 random bits, so that a fast hash gives nothing away. Revoked homes are left out; a home
    in rotation has two.
    """
    accepted: dict[str, list[str]] = {}
    for ven_id in folder.homes():
        home = folder.home(ven_id)
        if (home.read("home") or {}).get("revoked_at"):
            continue
        for holder in (home, home.successor()):
            if (kept := holder.read("credentials")) is not None:
                digest = hashlib.sha256(kept["replication_token"].encode()).hexdigest()
                accepted.setdefault(ven_id, []).append(digest)
    write_json(folder.accepted_tokens, accepted)
