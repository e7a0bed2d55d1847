"""Who a home is, and where its topics stand: read alike by every service."""

import re
from typing import Final

from .settings import Settings, SettingsError

IDENTITY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# balenaOS calls a gateway by the first seven digits of its UUID, in the home's network too.
HOST_DIGITS: Final = 7
_PREFIX: Final = re.compile(r"[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,3}")


def identity(settings: Settings, name: str) -> str | None:
    """Return an identity, None when it is not set. Raises SettingsError."""
    value = settings.optional(name)
    if value is not None and not IDENTITY.fullmatch(value):
        raise SettingsError(f"{name} must be 1 to 64 letters, digits, _ or -")
    return value


def home_id(settings: Settings) -> str:
    """Return the home's identity: its own, or where none was given the gateway's. Raises SettingsError."""
    found = identity(settings, "HOME_ID") or identity(settings, "BALENA_DEVICE_UUID")
    if found is None:
        raise SettingsError("HOME_ID is not set")
    return found


def network_name(home: str) -> str:
    """Return the name (SSID) of a home's access point, from the end of its identity.

    Raises SettingsError for an identity of fewer than 4 letters and digits.
    """
    letters = re.sub(r"[^A-Za-z0-9]", "", home)
    if len(letters) < 4:
        raise SettingsError("HOME_ID is too short to name a WiFi network after it")
    return f"HomeFlex-{letters[-6:].upper()}"


def topic_prefix(settings: Settings) -> str:
    """Return what the topics of all homes begin with, one to four levels. Raises SettingsError."""
    value = settings.text("MQTT_PREFIX")
    if not _PREFIX.fullmatch(value):
        raise SettingsError("MQTT_PREFIX must look like home_flex or community/home_flex")
    return value
