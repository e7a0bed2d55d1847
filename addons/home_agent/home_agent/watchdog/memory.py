"""The watchdog's memory as a file."""

from dataclasses import asdict
from pathlib import Path

from home_common.files import read_json, write_json

from .decision import ORDER, Memory, Trouble


def load(path: Path) -> Memory:
    """Return what was remembered; nothing when the file is missing or damaged."""
    stored = read_json(path)
    try:
        asked_s = stored.get("reboot_asked_s")
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
            reboot_asked_s=None if asked_s is None else float(asked_s),
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
            "reboot_asked_s": memory.reboot_asked_s,
        },
    )
