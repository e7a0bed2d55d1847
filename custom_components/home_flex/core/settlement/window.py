"""From what was counted of an event to what its receipt is reckoned from.

What would have been without it is here told live, by what each device was seen to do before: a car that was
charging goes on at that power while it is plugged, a battery that was told a power keeps it, one that stood
still rests, and another covers the house (and cars, where it gave more than the house took). Of devices of a
group it is told by their powers before: what the home around them does is not theirs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Final

from ..model import DeviceKind
from .baselines.as_dispatched import Dispatched, NotMetered
from .exact import half_up
from .observed import Observed
from .rerun import MS_AN_HOUR, Battery, BatteryRule, Car, Cover, Rest, Set
from .settlement import LEAST_COMPLETE, Interval
from .tally import QUARTER_MS, Before, Part, Tally, cuts

# Below this a battery stands still.
_STILL_W: Final = 50
_MORE_THAN_HOUSE_W: Final = 100
_PER_MILLE: Final = 950
# What batteries keep below what they are used to.
_KEPT_SHARE: Final = Fraction(1, 20)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """An event from its first moment to its last: all of its parts, counted or not, and how long each is."""

    parts: tuple[Part, ...]
    lengths_ms: tuple[int, ...]

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals of its receipt."""
        first = self.parts[0].start_ms // QUARTER_MS if self.parts else 0
        return tuple(
            _interval(part, length_ms, part.start_ms // QUARTER_MS - first)
            for part, length_ms in zip(self.parts, self.lengths_ms, strict=True)
        )


def window_of(tally: Tally, start_ms: int, end_ms: int, edges_ms: Iterable[int]) -> Window:
    """Return the window of an event that went from ``start_ms`` to ``end_ms`` (ms of the UTC epoch)."""
    known = {part.start_ms: part for part in tally.parts}
    pieces = tuple(cuts(start_ms, end_ms, edges_ms))
    return Window(
        parts=tuple(known.get(one) or Part(start_ms=one) for one, _ in pieces),
        lengths_ms=tuple(last - one for one, last in pieces),
    )


def dispatched_of(tally: Tally, window: Window, *, most_w: int, of_group: bool) -> Dispatched | None:
    """Return what is re-run of an event, None when nobody knows how its devices were before."""
    if not tally.before:
        return None
    parts = window.parts
    rerun = {each.device_id: each for each in tally.before if _is_rerun(each, tally)}
    return Dispatched(
        lengths_ms=tuple(
            min(part.covered_ms, length_ms) for part, length_ms in zip(parts, window.lengths_ms, strict=True)
        ),
        rest_wh=tuple(_rest_wh(part, rerun) for part in parts),
        sun_wh=tuple(_sum_wh(part, rerun, DeviceKind.PV) for part in parts),
        cars=tuple(_car(each, parts) for each in rerun.values() if each.kind is DeviceKind.EV_CHARGER),
        batteries=tuple(
            (_battery(each), tuple(_rule(each, tally, part, of_group=of_group) for part in parts))
            for each in rerun.values()
            if each.kind is DeviceKind.BATTERY
        ),
        most_w=most_w,
        unknown=_unknown(tally),
    )


def _interval(part: Part, length_ms: int, quarter: int) -> Interval:
    seen = {each.name: getattr(part, each.name) for each in fields(Observed)}
    seen["covered_ms"] = min(part.covered_ms, length_ms)
    seen["watched_ms"] = min(part.watched_ms, length_ms)
    return Interval(length_ms=length_ms, used_wh=_wh(part.energy_w_ms), quarter=quarter, **seen)


def _is_rerun(before: Before, tally: Tally) -> bool:
    match before.kind:
        case DeviceKind.PV:
            return True
        case DeviceKind.BATTERY:
            return before.device_id in tally.steered or abs(before.power_w) >= _STILL_W
        case DeviceKind.EV_CHARGER:
            return before.device_id in tally.steered
    return False


def _unknown(tally: Tally) -> NotMetered | None:
    if tally.others_steered:
        return NotMetered.STEERED_DEVICE
    suns = {each.device_id for each in tally.before if each.kind is DeviceKind.PV}
    return NotMetered.LIMITED_SUN if suns & tally.steered else None


def _rest_wh(part: Part, rerun: Iterable[str]) -> int | None:
    if part.devices_ms < LEAST_COMPLETE * part.covered_ms:
        return None
    return _wh(part.energy_w_ms - sum(part.devices.get(device_id, 0) for device_id in rerun))


def _sum_wh(part: Part, rerun: dict[str, Before], kind: DeviceKind) -> int:
    return _wh(sum(part.devices.get(key, 0) for key, each in rerun.items() if each.kind is kind))


def _car(before: Before, parts: Iterable[Part]) -> Car:
    allowed_wh = tuple(max(_wh(part.plugged.get(before.device_id, 0)), 0) for part in parts)
    return Car(
        plugged=tuple(energy_wh > 0 for energy_wh in allowed_wh),
        allowed_wh=allowed_wh,
        need_wh=sum(allowed_wh),
    )


def _battery(before: Before) -> Battery:
    lowest_wh = min(half_up(before.capacity_wh * _KEPT_SHARE), before.stored_wh)
    return Battery(
        stored_wh=before.stored_wh,
        lowest_wh=lowest_wh,
        highest_wh=max(before.capacity_wh, before.stored_wh),
        most_in_w=before.most_in_w,
        most_out_w=before.most_out_w,
        charging_per_mille=_PER_MILLE,
        discharging_per_mille=_PER_MILLE,
    )


def _rule(before: Before, tally: Tally, part: Part, *, of_group: bool) -> BatteryRule:
    told_w = before.power_w if of_group else before.told_w
    if told_w is not None:
        return Set(energy_wh=_wh(told_w * part.covered_ms))
    if abs(before.power_w) < _STILL_W:
        return Rest()
    others = [each for each in tally.before if each.kind is not DeviceKind.GRID_METER]
    cars_w = sum(each.power_w for each in others if each.kind is DeviceKind.EV_CHARGER)
    batteries_w = sum(each.power_w for each in others if each.kind is DeviceKind.BATTERY)
    meter_w = sum(each.power_w for each in tally.before if each.kind is DeviceKind.GRID_METER)
    house_w = meter_w - cars_w - batteries_w
    return Cover(with_cars=cars_w > 0 and -batteries_w > house_w + _MORE_THAN_HOUSE_W)


def _wh(energy_w_ms: int) -> int:
    return half_up(Fraction(energy_w_ms, MS_AN_HOUR))
