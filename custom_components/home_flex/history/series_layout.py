"""The tables of the home's own series, a file beside the store of events: its size and its worth are others.

One row for each slot of five minutes, one column for each series: the cheapest to write each five minutes and
to sum over a year. Columns ``v<n>`` are added when series ``n`` first speaks; ``marks<m>`` holds two bits for
each of the series 31 m to 31 m + 30 (``Mark``), all set (missing) where nobody said anything. What
was counted before Home Flex came is kept by the hour, as it was told: an hour is in ``hour`` or in its slots,
never in both.
"""

from typing import Final

from .schema import Layout

# Bits of an integer of SQLite, but for its sign, at two for each mark.
MARKS_PER_COLUMN: Final = 31
ALL_MISSING: Final = (1 << (2 * MARKS_PER_COLUMN)) - 1
# What a value may be at most either way: beyond it sums over years would leave 64 bits.
MOST: Final = 1 << 43

_MIGRATIONS = (
    """
    CREATE TABLE series (
        number INTEGER PRIMARY KEY,
        device_id TEXT NOT NULL,
        name TEXT NOT NULL,
        unit TEXT NOT NULL,
        UNIQUE (device_id, name, unit)
    ) STRICT;

    -- readings: what counters said at the ends of the slot, as JSON, while late data may still come.
    CREATE TABLE slot (
        slot INTEGER PRIMARY KEY,
        readings TEXT
    ) STRICT;

    CREATE TABLE price (
        start INTEGER NOT NULL,
        kind TEXT NOT NULL,
        "end" INTEGER NOT NULL,
        value TEXT NOT NULL,
        unit TEXT NOT NULL,
        known_at INTEGER NOT NULL,
        source TEXT NOT NULL,
        PRIMARY KEY (start, kind)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE finding (
        start INTEGER NOT NULL,
        series INTEGER NOT NULL,
        problem TEXT NOT NULL,
        "end" INTEGER NOT NULL,
        amount INTEGER,
        PRIMARY KEY (start, series, problem)
    ) STRICT, WITHOUT ROWID;
    """,
)

_ADDITIONS: Final = """
    -- What others counted before, where nothing is in the slots of an hour. source: series_rows.Source.
    CREATE TABLE IF NOT EXISTS hour (
        series INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        value INTEGER NOT NULL,
        mark INTEGER NOT NULL CHECK (mark BETWEEN 0 AND 2),
        source INTEGER NOT NULL,
        PRIMARY KEY (series, hour)
    ) STRICT, WITHOUT ROWID;

    -- How far what is derived of a UTC day is (core/statistics/blocks.py).
    CREATE TABLE IF NOT EXISTS block (
        kind TEXT NOT NULL,
        day INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        result TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (kind, day)
    ) STRICT, WITHOUT ROWID;

    -- What a person read off when a meter was changed, in the unit of its series.
    CREATE TABLE IF NOT EXISTS swap (
        series INTEGER NOT NULL,
        time INTEGER NOT NULL,
        end_value INTEGER NOT NULL,
        start_value INTEGER NOT NULL,
        PRIMARY KEY (series, time)
    ) STRICT, WITHOUT ROWID;

    -- What was forecast and planned, as it was known then (series_runs.py).
    CREATE TABLE IF NOT EXISTS run (
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        known_at INTEGER NOT NULL,
        start INTEGER NOT NULL,
        steps BLOB NOT NULL,
        PRIMARY KEY (kind, subject, known_at)
    ) STRICT, WITHOUT ROWID;
"""

SERIES: Final = Layout(
    migrations=_MIGRATIONS,
    additions=_ADDITIONS,
    columns={
        "series": "number, device_id, name, unit",
        "slot": "slot, readings",
        "price": 'start, kind, "end", value, unit, known_at, source',
        "finding": 'start, series, problem, "end", amount',
    },
)
