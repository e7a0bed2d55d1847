"""The resident's reserve as a demand that holds: the battery stops there, and is charged back if asked.

State of charge 0 to 1; W, positive = charging; seconds of a monotonic clock.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from ..model import Owner
from .demand import Demand, Envelope, device

# Discharge stops at the reserve + the first, and is free again at + the second.
STOP_MARGIN, FREE_MARGIN = 0.01, 0.02
# Charging back from the grid begins this far below, at the first part of the rating; at the second part this
# far below, until it has come up a little; it ends this far above, or with a full battery.
RESTORE_BELOW, FAST_BELOW, SLOW_AGAIN_BELOW, RESTORED_ABOVE = 0.02, 0.05, 0.04, 0.01
SLOW_PART, FAST_PART = 0.10, 0.50
# A battery is said to discharge from here on.
DISCHARGES_W = 50.0
# A change that its rating cannot explain is a calibration: it is believed when told again after so long.
JUMP, JUMP_AGREES, JUMP_GUARD_S = 0.04, 0.02, 600.0
# Without a state of charge for so long it is taken to be at its reserve.
UNKNOWN_AFTER_S = 600.0
DAY_S = 86400.0
# Finer differences of state of charge are those of floats.
_DIGITS = 6


class ReserveState(StrEnum):
    """Where a battery is in respect to its reserve."""

    ABOVE = "above"
    AT = "at"
    BELOW = "below"
    RESTORING = "restoring"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveWish:
    """The state of charge kept, and whether it is charged back from the grid."""

    reserve: float
    restore: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveInput:
    """The battery now. ``state_of_charge`` is None, or no number from 0 to 1, when it is not known.

    ``step`` is the finest change of state of charge that it tells. ``may_buy``: neither a limit of the grid
    operator nor an event that the resident takes part in speaks against charging from the grid now.
    """

    state_of_charge: float | None
    power_w: float
    rated_w: float
    capacity_wh: float
    step: float = 0.0
    may_buy: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveMemory:
    """What is remembered of one battery; ``ReserveMemory()`` is the start.

    ``believed``: the last state of charge believed, at ``believed_at_s`` (before the first, when it was first
    asked for). ``doubted``: one that cannot have come about, told last at ``doubted_at_s``. ``holding``: its
    discharge was stopped. ``restores_s``: when charging back from the grid began, of the last day.
    """

    state: ReserveState = ReserveState.ABOVE
    believed: float | None = None
    believed_at_s: float | None = None
    doubted: float | None = None
    doubted_since_s: float = 0.0
    doubted_at_s: float = 0.0
    holding: bool = False
    fast: bool = False
    restores_s: tuple[float, ...] = ()

    @property
    def restored_often(self) -> bool:
        """Whether the battery was charged back more than once within a day: something draws on it."""
        return len(self.restores_s) > 1

    @property
    def doubtful(self) -> bool:
        """Whether the state of charge has jumped and is not believed yet: to be told."""
        return self.doubted is not None


def reserve_demand(
    device_id: str, wish: ReserveWish, now: ReserveInput, memory: ReserveMemory, now_s: float
) -> tuple[Demand | None, ReserveMemory]:
    """Return what the reserve asks of the battery, None when nothing, and what to remember.

    At the reserve it is a bound on discharge: a standing one while the battery does not discharge by itself,
    so that it is not taken for it; once it was stopped it is held until well above. A jump of the state of
    charge changes nothing for ten minutes; an unknown one counts as the reserve after ten.
    """
    if wish.reserve <= 0:
        return None, ReserveMemory()
    memory = _believed(now, memory, now_s)
    if memory.believed is not None:
        memory = _moved(wish, now, memory, memory.believed, now_s)
    unknown = _unknown(memory, now_s)
    if memory.state is ReserveState.ABOVE and not unknown:
        return None, replace(memory, holding=False)
    memory = replace(memory, holding=memory.holding or now.power_w < -DISCHARGES_W)
    if unknown:
        return _hold(device_id, "reserve_unknown", holding=memory.holding), memory
    if memory.state is ReserveState.RESTORING and now.may_buy:
        power_w = (FAST_PART if memory.fast else SLOW_PART) * now.rated_w
        if memory.restored_often:
            return _demand(device_id, "reserve_restored_often", power_w, standing=False), memory
        return _demand(device_id, "reserve_restored", power_w, standing=False), memory
    return _hold(device_id, "reserve", holding=memory.holding), memory


def _hold(device_id: str, reason: str, *, holding: bool) -> Demand:
    return _demand(device_id, reason, 0.0, standing=not holding)


def _demand(device_id: str, reason: str, low_w: float, *, standing: bool) -> Demand:
    return Demand(
        owner=Owner.RESIDENT,
        scope=device(device_id),
        asks=Envelope(low_w=low_w),
        reason=reason,
        source_id="reserve",
        standing=standing,
    )


def _unknown(memory: ReserveMemory, now_s: float) -> bool:
    """Return whether no state of charge was told for too long; a doubted one was told."""
    told_at_s = memory.doubted_at_s if memory.doubtful else memory.believed_at_s
    return told_at_s is not None and now_s - told_at_s > UNKNOWN_AFTER_S


def _believed(now: ReserveInput, memory: ReserveMemory, now_s: float) -> ReserveMemory:
    told = now.state_of_charge
    if told is None or not 0.0 <= told <= 1.0:
        return replace(memory, believed_at_s=now_s) if memory.believed_at_s is None else memory
    doubted, since_s = memory.doubted, memory.doubted_since_s
    agreed = doubted is not None and abs(told - doubted) <= JUMP_AGREES + _possible(
        now, now_s - memory.doubted_at_s
    )
    if agreed and now_s - since_s >= JUMP_GUARD_S:
        return replace(memory, believed=told, believed_at_s=now_s, doubted=None)
    if memory.believed is not None and memory.believed_at_s is not None:
        until_s = now_s if doubted is None else since_s
        if abs(told - memory.believed) > JUMP + _possible(now, until_s - memory.believed_at_s):
            return replace(
                memory, doubted=told, doubted_since_s=since_s if agreed else now_s, doubted_at_s=now_s
            )
    return replace(memory, believed=told, believed_at_s=now_s, doubted=None)


def _possible(now: ReserveInput, in_s: float) -> float:
    """Return by how much the state of charge can have changed at the battery's rating, and in its steps."""
    if now.capacity_wh <= 0:
        return 1.0
    return now.step + abs(now.rated_w) * max(0.0, in_s) / 3600.0 / now.capacity_wh


