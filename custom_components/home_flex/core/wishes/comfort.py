"""The band of comfort that a resident wishes of what heats, in degrees Celsius."""

import math
from dataclasses import replace
from typing import Final

from ..kinds.heat_pump import HeatPumpReading
from ..kinds.water_heater import WaterHeaterReading
from ..model import Reading
from .changes import with_device
from .model import COLDEST_C, HOTTEST_C, DeviceWishes, WishError, Wishes

# A band is wide enough to be kept, K.
LEAST_BAND_K: Final = 2.0


def comfortable[R: Reading](reading: R, wished: DeviceWishes) -> R:
    """Return what a heater said with the band that is wished; what it allows at most stays the most."""
    if not isinstance(reading, HeatPumpReading | WaterHeaterReading):
        return reading
    if wished.comfort_min_c is None and wished.comfort_max_c is None:
        return reading
    max_c = min(reading.max_c, math.inf if wished.comfort_max_c is None else wished.comfort_max_c)
    min_c = reading.min_c if wished.comfort_min_c is None else wished.comfort_min_c
    return replace(reading, min_c=min(min_c, max_c - LEAST_BAND_K), max_c=max_c)


def set_comfort(
    wishes: Wishes, device_id: str, *, min_c: float | None = None, max_c: float | None = None
) -> Wishes:
    """Wish the least or the most temperature; None leaves it as it is.

    Raises WishError ``comfort_crossed`` where the two would be nearer than a band can be kept.
    """
    wished = wishes.device(device_id)
    low_c = wished.comfort_min_c if min_c is None else min_c
    high_c = wished.comfort_max_c if max_c is None else max_c
    for each in (low_c, high_c):
        if each is not None and not COLDEST_C <= each <= HOTTEST_C:
            raise WishError("out_of_range", f"{each} is not between {COLDEST_C} and {HOTTEST_C}")
    if low_c is not None and high_c is not None and high_c - low_c < LEAST_BAND_K:
        raise WishError("comfort_crossed", f"The most is less than {LEAST_BAND_K} K above the least")
    return with_device(wishes, device_id, comfort_min_c=low_c, comfort_max_c=high_c)
