"""The watchdog's memory as a file."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from ..files import read_json, write_json
from .decision import ORDER, Memory, Trouble


def load(path: Path) -> Memory:
    """Return what was remembered; nothing when the file is missing or damaged."""
    stored = read_json(path)
    try:
        rebooted_at = stored.get("rebooted_at")
        return Memory(
            boot_id=str(stored.get("boot_id", "")),
            troubles={
                service: Trouble(
                    since_s=float(row["since_s"]),
                    restarts=int(row["restarts"]),
                    restarted_s=None if row["restarted_s"] is None else float(row["restarted_s"]),
                )
                for service, row in stored.get("troubles", {}).items()
                if service in ORDER
            },
            rebooted_at=datetime.fromisoformat(rebooted_at) if rebooted_at else None,
        )
    except AttributeError, KeyError, TypeError, ValueError:
        return Memory()


def store(path: Path, memory: Memory) -> None:
    """Keep a memory over a power cut. Raises OSError."""
    write_json(
        path,
        {
            "boot_id": memory.boot_id,
            "troubles": {service: asdict(trouble) for service, trouble in memory.troubles.items()},
            "rebooted_at": memory.rebooted_at.isoformat() if memory.rebooted_at else None,
        },
    )
