"""A home's quarter-hours of one UTC day as one small row, and many such rows as arrays.

A blob has 793 bytes: the version of its layout (1), 96 imports and 96 exports in whole Wh (little-endian
int32, -1 where unknown), and two bits of mark for each quarter-hour, the first in the lowest bits. Marks are
those of a home's own series: 0 measured, 1 interpolated, 2 estimated, 3 missing. Days are UTC days, so that
each has 96; which of them a local day holds is asked when they are read: every offset in use is whole
quarter-hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import Flags

QUARTERS: Final = 96
QUARTER_S: Final = 900
VERSION: Final = 1
UNKNOWN: Final = -1
MISSING: Final = 3
MARK_NAMES: Final = ("measured", "interpolated", "estimated", "missing")
# 100 kW at a household's connection; what is above it is a wrong unit or a lie.
MOST_WH: Final = 25_000

_LAYOUT: Final = np.dtype(
    [
        ("version", "u1"),
        ("import_wh", "<i4", QUARTERS),
        ("export_wh", "<i4", QUARTERS),
        ("marks", "u1", QUARTERS // 4),
    ]
)
BLOB_BYTES: Final = _LAYOUT.itemsize
_SHIFTS: Final = np.array([0, 2, 4, 6], dtype=np.uint8)

type Energies = NDArray[np.int32]
type Marks = NDArray[np.uint8]


class Counted(NamedTuple):
    """What was counted in a quarter-hour (0 to 95) of a UTC day: Wh, at least 0, and a mark (0 to 2)."""

    quarter: int
    import_wh: int
    export_wh: int
    mark: int = 0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DaySeries:
    """Days of quarter-hours: arrays of (days, 96), Wh and marks; -1 Wh and mark 3 where nothing is known."""

    import_wh: Energies
    export_wh: Energies
    marks: Marks

    @property
    def known(self) -> Flags:
        """Where a quarter-hour is known."""
        return np.not_equal(self.marks, MISSING)

    @property
    def net_wh(self) -> Energies:
        """Import minus export; 0 where nothing is known (``known`` says where)."""
        return np.where(self.known, self.import_wh - self.export_wh, np.int32(0))


def encoded(days: DaySeries) -> list[bytes]:
    """Return one blob a day. Raises ValueError for energies and marks that no day can hold."""
    _check(days)
    rows = np.zeros(len(days.import_wh), dtype=_LAYOUT)
    rows["version"] = VERSION
    rows["import_wh"] = days.import_wh
    rows["export_wh"] = days.export_wh
    quads = days.marks.astype(np.uint8).reshape(len(rows), QUARTERS // 4, 4)
    rows["marks"] = np.bitwise_or.reduce(quads << _SHIFTS, axis=2)
    return [row.tobytes() for row in rows]


def decoded(blobs: Sequence[bytes | None]) -> DaySeries:
    """Return the days of blobs in their order; None is a day of which nothing is known.

    Raises ValueError for a blob of another length or a version that this release does not read, and for what
    is in none that was written here.
    """
    given = [index for index, blob in enumerate(blobs) if blob is not None]
    raw = [blob for blob in blobs if blob is not None]
    if any(len(blob) != BLOB_BYTES for blob in raw):
        raise ValueError(f"a day has {BLOB_BYTES} bytes")
    rows = np.frombuffer(b"".join(raw), dtype=_LAYOUT)
    if (versions := set(rows["version"].tolist())) - {VERSION}:
        raise ValueError(f"days of layout {max(versions)} are not read by this release")
    found = DaySeries(
        import_wh=np.full((len(blobs), QUARTERS), UNKNOWN, dtype=np.int32),
        export_wh=np.full((len(blobs), QUARTERS), UNKNOWN, dtype=np.int32),
        marks=np.full((len(blobs), QUARTERS), MISSING, dtype=np.uint8),
    )
    found.import_wh[given] = rows["import_wh"]
    found.export_wh[given] = rows["export_wh"]
    found.marks[given] = ((rows["marks"][:, :, None] >> _SHIFTS) & MISSING).reshape(len(raw), QUARTERS)
    _check(found)
    return found


def folded(blob: bytes | None, quarters: Iterable[Counted]) -> bytes:
    """Return a day's blob with these quarter-hours written into it, the last of each counts.

    Which of two reports on one quarter-hour is the newer is the caller's to know. Raises ValueError for a
    quarter-hour or an energy that cannot be, and then nothing of it is written.
    """
    day = decoded([blob])
    for one in quarters:
        if not 0 <= one.quarter < QUARTERS:
            raise ValueError(f"a UTC day has quarter-hours 0 to {QUARTERS - 1}, not {one.quarter}")
        if not 0 <= one.mark < MISSING:
            raise ValueError(f"a known quarter-hour has a mark of 0 to 2, not {one.mark}")
        for energy_wh in (one.import_wh, one.export_wh):
            if not 0 <= energy_wh <= MOST_WH:
                raise ValueError(f"a quarter-hour counts 0 to {MOST_WH} Wh, not {energy_wh}")
        day.import_wh[0, one.quarter] = one.import_wh
        day.export_wh[0, one.quarter] = one.export_wh
        day.marks[0, one.quarter] = one.mark
    return encoded(day)[0]


def _check(days: DaySeries) -> None:
    shape = (len(days.import_wh), QUARTERS)
    if any(each.shape != shape for each in (days.import_wh, days.export_wh, days.marks)):
        raise ValueError(f"days are arrays of (days, {QUARTERS})")
    for energy_wh in (days.import_wh, days.export_wh):
        known = days.known
        if np.any(energy_wh[known] < 0) or np.any(energy_wh[known] > MOST_WH):
            raise ValueError(f"a quarter-hour counts 0 to {MOST_WH} Wh")
        if np.any(energy_wh[~known] != UNKNOWN):
            raise ValueError("an energy without a mark is not known")
    if np.any(days.marks > MISSING):
        raise ValueError("marks are 0 to 3")
