"""What a home's own meter counted, from the file that the household has: CSV of quarter-hours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from .sharing import MOST_WH
from .verify import Received

QUARTER_S: Final = 900
COLUMNS: Final = ("start", "import_wh", "export_wh")
MOST_ROWS: Final = 100_000


def received_of(text: str) -> Mapping[int, Received]:
    """Return what was counted by slot number (UTC epoch // 900 s), from columns start, import_wh, export_wh.

    A start has its offset from UTC and lies on a quarter-hour. Raises ValueError with the line for anything
    else, and for a quarter-hour that is there twice.
    """
    first, *lines = text.splitlines() or [""]
    if tuple(name.strip() for name in first.split(",")) != COLUMNS:
        raise ValueError(f"the first line names the columns {', '.join(COLUMNS)}")
    found: dict[int, Received] = {}
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        try:
            start, demand_wh, surplus_wh = line.split(",")
            slot, received = _slot(start), Received(_energy(demand_wh), _energy(surplus_wh))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        if slot in found:
            raise ValueError(f"line {number}: {start} is there twice")
        if len(found) == MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS} quarter-hours")
        found[slot] = received
    return found


def _slot(text: str) -> int:
    start = datetime.fromisoformat(text.strip())
    if start.tzinfo is None:
        raise ValueError(f"{text} has no offset from UTC")
    slot, rest = divmod(start.timestamp(), QUARTER_S)
    if rest:
        raise ValueError(f"{text} is no quarter-hour")
    return int(slot)


def _energy(text: str) -> int:
    energy_wh = int(text)
    if energy_wh < 0:
        raise ValueError(f"{text} Wh is below zero")
    if energy_wh > MOST_WH:
        raise ValueError(f"more than {MOST_WH} Wh in a quarter-hour")
    return energy_wh
