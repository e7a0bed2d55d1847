"""Tries whether this machine lets a deployed home run: a network of its own, a root of its own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ..central_files import MOSQUITTO
from .home import ENTER

# Others may try at the same time.
_NAMESPACE, _BRIDGE = f"home-flex-try-{os.getpid()}", f"hflext{os.getpid()}"
_TIMEOUT_S = 20


def obstacle() -> str | None:
    """Return why a deployed home cannot run here, or None; leaves nothing behind."""
    if os.geteuid():
        return "network namespaces need root"
    if not (MOSQUITTO / "mosquitto").exists():
        return "Mosquitto 2.1 is not there: run scripts/setup"
    with tempfile.TemporaryDirectory(prefix="home-flex-try-") as name:
        folder = Path(name)
        try:
            _run("ip", "netns", "add", _NAMESPACE)
            _run("ip", "link", "add", _BRIDGE, "type", "bridge")
            _run(
                "ip",
                "link",
                "add",
                f"{_BRIDGE}0",
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                _NAMESPACE,
            )
            _run(sys.executable, str(ENTER), str(_specification(folder)))
        except (OSError, subprocess.SubprocessError) as error:
            told = getattr(error, "stderr", None) or str(error)
            return f"this machine allows no network and root of its own: {told.strip().splitlines()[-1]}"
        finally:
            for words in (("link", "del", _BRIDGE), ("netns", "del", _NAMESPACE)):
                subprocess.run(["ip", *words], capture_output=True, check=False, timeout=_TIMEOUT_S)  # noqa: S603, S607 # our own words
    return None


def _specification(folder: Path) -> Path:
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    path = folder / "try.json"
    document = {
        "joined": 0,
        "network": _NAMESPACE,
        "sysctls": {"net.ipv4.ip_unprivileged_port_start": "0"},
        "root": str(folder / "root"),
        "hosts": str(folder / "hosts"),
        "binds": [],
        "tmpfs": ["/tmp"],  # noqa: S108 # its own
        "user": "2000:2000",
        "groups": [],
        "capabilities": [],
        "environment": {"PATH": "/usr/bin:/bin"},
        "folder": "/",
        "command": ["true"],
    }
    path.write_text(json.dumps(document))
    return path


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True, timeout=_TIMEOUT_S)  # noqa: S603 # our own words
