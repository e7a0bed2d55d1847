"""What the home drew and what its roofs gave, in half-hours: what forecasts are made from.

Kept as one small document, written once each half-hour. A half-hour that was not seen for long enough is a
gap, and no zero.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import numpy as np

from ...core.forecast import History
from ...core.model import floor
from ..wishes import KeepsDocuments

DOCUMENT: Final = "measured"
LOAD: Final = "load"
# The share of the time in which nobody was at home.
AWAY: Final = "away"
# The share of the time in which a car was plugged in, by charger.
_PLUGGED: Final = "plugged."
# What someone else said of the sun over all roofs.
OUTSIDE: Final = "outside"
STEP_S: Final = 1800
# What someone else said is kept as it was so long before: plans look further ahead than that.
SETTLED_S: Final = 3 * 3600
# Twelve weeks: what older days say of a day has faded by then.
_KEPT_STEPS: Final = 84 * 48
# Someone else may speak of a week.
SAID_STEPS: Final = 7 * 48
_VERSION: Final = 1
# A value stands for no longer than this, and a half-hour is known when this share of it was seen.
_HOLDS_S: Final = 60.0
_LEAST_SHARE: Final = 0.5


def plugged(device_id: str) -> str:
    """Return the series of a charger's car: whether it is plugged in, 0 to 1."""
    return f"{_PLUGGED}{device_id}"


@dataclass(kw_only=True, slots=True)
class _Open:
    """The half-hour that is running: energy in Ws and seen seconds by series."""

    start: datetime
    sums: dict[str, tuple[float, float]] = field(default_factory=dict)


