"""How a kind of device may be written, as data; and who may break it."""

from dataclasses import dataclass

from .lines import SAFETY

# A setpoint is renewed after this share of its life: one that is swallowed does not let it end.
RENEW_AFTER = 1 / 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ActuationPolicy:
    """What writing a device costs it, in seconds and in the setpoint's unit (W or A).

    ``dead_band``: a smaller change is not worth a write; ``step``: the smallest that the device makes.
    ``least_up_s``, ``least_down_s``: between two changes that raise, or lower, its value. ``writes_per_min``
    fills a bucket of ``burst`` writes, which all lines but those of safety spend, raising only while more
    than ``kept_for_lowering`` are left, by little only while ``kept_for_large`` more are; None: no budget.
    ``less_is_safer``: safety breaks the budget only to lower its value, and pays for what raises it again.
    What events and the resident lower by a step at least is paid for too and never put off, if need be by
    writes to come; in return a hand-back, which raises, waits until there are writes to lower it again.
    ``min_on_s``, ``min_off_s``: how long what is switched stays on, or off; ``starts_per_h``: how often it is
    switched on at most.
    """

    dead_band: float
    step: float = 0.0
    least_up_s: float = 0.0
    least_down_s: float = 0.0
    writes_per_min: float | None = None
    burst: float = 10.0
    kept_for_lowering: float = 3.0
    kept_for_large: float = 0.0
    less_is_safer: bool = False
    min_on_s: float = 0.0
    min_off_s: float = 0.0
    starts_per_h: int | None = None


# Lines of safety write whenever they must, toward less at once; the others keep to the device's times and
# budget.
BREAKS_TIMES = SAFETY
