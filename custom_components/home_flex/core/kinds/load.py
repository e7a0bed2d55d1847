"""What all loads have in common that are told a level: minimum times, starts, and what is called for.

A kind of load says which levels it has, whether it is on, and what its policy calls for.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..control.actuation_policy import ActuationPolicy
from ..control.allocation import Allocation
from ..control.asked import Cause, Lines
from ..control.flexibility import Flexibility, Role
from ..control.levels import Call, Hold, Level, LoadUse, Use
from ..control.memory import DeviceMemory
from ..control.merit import Member
from ..control.policy import Off, Surplus
from ..model import DeviceKind, Owner, Quantity, Reading
from .facts import Measure, Sensor
from .kind import Seen, Told

_HOUR_S = 3600.0
ON_W = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """What is called for, by whom and why."""

    call: Call
    owner: Owner = Owner.PLAN
    reason: str = ""


ALONE = Called(call=Call.ALONE)
FREE = Called(call=Call.FREE)
OFF = Called(call=Call.NEVER, owner=Owner.RESIDENT, reason="load_off")
_TIMES = Use(owner=Owner.DEVICE_SAFETY, reason="minimum_times")

# The rows that all kinds of load have; each kind has its own reading.
POWER: Sensor[Any] = Sensor(key="load_power", measure=Measure.POWER_W, value=lambda reading: reading.power_w)


def energy(value: Callable[[Any], float | None]) -> Sensor[Any]:
    """Return the row of what a load has drawn in Wh, where it counts that."""
    return Sensor(key="load_energy", measure=Measure.ENERGY_WH, value=value, optional=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Dwell:
    """What minimum times leave: at most ``high_w``, what is held, and who keeps one that is free again."""

    high_w: float
    hold: Hold | None = None
    use: Use | None = None


class Load[R: Reading](ABC):
    """A kind of load. Its setpoint is a limit: what is told to be on may draw nothing."""

    kind: DeviceKind
    quantity: Quantity
    actuation: ActuationPolicy
    member = Member.LOAD
    life_s = 900.0
    lost_after_s = 60.0
    window_s = 20.0
    report_window_s = 30.0
    is_driven = False
    rests = 0
    must = -1

    @abstractmethod
    def levels(self, seen: Seen[R]) -> tuple[Level, ...]:
        """Return the states it can be told, by rising power; at least one."""

    @abstractmethod
    def is_set(self, reading: R) -> bool:
        """Return whether the device itself says that somebody has set it."""

    def is_on(self, reading: R) -> bool:
        """Return whether it runs."""
        return reading.power_w > ON_W

    def called(self, seen: Seen[R]) -> Called:
        """Return what its policy and its state call for."""
        match seen.device.policy:
            case Surplus():
                return FREE
            case Off():
                return OFF
        return ALONE

    def times_s(self, reading: R) -> tuple[float, float]:  # noqa: ARG002 # a kind may read its own
        """Return how long it stays on, and off, at least."""
        return self.actuation.min_on_s, self.actuation.min_off_s

    def most_w(self, seen: Seen[R], levels: Sequence[Level], called: Called) -> float:
        """Return the most it may be let draw: one that is left alone is never switched on by us."""
        if called.call is Call.ALONE:
            return max(0.0, seen.reading.power_w, seen.memory.own_w)
        return levels[-1].power_w

    def takes(self, reading: R) -> Quantity:  # noqa: ARG002 # a kind may read its own
        """Return what the device is told."""
        return self.quantity

    def phases(self, reading: R) -> int | None:  # noqa: ARG002 # the kinds' protocol
        """Return None: a load uses all the phases it is wired to."""
        return None

    def learned(self, seen: Seen[R]) -> DeviceMemory:
        """Return the memory with since when it runs or rests, and with its starts of the last hour.

        Nobody knows what was before the first reading: its time begins then.
        """
        load, is_on = seen.memory.load, self.is_on(seen.reading)
        if is_on is load.is_on:
            return seen.memory
        starts = tuple(at_s for at_s in load.starts_s if seen.now_s - at_s < _HOUR_S)
        if is_on and load.is_on is False:
            starts = (*starts, seen.now_s)
        load = replace(load, is_on=is_on, since_s=seen.now_s, starts_s=starts)
        return replace(seen.memory, load=load)

    def ordered_w(self, value: float | None, seen: Seen[R]) -> float:
        """Return the power of the level of ``value``; by itself it goes on as it is read."""
        if value is None:
            return seen.reading.power_w
        return _nearest(self.levels(seen), value).power_w

    def watts_per_unit(self, seen: Seen[R]) -> float:  # noqa: ARG002 # the kinds' protocol
        """Return infinity: no change of a state is too small."""
        return math.inf

    def flexibility(self, seen: Seen[R], *, stuck: bool) -> Flexibility:
        """Return the range from the lowest to the highest level, as far as times and policy leave it."""
        levels, called = self.levels(seen), self.called(seen)
        power_w = max(0.0, seen.reading.power_w)
        low_w, high_w = levels[0].power_w, self.most_w(seen, levels, called)
        holds: tuple[Hold, ...] = ()
        if called.call is Call.ALONE and called.reason:
            power_now_w = levels[self.must].power_w if seen.memory.taken is not None else power_w
            holds = (Hold(power_w=power_now_w, owner=called.owner, reason=called.reason),)
        if called.call is Call.MUST:
            holds = (Hold(power_w=levels[self.must].power_w, owner=called.owner, reason=called.reason),)
        dwell = self._dwell(seen, levels)
        high_w = max(low_w, min(high_w, dwell.high_w))
        if called.call is Call.NEVER:
            high_w = max(low_w, min(high_w, levels[self.rests].power_w))
        elif dwell.hold is not None:
            holds = (*holds, dwell.hold)
            high_w = max(high_w, dwell.hold.power_w)
        if stuck:
            low_w = high_w = power_w
        own_w = power_w if seen.memory.taken is None else max(0.0, seen.memory.own_w)
        return Flexibility(
            device=seen.device,
            memory=seen.memory,
            reading=seen.reading,
            role=Role.CONSUMER,
            share=seen.share,
            low_w=low_w,
            high_w=high_w,
            wish_w=min(max(own_w, low_w), high_w),
            power_w=power_w,
            limit_high_w=levels[-1].power_w,
            smallest_w=next((level.power_w for level in levels if level.power_w > 0), 0.0),
            stuck=stuck,
            load=LoadUse(
                member=self.member,
                levels=levels,
                call=called.call,
                rests=self.rests,
                must=self.must,
                is_held=self.rests == 0 and called.call is not Call.ALONE,
                owner=called.owner,
                reason=called.reason,
                holds=holds,
                use=dwell.use,
            ),
            quantity=self.takes(seen.reading),
        )

    def told(
        self,
        device: Flexibility,
        devices: Sequence[Flexibility],  # noqa: ARG002 # the kinds' protocol
        lines: Lines,  # noqa: ARG002 # the kinds' protocol
        allocation: Allocation,
        now_s: float,  # noqa: ARG002 # the kinds' protocol
    ) -> Told:
        """Return the highest level within the power allocated; nothing while nobody wants anything of it."""
        if (load := device.load) is None:
            return Told(value=None, cause=None)
        cause = allocation.causes.get(device.device_id) or _cause_of(load.use)
        if cause is None and device.memory.taken is None:
            return Told(value=None, cause=None)
        return Told(value=load.at_most(allocation.powers[device.device_id]).value, cause=cause)

    def _dwell(self, seen: Seen[R], levels: Sequence[Level]) -> _Dwell:
        """Return what its minimum times, and its starts of the last hour, leave of it."""
        is_on, since_s = self._state(seen, levels)
        min_on_s, min_off_s = self.times_s(seen.reading)
        if since_s is None or seen.now_s - since_s >= (min_on_s if is_on else min_off_s):
            starts = [at_s for at_s in seen.memory.load.starts_s if seen.now_s - at_s < _HOUR_S]
            most = self.actuation.starts_per_h
            is_spent = most is not None and len(starts) >= most and not is_on
            return _Dwell(high_w=levels[0].power_w if is_spent else math.inf)
        now = self._now(seen, levels)
        now_w, written = now.power_w, seen.device.written
        is_freed = written is not None and written.value is not None and seen.memory.taken is None
        # One that is told to do as it likes can as well be given back.
        use = _TIMES if is_freed and not (self.rests and now is levels[self.rests]) else None
        if is_on:
            hold = Hold(power_w=now_w, owner=_TIMES.owner, reason=_TIMES.reason)
            return _Dwell(high_w=math.inf, hold=hold, use=use)
        return _Dwell(high_w=now_w, use=use)

    def _now(self, seen: Seen[R], levels: Sequence[Level]) -> Level:
        """Return the level it is at: what it was told, else as it is read."""
        written = seen.device.written
        if written is not None and written.value is not None:
            return _nearest(levels, written.value)
        return levels[self.must] if self.is_on(seen.reading) else levels[self.rests]

    def _state(self, seen: Seen[R], levels: Sequence[Level]) -> tuple[bool, float | None]:
        """Return whether it is on, and since when: its own switching counts, and what it was told."""
        load, changed_s = seen.memory.load, seen.device.changed_s
        written = seen.device.written
        if written is None or written.value is None or changed_s is None or changed_s < load.since_s:
            return bool(load.is_on), None if load.is_on is None else load.since_s
        return _nearest(levels, written.value) is not levels[0], changed_s


def _cause_of(use: Use | None) -> Cause | None:
    if use is None:
        return None
    # A minimum time ends once and for all: nothing would flicker that a hold has to bridge.
    return Cause(owner=use.owner, reason=use.reason, source_id="policy", is_standing=use is not _TIMES)


def _nearest(levels: Sequence[Level], value: float) -> Level:
    return min(levels, key=lambda level: abs(level.value - value))
