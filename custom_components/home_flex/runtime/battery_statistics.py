"""What a battery took and gave over some time: its cycles, and what it lost, as far as that is known."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from ..core.statistics import Period, SlotSeries, slot_at, slot_start
from ..core.statistics.energy import battery_figures
from ..core.statistics.registers import CHARGE, DISCHARGE, PER_MILLE, STATE_OF_CHARGE, WH
from ..history.series_rows import SeriesKey
from ..history.series_store import SeriesStore, Stretch

_THOUSAND: Final = 1000
# A loss is told over days: over less the steps of its state of charge are more than what it lost.
_LEAST: Final = timedelta(days=2)
# With a hole in it a loss is a guess.
_WHOLE: Final = 0.995
_NOTHING: Final[Mapping[str, Any]] = {
    "since": None,
    "charge_wh": None,
    "discharge_wh": None,
    "cycles": None,
    "loss_wh": None,
    "known": 0.0,
}


async def battery_statistics(
    store: SeriesStore, device_id: str, capacity_wh: int, period: Period
) -> Mapping[str, Any]:
    """Return a battery's cycles and loss between the first and the last word of what it held in a period.

    Energies in Wh at its AC side; None is not known. Raises HistoryError.
    """
    held_key = SeriesKey(device_id=device_id, name=STATE_OF_CHARGE, unit=PER_MILLE)
    whole = Stretch(first_slot=slot_at(period.start), end_slot=slot_at(period.end))
    held = (await store.read([held_key], whole)).get(held_key)
    ends = None if held is None else _ends(held)
    if ends is None or capacity_wh <= 0:
        return _NOTHING
    (first, before), (last, after) = ends
    keys = [SeriesKey(device_id=device_id, name=name, unit=WH) for name in (CHARGE, DISCHARGE)]
    (sums,) = await store.sums(keys, [Stretch(first_slot=first, end_slot=last)])
    if len(sums) < len(keys):
        return _NOTHING
    charged, given = (sums[key] for key in keys)
    known = min(charged.coverage.known_share, given.coverage.known_share)
    gained_wh = round((after - before) * capacity_wh / _THOUSAND)
    figures = battery_figures(charged.total, given.total, capacity_wh, gained_wh)
    is_told = known >= _WHOLE and slot_start(last) - slot_start(first) >= _LEAST
    return {
        "since": slot_start(first).isoformat(),
        "charge_wh": charged.total,
        "discharge_wh": given.total,
        "cycles": round(figures.cycles, 1 if figures.cycles >= 10 else 2),
        "loss_wh": figures.loss_wh if is_told else None,
        "known": round(known, 3),
    }


def _ends(series: SlotSeries) -> Sequence[tuple[int, int]] | None:
    """Return the first and the last slot that is known, each with its value."""
    known = [(slot, value) for slot, value, _ in series if value is not None]
    return (known[0], known[-1]) if known else None
