"""An EV charger: a consumer whose current can be limited, and a vehicle that takes what it wants of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..control.actuation_policy import ActuationPolicy
from ..control.allocation import Allocation
from ..control.asked import Cause, Lines, cause_of, intervals
from ..control.charge_modes import BY_ROOM, MODE_SOURCE_ID, mode_cause
from ..control.flexibility import Flexibility, Role, interval_w
from ..control.lines import rank
from ..control.memory import DeviceMemory
from ..model import ChargerReading, DeviceKind, Owner, Quantity
from .charger_reporting import REPORTING
from .kind import KindSpec, Seen, Told

# Most chargers give whole amperes, whatever finer they are told.
CURRENT_STEP_A = 1.0
# A vehicle that draws more than this is awake.
DRAWING_W = 500.0
# Most need no more than one write each two minutes; some keep what they are told in flash memory.
_ACTUATION = ActuationPolicy(
    dead_band=0.05,
    step=CURRENT_STEP_A,
    least_up_s=30.0,
    writes_per_min=4.0,
    burst=60.0,
    less_is_safer=True,
)


class Charger:
    """The kind of an EV charger."""

    kind = DeviceKind.EV_CHARGER
    quantity = Quantity.CURRENT_LIMIT_A
    life_s = 120.0
    # A charger reports when its power changes, and else as seldom as once a minute.
    lost_after_s = 180.0
    # Some answer by way of a cloud, or with a car that takes its time.
    window_s = 75.0
    report_window_s = 75.0
    is_driven = False
    actuation = _ACTUATION

    def phases(self, reading: ChargerReading) -> int | None:
        """Return on how many phases the charger is connected."""
        return reading.phases

    def learned(self, seen: Seen[ChargerReading]) -> DeviceMemory:
        """Return the memory as it is: what vehicles show is learned with their charging."""
        return seen.memory

    def ordered_w(self, value: float | None, seen: Seen[ChargerReading]) -> float:
        """Return what the vehicle draws at most under a limit of ``value`` amperes per phase."""
        reading = seen.reading
        current_a = reading.max_current_a if value is None else value
        limit_w = current_a * _per_a(seen, seen.memory)
        most_w = seen.memory.draws_max_w if reading.vehicle_connected else 0.0
        return limit_w if most_w is None else min(limit_w, most_w)

    def watts_per_unit(self, seen: Seen[ChargerReading]) -> float:
        """Return the power of one ampere on the phases that the vehicle uses."""
        return _per_a(seen, seen.memory)

    def flexibility(self, seen: Seen[ChargerReading], *, stuck: bool) -> Flexibility:
        """Return the range from a pause to what the vehicle would draw."""
        reading, memory = seen.reading, seen.memory
        per_a = _per_a(seen, memory)
        allowed_w = per_a * reading.max_current_a
        drawn_w = max(0.0, reading.power_w)
        if stuck or not reading.vehicle_connected:
            low_w = high_w = drawn_w
        else:
            low_w = 0.0
            high_w = allowed_w if memory.draws_max_w is None else min(allowed_w, memory.draws_max_w)
        return Flexibility(
            device=seen.device,
            memory=memory,
            reading=reading,
            role=Role.CONSUMER,
            share=seen.share,
            stuck=stuck,
            low_w=low_w,
            high_w=high_w,
            wish_w=high_w,
            power_w=reading.power_w,
            limit_high_w=allowed_w,
            smallest_w=per_a * reading.min_current_a,
            step_w=per_a * CURRENT_STEP_A,
            watts_per_a=per_a,
            is_ready=reading.vehicle_connected,
        )

    def told(
        self,
        device: Flexibility,
        devices: Sequence[Flexibility],
        lines: Lines,
        allocation: Allocation,
        now_s: float,  # noqa: ARG002 # the kinds' protocol
    ) -> Told:
        """Return the current to allow; a charger without a vehicle and without a need is left alone."""
        is_free = device.intent is None or device.intent.current_a is None
        is_drawing = device.is_ready and device.power_w > DRAWING_W
        is_left = device.memory.taken is None or not device.is_ready
        if not is_drawing and is_left and not lines.are_passing and is_free:
            # Whoever draws nothing overloads nothing; should a vehicle wake, the fuse is guarded then.
            return Told(value=None, cause=None)
        limit = _limit(device, devices, lines, allocation)
        most_a = round(max(device.declared_high_w, device.limit_high_w) / device.watts_per_a, 1)
        if limit.current_a >= most_a:
            return Told(value=limit.current_a, cause=None)
        return Told(value=limit.current_a, cause=_times(device, devices, lines, allocation) or limit.cause)

    def is_set(self, reading: ChargerReading) -> bool:
        """Return whether the charger tells a limit."""
        return reading.current_limit_a is not None


CHARGER: Final = KindSpec(
    kind=DeviceKind.EV_CHARGER, reading=ChargerReading, reporting=REPORTING, control=Charger()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limit:
    """The current per phase to allow, and which line keeps it below the largest (None: none does)."""

    current_a: float
    cause: Cause | None


def _per_a(seen: Seen[ChargerReading], memory: DeviceMemory) -> float:
    """Return the power that one ampere per phase means with the phases the vehicle uses."""
    return seen.voltage_v * (memory.active_phases or seen.reading.phases)


def _limit(
    device: Flexibility,
    devices: Sequence[Flexibility],
    lines: Lines,
    allocation: Allocation,
) -> _Limit:
    """Return the current to allow.

    Where a line lowers the vehicle's draw, that is the limit. Where the vehicle draws less than it could, the
    limit is what it draws and the room that is left, so that no limit breaks when it wakes; a vehicle asleep
    still gets its smallest current when the batteries can make up for it, and one that draws is not paused
    for what it might draw.
    """
    power_w = allocation.powers[device.device_id]
    if power_w < device.high_w - 1.0:
        cause = allocation.causes.get(device.device_id)
        if cause is not None and _above(device, cause.owner, lines):
            # A line that the resident's override stands above holds nothing: tell which one does.
            cause = _cap(device, power_w, devices, lines, allocation)[1] or cause
        current_a = _floor(power_w / device.watts_per_a, CURRENT_STEP_A)
        return _Limit(current_a=current_a, cause=cause or _kept(device))
    cap_w, cause = _cap(device, power_w, devices, lines, allocation)
    if cap_w >= device.limit_high_w - 1.0:
        return _Limit(
            current_a=_most_a(device), cause=_mode_cause(device, power_w, devices, lines, allocation)
        )
    current_a = max(
        _floor(cap_w / device.watts_per_a, CURRENT_STEP_A),
        math.ceil(power_w / device.watts_per_a * 10 - 0.01) / 10,
    )
    least_a = round(device.smallest_w / device.watts_per_a, 1)
    if current_a < least_a:
        reach_w = _reach_w(device, power_w, devices, lines, allocation)
        is_early = device.intent is not None and device.intent.is_early
        keeps = (
            power_w > DRAWING_W or reach_w >= device.smallest_w or (is_early and _admits_least(device, lines))
        )
        current_a = least_a if keeps else 0.0
    return _Limit(current_a=min(current_a, _most_a(device)), cause=cause or _kept(device))


def _most_a(device: Flexibility) -> float:
    return round(device.limit_high_w / device.watts_per_a, 1)


def _mode_cause(
    device: Flexibility, power_w: float, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> Cause | None:
    """Return who set what the mode wants: whoever limits the room where that decides, else the mode."""
    intent = device.intent
    if intent is None or intent.current_a is None:
        return None
    if intent.reason in BY_ROOM:
        open_wide = replace(device, limit_high_w=device.declared_high_w)
        others = {
            one.device_id: one.limit_high_w
            for one in devices
            if one.role is Role.CONSUMER and one.is_ready and one.device_id != device.device_id
        }
        shared = replace(allocation, powers={**allocation.powers, **others})
        if (cause := _cap(open_wide, power_w, devices, lines, shared)[1]) or (cause := _kept(device)):
            return cause
    return mode_cause(intent)


def _kept(device: Flexibility) -> Cause | None:
    """Return the line that holds the device already."""
    memory = device.memory
    if memory.taken is None:
        return None
    if memory.source_id == MODE_SOURCE_ID:
        # A mode is a reason only for what it wants now.
        intent = device.intent
        return None if intent is None or intent.current_a is None else mode_cause(intent)
    return Cause(
        owner=memory.taken or Owner.PLAN,
        reason=memory.reason,
        source_id=memory.source_id,
        is_standing=memory.is_standing,
    )


def _times(
    device: Flexibility, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> Cause | None:
    """Return the vehicle's minimum time as the cause where it draws for that more than a lower line leaves.

    It holds nothing for longer than what it stands above.
    """
    power_w = allocation.powers[device.device_id]
    for owed in lines.of_device(device.device_id):
        if owed.owner is not Owner.DEVICE_SAFETY or not 0.0 < power_w <= owed.low_w + 1.0:
            continue
        for joint in lines.joints:
            is_lower = device.share[joint.node] > 0 and rank(joint.owner) > rank(owed.owner)
            if is_lower and joint.power_w(devices, allocation.powers) > joint.high_w + 1.0:
                return replace(cause_of(owed), is_standing=False)
    return None


def _floor(current_a: float, step_a: float) -> float:
    return round(math.floor(current_a / step_a + 1e-6) * step_a, 1)


def _admits_least(device: Flexibility, lines: Lines) -> bool:
    return _restricted_w(device, lines) >= device.smallest_w - 1.0


def _restricted_w(device: Flexibility, lines: Lines) -> float:
    """Return what the lines leave of the charger's own range, whatever the vehicle draws."""
    return interval_w(0.0, device.limit_high_w, lines.of_device(device.device_id), Owner.PLAN)[1]


