"""A real Home Assistant behind the door, which believes the door and counts wrong passwords."""

import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

from scripts.home_stack.home_assistant import HomeAssistant
from scripts.home_stack.processes import free_port

from .door import Door
from .visitors import Answer, visit

ATTEMPTS = 5
BACKUP_ID = "c0ffee00"
CLIENT_ID = "http://home.local/"
_CONFIGURATION = """\
homeassistant:
  time_zone: Europe/Amsterdam
frontend:
backup:
logger:
  default: warning
"""


def home_in(folder: Path) -> HomeAssistant:
    """Prepare one that believes what 127.0.0.1 says about its visitors, as the stack's first start does."""
    port = free_port()
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "use_x_forwarded_for": True,
        "trusted_proxies": ["127.0.0.1/32"],
        "login_attempts_threshold": ATTEMPTS,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-11-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    document = {"version": 2, "minor_version": 2, "key": "http", "data": data}
    (storage / "http").write_text(json.dumps(document))
    home = HomeAssistant(folder, port=port)
    (folder / "configuration.yaml").write_text(_CONFIGURATION)
    return home


async def begin_to_log_in(door: Door, **how: Any) -> int:
    """Open the log-in page; return the status of the answer."""
    return (await _begin(door, **how)).status


async def fail_to_log_in(door: Door, **how: Any) -> None:
    """Give a wrong password as the log-in page does."""
    flow = json.loads((await _begin(door, **how)).text)["flow_id"]
    wrong = {"client_id": CLIENT_ID, "username": "resident", "password": "wrong"}
    await visit(door, f"/auth/login_flow/{flow}", method="POST", json=wrong, **how)


async def _begin(door: Door, **how: Any) -> Answer:
    begin = {"client_id": CLIENT_ID, "handler": ["homeassistant", None], "redirect_uri": CLIENT_ID}
    return await visit(door, "/auth/login_flow", method="POST", json=begin, **how)


def counted(home: HomeAssistant) -> list[str]:
    """Return the addresses to which Home Assistant has counted a wrong password."""
    return re.findall(r"invalid authentication from \S+ \(([^)]+)\)", "\n".join(home.log_lines()))


def write_backup(path: Path, filler: int) -> None:
    """Write a backup that Home Assistant takes, with so many bytes beside its description."""
    about = {
        "slug": BACKUP_ID,
        "name": "Before the card broke",
        "date": "2026-11-01T00:00:00+00:00",
        "type": "partial",
        "homeassistant": {"version": "2026.11.0", "exclude_database": True},
        "compressed": False,
    }
    described = json.dumps(about).encode()
    with tarfile.open(path, mode="w:") as tar, Path("/dev/zero").open("rb") as zeros:
        for name, size, content in (
            ("./backup.json", len(described), io.BytesIO(described)),
            ("./filler", filler, zeros),
        ):
            member = tarfile.TarInfo(name)
            member.size = size
            tar.addfile(member, content)
