"""What a home takes back after an event: shown beside its receipt, and in no delivery.

By a rule of the meter's history, which learns nothing from the event and from the hours after any: what was
steered is not re-run. So it is as unsure as such rules are, and says how much.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Final

from ..statistics import midnight
from .baselines import HISTORY_RULES, Baseline, Missing, with_half_width
from .days import Asked, UseDay
from .past import REBOUND_MS, Span, asked_of
from .settlement import LEAST_COMPLETE
from .tally import QUARTER_MS, milliseconds

# The first that knows something says it.
RULES: Final = ("ten_working_days", "three_weeks")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebound:
    """What was used above (positive) or below its baseline after an event, Wh.

    ``energy_wh`` is None while less than nine tenths of the time is ``known``. ``half_width_wh``: in nine of
    ten such times without an event the rule is off by no more; None when that cannot be told.
    """

    energy_wh: int | None
    half_width_wh: int | None
    known: Fraction
    length_s: int
    rule: str


def asked_after(
    days: Mapping[date, UseDay], zone: tzinfo, *, start_ms: int, end_ms: int, others: Iterable[Span]
) -> Asked | None:
    """Return the question about the whole quarter-hours after an event (ms of the UTC epoch).

    They are those of four hours, and end before midnight and before the next of the ``others`` begins. None
    where nothing is left, where another event went on, and while nothing is known of any day.
    """
    spans = tuple(others)
    local = datetime.fromtimestamp((end_ms - 1) / 1000, UTC).astimezone(zone).date()
    bounds_ms = [end_ms + REBOUND_MS, milliseconds(midnight(local + timedelta(days=1), zone))]
    bounds_ms += [first_ms for first_ms, last_ms in spans if last_ms > end_ms]
    first_ms = -(-end_ms // QUARTER_MS) * QUARTER_MS
    last_ms = min(bounds_ms) // QUARTER_MS * QUARTER_MS
    if first_ms >= last_ms:
        return None
    return asked_of(days, zone, start_ms=first_ms, end_ms=last_ms, others=[*spans, (start_ms, end_ms)])


def rebound(asked: Asked) -> Rebound | Missing:
    """Return what was used above the baseline in the hours after an event."""
    missing = Missing.NO_HISTORY
    for name in RULES:
        answer = with_half_width(HISTORY_RULES[name], asked)
        if isinstance(answer, Baseline):
            return _above(asked, answer, name)
        missing = answer
    return missing


def _above(asked: Asked, baseline: Baseline, rule: str) -> Rebound:
    used_wh = [asked.today.use_wh[index] for index in asked.window]
    pairs = [
        (used, expected) for used, expected in zip(used_wh, baseline.use_wh, strict=True) if used is not None
    ]
    known = Fraction(len(pairs), len(used_wh))
    is_known = known >= LEAST_COMPLETE
    return Rebound(
        energy_wh=sum(used - expected for used, expected in pairs) if is_known else None,
        half_width_wh=baseline.half_width_wh if is_known else None,
        known=known,
        length_s=len(used_wh) * asked.interval_s,
        rule=rule,
    )
