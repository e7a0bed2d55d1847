"""Whom Home Assistant believes the address of a visitor: its http store, brought in order before it starts.

YAML under ``http:`` would only be tried: unless an administrator confirms it within five minutes, Home
Assistant reverts it, and then refuses each forwarded request with 400.
"""

from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

from home_common.settings import Settings, SettingsError

from .volume import Volume, VolumeError

KEY = "http"

# Newer versions of the store are converted from this one by Home Assistant; it is understood the longest.
_VERSION, _MINOR_VERSION = 2, 2

# A trial that runs, and one that nobody confirmed; others failed for a reason.
_ON_TRIAL = (None, "not_promoted")


def trusted_proxies(settings: Settings) -> list[str]:
    """Return the networks to believe. Raises SettingsError for what is none, or is too wide."""
    networks = []
    for word in (settings.optional("TRUSTED_PROXIES") or "").split(","):
        if not word.strip():
            continue
        try:
            network = ip_network(word.strip())
        except ValueError as error:
            raise SettingsError("TRUSTED_PROXIES holds something that is no address or network") from error
        if network.num_addresses > 256:
            raise SettingsError("TRUSTED_PROXIES trusts more than 256 addresses")
        networks.append(str(network))
    return networks


def prepare(volume: Volume, settings: Settings) -> None:
    """Make a new volume believe the proxies, and follow a change of their addresses on an old one.

    What a person chose otherwise stays, other proxies too.
    """
    wanted = trusted_proxies(settings)
    document = volume.load_store(KEY)
    with volume.state() as state:
        if document is None:
            volume.save_store(KEY, _seed(settings, wanted))
        elif _follow(_stable(document), wanted, ours=state.trusted_proxies):
            volume.save_store(KEY, document)
        state.trusted_proxies = wanted


def confirm_trial(volume: Volume, _settings: Settings) -> None:
    """End what an older release left on trial from YAML: nobody is there to confirm it."""
    document = volume.load_store(KEY)
    if document is None or (document["data"].get("pending") or {}).get("error", "none") not in _ON_TRIAL:
        return
    data = document["data"]
    trial = {**data["pending"], "error": None, "error_message": None}
    data.update(stable={**data["stable"], **trial}, pending=None, yaml_migration_done=True)
    volume.save_store(KEY, document)


def _seed(settings: Settings, proxies: list[str]) -> dict[str, Any]:
    host = settings.optional("HTTP_HOST")
    stable = {
        **({"server_host": [host]} if host else {}),
        "server_port": int(settings.number("HTTP_PORT", 1, 65535)),
        "cors_allowed_origins": [],
        "use_x_forwarded_for": bool(proxies),
        "trusted_proxies": proxies,
        "login_attempts_threshold": int(settings.number("LOGIN_ATTEMPTS", 3, 1000)),
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    return {
        "version": _VERSION,
        "minor_version": _MINOR_VERSION,
        "key": KEY,
        "data": {"stable": stable, "pending": None, "yaml_migration_done": True},
    }


def _stable(document: dict[str, Any]) -> dict[str, Any]:
    stable = document.get("data", {}).get("stable")
    if not isinstance(stable, dict):
        raise VolumeError("The http store of Home Assistant has another shape than known")
    return stable


def _follow(stable: dict[str, Any], wanted: list[str], *, ours: list[str]) -> bool:
    """Replace our proxies of before by those of now; return whether that changed anything."""
    before = stable.get("trusted_proxies", [])
    others = [proxy for proxy in before if proxy not in ours and proxy not in wanted]
    after = [*wanted, *others]
    if sorted(after) == sorted(before) and stable.get("use_x_forwarded_for", False) == bool(after):
        return False
    stable.update(trusted_proxies=after, use_x_forwarded_for=bool(after))
    return True
