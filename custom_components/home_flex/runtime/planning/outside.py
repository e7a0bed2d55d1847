"""What someone else forecasts of the sun, in the half-hours in which a home measures: W, 0 or more."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from .measured import SAID_STEPS, STEP_S

# What is said of an hour is told at its start; what follows later says nothing of the time between.
_LONGEST = timedelta(hours=1)
# What is said of times further from now is of no use, and may be of any year.
_FAR = timedelta(seconds=SAID_STEPS * STEP_S)


def half_hours(told_wh: Mapping[datetime, float], now: datetime) -> dict[int, float]:
    """Return mean powers in W by half-hour since 1970 from energies in Wh of periods by their starts.

    A period lasts until the next one begins, an hour at most. Half-hours that are not covered, and those of
    other weeks than this, are left out.
    """
    energy: dict[int, float] = {}
    covered: dict[int, float] = {}
    starts = sorted(start for start in told_wh if abs(start - now) < _FAR)
    for start, following in pairwise([*starts, *([starts[-1] + _LONGEST] if starts else [])]):
        end = min(following, start + _LONGEST)
        power_w = told_wh[start] * 3600.0 / (end - start).total_seconds()
        at = start.astimezone(UTC)
        while at < end:
            step = int(at.timestamp()) // STEP_S
            until = min(end, datetime.fromtimestamp((step + 1) * STEP_S, UTC))
            seconds = (until - at).total_seconds()
            energy[step] = energy.get(step, 0.0) + power_w * seconds
            covered[step] = covered.get(step, 0.0) + seconds
            at = until
    return {step: each / covered[step] for step, each in energy.items() if covered[step] >= 0.99 * STEP_S}
