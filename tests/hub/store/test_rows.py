"""Many rows in one statement, on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from community_hub.store import Store, Written, insert_rows
from community_hub.store.tables import OutgoingMessage, Program
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PROGRAMS = Program.metadata.tables[Program.__tablename__]
OUTBOX = OutgoingMessage.metadata.tables[OutgoingMessage.__tablename__]
NAMES = ("document", "name", "id", "client_id", "created_at", "modified_at")


def program(number: int, moment: datetime = NOW) -> tuple[object, ...]:
    return (Written(f'{{"of":["{number}"]}}'), f"name {number}", f"id-{number}", "client", moment, moment)


async def test_rows_are_read_as_they_were_given_whatever_the_order_of_the_columns(store: Store) -> None:
    later = (NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=5)))
    async with store.writing() as session:
        await insert_rows(session, PROGRAMS, NAMES, [program(1), program(2, later)])
    async with store.reading() as session:
        found = list(await session.scalars(select(Program).order_by(Program.id)))
    assert [(each.id, each.name, each.document, each.modified_at) for each in found] == [
        ("id-1", "name 1", {"of": ["1"]}, NOW),
        ("id-2", "name 2", {"of": ["2"]}, later),
    ]


async def test_a_column_that_is_not_named_is_null_or_counts_on(store: Store) -> None:
    names = ("ven_id", "event_id", "topic", "payload", "expires_at")
    rows = [(f"home-{number}", "event", "topic", bytes([number]), NOW) for number in range(3)]
    async with store.writing() as session:
        await insert_rows(session, OUTBOX, names, rows)
    async with store.reading() as session:
        found = list(await session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.number)))
    assert [(each.payload, each.outcome) for each in found] == [
        (b"\x00", None),
        (b"\x01", None),
        (b"\x02", None),
    ]


async def test_no_rows_are_no_statement(store: Store) -> None:
    async with store.writing() as session:
        await insert_rows(session, PROGRAMS, NAMES, [])


async def test_a_row_that_is_there_lets_none_of_them_stand(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.writing() as session:
            await insert_rows(session, PROGRAMS, NAMES, [program(1), program(2), program(1)])
    async with store.reading() as session:
        assert list(await session.scalars(select(Program))) == []


async def test_a_row_with_a_value_less_is_refused(store: Store) -> None:
    async with store.writing() as session:
        with pytest.raises(ValueError, match="shorter"):
            await insert_rows(session, PROGRAMS, NAMES, [program(1), program(2)[:-1]])
