"""What was seen of a stretch of an event, while it is counted and in its receipt alike."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """How much of a stretch was measured, and how what the event asks of the power was kept in it.

    ``covered_ms``: for how long it was measured, of which ``by_power_ms`` by power for want of registers.
    ``low_w`` and ``high_w``: between which powers the event asks the home to be, None where it asks nothing
    of its power. In ``watched_ms`` of it the power was heard of often enough to see that, in ``kept_ms`` it
    was so, within the tolerance of control; ``exceeded_w_ms`` is what was beyond, watts times milliseconds,
    and ``worst_w`` the most of it. ``opted_out_ms``: for how long the resident had left.
    """

    covered_ms: int = 0
    by_power_ms: int = 0
    low_w: int | None = None
    high_w: int | None = None
    watched_ms: int = 0
    kept_ms: int = 0
    exceeded_w_ms: int = 0
    worst_w: int = 0
    opted_out_ms: int = 0

    @property
    def asks_power(self) -> bool:
        """Whether the event asks something of the power."""
        return self.low_w is not None or self.high_w is not None
