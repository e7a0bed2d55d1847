"""From what was counted of an event to what its receipt is reckoned from.

What would have been without it is told by what was known before anybody knew of the event: a battery and a
car follow the plan of that time where there was one. Else a car that was charging goes on at that power while
it is plugged, and one that comes draws what its mode lets it; a battery that was told a power keeps it, one
that stood still where it could have covered the house rests, and another covers it (and cars, where it gave
more than the house took). A load that the event moved would have done what like days tell, and a roof that it
held back what was forecast. Of devices of a group it is told by their powers before: what the home around
them does is not theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Final

from ..model import DeviceKind
from .baselines.as_dispatched import Dispatched, NotMetered
from .device_past import DevicePast
from .exact import half_up, rounded
from .observed import Observed
from .rerun import MS_AN_HOUR, Battery, BatteryRule, Car, Cover, Rest, Set
from .settlement import LEAST_COMPLETE, Interval
from .tally import QUARTER_MS, Before, Part, PlannedStep, Tally, cuts

# Below this a battery stands still.
_STILL_W: Final = 50
_MORE_THAN_HOUSE_W: Final = 100
_PER_MILLE: Final = 950
# What batteries keep below what they are used to.
_KEPT_SHARE: Final = Fraction(1, 20)
# A battery that gives nothing below this may be empty, and one that takes nothing above it full.
_EMPTY_SHARE, _FULL_SHARE = Fraction(1, 5), Fraction(9, 10)
_OWN_RULES: Final = frozenset(
    {DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY, DeviceKind.EV_CHARGER}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """An event from its first moment to its last: all of its parts, counted or not, and how long each is."""

    parts: tuple[Part, ...]
    lengths_ms: tuple[int, ...]

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals of its receipt."""
        return tuple(
            _interval(part, length_ms, quarter)
            for part, length_ms, quarter in zip(self.parts, self.lengths_ms, self.quarters, strict=True)
        )

    @property
    def quarters(self) -> tuple[int, ...]:
        """In which of the quarter-hours of the event each part lies."""
        first = self.parts[0].start_ms // QUARTER_MS if self.parts else 0
        return tuple(part.start_ms // QUARTER_MS - first for part in self.parts)

    @property
    def covered_ms(self) -> tuple[int, ...]:
        """For how long each part was measured."""
        return tuple(
            min(part.covered_ms, length_ms)
            for part, length_ms in zip(self.parts, self.lengths_ms, strict=True)
        )

    @property
    def spans_ms(self) -> tuple[tuple[int, int], ...]:
        """From when until when each part is, as far as it was measured."""
        return tuple(
            (part.start_ms, part.start_ms + covered_ms)
            for part, covered_ms in zip(self.parts, self.covered_ms, strict=True)
        )


def window_of(tally: Tally, start_ms: int, end_ms: int, edges_ms: Iterable[int]) -> Window:
    """Return the window of an event that went from ``start_ms`` to ``end_ms`` (ms of the UTC epoch)."""
    known = {part.start_ms: part for part in tally.parts}
    pieces = tuple(cuts(start_ms, end_ms, edges_ms))
    return Window(
        parts=tuple(known.get(one) or Part(start_ms=one) for one, _ in pieces),
        lengths_ms=tuple(last - one for one, last in pieces),
    )


def dispatched_of(
    tally: Tally, window: Window, *, most_w: int, of_group: bool, past: DevicePast | None = None
) -> Dispatched | None:
    """Return what is re-run of an event, None when nobody knows how its devices were before.

    ``past``: what the devices did on other days; without it nobody knows what a load would have done.
    """
    if not tally.before:
        return None
    parts = window.parts
    rerun = {each.device_id: each for each in tally.before if _is_rerun(each, tally)}
    loads = {key: _load_wh(key, window, past) for key in loads_of(tally)}
    suns = {
        key: _sun_wh(key, window, past, is_held=key in tally.steered)
        for key, each in rerun.items()
        if each.kind is DeviceKind.PV
    }
    return Dispatched(
        lengths_ms=window.covered_ms,
        rest_wh=tuple(_rest_wh(part, rerun) for part in parts),
        sun_wh=tuple(sum(each[index] for each in suns.values() if each) for index in range(len(parts))),
        cars=tuple(
            _car(each, tally, window, past) for each in rerun.values() if each.kind is DeviceKind.EV_CHARGER
        ),
        heat_wh=tuple(each for each in loads.values() if each is not None),
        batteries=tuple(
            (_battery(each, past), tuple(_rule(each, tally, part, of_group=of_group) for part in parts))
            for each in rerun.values()
            if each.kind is DeviceKind.BATTERY
        ),
        most_w=most_w,
        unknown=_unknown(tally, loads, suns),
        sun_held_ms=_sun_held_ms(window, [key for key in suns if key in tally.steered]),
    )


def loads_of(tally: Tally) -> tuple[str, ...]:
    """Return the loads that the event moved: ``Dispatched.heat_wh`` has a row of each, in this order."""
    return tuple(
        each.device_id for each in tally.before if each.kind not in _OWN_RULES and _is_rerun(each, tally)
    )


def measured_wh(use_wh: Sequence[int | Fraction], window: Window) -> tuple[int, ...]:
    """Return what the measured part of each interval has of energies of quarter-hours, whole Wh."""
    pairs = zip(window.quarters, window.covered_ms, strict=True)
    return rounded([Fraction(use_wh[quarter] * covered_ms, QUARTER_MS) for quarter, covered_ms in pairs])


def _interval(part: Part, length_ms: int, quarter: int) -> Interval:
    seen = {each.name: getattr(part, each.name) for each in fields(Observed)}
    seen["covered_ms"] = min(part.covered_ms, length_ms)
    seen["watched_ms"] = min(part.watched_ms, length_ms)
    return Interval(length_ms=length_ms, used_wh=_wh(part.energy_w_ms), quarter=quarter, **seen)


def _is_rerun(before: Before, tally: Tally) -> bool:
    match before.kind:
        case DeviceKind.GRID_METER:
            return False
        case DeviceKind.PV:
            return True
        case DeviceKind.BATTERY:
            return before.device_id in tally.steered or abs(before.power_w) >= _STILL_W
    return before.device_id in tally.steered


def _unknown(
    tally: Tally,
    loads: Mapping[str, tuple[int, ...] | None],
    suns: Mapping[str, tuple[int, ...] | None],
) -> NotMetered | None:
    if tally.others_steered or None in loads.values():
        return NotMetered.STEERED_DEVICE
    return NotMetered.LIMITED_SUN if None in suns.values() else None


def _rest_wh(part: Part, rerun: Iterable[str]) -> int | None:
    if any(part.heard_ms.get(each, 0) < LEAST_COMPLETE * part.covered_ms for each in rerun):
        return None
    return _wh(part.energy_w_ms - sum(part.devices.get(device_id, 0) for device_id in rerun))


def _load_wh(device_id: str, window: Window, past: DevicePast | None) -> tuple[int, ...] | None:
    """Return what a load would have used in the measured part of each interval."""
    use_wh = None if past is None else past.load_wh(device_id)
    return measured_wh(use_wh, window) if isinstance(use_wh, tuple) else None


def _sun_wh(
    device_id: str, window: Window, past: DevicePast | None, *, is_held: bool
) -> tuple[int, ...] | None:
    """Return what a roof gave, and where the event held it what it would have given if that is more."""
    measured = tuple(_wh(part.devices.get(device_id, 0)) for part in window.parts)
    if not is_held:
        return measured
    would = None if past is None else past.sun_wh(device_id, window.spans_ms)
    if would is None:
        return None
    rows = zip(measured, would, window.parts, strict=True)
    return tuple(
        min(given_wh, would_wh) if part.moved_ms.get(device_id) else given_wh
        for given_wh, would_wh, part in rows
    )


def _sun_held_ms(window: Window, roofs: Sequence[str]) -> tuple[int, ...]:
    """Return for how long of each interval the event held roofs back; nothing where it held none."""
    held = tuple(
        min(max((part.moved_ms.get(key, 0) for key in roofs), default=0), covered_ms)
        for part, covered_ms in zip(window.parts, window.covered_ms, strict=True)
    )
    return held if any(held) else ()


def _car(before: Before, tally: Tally, window: Window, past: DevicePast | None) -> Car:
    key = before.device_id
    allowed_wh = tuple(max(_car_wh(before, tally, part), 0) for part in window.parts)
    took_wh = sum(_wh(part.devices.get(key, 0)) for part in window.parts)
    need_wh = None if past is None else past.car_need_wh(key, took_wh, sum(allowed_wh))
    return Car(
        plugged=tuple(part.plugged_ms.get(key, 0) > 0 for part in window.parts),
        allowed_wh=allowed_wh,
        need_wh=sum(allowed_wh) if need_wh is None else need_wh,
    )


def _car_wh(before: Before, tally: Tally, part: Part) -> int:
    planned = _planned(before.device_id, tally, part)
    if planned is None:
        return _wh(part.plugged.get(before.device_id, 0))
    return _wh(planned.power_w * part.plugged_ms.get(before.device_id, 0))


def _battery(before: Before, past: DevicePast | None) -> Battery:
    """Return a battery between the least and the most that it was seen to hold: it may be kept from more.

    One that was never near either end is taken for empty at a fifth, and for full at nine tenths.
    """
    key, capacity_wh = before.device_id, before.capacity_wh
    least_wh = None if past is None else past.lowest_wh(key, capacity_wh)
    most_wh = None if past is None else past.highest_wh(key, capacity_wh)
    lowest_wh, highest_wh = half_up(capacity_wh * _KEPT_SHARE), capacity_wh
    if least_wh is not None and most_wh is not None:
        lowest_wh = min(least_wh, half_up(capacity_wh * _EMPTY_SHARE))
        highest_wh = max(most_wh, half_up(capacity_wh * _FULL_SHARE))
    return Battery(
        stored_wh=before.stored_wh,
        lowest_wh=min(lowest_wh, before.stored_wh),
        highest_wh=max(highest_wh, before.stored_wh),
        most_in_w=before.most_in_w,
        most_out_w=before.most_out_w,
        charging_per_mille=_PER_MILLE,
        discharging_per_mille=_PER_MILLE,
    )


def _rule(before: Before, tally: Tally, part: Part, *, of_group: bool) -> BatteryRule:
    planned = _planned(before.device_id, tally, part)
    if planned is not None and planned.rule is not None and not of_group:
        return planned.rule
    told_w = before.power_w if of_group else before.told_w if planned is None else planned.power_w
    if told_w is not None:
        return Set(energy_wh=_wh(told_w * part.covered_ms))
    others = [each for each in tally.before if each.kind is not DeviceKind.GRID_METER]
    cars_w = sum(each.power_w for each in others if each.kind is DeviceKind.EV_CHARGER)
    batteries_w = sum(each.power_w for each in others if each.kind is DeviceKind.BATTERY)
    meter_w = sum(each.power_w for each in tally.before if each.kind is DeviceKind.GRID_METER)
    house_w = meter_w - cars_w - batteries_w
    if abs(before.power_w) < _STILL_W and not _has_nothing_to_do(before, house_w):
        return Rest()
    batteries = [each for each in others if each.kind is DeviceKind.BATTERY]
    return Cover(with_cars=_covers_cars(batteries, house_w=house_w, cars_w=cars_w))


def _covers_cars(batteries: Sequence[Before], *, house_w: int, cars_w: int) -> bool:
    """Return whether batteries did what the house with its cars asked of them, and not the house alone.

    One that stands still covers no car: it is full, or leaves it to the grid. The meters of a car and of the
    house are never of one mind, so that what counts is to which of both the batteries' power is nearer.
    """
    given_w = -sum(each.power_w for each in batteries)
    most_w, least_w = (sum(each.most_out_w for each in batteries), -sum(each.most_in_w for each in batteries))
    house_alone_w, with_cars_w = (min(max(each, least_w), most_w) for each in (house_w, house_w + cars_w))
    return (
        abs(given_w) >= _STILL_W
        and given_w > house_alone_w + _MORE_THAN_HOUSE_W
        and abs(given_w - with_cars_w) < given_w - house_alone_w
    )


def _has_nothing_to_do(before: Before, house_w: int) -> bool:
    """Return whether a battery that stands still may cover the house: it is empty, full, or not needed."""
    if house_w > _MORE_THAN_HOUSE_W:
        return before.stored_wh <= before.capacity_wh * _EMPTY_SHARE
    if house_w < -_MORE_THAN_HOUSE_W:
        return before.stored_wh >= before.capacity_wh * _FULL_SHARE
    return True


def _planned(device_id: str, tally: Tally, part: Part) -> PlannedStep | None:
    """Return what was planned of a device when a part begins."""
    return next(
        (
            each
            for each in tally.planned or ()
            if each.device_id == device_id and each.start_ms <= part.start_ms < each.end_ms
        ),
        None,
    )


def _wh(energy_w_ms: int) -> int:
    return half_up(Fraction(energy_w_ms, MS_AN_HOUR))
