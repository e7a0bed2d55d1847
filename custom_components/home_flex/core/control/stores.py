"""How stores share a power among them: one sign, fair by energy, one alone when there is little to do.

W, Wh, seconds of a monotonic clock; positive = charging. State of charge 0 to 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

# The sum changes its sign only when it has been beyond this for so long.
SIGN_DEAD_BAND_W = 50.0
SIGN_HOLD_S = 10.0
# Below this part of all ratings one store works alone, as efficiency falls at small power; above the second
# part they share again.
ALONE_BELOW, SHARED_ABOVE = 0.10, 0.15
# The one that works alone changes at most so often, and only for such a difference in state of charge.
SWAP_AFTER_S = 1800.0
SWAP_DIFFERENCE = 0.05
_NO_ROOM_WH = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """A store as it may be used now: its shown range [low_w, high_w] and its room in Wh in both directions.

    ``above_reserve_wh`` is what it may give until its reserve. A range that leaves out 0 is forced (a battery
    that calibrates or is charged back to its reserve).
    """

    device_id: str
    state_of_charge: float
    to_full_wh: float
    above_reserve_wh: float
    low_w: float
    high_w: float
    rated_w: float

    @property
    def forced(self) -> bool:
        """Whether it charges or discharges whatever is asked."""
        return self.low_w > 0 or self.high_w < 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SharingMemory:
    """The sign of the sum (0: not yet), since when another is asked, and who works alone since when."""

    sign: int = 0
    other_since_s: float | None = None
    alone: str | None = None
    alone_since_s: float = 0.0


def share(
    total_w: float, stores: Sequence[Store], memory: SharingMemory, now_s: float, *, at_once: bool = False
) -> tuple[Mapping[str, float], SharingMemory]:
    """Return each store's part of ``total_w``, and what to remember; what nobody can take is left over.

    No two have opposite signs but where one is forced; what forced ones do is part of the total. What is left
    is shared in proportion to the room in Wh, so that all reach the end together. The sum may change its sign
    only when it has asked so for ten seconds, unless a limit wants it ``at_once``.
    """
    forced = {one.device_id: max(one.low_w, min(0.0, one.high_w)) for one in stores if one.forced}
    free = [one for one in stores if not one.forced]
    left_w = total_w - math.fsum(forced.values())
    memory = _signed(left_w, memory, now_s, 0.0 if at_once else SIGN_HOLD_S)
    asked_w = abs(left_w) if left_w * memory.sign > 0 else 0.0
    memory = _alone(asked_w, free, memory, now_s)
    working = [one for one in free if memory.alone in (None, one.device_id)]
    parts = water_filled(
        asked_w,
        {one.device_id: _room_wh(one, memory.sign) for one in working},
        {one.device_id: _most_w(one, memory.sign) for one in working},
    )
    powers = {one.device_id: memory.sign * parts.get(one.device_id, 0.0) for one in free}
    return {**forced, **powers}, memory


def water_filled(
    total: float, weights: Mapping[str, float], most: Mapping[str, float]
) -> Mapping[str, float]:
    """Return parts of ``total`` in proportion to ``weights``, none above its ``most``, all at least 0.

    What one cannot take the others do; they add up to the total or to all they can. No weight, no part. The
    outcome does not depend on the order.
    """
    parts = dict.fromkeys(weights, 0.0)
    open_ids = sorted(key for key, weight in weights.items() if weight > _NO_ROOM_WH and most[key] > 0)
    while open_ids:
        left = total - math.fsum(parts.values())
        level = left / math.fsum(weights[key] for key in open_ids)
        full = [key for key in open_ids if level * weights[key] >= most[key]]
        if not full:
            return {**parts, **{key: level * weights[key] for key in open_ids}}
        parts.update({key: most[key] for key in full})
        open_ids = [key for key in open_ids if key not in full]
    return parts


def not_into_the_car_w(house_w: float, pv_w: float, bridge_w: float = 0.0) -> float:
    """Return the least power (0 or less) of the batteries together that feeds the house and not the car.

    ``house_w`` is the load without cars and stores, ``pv_w`` what the sun gives (0 or less). ``bridge_w`` is
    what the resident lends the car to get over a cloud.
    """
    return -max(0.0, house_w + pv_w) - max(0.0, bridge_w)


def _signed(total_w: float, memory: SharingMemory, now_s: float, hold_s: float) -> SharingMemory:
    sign = 1 if total_w > 0 else -1
    if memory.sign == 0:
        return replace(memory, sign=sign if total_w else 0)
    if sign == memory.sign or abs(total_w) <= SIGN_DEAD_BAND_W:
        return replace(memory, other_since_s=None)
    since_s = now_s if memory.other_since_s is None else memory.other_since_s
    if now_s - since_s < hold_s:
        return replace(memory, other_since_s=since_s)
    return replace(memory, sign=sign, other_since_s=None)


def _alone(asked_w: float, stores: Sequence[Store], memory: SharingMemory, now_s: float) -> SharingMemory:
    """Return the memory with the store that works alone, or None where they share."""
    sign = memory.sign
    if sign == 0:
        return memory
    able = [one for one in stores if _room_wh(one, sign) > _NO_ROOM_WH and _most_w(one, sign) >= asked_w]
    rated_w = math.fsum(one.rated_w for one in stores)
    bound = ALONE_BELOW if memory.alone is None else SHARED_ABOVE
    if not able or len(stores) < 2 or asked_w >= bound * rated_w:
        return replace(memory, alone=None)
    best = min(able, key=lambda one: (sign * one.state_of_charge, one.device_id))
    now = next((one for one in able if one.device_id == memory.alone), None)
    if now is not None and not (
        now_s - memory.alone_since_s >= SWAP_AFTER_S
        and sign * (now.state_of_charge - best.state_of_charge) > SWAP_DIFFERENCE
    ):
        return memory
    return replace(memory, alone=best.device_id, alone_since_s=now_s)


def _room_wh(store: Store, sign: int) -> float:
    return max(0.0, store.to_full_wh if sign > 0 else store.above_reserve_wh)


def _most_w(store: Store, sign: int) -> float:
    return max(0.0, sign * (store.high_w if sign > 0 else store.low_w))
