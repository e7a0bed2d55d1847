"""What the resident gave up: for how long a device was not as wished, and what a car lacked at its hour."""

import math
from collections.abc import Iterator
from typing import Final

from ..core.settlement.given_up import GivenUp
from ..core.statistics import Mark
from ..core.statistics.collector import PowerCollector
from ..core.statistics.registers import LACKED, SECOND, UNMET, WH
from ..history.series_rows import SeriesKey
from ..history.series_store import SeriesStore, Stretch
from .view import DeviceView

# What sensors tell by half kelvins at best.
_TOLERANCE_K: Final = 0.5
# What adds up to one for each second.
A_SECOND: Final = 3600.0
_TOLD: Final = {UNMET: "unmet_s", LACKED: "lacked_wh"}


class ComfortCollector:
    """Collects of one device for how long it was not as wished, by slots."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._unmet = PowerCollector()
        self._lacks_wh: float | None = None
        self._lacked_wh: int | None = None

    def add(self, device: DeviceView, time_s: float) -> None:
        """Take a device as it is at a moment (seconds of the UTC epoch), where something is wished of it."""
        is_met = is_as_wished(device)
        if is_met is None:
            return
        self._unmet.add(time_s, 0.0 if is_met else A_SECOND)
        lacks_wh = 0.0 if device.intent is None else device.intent.lacks_wh
        if lacks_wh and self._lacks_wh == 0.0:
            self._lacked_wh = round(lacks_wh)
        # Of an hour that had passed before we looked the energy was told, or is not known.
        self._lacks_wh = math.nan if lacks_wh is None else lacks_wh

    def close(
        self, device_id: str, end_slot: int
    ) -> Iterator[tuple[SeriesKey, dict[int, tuple[int | None, Mark]]]]:
        """Yield the series of a device in the slots before ``end_slot``, those that tell anything."""
        unmet_s = seconds_of(self._unmet, end_slot)
        if unmet_s:
            yield SeriesKey(device_id=device_id, name=UNMET, unit=SECOND), unmet_s
        lacked_wh, self._lacked_wh = self._lacked_wh, None
        if lacked_wh is not None:
            key = SeriesKey(device_id=device_id, name=LACKED, unit=WH)
            yield key, {end_slot - 1: (lacked_wh, Mark.MEASURED)}


def seconds_of(collector: PowerCollector, end_slot: int) -> dict[int, tuple[int | None, Mark]]:
    """Return for how many seconds of each slot before ``end_slot`` something was so."""
    return {
        slot: (None, Mark.MISSING) if found is None else (found.consumed_wh, Mark.MEASURED)
        for slot, found in collector.close(end_slot).items()
    }


async def given_up(store: SeriesStore, stretch: Stretch) -> GivenUp:
    """Return what the resident gave up in a stretch, by device, of those of which anything is wished.

    Raises HistoryError.
    """
    keys = [key for key in store.keys if key.name in _TOLD]
    told: dict[str, dict[str, int]] = {}
    for key, series in (await store.read(keys, stretch)).items():
        if series.is_known:
            row = told.setdefault(key.device_id, dict.fromkeys(_TOLD.values(), 0))
            row[_TOLD[key.name]] = sum(value for _, value, _ in series if value is not None)
    return told


def is_as_wished(device: DeviceView) -> bool | None:
    """Return whether a device is as the resident wishes, None where nothing is wished or it is not known."""
    if device.intent is not None:
        return device.intent.lacks_wh == 0.0
    bounds = [getattr(device.reading, name, None) for name in ("min_c", "temperature_c", "max_c")]
    known = [each for each in bounds if each is not None and math.isfinite(each)]
    if len(known) < len(bounds):
        return None
    low_c, temperature_c, high_c = known
    return bool(low_c - _TOLERANCE_K <= temperature_c <= high_c + _TOLERANCE_K)
