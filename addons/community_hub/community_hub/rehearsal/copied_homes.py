"""Copies of homes: each answers and delivers as its own past says it does, and as chance has it. Pure.

A copy takes part with the chance with which the home did, and brings the part that it has proven, spread as
far as its past was. The same seed is the same rehearsal. A copy's baseline is the home's own forecast.
"""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ..core import resolve_windows
from ..flexibility.told import ToldOffer

_CHANGE: Final = "DISPATCH_SETPOINT_RELATIVE"
_RULE: Final = "as_dispatched"


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """What a home's past says: how often it takes part, which part of a call comes (0 to 1), its spread."""

    takes_part: float
    share: float
    deviation: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """What an event of the hub asks: from when on, and in ``changes`` (start, end, kW) how much."""

    id: str
    start: datetime
    changes: tuple[tuple[datetime, datetime, float], ...]

    @property
    def end(self) -> datetime:
        """Return when the last of it ends."""
        return max((end for _, end, _ in self.changes), default=self.start)

    @classmethod
    def by(cls, event: Mapping[str, Any]) -> Self:
        """Read an event as the hub sends it."""
        windows = resolve_windows(event, event["intervals"], datetime.fromisoformat(event["createdDateTime"]))
        changes = tuple(
            (window.start, window.end, float(payload["values"][0]))
            for window, interval in zip(windows, event["intervals"], strict=True)
            for payload in interval["payloads"]
            if payload["type"] == _CHANGE
        )
        return cls(id=event["id"], start=windows[0].start, changes=changes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A copy of a home. ``offer`` is what it tells of itself."""

    ven_id: str
    offer: ToldOffer
    habit: Habit
    seed: int

    def answers(self, called: Called, at: datetime) -> dict[str, Any]:
        """Return its report on an event that has just come: whether it takes part."""
        values = {"ACK": True, "INSTRUCTION_STATUS": "ACCEPTED"}
        if not self._takes_part(called):
            values |= {"OPERATING_STATE": "IDLE_OPTED_OUT", "REASON": "opted_out"}
        return self._report(called, "acknowledgement", values, at)

    def measures(self, called: Called, at: datetime) -> dict[str, Any]:
        """Return what it measures of a running event at a moment."""
        baseline_kw = self._baseline_kw(at)
        values = {
            "DEMAND": round(baseline_kw + self._moved_kw(called, at), 6),
            "BASELINE": baseline_kw,
            "INSTRUCTION_STATUS": "STARTED",
        }
        return self._report(called, "measurement", values, at)

    def settles(self, called: Called, at: datetime) -> dict[str, Any]:
        """Return what an event that is over came to."""
        delta_kwh = sum(
            self._moved_kw(called, start) * (end - start).total_seconds() / 3600
            for start, end, _ in called.changes
        )
        length = called.end - called.start
        baseline_kw = self._baseline_kw(called.start)
        values = {
            "INSTRUCTION_STATUS": "SUCCEEDED",
            "BASELINE": baseline_kw,
            "USAGE": round(baseline_kw * (length / timedelta(hours=1)) + delta_kwh, 6),
            "DELTA_USAGE": round(delta_kwh, 6),
            "BASELINE_RULE": _RULE,
        }
        return self._report(called, "settlement", values, at, length)

    def _moved_kw(self, called: Called, at: datetime) -> float:
        if not self._takes_part(called):
            return 0.0
        asked_kw = sum(kw for start, end, kw in called.changes if start <= at < end)
        spread = self._chance(called, "delivers").gauss(self.habit.share, self.habit.deviation)
        return asked_kw * min(max(spread, 0.0), 1.0)

    def _takes_part(self, called: Called) -> bool:
        return self._chance(called, "takes part").random() < self.habit.takes_part

    def _chance(self, called: Called, what: str) -> random.Random:
        """Return the dice of one question: the same for one home, time and seed, whatever its event's id."""
        start = min((start.isoformat() for start, _, _ in called.changes), default="")
        told = f"{self.seed} {self.ven_id} {start} {what}".encode()
        return random.Random(hashlib.sha256(told).digest())  # noqa: S311 # a model, no secret

    def _baseline_kw(self, at: datetime) -> float:
        interval = self.offer.at(at)
        return 0.0 if interval is None else interval.baseline_w / 1000

    def _report(
        self,
        called: Called,
        name: str,
        values: Mapping[str, Any],
        at: datetime,
        length: timedelta = timedelta(0),
    ) -> dict[str, Any]:
        """Return a report on an event, of so much time of it."""
        stamp = at.isoformat()
        period = {"start": called.start.isoformat(), "duration": f"PT{length.total_seconds():.3f}S"}
        payloads = [{"type": kind, "values": [value]} for kind, value in values.items()]
        return {
            "objectType": "REPORT",
            "operation": "CREATE",
            "object": {
                "id": f"{name}-{int(at.timestamp())}-{called.id}",
                "objectType": "REPORT",
                "createdDateTime": stamp,
                "modificationDateTime": stamp,
                "clientID": self.ven_id,
                "clientName": self.ven_id,
                "eventID": called.id,
                "reportName": name,
                "payloadDescriptors": [],
                "resources": [
                    {
                        "resourceName": "SITE",
                        "intervalPeriod": period,
                        "intervals": [{"id": 0, "payloads": payloads}],
                    }
                ],
            },
        }
