"""An authenticator in software, with the browser around it: an adapter to the other side of WebAuthn 3.

It makes what a browser would send by the specification alone (6.1, 6.5, 5.8.1), and what an attacker would:
each part can be told otherwise.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT: Final = 0x01
VERIFIED: Final = 0x04
_NEW_KEY: Final = 0x40


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return what ``encoded`` encoded."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey; ``count`` is how often it signed, None for one that does not count."""

    credential_id: bytes = field(default_factory=lambda: b"credential of a test")
    user_handle: bytes = b"nobody"
    count: int | None = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any], origin: str, /, **otherwise: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        self.user_handle = decoded(options["user"]["id"])
        told = {"rp_id": options["rp"]["id"], "type": "webauthn.create", **otherwise}
        data = self._data(told, told.get("flags", PRESENT | VERIFIED) | _NEW_KEY)
        length = len(self.credential_id).to_bytes(2, "big")
        data += bytes(16) + length + self.credential_id + self._public_key()
        statement = {"fmt": told.get("fmt", "none"), "attStmt": told.get("statement", {}), "authData": data}
        return self._credential(
            clientDataJSON=encoded(self._client_data(told, options["challenge"], origin)),
            attestationObject=encoded(cbor2.dumps(statement)),
        )

    def sign(self, options: dict[str, Any], origin: str, /, **otherwise: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``."""
        told = {"rp_id": options["rpId"], "type": "webauthn.get", **otherwise}
        if self.count is not None:
            self.count += 1
        data = self._data(told, told.get("flags", PRESENT | VERIFIED))
        client_data = self._client_data(told, options["challenge"], origin)
        signed = self.key.sign(data + sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(signed),
            userHandle=encoded(told.get("user_handle", self.user_handle)),
        )

    def _data(self, told: dict[str, Any], flags: int) -> bytes:
        count: int = told.get("count", self.count or 0)
        return sha256(told["rp_id"].encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _client_data(self, told: dict[str, Any], challenge: str, origin: str) -> bytes:
        told_of = {
            "type": told["type"],
            "challenge": told.get("challenge", challenge),
            "origin": told.get("origin", origin),
            "crossOrigin": told.get("cross_origin", False),
        }
        return json.dumps(told_of).encode()

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _credential(self, **response: str) -> dict[str, Any]:
        identifier = encoded(self.credential_id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": response,
        }
