"""The home's energy by the hour with a running sum, for whoever shows it: the recorder's statistics.

A running sum carries what is late through every later hour: a day whose end changed opens the days after it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ..core.statistics import slot_start
from ..core.statistics.blocks import Block, BlockKind, BlockState
from ..core.statistics.registers import (
    CHARGE,
    DIRECT,
    DISCHARGE,
    EXPORT,
    IMPORT,
    LOAD,
    PRODUCTION,
    WH,
    family_of,
)
from ..history.series_hours import SLOTS
from ..history.series_rows import SeriesBatch
from ..history.series_store import SeriesStore, Stretch
from .series_work import Made

_HOURS_A_DAY: Final = 24
# What the home's devices count together, and what of the home is derived.
PUBLISHED: Final = (IMPORT, EXPORT, PRODUCTION, CHARGE, DISCHARGE, LOAD, DIRECT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hour:
    """An hour of a running sum, in Wh: what it added, and where the sum is at its end."""

    start: datetime
    amount_wh: int
    sum_wh: int


type Publish = Callable[[str, Sequence[Hour]], None]


class Publication:
    """The rule of what is published. ``publish`` takes hours by name; the same again changes nothing."""

    kind = BlockKind.PUBLICATION

    def __init__(self, store: SeriesStore, publish: Publish) -> None:
        """Read from a store."""
        self._store = store
        self._publish = publish
        self._last: tuple[int, Mapping[str, int]] | None = None

    async def make(self, block: Block) -> Made:
        """Publish a day. Hours of which nothing is known are not told."""
        start_wh = await self._start_wh(block)
        keys = [key for key in self._store.keys if key.unit == WH and family_of(key.name) in PUBLISHED]
        first_hour = block.first_slot // SLOTS
        stretches = [
            Stretch(first_slot=hour * SLOTS, end_slot=(hour + 1) * SLOTS)
            for hour in range(first_hour, first_hour + _HOURS_A_DAY)
        ]
        sums_wh = dict(start_wh)
        hours: dict[str, list[Hour]] = {name: [] for name in PUBLISHED}
        for stretch, found in zip(stretches, await self._store.sums(keys, stretches), strict=True):
            start = slot_start(stretch.first_slot)
            for name, its_hours in hours.items():
                known = [
                    one.total
                    for key, one in found.items()
                    if family_of(key.name) == name and one.coverage.known_share
                ]
                if known:
                    sums_wh[name] = sums_wh.get(name, 0) + sum(known)
                    its_hours.append(Hour(start=start, amount_wh=sum(known), sum_wh=sums_wh[name]))
        for name, its_hours in hours.items():
            if its_hours:
                self._publish(name, its_hours)
        return self._made(block, start_wh, sums_wh)

    async def _start_wh(self, block: Block) -> dict[str, int]:
        """Return where the sums stand at the start of a day."""
        before = await self._store.block_before(self.kind, block.day)
        if (
            self._last is not None
            and self._last[0] < block.day
            and (before is None or before.day <= self._last[0])
        ):
            return dict(self._last[1])
        if before is not None and before.result:
            return dict(json.loads(before.result)["end_wh"])
        # Days before it were forgotten: it goes on where it was.
        return dict(json.loads(block.result)["start_wh"]) if block.result else {}

    def _made(self, block: Block, start_wh: Mapping[str, int], end_wh: Mapping[str, int]) -> Made:
        result = json.dumps({"start_wh": dict(start_wh), "end_wh": dict(end_wh)})
        batch = SeriesBatch()
        if block.result and json.loads(block.result)["end_wh"] != end_wh:
            batch.reopened_after[self.kind] = block.day
        self._last = block.day, end_wh
        return Made(block=replace(block, state=BlockState.DONE, reason="", result=result), batch=batch)
