"""The audit log."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import pytest
from community_hub.store import Store
from community_hub.store.audit import Act, AuditBrokenError, entries, record, verify
from community_hub.store.tables import AuditEntry, AuditHead
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

NOW: Final = datetime(2026, 11, 29, 12, 0, 0, 123456, tzinfo=UTC)


def act(number: int = 0) -> Act:
    return Act(actor="anna", act="token.revoke", object=f"token-{number}", details={"why": "lost", "n": 1.5})


async def add(store: Store, number: int = 0) -> None:
    async with store.writing() as session:
        await record(session, NOW, act(number))


async def unlocked(store: Store) -> None:
    """Take away what keeps the log from being changed, as somebody with the file or the password could."""
    async with store.writing() as session:
        if store.is_postgresql:
            await session.execute(text("DROP TRIGGER audit_append_only ON audit"))
        else:
            await session.execute(text("DROP TRIGGER audit_no_UPDATE"))
            await session.execute(text("DROP TRIGGER audit_no_DELETE"))


async def test_an_act_is_kept_with_who_did_it_and_to_what(store: Store) -> None:
    await add(store, 7)

    async with store.reading() as session:
        [entry] = await entries(session)
    assert (entry.number, entry.at, entry.actor, entry.act) == (1, NOW, "anna", "token.revoke")
    assert (entry.object, entry.details) == ("token-7", {"why": "lost", "n": 1.5})


async def test_acts_at_the_same_time_make_one_chain(store: Store) -> None:
    await asyncio.gather(*(add(store, number) for number in range(12)))

    async with store.reading() as session:
        head = await verify(session)
    assert head.number == 12


async def test_an_act_that_was_undone_leaves_no_entry(store: Store) -> None:
    async def undone() -> None:
        async with store.writing() as session:
            await record(session, NOW, act())
            raise LookupError

    with pytest.raises(LookupError):
        await undone()

    async with store.reading() as session:
        assert (await verify(session)).number == 0


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit"])
async def test_the_database_refuses_to_change_an_entry(store: Store, statement: str) -> None:
    await add(store)

    with pytest.raises(DBAPIError, match="only added to"):
        async with store.writing() as session:
            await session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE number = 2", 2),
        ("UPDATE audit SET at = '2026-11-29 12:00:01+00:00' WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 3", 3),
    ],
)
async def test_what_was_changed_all_the_same_is_found(store: Store, statement: str, number: int) -> None:
    for each in range(3):
        await add(store, each)
    await unlocked(store)
    async with store.writing() as session:
        await session.execute(text(statement.replace("+00:00", "+00:00" if store.is_postgresql else "")))

    with pytest.raises(AuditBrokenError) as caught:
        async with store.reading() as session:
            await verify(session)
    assert caught.value.number == number


async def test_an_entry_put_in_at_the_end_is_found_by_the_head(store: Store) -> None:
    await add(store)
    async with store.writing() as session:
        head = await session.get_one(AuditHead, 1)
        session.add(
            AuditEntry(
                number=2,
                at=NOW,
                actor="x",
                act="x",
                object="x",
                details={},
                previous_hash=head.hash,
                hash="f",
            )
        )

    with pytest.raises(AuditBrokenError):
        async with store.reading() as session:
            await verify(session)
