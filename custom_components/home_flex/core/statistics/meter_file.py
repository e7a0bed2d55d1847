"""A file of a meter's portal or of another system (CSV): its columns as intervals or readings of counters.

Times carry their offset, or are wall times of a named zone. In spring the clock skips an hour, which no row
may be in; in autumn one comes twice, and is there twice or not at all: with one of it nobody knows which.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

from .backfill import HOUR_S, Checked, Interval, Refusal, believed, in_its_unit
from .counters import count
from .readings import CounterReading, CounterRule, counter_reading
from .registers import LITRE, WH
from .slots import SLOT_S, Mark

# Years of quarter-hours: more is no file of a home.
MOST_ROWS: Final = 400_000
_DELIMITERS: Final = ";\t,|"
_DATES: Final = ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")
_TIMES: Final = (" %H:%M", " %H:%M:%S", "")
# What one of a unit is in the unit of its series.
_FACTORS: Final[Mapping[str, tuple[str, int]]] = {
    "Wh": (WH, 1),
    "kWh": (WH, 1_000),
    "MWh": (WH, 1_000_000),
    "L": (LITRE, 1),
    "m³": (LITRE, 1_000),
}
UNITS: Final = tuple(_FACTORS)


class MeterFileError(ValueError):
    """A file that cannot be used at all; ``reason`` is a slug, ``detail`` what it is about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Keep both beside the message."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLayout:
    """Which column is what. ``columns``: the file's name of each register; ``zone`` None: times tell offsets.

    ``is_register``: values are those of a counter that goes on, and not what was used in each interval.
    ``tells_end``: a row's time is the end of its interval.
    """

    time: str
    columns: Mapping[str, str]
    unit: str
    zone: tzinfo | None = None
    is_register: bool = False
    tells_end: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """A row with its wall time, and what its columns say."""

    time: datetime
    values: Mapping[str, float | None]


def read_meter_file(
    lines: Iterable[str], layout: FileLayout, rules: Mapping[str, CounterRule]
) -> dict[str, Checked]:
    """Return what is believed of each register of a file. Raises MeterFileError."""
    if layout.unit not in _FACTORS:
        raise MeterFileError("unknown_unit", layout.unit)
    refused: Counter[str] = Counter()
    rows = list(_in_utc(_rows(lines, layout, refused), layout.zone, refused))
    if not rows:
        raise MeterFileError("nothing_readable")
    unit = _FACTORS[layout.unit][0]
    found = {}
    for register in layout.columns:
        told = [(int(row.time.timestamp()), row.values[register]) for row in rows]
        checked = (
            _counted(told, rules[register]) if layout.is_register else _used(told, layout, rules[register])
        )
        whole = Checked(
            length_s=checked.length_s, known=checked.known, refused=dict(refused + Counter(checked.refused))
        )
        found[register] = in_its_unit(whole, register, unit, rules[register])
    return found


def column_names(lines: Iterable[str]) -> list[str]:
    """Return the names of a file's columns, as its first line has them; those that are there once."""
    _, names = _header(next(iter(lines), ""))
    return [name for name in names if name and names.count(name) == 1]


def unit_of(unit: str) -> str:
    """Return the unit of the series that a file's unit becomes. Raises KeyError."""
    return _FACTORS[unit][0]


def _header(line: str) -> tuple[str, list[str]]:
    """Return what parts the columns of a file, and their names."""
    header = line.lstrip("\ufeff")
    delimiter = max(_DELIMITERS, key=header.count)
    return delimiter, [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]


def _rows(lines: Iterable[str], layout: FileLayout, refused: Counter[str]) -> Iterator[_Row]:
    source = iter(lines)
    delimiter, names = _header(next(source, ""))
    places = {}
    for wanted in (layout.time, *layout.columns.values()):
        if names.count(wanted) != 1:
            raise MeterFileError("no_column", wanted)
        places[wanted] = names.index(wanted)
    factor = _FACTORS[layout.unit][1]
    for number, cells in enumerate(csv.reader(source, delimiter=delimiter)):
        if number >= MOST_ROWS:
            raise MeterFileError("too_long", str(MOST_ROWS))
        if not any(cells):
            continue
        time = _time(cells[places[layout.time]]) if len(cells) >= len(names) else None
        if time is None:
            refused[Refusal.UNREADABLE] += 1
            continue
        values = {
            register: _number(cells[places[name]], delimiter, factor)
            for register, name in layout.columns.items()
        }
        yield _Row(time=time, values=values)