def _cap(
    device: Flexibility, power_w: float, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> tuple[float, Cause | None]:
    """Return the largest limit that breaks no line if the vehicle uses it, and the line that sets it."""
    cap_w, cause = device.limit_high_w, None
    restricted_w = _restricted_w(device, lines)
    if restricted_w < cap_w:
        for restriction in lines.of_device(device.device_id):
            if restriction.high_w <= restricted_w:
                cause = cause_of(restriction)
        cap_w = restricted_w
    for joint in lines.joints:
        if (
            device.share[joint.node] > 0
            and math.isfinite(joint.high_w)
            and not _above(device, joint.owner, lines)
        ):
            slack_w = (joint.high_w - joint.power_w(devices, allocation.powers)) / device.share[joint.node]
            if power_w + max(0.0, slack_w) < cap_w:
                cap_w = power_w + max(0.0, slack_w)
                cause = cause_of(joint)
    return cap_w, cause


def _reach_w(
    device: Flexibility, power_w: float, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> float:
    """Return how far the vehicle could go with all help of the batteries."""
    allowed = intervals(devices, lines, Owner.PLAN)
    reach_w = _restricted_w(device, lines)
    for joint in lines.joints:
        if device.share[joint.node] > 0 and not _above(device, joint.owner, lines):
            least = {
                d.device_id: min(allocation.powers[d.device_id], allowed[d.device_id][0])
                if d.role is Role.STORE
                else allocation.powers[d.device_id]
                for d in devices
            }
            slack_w = (joint.high_w - joint.power_w(devices, least)) / device.share[joint.node]
            reach_w = min(reach_w, power_w + slack_w)
    return reach_w


def _above(device: Flexibility, owner: Owner, lines: Lines) -> bool:
    """Return whether the resident's word keeps ``owner``'s line from this charger."""
    insisted = rank(owner) >= rank(Owner.RESIDENT) and lines.insists(device.device_id)
    return insisted or not device.device.admits(owner)
