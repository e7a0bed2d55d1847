"""How soon consumers answer a step of load, on whom a fuse can count, and who steps back to show its answer.

Until a charger has answered an order it counts as slow, which keeps room that may not be needed. Where that
room is wanted, one at a time is told less for a moment: this alone moves, and shows when it is answered.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Seen
from ..model import SMALLEST_CURRENT_A, Owner, Quantity
from . import response, shown
from .flexibility import Restriction
from .headroom import LEAST_STEP_A, Answer, usable_among_a
from .network import Guard, Unit
from .state import ControlMemory

# What draws less is no car that charges.
_DRAWS_W = 100.0
_RESTS_AFTER_S = 20.0
# One that showed nothing is tried again when nothing older is left to show, then ever more seldom.
_AGAIN_MOST_S = 3600.0
# A step that is told only just, a vehicle's own ways could hide.
_PLAINLY = 1.15
# So much more room must be won for a step to be worth it, and so little must be left that it is wanted.
_WORTH_A = 1.0


@dataclass(frozen=True, slots=True)
class Answering:
    """A consumer that draws ``power_w``, and how long it takes until its answer to a step of load shows.

    ``is_known``: that was seen, else it counts as slow. ``back_w`` is what it may be told now to show it,
    None while it has not drawn the same for long enough; ``is_showing``: it was told less, whoever wanted
    that, and is being watched; ``power_w`` is then what it drew before.
    """

    delay_s: float
    power_w: float
    is_known: bool = True
    back_w: float | None = None
    is_showing: bool = False


def answering(seen: Mapping[str, Seen[Any]], memory: ControlMemory, now_s: float) -> Mapping[str, Answering]:
    """Return the devices set in amperes that a fuse may count on, and how long each takes until it answers.

    Those that draw or may draw now, else all: who begins next is let in no further than its answer allows.
    """
    able = {key: one for key, one in seen.items() if is_set_in_a(one)}
    drawing = {key: one for key, one in able.items() if one.reading.power_w > _DRAWS_W or _is_let_in(one)}
    return {
        key: Answering(
            response.loop_delay_s(one.memory.response, memory.meter.rhythm),
            max(_drawn_w(one), _DRAWS_W),
            is_known=response.is_known(one.memory.response),
            back_w=_back_w(one, _draws_since_s(memory, key), now_s),
            is_showing=_is_showing(one),
        )
        for key, one in (drawing or able).items()
    }


def is_set_in_a(seen: Seen[Any]) -> bool:
    """Return whether what is set of a device is a current."""
    return kind_of(seen.device).quantity is Quantity.CURRENT_LIMIT_A


def _is_let_in(seen: Seen[Any]) -> bool:
    order = seen.memory.orders[-1] if seen.memory.orders else None
    return order is not None and order.value is not None and order.value > 0.0


def _draws_since_s(memory: ControlMemory, device_id: str) -> float:
    known = memory.charging.chargers.get(device_id)
    since_s = known.vehicle.draws_since_s if known is not None else None
    return math.inf if since_s is None else since_s


def _drawn_w(seen: Seen[Any]) -> float:
    """Return what a consumer draws, or drew before it was told less to show its answer."""
    step = seen.memory.step
    power_w: float = seen.reading.power_w
    return max(power_w, step.report_w) if step is not None and _is_showing(seen) else power_w


def _is_showing(seen: Seen[Any]) -> bool:
    step = seen.memory.step
    return step is not None and step.delta_w < 0.0


def _back_w(seen: Seen[Any], draws_since_s: float, now_s: float) -> float | None:
    """Return the power to go back to: the smallest, or none where that is too near to tell."""
    order = seen.memory.orders[-1] if seen.memory.orders else None
    if _is_showing(seen) and order is not None:
        return order.power_w
    kind, power_w = kind_of(seen.device), seen.reading.power_w
    rests_since_s = draws_since_s if order is None else max(draws_since_s, order.sent_s)
    if now_s - rests_since_s < _rests_after_s(seen):
        return None
    if order is not None and order.value is not None:
        ordered_w = kind.ordered_w(order.value, seen)
        if abs(power_w - ordered_w) > shown.tolerance_w(ordered_w):
            return None
    smallest_w = kind.flexibility(seen, stuck=False).smallest_w
    return smallest_w if power_w - smallest_w >= _PLAINLY * response.LEARN_FROM_W else 0.0


def _rests_after_s(seen: Seen[Any]) -> float:
    """Return how long a consumer has drawn the same before it may be told less to show its answer."""
    vain = seen.memory.response.vain
    if not vain:
        return _RESTS_AFTER_S
    return min(_AGAIN_MOST_S, max(_RESTS_AFTER_S, seen.report_window_s) * 2.0 ** min(vain - 1, 10))


type There = Mapping[str, tuple[float, Answering]]


def there(guard: Guard, answering: Mapping[str, Answering]) -> There:
    """Return who can be counted on behind a fuse, and the amperes there of a watt of each.

    Where the most of the rest was stated, room for a step is left already: nobody is needed.
    """
    if guard.unit is not Unit.A or guard.rest is not None:
        return {}
    return {
        key: (share, answering[key])
        for key, share in guard.coefficients.items()
        if share > 0.0 and key in answering
    }


def counted_usable_a(guard: Guard, rest_a: float, there: There) -> float:
    """Return up to which current a phase may be planned, going by those whose answer can be counted on.

    Who has not shown its answer counts as slow, unless that leaves too little for all to run: then it is not
    counted until it has.
    """
    return _usable_a(guard, rest_a, there if _has_room(guard, rest_a, there) else _known(there))


def step_back(guard: Guard, rest_a: float, there: There, *, is_contested: bool) -> Restriction | None:
    """Return who behind a fuse is told less for a moment to show its answer, None when nobody need be.

    It is worth it where that wins room which is wanted: all that is left is used, or somebody waits
    (``is_contested``).
    """
    able = {key: one for key, (_, one) in there.items() if one.back_w is not None and not one.is_known}
    if not able or (_has_room(guard, rest_a, there) and not _is_worth(guard, rest_a, there, is_contested)):
        return None
    device_id = min(able, key=lambda key: (not able[key].is_showing, key))
    return Restriction(
        owner=Owner.FUSE, device_id=device_id, reason="fuse_headroom", high_w=able[device_id].back_w or 0.0
    )


def _is_worth(guard: Guard, rest_a: float, there: There, is_contested: bool) -> bool:
    usable_a = _usable_a(guard, rest_a, there)
    drawn_a = math.fsum(share * one.power_w for share, one in there.values())
    is_used = rest_a + drawn_a > usable_a - _WORTH_A
    return (is_contested or is_used) and _usable_a(guard, rest_a, _known(there)) - usable_a >= _WORTH_A


def _known(there: There) -> There:
    return {key: each for key, each in there.items() if each[1].is_known}


def _has_room(guard: Guard, rest_a: float, there: There) -> bool:
    """Return whether all answers are known, or all can be let in although some count as slow."""
    if all(one.is_known for _, one in there.values()):
        return True
    return _usable_a(guard, rest_a, there) - rest_a >= SMALLEST_CURRENT_A * len(there)


def _usable_a(guard: Guard, rest_a: float, there: There) -> float:
    answers = [Answer(one.delay_s, share * one.power_w) for share, one in there.values()]
    return usable_among_a(guard.high, max(0.0, rest_a), answers, LEAST_STEP_A)
