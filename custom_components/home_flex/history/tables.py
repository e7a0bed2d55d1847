"""The statements of the store, each run inside a transaction of its caller.

Times are kept as microseconds UTC since 1970, so that none is rounded.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from . import receipt_tables
from .batch import Batch
from .entries import LedgerEntry, OutgoingReport, ReportPlace

_LEDGER_COLUMNS = "time, device_id, owner, reason, event_id, quantity, value, outcome, read_back, detail"
_REPORT_COLUMNS = "sequence, id, payload, expires"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def load_records(connection: sqlite3.Connection) -> dict[str, str]:
    """Return all event records, by event id."""
    return dict(connection.execute("SELECT event_id, record FROM event_record ORDER BY event_id"))


def load_consents(connection: sqlite3.Connection) -> dict[str, bool]:
    """Return what the resident said, by event id."""
    rows = connection.execute("SELECT event_id, participates FROM consent")
    return {event_id: bool(participates) for event_id, participates in rows}


def write(connection: sqlite3.Connection, batch: Batch, now: datetime, stream: str) -> None:
    """Write everything of a batch: records over their older selves, reports whose ids are new.

    What was received of another ``stream`` than this is not of this file.
    """
    connection.executemany(
        "INSERT OR REPLACE INTO event_record (event_id, record) VALUES (?, ?)",
        [(event_id, record) for event_id, record in batch.records.items() if record is not None],
    )
    connection.executemany(
        "DELETE FROM event_record WHERE event_id = ?",
        [(event_id,) for event_id, record in batch.records.items() if record is None],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO consent (event_id, participates, time) VALUES (?, ?, ?)",
        [
            (event_id, consent.participates, _to_stored(consent.time))
            for event_id, consent in batch.consents.items()
            if consent is not None
        ],
    )
    connection.executemany(
        "DELETE FROM consent WHERE event_id = ?",
        [(event_id,) for event_id, consent in batch.consents.items() if consent is None],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", list(batch.settings.items())
    )
    connection.executemany(
        "INSERT INTO record_set_aside (time, record) VALUES (?, ?)",
        [(_to_stored(now), text) for text in batch.set_aside],
    )
    receipt_tables.write(connection, batch.receipts)
    _write_reports(connection, batch, now, stream)
    _append_ledger(connection, batch.ledger)


def _write_reports(connection: sqlite3.Connection, batch: Batch, now: datetime, stream: str) -> None:
    """Queue reports; of one that was received, or expired after it was sent, keep the id alone."""
    connection.executemany(
        "INSERT OR IGNORE INTO report (id, payload, expires) VALUES (?, ?, ?)",
        [
            (report.id, report.payload, None if report.expires is None else _to_stored(report.expires))
            for report in batch.reports.values()
        ],
    )
    connection.executemany(
        "UPDATE report SET sent = ? WHERE id = ? AND sent IS NULL",
        [(_to_stored(now), report_id) for report_id in batch.sent],
    )
    if batch.received is not None and batch.received.stream == stream:
        connection.execute(
            "UPDATE report SET sent = coalesce(sent, ?), payload = NULL"
            " WHERE sequence <= ? AND payload IS NOT NULL",
            (_to_stored(now), batch.received.up_to),
        )
    if batch.sent or batch.received is not None:
        connection.execute(
            "UPDATE report SET payload = NULL"
            " WHERE expires <= ? AND payload IS NOT NULL AND sent IS NOT NULL",
            (_to_stored(now),),
        )


def pending_reports(
    connection: sqlite3.Connection, limit: int, now: datetime, stream: str
) -> list[OutgoingReport]:
    """Return the oldest reports not sent yet."""
    rows = connection.execute(
        f"SELECT {_REPORT_COLUMNS} FROM report WHERE sent IS NULL ORDER BY sequence LIMIT ?",  # noqa: S608 # a constant
        (limit,),
    )
    return _placed(connection, rows, now, stream, 0)


def unreceived_reports(
    connection: sqlite3.Connection, numbers: Collection[int], after: int, now: datetime, stream: str
) -> list[OutgoingReport]:
    """Return, of those that were sent and are still kept, the oldest, the newest and these numbers, in order.

    Of those ``after`` a number alone.
    """
    kept = (
        "sequence > :after AND payload IS NOT NULL AND sent IS NOT NULL"
        " AND (expires IS NULL OR expires > :now)"
    )
    rows = connection.execute(
        f"SELECT {_REPORT_COLUMNS} FROM report WHERE {kept}"  # noqa: S608 # constants
        " AND (sequence IN (SELECT value FROM json_each(:numbers))"
        f" OR sequence = (SELECT sequence FROM report WHERE {kept} ORDER BY sequence LIMIT 1)"
        f" OR sequence = (SELECT sequence FROM report WHERE {kept} ORDER BY sequence DESC LIMIT 1))"
        " ORDER BY sequence",
        {"after": after, "now": _to_stored(now), "numbers": json.dumps(sorted(numbers))},
    )
    return _placed(connection, rows, now, stream, after)


def _placed(
    connection: sqlite3.Connection, rows: Iterable[Any], now: datetime, stream: str, after: int
) -> list[OutgoingReport]:
    """Return the reports of rows with their places; those up to ``after`` are not kept any more."""
    found = list(rows)
    if not found:
        return []
    oldest = connection.execute(
        "SELECT sequence FROM report WHERE sequence > ? AND payload IS NOT NULL"
        " AND (expires IS NULL OR expires > ?) ORDER BY sequence LIMIT 1",
        (after, _to_stored(now)),
    ).fetchone()
    return [
        OutgoingReport(
            id=id_,
            payload=payload,
            expires=None if expires is None else _from_stored(expires),
            place=ReportPlace(stream, number, min(number, oldest[0] if oldest else number)),
        )
        for number, id_, payload, expires in found
    ]


def _append_ledger(connection: sqlite3.Connection, entries: Iterable[LedgerEntry]) -> None:
    connection.executemany(
        f"INSERT INTO ledger ({_LEDGER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 # a constant
        [
            (
                _to_stored(entry.time),
                entry.device_id,
                entry.owner,
                entry.reason,
                entry.event_id,
                entry.quantity,
                entry.value,
                entry.outcome,
                entry.read_back,
                entry.detail,
            )
            for entry in entries
        ],
    )


def ledger(
    connection: sqlite3.Connection, since: datetime | None, limit: int, device_id: str | None
) -> list[LedgerEntry]:
    """Return the newest rows, newest first; of one device where that is named."""
    rows = connection.execute(
        f"SELECT {_LEDGER_COLUMNS} FROM ledger WHERE time >= ?1 AND (?2 IS NULL OR device_id = ?2) "  # noqa: S608 # a constant
        "ORDER BY sequence DESC LIMIT ?3",
        (_to_stored(since or _EPOCH), device_id, limit),
    )
    names = _LEDGER_COLUMNS.split(", ")[1:]
    return [
        LedgerEntry(time=_from_stored(time), **dict(zip(names, rest, strict=True))) for time, *rest in rows
    ]


def get_setting(connection: sqlite3.Connection, key: str) -> str | None:
    """Return a setting's JSON text."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def prune(
    connection: sqlite3.Connection,
    *,
    ledger_before: datetime,
    ledger_rows: int,
    now: datetime,
    kept_rows: int,
    sent_before: datetime,
    sent_rows: int,
    said_before: datetime,
) -> None:
    """Forget old rows of the ledger, all beyond ``ledger_rows``, and what was sent or said long ago.

    Of what was sent at most the last ``sent_rows`` stay, with their payloads the last ``kept_rows`` of those
    that were not received and have not expired ``now``.
    """
    connection.execute("DELETE FROM ledger WHERE time < ?", (_to_stored(ledger_before),))
    connection.execute(
        "DELETE FROM ledger WHERE sequence <= (SELECT max(sequence) FROM ledger) - ?", (ledger_rows,)
    )
    connection.execute(
        "UPDATE report SET payload = NULL WHERE payload IS NOT NULL AND sent IS NOT NULL"
        " AND (expires <= ? OR sequence <= (SELECT sequence FROM report"
        " WHERE payload IS NOT NULL AND sent IS NOT NULL ORDER BY sequence DESC LIMIT 1 OFFSET ?))",
        (_to_stored(now), kept_rows),
    )
    connection.execute("DELETE FROM report WHERE sent < ?", (_to_stored(sent_before),))
    connection.execute(
        "DELETE FROM report WHERE sent IS NOT NULL AND sequence <= (SELECT max(sequence) FROM report) - ?",
        (sent_rows,),
    )
    connection.execute("DELETE FROM consent WHERE time < ?", (_to_stored(said_before),))
    connection.execute("DELETE FROM record_set_aside WHERE time < ?", (_to_stored(said_before),))


def _to_stored(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _from_stored(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND
