"""Forecast against real: what was expected of a period before it began, beside what was counted in it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from ..core.statistics import Period
from ..core.statistics.registers import CONSUMPTION, LOAD, PRODUCTION, WH
from ..history.series_rows import SeriesKey, Sum
from ..history.series_runs import Run, RunKind
from ..history.series_store import SeriesStore, Stretch
from .planning.measured import LOAD as HOUSE

# A forecast older than this said nothing of the period any more.
_OLDEST: Final = timedelta(days=1)
_HOME: Final = SeriesKey(device_id="", name=LOAD, unit=WH)


async def forecast_of(store: SeriesStore, period: Period) -> dict[str, Any]:
    """Return what was expected at the start of a period and what was counted, in Wh, by subject.

    A subject is ``load``, the house besides its devices, or a roof or a device by its id. ``real`` is None
    where anything of it is missing; a subject of which nothing was expected is left out.
    """
    keys = [
        key
        for key in store.keys
        if key == _HOME or (key.unit == WH and key.name in {CONSUMPTION, PRODUCTION})
    ]
    slots = period.slots()
    (sums,) = await store.sums(keys, [Stretch(first_slot=slots.start, end_slot=slots.stop)])
    found: dict[str, Any] = {}
    for subject in (HOUSE, *sorted({key.device_id for key in keys} - {""})):
        until = period.start + timedelta(seconds=1)
        runs = await store.runs(RunKind.FORECAST, subject, period.start - _OLDEST, until)
        expected = next(
            ((run, wh) for run in reversed(runs) if (wh := expected_wh(run, period)) is not None), None
        )
        if expected is not None:
            found[subject] = {
                "expected": expected[1],
                "real": _real_wh(sums, subject),
                "known_at": expected[0].known_at.isoformat(),
            }
    return found


def expected_wh(run: Run, period: Period) -> int | None:
    """Return what a run expected of a period, None where it does not reach over all of it."""
    at, covered_s, energy_ws = run.start, 0.0, 0.0
    for length_s, power_w in zip(run.lengths_s, run.powers_w, strict=True):
        if at >= period.end:
            break
        end = at + timedelta(seconds=length_s)
        overlap_s = max(0.0, (min(end, period.end) - max(at, period.start)).total_seconds())
        covered_s += overlap_s
        energy_ws += overlap_s * power_w
        at = end
    return round(energy_ws / 3600) if covered_s == (period.end - period.start).total_seconds() else None


def _real_wh(sums: Mapping[SeriesKey, Sum], subject: str) -> int | None:
    if subject != HOUSE:
        told = [one for key, one in sums.items() if key.device_id == subject]
        return None if not told or _has_hole(told) else sum(one.total for one in told)
    consumers = [one for key, one in sums.items() if key.name == CONSUMPTION]
    load = sums.get(_HOME)
    if load is None or _has_hole([load, *consumers]):
        return None
    return load.total - sum(one.total for one in consumers)


def _has_hole(sums: list[Sum]) -> bool:
    return any(one.coverage.missing for one in sums)