class Measured:
    """Mean powers of past half-hours by series: ``LOAD``, and the id of each PV device (0 or more, in W).

    Besides powers it keeps shares of the time (``AWAY``, ``plugged``). A clock that was wrong for a while has
    none of it forgotten: of each series stays what was noted last, whatever time that was said to be.
    ``clock`` tells aware UTC time and ``monotonic_s`` seconds. ``document`` is what was kept (None: nothing);
    what of it cannot be read is left out.
    """

    def __init__(
        self,
        document: object,
        *,
        documents: KeepsDocuments,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        """Take up what was kept."""
        self._series = _read(document)
        self._documents = documents
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._open: _Open | None = None
        self._before: tuple[float, Mapping[str, float]] | None = None

    def note(self, powers_w: Mapping[str, float | None]) -> None:
        """Take the powers of now; None is not known. To be called each second or so."""
        now_s, start = self._monotonic_s(), floor(self._clock().astimezone(UTC), STEP_S)
        if self._open is None or self._open.start != start:
            self._close()
            self._open = _Open(start=start)
        if self._before is not None:
            seen_s = min(now_s - self._before[0], _HOLDS_S)
            for key, power_w in self._before[1].items():
                energy, known_s = self._open.sums.get(key, (0.0, 0.0))
                self._open.sums[key] = energy + power_w * seen_s, known_s + seen_s
        known = {key: power_w for key, power_w in powers_w.items() if power_w is not None}
        self._before = now_s, {key: each for key, each in known.items() if math.isfinite(each)}

    def learn(self, powers_w: Mapping[str, Mapping[int, float]]) -> None:
        """Take in what is known elsewhere, by series and half-hour (since 1970), where nothing was noted."""
        now = int(self._clock().timestamp()) // STEP_S
        for key, steps in powers_w.items():
            past = {step: round(each, 1) for step, each in steps.items() if now - _KEPT_STEPS < step < now}
            if past:
                self._series[key] = _in_order({**past, **self._series.get(key, {})}, now)
        self._documents.put_document(DOCUMENT, _document(self._series))

    def history(self, key: str) -> History | None:
        """Return what was measured of a series, None when nothing was."""
        now = int(self._clock().timestamp()) // STEP_S
        return _history(
            {
                step: power_w
                for step, power_w in self._series.get(key, {}).items()
                if now - _KEPT_STEPS <= step <= now
            }
        )

    def energy_wh(self, key: str, since: datetime) -> float:
        """Return what a series has drawn or given since a time, as far as it was seen; with the present."""
        first, now = (int(each.timestamp()) // STEP_S for each in (since, self._clock()))
        hour_share = STEP_S / 3600.0
        past = math.fsum(
            power_w * hour_share
            for step, power_w in self._series.get(key, {}).items()
            if first <= step <= now
        )
        is_open = self._open is not None and int(self._open.start.timestamp()) // STEP_S >= first
        return past + (self._open.sums.get(key, (0.0, 0.0))[0] / 3600.0 if self._open and is_open else 0.0)

    def keep_said(self, powers_w: Mapping[int, float]) -> None:
        """Keep what someone else said of half-hours (since 1970) that begin no sooner than in some hours."""
        first = (int(self._clock().timestamp()) + SETTLED_S) // STEP_S
        said = self._series.setdefault(OUTSIDE, {})
        said.update({step: round(power_w, 1) for step, power_w in powers_w.items() if step > first})

    def said(self, powers_w: Mapping[int, float]) -> History | None:
        """Return what was said of past half-hours, and what is said now of those ahead."""
        now = int(self._clock().timestamp()) // STEP_S
        kept = {step: power_w for step, power_w in self._series.get(OUTSIDE, {}).items() if step < now}
        return _history({**kept, **{step: each for step, each in powers_w.items() if step >= now}})

    def _close(self) -> None:
        """Keep the half-hour that is over, and forget what is too old."""
        if self._open is None:
            return
        step = int(self._open.start.timestamp()) // STEP_S
        known = {
            key: round(max(0.0, energy / known_s), 1)
            for key, (energy, known_s) in self._open.sums.items()
            if known_s >= _LEAST_SHARE * STEP_S
        }
        if not known:
            return
        for key, power_w in known.items():
            self._series.setdefault(key, {})[step] = power_w
        for key, steps in self._series.items():
            self._series[key] = _newest(steps, _KEPT_STEPS + (SAID_STEPS if key == OUTSIDE else 0))
        self._documents.put_document(DOCUMENT, _document(self._series))


def _in_order(steps: Mapping[int, float], now: int) -> dict[int, float]:
    """Return them as if they were noted one after the other; what a wrong clock noted as ahead came first."""
    return dict(sorted(steps.items(), key=lambda each: (each[0] <= now, each[0])))


def _newest(steps: Mapping[int, float], most: int) -> dict[int, float]:
    """Return those that were noted last, ``most`` of them."""
    return dict(islice(steps.items(), max(0, len(steps) - most), None))


def _history(steps: Mapping[int, float]) -> History | None:
    if not steps:
        return None
    first, last = min(steps), max(steps)
    values = np.full(last - first + 1, np.nan)
    for step, power_w in steps.items():
        values[step - first] = power_w
    return History(start=datetime.fromtimestamp(first * STEP_S, UTC), step_s=STEP_S, values_w=values)


def _document(series: Mapping[str, dict[int, float]]) -> dict[str, Any]:
    """Return the series as runs: the first step of each and its powers in W, None for a gap.

    Of a series that reaches further, twelve weeks up to what was noted last.
    """
    runs = {}
    for key, steps in series.items():
        if steps:
            last = next(reversed(steps))
            first = min(step for step in steps if last - _KEPT_STEPS < step <= last)
            runs[key] = {"first": first, "powers_w": [steps.get(each) for each in range(first, last + 1)]}
    return {"version": _VERSION, "step_s": STEP_S, "series": runs}


def _read(document: object) -> dict[str, dict[int, float]]:
    """Return the series of a document; a row that is none is left out."""
    if not isinstance(document, Mapping) or document.get("step_s") != STEP_S:
        return {}
    found: dict[str, dict[int, float]] = {}
    series = document.get("series")
    for key, run in series.items() if isinstance(series, Mapping) else ():
        if not isinstance(run, Mapping) or not isinstance(run.get("first"), int):
            continue
        powers = run.get("powers_w")
        found[str(key)] = {
            run["first"] + index: float(power_w)
            for index, power_w in enumerate(powers if isinstance(powers, list) else ())
            if isinstance(power_w, int | float) and math.isfinite(power_w) and index < _KEPT_STEPS
        }
    return found
