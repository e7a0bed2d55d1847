"""What is learned of a vehicle while it hangs on the cable: it need not be a text-book one."""

import math
from dataclasses import dataclass, field, replace

from ...model import ChargerStatus
from .model import ChargerInput
from .vehicle_phases import PhaseEvidence, offered, used_phases

DRAWING_W = 500.0
# Only a disconnect that lasts ends a session: plugs and charge points bounce.
_GONE_AFTER_S = 10.0
FULL_AFTER_S = 120.0
_RESUMED_AFTER_S = 300.0
_LESS_AFTER_S = 120.0
_LESS = 0.8
_RISE_W = 100.0
# What a car draws has moved by so much since its limit changed: the new limit is in force.
_MOVED_W = 200.0
# A sleepy vehicle is given up for asleep after as long as the slowest need to wake.
ASLEEP_AFTER_S = 240.0
# Some vehicles refuse the smallest current: try more, up to what the pickiest known one needs.
_TRY_AFTER_S = 60.0
_TRY_STEP_A = 2.0
_TRY_MOST_A = 13.0
# So many of the last starts tell how soon it begins, and so few tell nothing.
_WAKES, _WAKES_LEAST = 4, 2
# After this many refused restarts it is no longer paused where that can be helped.
_REFUSALS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Vehicle:
    """What one session has shown.

    ``in_force_since_s``: since when its draw shows the limit, None while that may be one before; limits are
    under way since ``changing_since_s``, when it drew ``before_w``. ``risen_s`` and ``moved_s``: when it last
    drew more, and other than before. ``allowed_since_s``: since when it may draw, ``still_since_s`` and
    ``draws_since_s``: since when it does not or does; ``drew`` in this session, ``drew_now`` since it was let
    in. ``phases_of_three`` is how many phases it uses of three, ``most_w`` the most it drew. ``shown_a`` is
    what it takes of a larger limit, ``least_a`` the current it needs to start, ``try_a`` the one being tried.
    ``wakes_s``: how long it took to draw, the last times it was let in.
    """

    gone_since_s: float | None = None
    phases: PhaseEvidence = field(default_factory=PhaseEvidence)
    phases_of_three: int | None = None
    limit_a: float | None = None
    limit_since_s: float = -math.inf
    in_force_since_s: float | None = None
    changing_since_s: float | None = None
    before_w: float = 0.0
    power_w: float | None = None
    most_w: float = 0.0
    risen_s: float = -math.inf
    moved_s: float = -math.inf
    allowed_since_s: float | None = None
    still_since_s: float | None = None
    draws_since_s: float | None = None
    drew: bool = False
    drew_now: bool = False
    full: bool = False
    asleep: bool = False
    refusals: int = 0
    less_since_s: float | None = None
    shown_a: float | None = None
    least_a: float | None = None
    try_a: float | None = None
    tried_s: float = -math.inf
    wakes_s: tuple[float, ...] = ()

    @property
    def refuses_restart(self) -> bool:
        """Whether it is better not paused: it did not come back before."""
        return self.refusals >= _REFUSALS


def allowed_a(charger: ChargerInput) -> float:
    """Return the current per phase that the vehicle may draw now."""
    limit_a = charger.max_current_a if charger.current_limit_a is None else charger.current_limit_a
    return 0.0 if limit_a < charger.min_current_a - 0.5 else limit_a


def drawn_a(charger: ChargerInput, vehicle: Vehicle) -> float:
    """Return the largest current per phase that it draws; what is not measured is what it may draw."""
    if charger.phase_current_a:
        return max(charger.phase_current_a)
    if charger.power_w is None:
        return allowed_a(charger) if charger.connected else 0.0
    return max(0.0, charger.power_w) / (charger.voltage_v * len(used_phases(charger, vehicle.phases)))


