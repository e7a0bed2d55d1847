"""The statements about receipts, which never change: what came of events and days, each input kept once."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from ..core.settlement.canonical import canonical
from ..core.settlement.receipt import Receipt

_DAY: Final = "day"

# An event by its id, from when it ran and until when.
type Ran = tuple[str, datetime, datetime]


def write(connection: sqlite3.Connection, receipts: Mapping[str, Receipt]) -> None:
    """Keep receipts by their digests; what is kept already stays as it is."""
    for digest, receipt in receipts.items():
        kind, subject, start = _about(receipt.document)
        connection.execute(
            "INSERT OR IGNORE INTO receipt (digest, kind, subject, start, replaces, document)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                digest,
                kind,
                subject,
                int(start.timestamp()),
                receipt.document["replaces"],
                canonical(receipt.document).decode(),
            ),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO receipt_input (digest, document) VALUES (?, ?)",
            [(name, canonical(document).decode()) for name, document in receipt.inputs.items()],
        )


def read(
    connection: sqlite3.Connection,
    *,
    kind: str | None,
    subject: str | None,
    start: datetime | None,
    end: datetime | None,
    limit: int,
) -> list[Receipt]:
    """Return the newest receipts that were not followed up, newest first."""
    rows = connection.execute(
        "SELECT document FROM receipt AS mine"
        " WHERE (:kind IS NULL OR kind = :kind) AND (:subject IS NULL OR subject = :subject)"
        " AND (:start IS NULL OR start >= :start) AND (:end IS NULL OR start < :end)"
        " AND NOT EXISTS (SELECT 1 FROM receipt AS later WHERE later.replaces = mine.digest)"
        " ORDER BY start DESC, digest LIMIT :limit",
        {
            "kind": kind,
            "subject": subject,
            "start": None if start is None else int(start.timestamp()),
            "end": None if end is None else int(end.timestamp()),
            "limit": limit,
        },
    ).fetchall()
    return [_with_inputs(connection, json.loads(text)) for (text,) in rows]


def event_results(connection: sqlite3.Connection, limit: int) -> dict[str, dict[str, Any]]:
    """Return what the newest events came to, by event id, as their receipts have it."""
    rows = connection.execute(
        "SELECT subject, document FROM receipt AS mine WHERE kind = 'event'"
        " AND NOT EXISTS (SELECT 1 FROM receipt AS later WHERE later.replaces = mine.digest)"
        " ORDER BY start DESC LIMIT ?",
        (limit,),
    )
    return {subject: json.loads(text)["results"] for subject, text in rows}


def spans(connection: sqlite3.Connection, since: datetime) -> list[Ran]:
    """Return which events ran and when, of which there are receipts, not older than ``since``."""
    rows = connection.execute(
        "SELECT DISTINCT subject,"
        " coalesce(json_extract(document, '$.event.started'), json_extract(document, '$.event.start')),"
        " coalesce(json_extract(document, '$.event.ended'), json_extract(document, '$.event.end'))"
        " FROM receipt WHERE kind = 'event' AND start >= ? ORDER BY start, subject",
        (int(since.timestamp()),),
    )
    return [
        (subject, datetime.fromisoformat(start), datetime.fromisoformat(end)) for subject, start, end in rows
    ]


def _with_inputs(connection: sqlite3.Connection, document: Mapping[str, Any]) -> Receipt:
    inputs: dict[str, Any] = {}
    for digest in dict.fromkeys(_named(document)):
        row = connection.execute("SELECT document FROM receipt_input WHERE digest = ?", (digest,)).fetchone()
        if row is not None:
            inputs[digest] = json.loads(row[0])
    return Receipt(document=document, inputs=inputs)


def _named(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the digests of the inputs that a receipt names."""
    for asked in (document.get("asked"), document.get("after")):
        if isinstance(asked, Mapping):
            yield asked["today"]
            yield from asked["past"]
    yield from document.get("inputs", {}).values()


def _about(document: Mapping[str, Any]) -> tuple[str, str, datetime]:
    """Return the kind of a receipt, what it is about, and when that began."""
    if (day := document.get(_DAY)) is not None:
        return _DAY, day["date"], datetime.fromisoformat(day["start"])
    event = document["event"]
    return "event", event["id"], datetime.fromisoformat(event["start"])
