"""Commands to a home's agent, for who publishes them; what cannot be undone is signed, off-line if wanted."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from home_common.signed_command import is_final, public_text, sign

from .context import CommandError
from .folder import OperatorFolder, write_private, write_public

_LONGEST: Final = timedelta(days=7)


def make_key(folder: OperatorFolder, path: Path) -> None:
    """Make the key that signs, in a file that can be kept away from the folder; its public half stays there.

    Raises CommandError rather than to replace one: homes would obey the old one until they are told.
    """
    if path.exists() or folder.operator_key.exists():
        raise CommandError(f"{path} or {folder.operator_key} is there already")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, pem.decode())
    write_public(folder.operator_key, f"{public_text(key)}\n")


def make_command(
    home: str,
    kind: str,
    arguments: Mapping[str, str],
    *,
    now: datetime,
    valid: timedelta,
    key_file: Path | None,
) -> str:
    """Return a command as JSON. Raises CommandError when it needs a key and has none."""
    if not timedelta() < valid <= _LONGEST:
        raise CommandError(f"a command is good for at most {_LONGEST.days} days")
    document: dict[str, Any] = {
        "id": f"{kind}-{secrets.token_hex(8)}",
        "issued_at": now.isoformat(timespec="seconds"),
        "valid_until": (now + valid).isoformat(timespec="seconds"),
        **({"arguments": dict(arguments)} if arguments else {}),
    }
    if is_final(kind, arguments):
        if key_file is None:
            raise CommandError(f"{kind} cannot be undone and needs a signature: name the file with --key")
        document["signature"] = sign(_read_key(key_file), home, kind, document)
    return json.dumps(document)


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise CommandError(f"{path} holds no key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CommandError(f"{path} holds another kind of key")
    return key
