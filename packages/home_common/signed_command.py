"""The operator's signature over what cannot be undone: made off-line, over command, home and time.

Ed25519 (RFC 8032) over the command's fields as JSON with sorted names and without spaces. Who holds the
broker's password, or answers for the home, cannot make it.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

# Commands that need it, and the argument that makes them final; None: always.
FINAL: Final[Mapping[str, str | None]] = {"restore": None, "factory_erase": "code"}


def is_final(kind: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a command needs the operator's signature."""
    return kind in FINAL and (FINAL[kind] is None or FINAL[kind] in arguments)


def sign(key: Ed25519PrivateKey, home: str, kind: str, document: Mapping[str, Any]) -> str:
    """Return the signature of a command's document in base64."""
    return base64.b64encode(key.sign(_signed(home, kind, document))).decode()


def is_signed(public_key: str, home: str, kind: str, document: Mapping[str, Any]) -> bool:
    """Whether ``document`` holds the signature of who has the key; ``public_key`` is 32 bytes in base64."""
    signature = document.get("signature")
    if not isinstance(signature, str):
        return False
    try:
        raw = base64.b64decode(signature, validate=True)
        read_public_key(public_key).verify(raw, _signed(home, kind, document))
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def read_public_key(text: str) -> Ed25519PublicKey:
    """Return a public key from base64. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as homes are told it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _signed(home: str, kind: str, document: Mapping[str, Any]) -> bytes:
    fields = {name: document.get(name) for name in ("id", "issued_at", "valid_until")}
    arguments = document.get("arguments") or {}
    text = {"version": 1, "home": home, "command": kind, "arguments": arguments, **fields}
    return json.dumps(text, sort_keys=True, separators=(",", ":")).encode()
