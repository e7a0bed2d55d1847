"""How often running events are told of and kept: a report costs the line, a row wears the memory card."""

from typing import Final

MEASUREMENT_INTERVAL_S: Final = 10.0
# Of many events that run at once each is reported less often: so many reports a second at most.
MEASUREMENTS_PER_S: Final = 5.0
# What was counted is written anew each time: a memory card is not to be worn by long events.
MANY_PARTS: Final = 16
KEEP_MANY_EVERY_S: Final = 60.0


class MeasurementPace:
    """Says when what running events have brought so far is reported, and when it is kept."""

    def __init__(self) -> None:
        """Begin with nothing reported or kept."""
        self._reported_at_s: float | None = None
        self._kept_at_s: float | None = None

    def is_report_due(self, events: int, now_s: float) -> bool:
        """Return whether to report so many running events at ``now_s`` (monotonic)."""
        interval_s = max(MEASUREMENT_INTERVAL_S, events / MEASUREMENTS_PER_S)
        if self._reported_at_s is not None and now_s < self._reported_at_s + interval_s:
            return False
        self._reported_at_s = now_s
        return True

    def is_keeping_due(self, parts: int, now_s: float) -> bool:
        """Return whether to keep running events whose tallies have so many parts at ``now_s`` (monotonic)."""
        is_rested = self._kept_at_s is None or now_s >= self._kept_at_s + KEEP_MANY_EVERY_S
        if parts > MANY_PARTS and not is_rested:
            return False
        self._kept_at_s = now_s
        return True
