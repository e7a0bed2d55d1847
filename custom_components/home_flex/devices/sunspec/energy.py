"""Energy counters that never run backwards."""

_ACC32_MODULUS = 2**32
_ROLL_OVER_SHARE = 0.5


class EnergyCounter:
    """Makes a 32 bit accumulator, which rolls over to zero, into a total that only grows.

    A counter that falls by less than half its range did not roll over but slipped; the total waits for it.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._last_wh: float | None = None
        self._rolled_over_wh = 0.0
        self._total_wh = 0.0

    def total_wh(self, counter_wh: float | None, wh_per_count: float = 1.0) -> float | None:
        """Return the total in Wh for a counter that stands at ``counter_wh``; None while it tells nothing."""
        if counter_wh is None:
            return None
        modulus_wh = _ACC32_MODULUS * wh_per_count
        if self._last_wh is not None and self._last_wh - counter_wh > modulus_wh * _ROLL_OVER_SHARE:
            self._rolled_over_wh += modulus_wh
        self._last_wh = counter_wh
        self._total_wh = max(self._total_wh, self._rolled_over_wh + counter_wh)
        return self._total_wh
