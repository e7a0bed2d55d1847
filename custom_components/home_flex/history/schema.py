"""The tables of the store, as the steps that lead to them; a step, once released, is never changed."""

# Entry n brings a file from version n (SQLite's user_version) to n + 1.
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
SCHEMA_VERSION = len(MIGRATIONS)
