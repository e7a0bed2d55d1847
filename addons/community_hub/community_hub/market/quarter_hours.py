"""A community's quarter-hours from the file that its operator has: CSV of all homes."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import numpy as np

from .received import COLUMNS, received_of
from .sharing import Slots
from .verify import Received

ALL_COLUMNS: Final = ("home", *COLUMNS)


def slots_of(text: str, *, buy_micro: int, feed_in_micro: int) -> Slots:
    """Return the quarter-hours of columns home, start, import_wh, export_wh at the supplier's two prices.

    Raises ValueError for anything else, and where a home lacks a quarter-hour that another has: what is not
    known is not guessed.
    """
    first, *lines = text.splitlines() or [""]
    if tuple(name.strip() for name in first.split(",")) != ALL_COLUMNS:
        raise ValueError(f"the first line names the columns {', '.join(ALL_COLUMNS)}")
    by_home: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        home, _, rest = line.partition(",")
        if line.strip():
            by_home[home.strip()].append(rest)
    if not by_home:
        raise ValueError("there is no quarter-hour")
    homes = tuple(sorted(by_home))
    head = ",".join(COLUMNS)
    received = {home: _received(home, "\n".join([head, *by_home[home]])) for home in homes}
    numbers = sorted(received[homes[0]])
    if numbers != list(range(numbers[0], numbers[-1] + 1)):
        raise ValueError(f"{homes[0]} lacks quarter-hours in between")
    for home in homes:
        if sorted(received[home]) != numbers:
            raise ValueError(f"{home} has other quarter-hours than {homes[0]}")
    energies = np.array([[received[home][number] for home in homes] for number in numbers], dtype=np.int64)
    return Slots(
        homes=homes,
        first_slot=numbers[0],
        demand_wh=energies[:, :, 0],
        surplus_wh=energies[:, :, 1],
        buy_micro=np.full(len(numbers), buy_micro, dtype=np.int64),
        feed_in_micro=np.full(len(numbers), feed_in_micro, dtype=np.int64),
    )


def _received(home: str, text: str) -> Mapping[int, Received]:
    try:
        return received_of(text)
    except ValueError as error:
        raise ValueError(f"{home}: {error}") from error
