"""Who may use the broker: one account for each client, made at first start and handed over in its folder."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .settings import SettingsError, new_secret, write_secret

CLIENTS = ("home_assistant", "home_agent")
LEAST_CHARACTERS = 16
LEAST_DIFFERENT = 8
# mosquitto_passwd's own; the passwords are 256 random bits, which no amount of guessing finds.
_ITERATIONS = 1000
_SALT_BYTES = 12
_HASH_BYTES = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A name and its password."""

    name: str
    password: str = field(repr=False)


def accounts(credentials: Path, group_id: int) -> list[Account]:
    """Return the account of each client, made where it is missing. Raises SettingsError for a weak one."""
    return [_account(credentials / name, name, group_id) for name in CLIENTS]


def password_file(known: Sequence[Account]) -> str:
    """Return Mosquitto's password file: PBKDF2 with SHA-512, marked 7 (mosquitto_passwd(1))."""
    return "".join(f"{account.name}:{_hashed(account.password)}\n" for account in known)


def _account(folder: Path, name: str, group_id: int) -> Account:
    folder.mkdir(parents=True, exist_ok=True)
    password = folder / "mqtt_password"
    if not password.exists():
        write_secret(password, new_secret(), group_id=group_id)
    write_secret(folder / "mqtt_username", name, group_id=group_id)
    text = password.read_text(encoding="utf-8").strip()
    if len(text) < LEAST_CHARACTERS or len(set(text)) < LEAST_DIFFERENT:
        raise SettingsError(
            f"The password of {name} is too weak; delete the file mqtt_password to get a new one"
        )
    return Account(name=name, password=text)


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, _HASH_BYTES)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
