"""Mean powers of past half-hours from the home's own series: what forecasts learn on the first evening."""

from collections.abc import Collection
from typing import Final

from ..core.statistics import SlotSeries
from ..core.statistics.registers import CONSUMPTION, LOAD, PRODUCTION, WH
from ..history.series_rows import SeriesKey
from ..history.series_store import SeriesStore, Stretch
from .planning.measured import LOAD as HOUSE
from .planning.measured import STEP_S

_PER_H: Final = 3600 / STEP_S
_HOME: Final = ""


async def past_powers(
    store: SeriesStore, consumers: Collection[str], stretch: Stretch
) -> dict[str, dict[int, float]]:
    """Return the house besides its ``consumers``, each of them and each roof, in W by half-hour since 1970.

    A half-hour of the house is known where the load and every consumer is.
    """
    keys = [
        key
        for key in store.keys
        if key.unit == WH
        and (
            key == _LOAD or key.name == PRODUCTION or (key.name == CONSUMPTION and key.device_id in consumers)
        )
    ]
    steps = {key: _steps(series) for key, series in (await store.read(keys, stretch)).items()}
    of_consumers = [
        steps.get(SeriesKey(device_id=each, name=CONSUMPTION, unit=WH), {}) for each in sorted(consumers)
    ]
    house = {
        step: power_w - sum(each[step] for each in of_consumers)
        for step, power_w in steps.get(_LOAD, {}).items()
        if all(step in each for each in of_consumers)
    }
    found = {HOUSE: {step: max(0.0, power_w) for step, power_w in house.items()}}
    return found | {key.device_id: each for key, each in steps.items() if key != _LOAD and each}


_LOAD: Final = SeriesKey(device_id=_HOME, name=LOAD, unit=WH)


def _steps(series: SlotSeries) -> dict[int, float]:
    """Return W by half-hour, of those that are known."""
    return {step: value * _PER_H for step, value, _ in series.sums(STEP_S) if value is not None}
