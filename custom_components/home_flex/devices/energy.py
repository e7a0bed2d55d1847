"""Energy counters that never run backwards, and never leap."""

_ACC32_MODULUS = 2**32
_ROLL_OVER_SHARE = 0.5
# What a counter may have grown beyond rating and time: coarse counts, late readings, a rating set too low.
_SLACK_WH = 200.0
_SLACK_COUNTS = 2.0
_OF_RATING = 2.0
# A counter that goes on from somewhere else for so long stays there: another board counts now.
_REBASE_AFTER_S = 60.0


class EnergyCounter:
    """Makes a 32 bit accumulator, which rolls over to zero, into a total that only grows.

    A step is possible up to what the device can do in the time; any other is passed over. When the counter
    goes on from there for a minute, the total grows with it from then on.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._last_wh: float | None = None
        self._last_s = 0.0
        self._total_wh = 0.0
        self._elsewhere: tuple[float, float, float] | None = None  # since when, last seen, and when

    def total_wh(
        self, counter_wh: float | None, wh_per_count: float = 1.0, *, now_s: float, most_w: float
    ) -> float | None:
        """Return the total in Wh for a counter that stands at ``counter_wh``; None while it tells nothing.

        ``now_s`` are monotonic seconds, ``most_w`` the most that the device is rated for.
        """
        if counter_wh is None:
            return None
        if self._last_wh is None:
            self._last_wh, self._last_s, self._total_wh = counter_wh, now_s, counter_wh
            return counter_wh
        if (
            grown := _grown(self._last_wh, counter_wh, wh_per_count, now_s - self._last_s, most_w)
        ) is not None:
            self._total_wh += grown
            self._last_wh, self._last_s, self._elsewhere = counter_wh, now_s, None
        elif self._stays_elsewhere(counter_wh, wh_per_count, now_s, most_w):
            self._last_wh, self._last_s, self._elsewhere = counter_wh, now_s, None
        return self._total_wh

    def _stays_elsewhere(self, counter_wh: float, wh_per_count: float, now_s: float, most_w: float) -> bool:
        since_s = now_s
        if self._elsewhere is not None:
            began_s, last_wh, last_s = self._elsewhere
            if _grown(last_wh, counter_wh, wh_per_count, now_s - last_s, most_w) is not None:
                since_s = began_s
        self._elsewhere = since_s, counter_wh, now_s
        return now_s - since_s >= _REBASE_AFTER_S


def _grown(
    before_wh: float, counter_wh: float, wh_per_count: float, seconds: float, most_w: float
) -> float | None:
    """Return by how much a counter has grown; None when it cannot have."""
    grown_wh = counter_wh - before_wh
    modulus_wh = _ACC32_MODULUS * wh_per_count
    if -grown_wh > modulus_wh * _ROLL_OVER_SHARE:
        grown_wh += modulus_wh
    possible_wh = _OF_RATING * most_w * seconds / 3600.0 + _SLACK_WH + _SLACK_COUNTS * wh_per_count
    return grown_wh if 0.0 <= grown_wh <= possible_wh else None
