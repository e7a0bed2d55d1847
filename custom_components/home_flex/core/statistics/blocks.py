"""Intervals whose figures are derived from others: to do, faulty, done or closed.

A block is one UTC day of one kind: it needs no zone, and a changed one changes nothing. What is measured or
told late of a day opens it again, whatever it was.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .slots import SLOT_S

SLOTS_A_DAY: Final = 86_400 // SLOT_S


class BlockKind(StrEnum):
    """What is derived of a day, in the order in which one needs the other."""

    BALANCE = "balance"  # what became of the home's energy
    PUBLICATION = "publication"  # its hours, in the recorder's statistics
    EVENT = "event"  # the receipts of events that look at it, as more became known
    RECEIPT = "receipt"  # the receipts of the local days in it


class BlockState(StrEnum):
    """How far a block is."""

    TODO = "todo"  # what it is made of changed
    FAULTY = "faulty"  # it could not be made; tried again when what it is made of changes
    DONE = "done"
    CLOSED = "closed"  # done, and later than any counter's readings are kept for


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A day (UTC, since 1970) of a kind. ``reason``: why it is faulty; ``result``: for the next."""

    kind: BlockKind
    day: int
    state: BlockState = BlockState.TODO
    reason: str = ""
    result: str = ""

    @property
    def first_slot(self) -> int:
        """The first slot of the day."""
        return self.day * SLOTS_A_DAY

    @property
    def end_slot(self) -> int:
        """The first slot after it."""
        return self.first_slot + SLOTS_A_DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What is to be derived yet: how many blocks, the first day of them, and how many are faulty."""

    todo: int = 0
    oldest_day: int | None = None
    faulty: int = 0
