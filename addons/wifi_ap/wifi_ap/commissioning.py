"""The time for commissioning: it begins when the gateway is powered on, not when this service starts."""

from dataclasses import dataclass
from pathlib import Path

from home_common.files import read_json, write_json

FILE_NAME = "commissioning.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """When the window opened: seconds since the start of the system that ``boot_id`` names."""

    boot_id: str
    opened_s: float

    def remaining_s(self, now_s: float, window_s: float) -> float:
        """Return for how long it stays open; 0 when it is over."""
        return max(0.0, self.opened_s + window_s - now_s)


def opening(folder: Path, boot_id: str, now_s: float) -> Opening:
    """Return this system start's opening; a new one is kept: a restart of the service opens nothing."""
    path = folder / FILE_NAME
    kept = read_json(path)
    try:
        found = Opening(boot_id=str(kept["boot_id"]), opened_s=float(kept["opened_s"]))
    except ValueError, TypeError, KeyError:
        found = None
    if found is not None and found.boot_id == boot_id and found.opened_s <= now_s:
        return found
    new = Opening(boot_id=boot_id, opened_s=now_s)
    write_json(path, {"boot_id": boot_id, "opened_s": now_s})
    return new