def _in_utc(rows: Iterable[_Row], zone: tzinfo | None, refused: Counter[str]) -> Iterator[_Row]:
    """Yield rows at their moments; raises MeterFileError for times without offset or zone."""
    listed = list(rows)
    wall = Counter(row.time for row in listed if row.time.tzinfo is None)
    seen: set[datetime] = set()
    for row in listed:
        if row.time.tzinfo is not None:
            yield _Row(time=row.time.astimezone(UTC), values=row.values)
            continue
        if zone is None:
            raise MeterFileError("no_zone", row.time.isoformat(sep=" "))
        first, second = (row.time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        at = first.astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None) != row.time:
            refused[Refusal.NO_SUCH_TIME] += 1
            continue
        if second.astimezone(UTC) != at:
            if wall[row.time] == 1:
                refused[Refusal.WHICH_HOUR] += 1
                continue
            at = second.astimezone(UTC) if row.time in seen else at
            seen.add(row.time)
        yield _Row(time=at, values=row.values)


def _used(told: Sequence[tuple[int, float | None]], layout: FileLayout, rule: CounterRule) -> Checked:
    """Return the believed ones of intervals of the length that most of them have."""
    times = sorted({time_s for time_s, _ in told})
    lengths = Counter(after - before for before, after in pairwise(times))
    length_s = lengths.most_common(1)[0][0] if lengths else 0
    if length_s < SLOT_S or HOUR_S % length_s or length_s % SLOT_S:
        raise MeterFileError("interval", str(timedelta(seconds=length_s)))
    back_s = length_s if layout.tells_end else 0
    return believed(
        (Interval(start_s=time_s - back_s, amount=value) for time_s, value in told), length_s, rule
    )


def _counted(told: Sequence[tuple[int, float | None]], rule: CounterRule) -> Checked:
    """Return what a counter counted, by five minutes, or by the hour where it was read seldom."""
    readings: list[CounterReading] = []
    refused: Counter[str] = Counter()
    for time_s, value in told:
        reading = counter_reading(time_s, value)
        if reading is None:
            refused[Refusal.NOT_A_NUMBER] += 1
        else:
            readings.append(reading)
    times = sorted(reading.time_s for reading in readings)
    steps = sorted(after - before for before, after in pairwise(times))
    length_s = HOUR_S if steps and steps[len(steps) // 2] >= HOUR_S else SLOT_S
    counted = count(readings, rule, slot_s=length_s)
    refused.update(finding.problem.value for finding in counted.findings)
    known = {
        slot: (value, mark)
        for slot, value, mark in counted.series
        if value is not None and mark is not Mark.MISSING
    }
    return Checked(length_s=length_s, known=known, refused=dict(refused))


def _time(text: str) -> datetime | None:
    cleaned = text.strip()
    try:
        return datetime.fromisoformat(cleaned)
    except ValueError:
        pass
    for date in _DATES:
        for time in _TIMES:
            try:
                return datetime.strptime(cleaned, date + time)  # noqa: DTZ007 # its zone is looked up later
            except ValueError:
                continue
    return None


def _number(text: str, delimiter: str, factor: int) -> float | None:
    """Return a number with a point, or with a comma where no comma parts columns; None where it is none."""
    cleaned = text.strip().replace("\u00a0", "").replace(" ", "")
    if delimiter != "," and "," in cleaned:
        cleaned = cleaned.replace(".", "").replace(",", ".")
    try:
        value = float(cleaned) * factor
    except ValueError:
        return None
    # A float of kWh is no whole Wh: 1234.567 kWh are 1234567 Wh, and not one less.
    return round(value, 3) if math.isfinite(value) else None
