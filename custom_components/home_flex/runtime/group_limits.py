"""The limits of groups at run time: who dims them now, kept over a restart and applied before the first tick.

Nothing here waits for the disk: documents are handed over and written behind.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ..core.control.demand import Demand
from ..core.control.dimming import Dimming, GroupSettings, group_demands, limit_in_force
from ..core.model import GroupKind
from .wishes import KeepsDocuments

_LOGGER = logging.getLogger(__name__)

DOCUMENT = "dimming"
VERSION = 1
# A signal that cannot be read for so long counts as one to dim: a relay that is silent may be cut off.
LOST_AFTER_S = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupView:
    """A group as it is shown: the limit in force in W (None: not dimmed), and what is odd about it."""

    group_id: str
    limit_w: float | None = None
    until: datetime | None = None
    below_floor: bool = False
    signal_lost: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Signal:
    """What a group's entity says: the last that could be read, and since when it cannot be read."""

    dims: bool
    silent_since_s: float | None = None


class GroupLimits:
    """Holds who dims each of ``groups``: an entity's signal, and what was told by an action.

    ``clock`` tells aware UTC time, for ends; ``monotonic`` counts seconds, for durations.
    """

    def __init__(
        self,
        groups: Sequence[GroupSettings],
        document: object,
        *,
        documents: KeepsDocuments,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """Take up what was kept (None: nothing); what cannot be read of it is left out and said."""
        self.groups = tuple(groups)
        self._documents = documents
        self._clock = clock
        self._monotonic = monotonic
        known = {each.group.group_id for each in self.groups}
        # A group that no entity speaks for any more is not held by what it said last.
        signalled = {each.group.group_id for each in self.groups if each.has_signal}
        rows = document if isinstance(document, Mapping) else {}
        self._told = {key: row for key, row in _rows(rows.get("told"), _read_told) if key in known}
        self._signals = {
            key: _Signal(dims=dims, silent_since_s=monotonic())
            for key, dims in _rows(rows.get("signals"), _read_flag)
            if key in signalled
        }

    def signalled(self, group_id: str, dims: bool | None) -> None:
        """Take what a group's entity says now; None: it cannot be read. To be called each second."""
        known = self._signals.get(group_id)
        if dims is None:
            if known is None or known.silent_since_s is None:
                since_s = self._monotonic()
                self._signals[group_id] = _Signal(dims=known.dims if known else False, silent_since_s=since_s)
            return
        self._signals[group_id] = _Signal(dims=dims)
        if known is None or known.dims is not dims:
            self._keep()

    def tell(self, group_id: str, dimming: Dimming | None) -> None:
        """Dim a group as somebody says, or (None) end that. Raises ValueError for a limit that is none."""
        if dimming is None:
            self._told.pop(group_id, None)
        else:
            settings = next(each for each in self.groups if each.group.group_id == group_id)
            limit_in_force(settings, dimming, self._clock().date())
            self._told[group_id] = dimming
        self._keep()

    def demands(self) -> tuple[Demand, ...]:
        """Return what is asked of the groups now."""
        self._end()
        return tuple(group_demands(self.groups, self._dimmed(), self._clock()))

    def views(self) -> tuple[GroupView, ...]:
        """Return the groups that can be dimmed, as they are now."""
        dimmed = self._dimmed()
        return tuple(
            self._view(each, dimmed.get(each.group.group_id))
            for each in self.groups
            if each.group.kind is GroupKind.SECTION_14A
        )

    def _view(self, settings: GroupSettings, dimming: Dimming | None) -> GroupView:
        group_id = settings.group.group_id
        view = GroupView(group_id=group_id, signal_lost=self._is_lost(group_id))
        if dimming is None:
            return view
        limit = limit_in_force(settings, dimming, self._clock().date())
        return replace(view, limit_w=limit.limit_w, until=dimming.until, below_floor=limit.below_floor)

    def _dimmed(self) -> Mapping[str, Dimming]:
        """Return who is dimmed and how far: of a value that was told and of a relay the tighter counts."""
        found = dict(self._told)
        for settings in self.groups:
            group_id = settings.group.group_id
            signal = self._signals.get(group_id)
            if signal is None or not (signal.dims or self._is_lost(group_id)):
                continue
            relay, day = Dimming(), self._clock().date()
            found[group_id] = min(
                (relay, found.get(group_id, relay)),
                key=lambda each: limit_in_force(settings, each, day).limit_w,  # used here
            )
        return found

    def _is_lost(self, group_id: str) -> bool:
        signal = self._signals.get(group_id)
        if signal is None or signal.silent_since_s is None:
            return False
        return self._monotonic() - signal.silent_since_s >= LOST_AFTER_S

    def _end(self) -> None:
        now = self._clock()
        over = [key for key, each in self._told.items() if each.until is not None and each.until <= now]
        for group_id in over:
            del self._told[group_id]
        if over:
            self._keep()

    def _keep(self) -> None:
        self._documents.put_document(
            DOCUMENT,
            {
                "version": VERSION,
                "told": {
                    key: {
                        "limit_w": each.limit_w,
                        "until": each.until.isoformat() if each.until else None,
                    }
                    for key, each in self._told.items()
                },
                "signals": {key: each.dims for key, each in self._signals.items()},
            },
        )


def _rows[T](rows: object, read: Callable[[Any], T]) -> list[tuple[str, T]]:
    found = []
    for key, row in rows.items() if isinstance(rows, Mapping) else ():
        try:
            found.append((str(key), read(row)))
        except AttributeError, KeyError, TypeError, ValueError:
            # The grid operator's no that cannot be read is still a no.
            _LOGGER.warning("What was kept of the limit of group %s is not understood: its floor holds", key)
            found.append((str(key), read(None)))
    return found


def _read_told(row: Any) -> Dimming:
    if row is None:
        return Dimming()
    limit_w = None if row["limit_w"] is None else float(row["limit_w"])
    if limit_w is not None and not (math.isfinite(limit_w) and limit_w >= 0.0):
        raise ValueError("not a limit")
    until = None if row.get("until") is None else datetime.fromisoformat(row["until"]).astimezone(UTC)
    return Dimming(limit_w=limit_w, until=until)


def _read_flag(row: Any) -> bool:
    if row is None:
        return True
    if not isinstance(row, bool):
        raise TypeError("neither true nor false")
    return row