def _moved(
    wish: ReserveWish, now: ReserveInput, memory: ReserveMemory, believed: float, now_s: float
) -> ReserveMemory:
    """Return the memory in the state that follows from a believed state of charge."""
    over = round(believed - wish.reserve, _DIGITS)
    free_at = round(max(FREE_MARGIN, STOP_MARGIN + 2 * now.step), _DIGITS)
    # Nothing is above a full battery.
    restored_at = round(min(RESTORED_ABOVE, 1.0 - wish.reserve), _DIGITS)
    restoring = wish.restore and (
        over <= -RESTORE_BELOW or (memory.state is ReserveState.RESTORING and over < restored_at)
    )
    if restoring:
        state = ReserveState.RESTORING
    elif over < 0:
        state = ReserveState.BELOW
    elif over <= STOP_MARGIN or (memory.state is not ReserveState.ABOVE and over < free_at):
        state = ReserveState.AT
    else:
        state = ReserveState.ABOVE
    begins = restoring and memory.state is not ReserveState.RESTORING
    restores_s = tuple(at for at in memory.restores_s if now_s - at < DAY_S) + ((now_s,) if begins else ())
    fast = over <= -FAST_BELOW or (memory.fast and over < -SLOW_AGAIN_BELOW)
    return replace(memory, state=state, fast=fast, restores_s=restores_s)
