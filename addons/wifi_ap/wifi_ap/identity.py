"""The access point's name and password: each gateway's own."""

import random
import re
from pathlib import Path

from home_common.secret_files import write_secret
from home_common.settings import Settings, SettingsError

# Letters and digits nobody takes for another; 31 of them, so that 20 are 99 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS = 4
_GROUP_CHARACTERS = 5

PASSWORD = "AP_PASSWORD"  # noqa: S105 - the name of a setting, no secret

# WPA2: 8 to 63 printable ASCII characters (IEEE 802.11, annex J.4); more are asked for here.
_PASSPHRASE = re.compile(r"[ -~]{16,63}")


def password(settings: Settings, folder: Path) -> str:
    """Return the password that was set, else the one this gateway made for itself at its first start.

    Raises SettingsError for a weak one, or one no WiFi accepts.
    """
    if settings.optional(PASSWORD) is None:
        made = _new_password()
        write_secret(folder / PASSWORD.lower(), made)
        return made
    chosen = settings.secret(PASSWORD)
    if not _PASSPHRASE.fullmatch(chosen):
        raise SettingsError(f"{PASSWORD} is not 16 to 63 printable ASCII characters")
    return chosen


def _new_password() -> str:
    source = random.SystemRandom()
    groups = ("".join(source.choices(_ALPHABET, k=_GROUP_CHARACTERS)) for _ in range(_GROUPS))
    return "-".join(groups)