def drawn_w(charger: ChargerInput, vehicle: Vehicle) -> float:
    """Return the power that it draws; what is not measured is what it may draw."""
    if charger.power_w is not None:
        return max(0.0, charger.power_w)
    return drawn_a(charger, vehicle) * charger.voltage_v * len(used_phases(charger, vehicle.phases))


def soonest_s(vehicle: Vehicle) -> float:
    """Return how soon it begins to draw at its quickest, once it is let in; 0 while that is not known."""
    return min(vehicle.wakes_s) if len(vehicle.wakes_s) >= _WAKES_LEAST else 0.0


def observed(vehicle: Vehicle, charger: ChargerInput, now_s: float) -> Vehicle:
    """Return ``vehicle`` with what its charger tells now."""
    if not charger.connected:
        gone_s = now_s if vehicle.gone_since_s is None else vehicle.gone_since_s
        return Vehicle() if now_s - gone_s >= _GONE_AFTER_S else replace(vehicle, gone_since_s=gone_s)
    if charger.power_w is None:
        return replace(vehicle, gone_since_s=None)
    vehicle = _limit(vehicle, charger, now_s)
    in_force_s = 0.0 if vehicle.in_force_since_s is None else now_s - vehicle.in_force_since_s
    phases = offered(vehicle.phases, charger, allowed_a(charger), in_force_s, now_s)
    vehicle = replace(vehicle, phases=phases)
    if vehicle.phases.of == 3 and vehicle.phases.used is not None:
        vehicle = replace(vehicle, phases_of_three=len(vehicle.phases.used))
    vehicle = _drawing(vehicle, charger, now_s)
    vehicle = _resting(vehicle, charger, now_s)
    return _taking_less(vehicle, charger, now_s)


def _idle_s(vehicle: Vehicle, now_s: float) -> float:
    """Return how long it has been let in without drawing."""
    if vehicle.allowed_since_s is None or vehicle.still_since_s is None:
        return 0.0
    return now_s - max(vehicle.allowed_since_s, vehicle.still_since_s)


def _limit(vehicle: Vehicle, charger: ChargerInput, now_s: float) -> Vehicle:
    limit_a = allowed_a(charger)
    power_w = charger.power_w or 0.0
    moved_w = 0.0 if vehicle.power_w is None else power_w - vehicle.power_w
    vehicle = replace(
        vehicle,
        gone_since_s=None,
        power_w=power_w,
        most_w=max(vehicle.most_w, power_w),
        risen_s=now_s if moved_w > _RISE_W else vehicle.risen_s,
        moved_s=now_s if abs(moved_w) > _RISE_W else vehicle.moved_s,
    )
    if limit_a != vehicle.limit_a:
        vehicle = _changed(replace(vehicle, limit_a=limit_a, limit_since_s=now_s), power_w, now_s)
    if vehicle.in_force_since_s is None and _is_in_force(vehicle, charger, now_s):
        vehicle = replace(vehicle, in_force_since_s=now_s)
    if limit_a <= 0.0:
        return replace(vehicle, allowed_since_s=None, drew_now=False, asleep=False, less_since_s=None)
    if vehicle.allowed_since_s is None:
        return replace(vehicle, allowed_since_s=now_s)
    return vehicle


def _changed(vehicle: Vehicle, power_w: float, now_s: float) -> Vehicle:
    """Return ``vehicle`` whose limit has just changed; the first one seen is in force already."""
    if vehicle.changing_since_s is None:
        return replace(vehicle, in_force_since_s=now_s, changing_since_s=now_s, before_w=power_w)
    if vehicle.in_force_since_s is None:
        return vehicle
    return replace(vehicle, in_force_since_s=None, changing_since_s=now_s, before_w=power_w)


