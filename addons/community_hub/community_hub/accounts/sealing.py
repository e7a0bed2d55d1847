"""Secrets that must be read again, such as second factors, are kept sealed under the hub's own secret."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class SealError(Exception):
    """What was kept was sealed under another secret, or was changed."""


class Vault:
    """Seals and opens (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secret: str) -> None:
        """Derive the key; a secret has enough chance in it (``Settings.secret``) to need no slow hash."""
        key = hashlib.sha256(b"home_flex hub vault\0" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> bytes:
        """Return the text, sealed."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Return what was sealed. Raises SealError."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealError("sealed under another secret") from error
