"""The tables of the store, as the steps that lead to them; a step, once released, is never changed.

A file carries in SQLite's user_version the oldest release's schema that can read and write it. What a release
adds without being in an older one's way (a table, a column with a default) goes into ADDITIONS and leaves
that number as it is, so that a home can be rolled back; only what an older release could not live with is a
migration.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What a file holds: entry n of ``migrations`` brings it from version n to n + 1.

    ``additions`` are run at each opening; ``columns`` is what is read and written of each table: a file of a
    newer release that has it all can be used.
    """

    migrations: tuple[str, ...]
    additions: str
    columns: Mapping[str, str]


# Entry n brings a file from version n to n + 1.
MIGRATIONS = (
    """
    CREATE TABLE event_record (
        event_id TEXT PRIMARY KEY,
        record TEXT NOT NULL
    ) WITHOUT ROWID;

    -- A sent report stays, without its payload, so that it is not queued a second time.
    CREATE TABLE report (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        payload BLOB,
        expires INTEGER,
        sent INTEGER
    );
    CREATE INDEX report_pending ON report (sequence) WHERE sent IS NULL;

    CREATE TABLE ledger (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        device_id TEXT NOT NULL,
        owner TEXT NOT NULL,
        reason TEXT NOT NULL,
        event_id TEXT,
        quantity TEXT NOT NULL,
        value REAL,
        outcome TEXT NOT NULL,
        read_back REAL,
        detail TEXT
    );
    CREATE INDEX ledger_time ON ledger (time);

    CREATE TABLE setting (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
)

# Run at each opening.
ADDITIONS = """
    -- What the resident said to an event, whatever becomes of its record.
    CREATE TABLE IF NOT EXISTS consent (
        event_id TEXT PRIMARY KEY,
        participates INTEGER NOT NULL,
        time INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- Records that could not be read.
    CREATE TABLE IF NOT EXISTS record_set_aside (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        record TEXT NOT NULL
    );

    -- What came of events and days: canonical JSON, and its inputs, each kept once.
    CREATE TABLE IF NOT EXISTS receipt (
        digest TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        start INTEGER NOT NULL,
        replaces TEXT,
        document TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS receipt_start ON receipt (start);

    -- What was sent is kept with its payload until the aggregator has it.
    CREATE INDEX IF NOT EXISTS report_kept ON report (sequence) WHERE payload IS NOT NULL;
    CREATE INDEX IF NOT EXISTS report_expiring ON report (expires) WHERE payload IS NOT NULL;

    CREATE TABLE IF NOT EXISTS receipt_input (
        digest TEXT PRIMARY KEY,
        document TEXT NOT NULL
    ) WITHOUT ROWID;
"""

# What is read and written; a file of a newer release that has it all can be used.
COLUMNS = {
    "event_record": "event_id, record",
    "report": "sequence, id, payload, expires, sent",
    "ledger": (
        "sequence, time, device_id, owner, reason, event_id, quantity, value, outcome, read_back, detail"
    ),
    "setting": "key, value",
}

HOME = Layout(migrations=MIGRATIONS, additions=ADDITIONS, columns=COLUMNS)
