"""How a car asks for sun that nobody sees, because PV stands at its own limit.

There are two loops: the car draws more, then PV's limit is raised to what is consumed, then PV follows, or
does not. A step of the car is held until the slower loop has answered; only PV that stays below a raised
limit says that the sun gives no more.
"""

import math
from dataclasses import dataclass

from .model import Sun

# A first step is so large that raising PV's limit for it is worth a write; each step that the sun carries
# is followed by one twice as large, up to the most.
_STEP_FIRST_W, _STEP_MOST_W = 700.0, 1500.0
# After a step that the sun did not carry the next waits, twice as long each time.
_WAIT_FIRST_S, _WAIT_MOST_S = 60.0, 300.0
# A limit may be raised so long after it last changed: a step that waits would be reckoned with as if told.
_APART_S = 30.0
# What the sun carried before a cloud is asked for at once when it is back: clouds have sharp edges, and each
# step costs PV a write.
_AGAIN_S = 900.0
# A car that draws so much less than it may has not answered yet, or has its own reason.
_LESS_A = 1.5
# So much less than was left after a failed step is another cloud.
_FELL_A = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """The step under way to ``to_a`` (None: none), and the next one of ``step_a``.

    After a failed one the next waits until ``not_before_s``, ``wait_s`` is the one after that, and the sun
    had left ``left_a``. ``had_a`` is what the sun carried at ``had_s``.
    """

    to_a: float | None = None
    step_a: float = 0.0
    not_before_s: float = -math.inf
    wait_s: float = _WAIT_FIRST_S
    left_a: float = 0.0
    had_a: float = 0.0
    had_s: float = -math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """A car in A per phase: its range, limit in force, and draw; and the power of one ampere."""

    least_a: float
    most_a: float
    limit_a: float
    limit_since_s: float
    drawn_a: float
    watts_per_a: float


def probed(probe: Probe, draw: Draw, sun: Sun, share_a: float, now_s: float) -> tuple[Probe, float]:
    """Return the probe, and the current that the car may have at least, 0 when the sun seen decides.

    ``share_a`` is what the sun that is seen would give the car.
    """
    if sun is Sun.SHOWN:
        return _seen(probe, draw, share_a, now_s), 0.0
    if draw.limit_a < draw.least_a:
        return Probe(had_a=probe.had_a, had_s=probe.had_s), 0.0 if sun is Sun.HELD else draw.least_a
    if sun is not Sun.HIDDEN:
        return probe, draw.limit_a
    return _stepped(probe, draw, now_s)


def _seen(probe: Probe, draw: Draw, share_a: float, now_s: float) -> Probe:
    """Return the probe while all the sun there is is seen."""
    left_a = math.floor(share_a + 1e-6)
    if probe.to_a is not None and draw.limit_a >= probe.to_a > left_a:
        return Probe(
            not_before_s=now_s + probe.wait_s,
            wait_s=min(2.0 * probe.wait_s, _WAIT_MOST_S),
            left_a=left_a,
        )
    had_a, had_s = probe.had_a, probe.had_s
    if now_s - had_s >= _AGAIN_S or draw.drawn_a > had_a:
        had_a, had_s = math.floor(draw.drawn_a), now_s
    if left_a < probe.left_a - _FELL_A:
        return Probe(had_a=had_a, had_s=had_s)
    return Probe(
        not_before_s=probe.not_before_s, wait_s=probe.wait_s, left_a=probe.left_a, had_a=had_a, had_s=had_s
    )


def _stepped(probe: Probe, draw: Draw, now_s: float) -> tuple[Probe, float]:
    """Return the next step, or the current one until the car was seen to take it."""
    to_a, step_a = probe.to_a, probe.step_a
    if to_a is not None and draw.limit_a < to_a:
        return probe, to_a
    has_answered = draw.drawn_a > draw.limit_a - _LESS_A and now_s - draw.limit_since_s >= _APART_S
    if not has_answered or now_s < probe.not_before_s:
        return probe, draw.limit_a
    if draw.limit_a >= draw.most_a:
        return Probe(), draw.limit_a
    wait_s = probe.wait_s
    had_a = probe.had_a if now_s - probe.had_s < _AGAIN_S else 0.0
    if to_a is None:
        step_a = max(1.0, round(_STEP_FIRST_W / draw.watts_per_a))
    else:
        most_a = max(1.0, math.floor(_STEP_MOST_W / draw.watts_per_a))
        step_a, wait_s = min(2.0 * step_a, most_a), _WAIT_FIRST_S
    step_a = max(step_a, had_a - draw.limit_a)
    to_a = min(draw.limit_a + step_a, draw.most_a)
    return Probe(to_a=to_a, step_a=step_a, wait_s=wait_s, had_a=probe.had_a, had_s=probe.had_s), to_a
