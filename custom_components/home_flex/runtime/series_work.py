"""Derives what days need, behind and bounded: a little each minute, the oldest day first.

A home that was away, or that was told its past, catches up so; nothing waits for it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from ..core.statistics.blocks import Backlog, Block, BlockKind, BlockState
from ..history.database import HistoryError
from ..history.series_rows import SeriesBatch
from .series_keeper import SeriesKeeper

_LOGGER = logging.getLogger(__name__)

TURN_EVERY_S: Final = 60.0
# What a turn may take: a small computer is not to notice it.
BUDGET_S: Final = 0.05
_MOST_AT_ONCE: Final = 64
_DAY_S: Final = 86_400
# A day is over for good some time after its end: what ends in it is heard a little later.
_AFTER_S: Final = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A block as it is now, with what is to be written for it."""

    block: Block
    batch: SeriesBatch


class Rule(Protocol):
    """Makes the blocks of one kind."""

    kind: BlockKind

    async def make(self, block: Block) -> Made:
        """Return what a block amounts to. Raises HistoryError when the series cannot be read."""
        ...


class SeriesWork:
    """Makes blocks by their rules, in the order of the rules. ``backlog`` is what is left."""

    def __init__(
        self,
        keeper: SeriesKeeper,
        rules: Sequence[Rule],
        *,
        clock: Callable[[], datetime],
        caught_up: Callable[[], Awaitable[None]],
    ) -> None:
        """Know nothing yet; ``run`` works, and calls ``caught_up`` when nothing is left that there was."""
        self._caught_up = caught_up
        self.backlog = Backlog()
        self._keeper = keeper
        self._rules = tuple(rules)
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled, a little each minute."""
        adopted = False
        while True:
            try:
                if not adopted:
                    await self._keeper.store.adopt_blocks()
                    adopted = True
                await self.turn()
            except HistoryError as error:
                _LOGGER.debug("Nothing can be derived: %s", error)
            await asyncio.sleep(TURN_EVERY_S)

    async def turn(self) -> None:
        """Make blocks of one kind until the turn is over, once what was made before is on the disk."""
        store, today = self._keeper.store, self._today()
        kinds = [rule.kind for rule in self._rules]
        before, self.backlog = self.backlog, await store.backlog(kinds, today)
        if not self.backlog.todo and before.todo:
            await self._caught_up()
        if not self.backlog.todo or not self._keeper.is_idle:
            return
        for rule in self._rules:
            if waiting := await store.blocks_todo([rule.kind], today, _MOST_AT_ONCE):
                self._keeper.put_derived(await self._make(rule, waiting))
                return

    async def _make(self, rule: Rule, waiting: Sequence[Block]) -> SeriesBatch:
        batch, until_s = SeriesBatch(), time.monotonic() + BUDGET_S
        for block in waiting:
            made = await _made(rule, block)
            batch.add(made.batch)
            batch.blocks.append(made.block)
            if time.monotonic() >= until_s:
                break
        return batch

    def _today(self) -> int:
        """Return the day that is not over yet (UTC, since 1970)."""
        return int(self._clock().timestamp() - _AFTER_S) // _DAY_S


async def _made(rule: Rule, block: Block) -> Made:
    """Return what a block amounts to; one that its rule breaks at is faulty, and the others are made."""
    try:
        return await rule.make(block)
    except HistoryError:
        raise
    except Exception:
        _LOGGER.exception("Day %s of kind %s cannot be derived", block.day, block.kind)
        return Made(block=replace(block, state=BlockState.FAULTY, reason="error"), batch=SeriesBatch())
