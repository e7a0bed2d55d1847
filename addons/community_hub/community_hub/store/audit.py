"""The audit log: who did what, in a chain of hashes, written in the transaction of the act itself.

The hash of an entry is SHA-256 over the hash before it and the entry as canonical JSON, so that an entry that
was changed, left out or put in breaks the chain from there on. Whoever keeps the head (number and hash)
elsewhere notices also a log that was written anew.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .tables import AuditEntry, AuditHead

SYSTEM: Final = "system"
FIRST_HASH: Final = "0" * 64
_PAGE: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What was done: by whom (the id of a person, client or home), what, to what. No secret is in it."""

    actor: str
    act: str
    object: str
    details: dict[str, Any]


class AuditBrokenError(Exception):
    """The log was tampered with; ``number`` is the first entry that does not fit."""

    def __init__(self, number: int) -> None:
        """Say where."""
        super().__init__(f"the audit log is broken at entry {number}")
        self.number = number


async def record(session: AsyncSession, now: datetime, act: Act) -> None:
    """Add an act, in the caller's transaction. One at a time: the head's row is locked until it ends."""
    head = await session.get_one(AuditHead, 1, with_for_update=True, populate_existing=True)
    entry = AuditEntry(
        number=head.number + 1,
        at=now,
        actor=act.actor,
        act=act.act,
        object=act.object,
        details=act.details,
        previous_hash=head.hash,
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    head.number, head.hash = entry.number, entry.hash
    await session.flush()


async def entries(session: AsyncSession, *, after: int = 0, most: int = _PAGE) -> list[AuditEntry]:
    """Return entries in their order, beginning behind a number."""
    query = select(AuditEntry).where(AuditEntry.number > after).order_by(AuditEntry.number).limit(most)
    return list(await session.scalars(query))


async def verify(session: AsyncSession) -> AuditHead:
    """Reckon the whole chain again and return its head. Raises AuditBrokenError where it does not fit."""
    previous, number = FIRST_HASH, 0
    async for entry in _all(session):
        number += 1
        if (entry.number, entry.previous_hash) != (number, previous) or entry.hash != entry_hash(entry):
            raise AuditBrokenError(number)
        previous = entry.hash
    head = await session.get_one(AuditHead, 1)
    if (head.number, head.hash) != (number, previous):
        raise AuditBrokenError(number + 1)
    return head


def entry_hash(entry: AuditEntry) -> str:
    """Return the hash an entry must have, as hexadecimal digits."""
    content = [
        entry.previous_hash,
        entry.number,
        entry.at.isoformat(),
        entry.actor,
        entry.act,
        entry.object,
        entry.details,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def _all(session: AsyncSession) -> AsyncIterator[AuditEntry]:
    after = 0
    while page := await entries(session, after=after):
        for entry in page:
            yield entry
        after = page[-1].number
        session.expunge_all()
