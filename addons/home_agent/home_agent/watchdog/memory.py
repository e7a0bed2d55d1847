"""The watchdog's memory as a file."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from home_common.files import read_json, write_json

from .decision import ORDER, Memory, Trouble


def load(path: Path) -> Memory:
    """Return what was remembered; nothing when the file is missing or damaged."""
    stored = read_json(path)
    try:
        return Memory(
            boot_id=str(stored.get("boot_id", "")),
            troubles={
                service: Trouble(
                    since_s=float(row["since_s"]),
                    restarts=int(row["restarts"]),
                    restarted_s=_number(row["restarted_s"]),
                    well_since_s=_number(row.get("well_since_s")),
                )
                for service, row in stored.get("troubles", {}).items()
                if service in ORDER
            },
            reboot_asked_s=_number(stored.get("reboot_asked_s")),
            reboots={
                service: int(count)
                for service, count in stored.get("reboots", {}).items()
                if service in ORDER
            },
        )
    except AttributeError, KeyError, TypeError, ValueError:
        return Memory()


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def store(path: Path, memory: Memory) -> None:
    """Keep a memory over a power cut. Raises OSError."""
    write_json(
        path,
        {
            "boot_id": memory.boot_id,
            "troubles": {service: asdict(trouble) for service, trouble in memory.troubles.items()},
            "reboot_asked_s": memory.reboot_asked_s,
            "reboots": dict(memory.reboots),
        },
    )
