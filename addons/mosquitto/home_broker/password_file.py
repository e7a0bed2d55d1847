"""Mosquitto's password file: names, and hashes that cost a guesser time.

Format: ``name:$7$iterations$salt$hash``, PBKDF2 with HMAC-SHA-512, salt and hash of 64 bytes in base64
(Mosquitto 2.1, libcommon/password_common.c).
"""

import hashlib
import os
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

# Passwords are 256 random bits: no number of guesses finds one. A health check every minute must stay cheap.
_ITERATIONS: Final = 1000
_BYTES: Final = 64


def render(passwords: Mapping[str, str]) -> str:
    """Return the file for passwords by name."""
    return "".join(f"{name}:{_hashed(password)}\n" for name, password in passwords.items())


def _hashed(password: str) -> str:
    salt = os.urandom(_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, _BYTES)
    return f"$7${_ITERATIONS}${b64encode(salt).decode()}${b64encode(digest).decode()}"