def _is_in_force(vehicle: Vehicle, charger: ChargerInput, now_s: float) -> bool:
    """Return whether power has moved to the last of the limits under way, or that one's time has passed.

    Answers follow one another as the limits did: what has not moved for as long as lay between the first and
    the last is the answer to the last.
    """
    if now_s - vehicle.limit_since_s >= charger.window_s:
        return True
    moved = abs((vehicle.power_w or 0.0) - vehicle.before_w) >= _MOVED_W
    apart_s = vehicle.limit_since_s - (vehicle.changing_since_s or vehicle.limit_since_s)
    return moved and now_s - vehicle.moved_s >= apart_s


def _drawing(vehicle: Vehicle, charger: ChargerInput, now_s: float) -> Vehicle:
    if (charger.power_w or 0.0) < DRAWING_W:
        still_s = now_s if vehicle.still_since_s is None else vehicle.still_since_s
        return replace(vehicle, still_since_s=still_s, draws_since_s=None)
    if not vehicle.drew_now and vehicle.still_since_s is not None and vehicle.allowed_since_s is not None:
        vehicle = replace(vehicle, wakes_s=(*vehicle.wakes_s, now_s - vehicle.allowed_since_s)[-_WAKES:])
    since_s = now_s if vehicle.draws_since_s is None else vehicle.draws_since_s
    vehicle = replace(
        vehicle,
        still_since_s=None,
        draws_since_s=since_s,
        drew=True,
        drew_now=True,
        asleep=False,
        # A car heats itself before it leaves: a full one charges again only when it goes on for longer.
        full=vehicle.full and now_s - since_s < _RESUMED_AFTER_S,
    )
    if vehicle.try_a is not None:
        # One that comes later has woken by itself, at a current that it may not need.
        needed = now_s - vehicle.tried_s < _TRY_AFTER_S
        return replace(vehicle, least_a=vehicle.try_a if needed else None, try_a=None)
    return vehicle


def _resting(vehicle: Vehicle, charger: ChargerInput, now_s: float) -> Vehicle:
    """Learn why a vehicle that is let in does not draw: full, asleep, or too little for its taste."""
    idle_s = _idle_s(vehicle, now_s)
    if vehicle.drew_now or vehicle.full:
        full = vehicle.full or (vehicle.drew_now and idle_s >= FULL_AFTER_S)
        return replace(vehicle, full=full)
    if idle_s >= ASLEEP_AFTER_S and not vehicle.asleep:
        vehicle = replace(vehicle, asleep=True, refusals=vehicle.refusals + (1 if vehicle.drew else 0))
    # One that says it charges is awake; another is first given the time to wake, at one steady current.
    patience_s = _TRY_AFTER_S if charger.status is ChargerStatus.CHARGING else ASLEEP_AFTER_S
    if idle_s < patience_s or now_s - vehicle.tried_s < _TRY_AFTER_S or vehicle.least_a is not None:
        return vehicle
    last_a = charger.min_current_a if vehicle.try_a is None else vehicle.try_a
    most_a = min(_TRY_MOST_A, charger.max_current_a)
    if last_a >= most_a or allowed_a(charger) > last_a + _TRY_STEP_A:
        return vehicle
    return replace(vehicle, try_a=min(last_a + _TRY_STEP_A, most_a), tried_s=now_s)


def _taking_less(vehicle: Vehicle, charger: ChargerInput, now_s: float) -> Vehicle:
    if vehicle.draws_since_s is None:
        return replace(vehicle, less_since_s=None)
    seen_a, limit_a = drawn_a(charger, vehicle), allowed_a(charger)
    if vehicle.shown_a is not None:
        grown = seen_a >= vehicle.shown_a + 0.5
        return replace(vehicle, shown_a=None, less_since_s=None) if grown else vehicle
    if seen_a >= _LESS * limit_a:
        return replace(vehicle, less_since_s=None)
    since_s = now_s if vehicle.less_since_s is None else vehicle.less_since_s
    shown = now_s - since_s >= _LESS_AFTER_S
    return replace(vehicle, less_since_s=since_s, shown_a=seen_a if shown else None)
