"""The access point as NetworkManager's settings describe it (nm-settings-dbus)."""

import uuid
from typing import Any

from dbus_fast import Variant

CONNECTION_ID = "Home Flex access point"

type Profile = dict[str, dict[str, Variant]]


def access_point(*, interface: str, name: str, password: str) -> Profile:
    """Return an access point of WPA2 with AES, whose stations get addresses and do not see each other."""
    plain: dict[str, dict[str, tuple[str, Any]]] = {
        "connection": {
            "id": ("s", CONNECTION_ID),
            "uuid": ("s", str(uuid.uuid4())),
            "type": ("s", "802-11-wireless"),
            "interface-name": ("s", interface),
            "autoconnect": ("b", False),
        },
        "802-11-wireless": {
            "ssid": ("ay", name.encode()),
            "mode": ("s", "ap"),
            "band": ("s", "bg"),
            "ap-isolation": ("i", 1),
        },
        "802-11-wireless-security": {
            "key-mgmt": ("s", "wpa-psk"),
            "proto": ("as", ["rsn"]),
            "pairwise": ("as", ["ccmp"]),
            "group": ("as", ["ccmp"]),
            "psk": ("s", password),
        },
        "ipv4": {"method": ("s", "shared")},
        "ipv6": {"method": ("s", "disabled")},
    }
    return {
        group: {name: Variant(signature, value) for name, (signature, value) in values.items()}
        for group, values in plain.items()
    }


def joins_by_itself(settings: dict[str, dict[str, Any]], interface: str) -> bool:
    """Whether a stored connection would make this radio a client without being asked to."""
    connection = settings.get("connection", {})
    wireless = settings.get("802-11-wireless", {})
    return (
        connection.get("type") == "802-11-wireless"
        and connection.get("autoconnect", True)
        and connection.get("interface-name", interface) == interface
        and wireless.get("mode", "infrastructure") == "infrastructure"
    )
