"""What was counted before Home Flex came: read where it is, checked, and kept where nothing was measured.

Repeating it changes nothing. What was refused is told by column and reason.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..core.model import Site, floor
from ..core.statistics import SLOT_S
from ..core.statistics.backfill import HOUR_S, Checked, Interval, believed, in_its_unit
from ..core.statistics.meter_file import FileLayout, read_meter_file
from ..core.statistics.registers import EXPORT, IMPORT, family_of
from ..history.series_hours import SLOTS
from ..history.series_rows import Filled, Filling, SeriesKey, Source
from ..history.series_store import KEEP, SeriesStore
from .agreed_prices import Agreed, price_past
from .one_task import OneTask
from .series_feed import rule_of

_DAY_S: Final = 86_400
_DAY: Final = timedelta(days=1)
_PART: Final = timedelta(days=31)
# The recorder forgets five minutes after some days, ten unless somebody chose otherwise.
_SHORT_TERM: Final = timedelta(days=31)

_PRICED: Final = frozenset({IMPORT, EXPORT})

# Statistics by id between two moments, by five minutes or by the hour, in the unit of their series.
type Ask = Callable[[str, str, datetime, datetime, int], Awaitable[Iterable[Interval]]]


class Backfill:
    """Fills the series of a site, one source at a time; ``task`` tells how far it is.

    ``agreed`` tells prices that were agreed on: what is filled in of the meter is priced by them.
    """

    def __init__(
        self, store: SeriesStore, site: Site, task: OneTask, agreed: Agreed = lambda *_: None
    ) -> None:
        """Fill nothing yet."""
        self._agreed = agreed
        self._task = task
        self._store = store
        self._site = site

    async def from_statistics(
        self, columns: Mapping[SeriesKey, str], ask: Ask, now: datetime
    ) -> list[dict[str, Any]]:
        """Fill series from statistics by their ids; return what was found of each and refused.

        Five minutes first, then hours. Raises RequestError while something else is filled.
        """
        report = []
        with self._task.doing("statistics"):
            for done, (key, told_by) in enumerate(columns.items()):
                for source, length_s, back in (
                    (Source.SHORT_TERM, SLOT_S, _SHORT_TERM),
                    (Source.LONG_TERM, HOUR_S, KEEP),
                ):
                    intervals: list[Interval] = []
                    start, end = floor(now - back, _DAY_S), now
                    while start < end:
                        until = min(start + _PART, end)
                        intervals += await ask(told_by, key.unit, start, until, length_s)
                        start = until
                        self._advance(done, len(columns), source, 1 - (end - start) / (back + _DAY))
                    checked = await asyncio.to_thread(self._checked, key, intervals, length_s)
                    report.append(await self._fill(key, told_by, source, checked))
        return report

    async def from_file(
        self, lines: Iterable[str], layout: FileLayout, keys: Mapping[str, SeriesKey]
    ) -> list[dict[str, Any]]:
        """Fill series from the lines of a file by register; return what was found of each and refused.

        Raises MeterFileError for a file that is none, RequestError while something else is filled.
        """
        report = []
        with self._task.doing("file"):
            rules = {register: rule_of(self._site, key.unit) for register, key in keys.items()}
            found = await asyncio.to_thread(read_meter_file, lines, layout, rules)
            for done, (register, checked) in enumerate(found.items()):
                self._task.at((1 + done) / (1 + len(found)))
                report.append(
                    await self._fill(keys[register], layout.columns[register], Source.FILE, checked)
                )
        return report

    def _advance(self, done: int, columns: int, source: Source, share: float) -> None:
        part = (share if source is Source.SHORT_TERM else 1 + share) / 2
        self._task.at((done + part) / columns)

    def _checked(self, key: SeriesKey, intervals: Iterable[Interval], length_s: int) -> Checked:
        rule = rule_of(self._site, key.unit)
        return in_its_unit(believed(intervals, length_s, rule), key.name, key.unit, rule)

    async def _fill(self, key: SeriesKey, told_by: str, source: Source, checked: Checked) -> dict[str, Any]:
        """Keep what is believed of a column; return what a person is told of it."""
        filled = Filled()
        if checked.known:
            by_hour = checked.length_s == HOUR_S
            slots = {} if by_hour else await asyncio.to_thread(checked.slots)
            if source is Source.SHORT_TERM:
                slots = _whole_hours(slots)
            filling = Filling(source=source, slots=slots, hours=checked.known if by_hour else {})
            if family_of(key.name) in _PRICED:
                first, last = min(checked.known), max(checked.known) + 1
                await price_past(
                    self._store,
                    self._agreed,
                    _moment(first, checked.length_s),
                    _moment(last, checked.length_s),
                    known_at=datetime.now(UTC),
                )
            filled = (await self._store.fill({key: filling}))[key]
        ends = (min(checked.known), max(checked.known) + 1) if checked.known else ()
        moments = [_moment(at, checked.length_s).isoformat() for at in ends]
        return {
            "device_id": key.device_id,
            "register": key.name,
            "unit": key.unit,
            "told_by": told_by,
            "interval": checked.length_s,
            "found": len(checked.known),
            "total": sum(amount for amount, _ in checked.known.values()),
            "start": moments[0] if moments else None,
            "end": moments[1] if moments else None,
            "new": filled.new,
            "kept": filled.kept,
            "refused": dict(checked.refused),
            "looks_like": checked.looks_like.value if checked.looks_like is not None else None,
        }


def _moment(at: int, length_s: int) -> datetime:
    return datetime.fromtimestamp(at * length_s, UTC)


def _whole_hours[T](slots: Mapping[int, T]) -> dict[int, T]:
    """Return the slots of whole hours: of the others the hour itself is told, and says more."""
    return {
        slot: told
        for slot, told in slots.items()
        if all(each in slots for each in range(slot // SLOTS * SLOTS, (slot // SLOTS + 1) * SLOTS))
    }
