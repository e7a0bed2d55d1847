"""A device that no profile knows: what a person may choose for each kind, and the recipes that follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...core.model import DeviceKind
from .readings import SWITCH
from .recipe import RESTORE, Control, DataField, Ends, EndsBy, Operation, Step

SETPOINT, MODE, LIMIT, START = "setpoint", "mode", "limit", "start"
LOCK_SWITCH, ADVISE_SWITCH = "lock_switch", "advise_switch"
# Nobody has measured it: long enough for a poll of half a minute each way.
_EFFECT_S: Final = 60.0
_READBACK_S: Final = 30.0

type Recipes = Mapping[Operation, tuple[Step, ...]]

# The roles that are written, and the domains of the entities that can be chosen for them.
WRITTEN: Final[Mapping[DeviceKind, Mapping[str, tuple[str, ...]]]] = {
    DeviceKind.GRID_METER: {},
    DeviceKind.SUB_METER: {},
    DeviceKind.PV: {LIMIT: ("number", "input_number")},
    DeviceKind.BATTERY: {
        SETPOINT: ("number", "input_number"),
        MODE: ("select", "input_select"),
    },
    DeviceKind.EV_CHARGER: {
        LIMIT: ("number", "input_number"),
        SWITCH: ("switch", "input_boolean"),
    },
    DeviceKind.SWITCHED_LOAD: {SWITCH: ("switch", "input_boolean", "light", "fan")},
    DeviceKind.APPLIANCE: {START: ("button", "input_button", "switch", "input_boolean", "script")},
    DeviceKind.HEAT_PUMP: {
        LOCK_SWITCH: ("switch", "input_boolean"),
        ADVISE_SWITCH: ("switch", "input_boolean"),
    },
    DeviceKind.WATER_HEATER: {SWITCH: ("switch", "input_boolean")},
}
_PRESSED: Final = frozenset({"button", "input_button"})
_STEP: Final[Mapping[DeviceKind, float]] = {DeviceKind.BATTERY: 10.0, DeviceKind.PV: 10.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Direction:
    """How a battery is told which way: by the setpoint's ``sign``, 1 when positive numbers charge.

    A battery with a mode is told by the mode's option for each operation, and its setpoint is then how much.
    """

    sign: int = 1
    words: Mapping[Operation, str] = field(default_factory=dict)


def control_by_hand(
    kind: DeviceKind,
    domains: Mapping[str, str],
    *,
    least_seconds: float,
    writes_per_day: int,
    direction: Direction = Direction(),
) -> Control | None:
    """Return how a device is told something, None where too little was chosen for that.

    ``domains`` holds the domain of the entity that was chosen for each written role. What was set before is
    put back at the end, what was written last first; nothing ends an order by itself.
    """
    recipes = _recipes(kind, domains, direction)
    if recipes is None:
        return None
    remembered = [step.role for step in recipes[Operation.RELEASE] if step.role is not None]
    return Control(
        recipes=recipes,
        ends=Ends(by=EndsBy.NOTHING),
        least_seconds=least_seconds,
        writes_per_day=writes_per_day,
        effect_s=_EFFECT_S,
        step=_STEP.get(kind, 0.0),
        remember=tuple(remembered),
        readback_s=None if kind is DeviceKind.APPLIANCE else _READBACK_S,
    )


def too_little(kind: DeviceKind, entered: Mapping[str, Any]) -> dict[str, str]:
    """Return what was chosen to be written and is not enough to control a device by, with a slug.

    A switch lets a charger charge or not: what it then draws must be one current, its smallest and largest.
    """
    if kind is DeviceKind.BATTERY and MODE in entered and SETPOINT not in entered:
        return {MODE: "mode_alone"}
    if kind is DeviceKind.HEAT_PUMP and ADVISE_SWITCH in entered and LOCK_SWITCH not in entered:
        return {ADVISE_SWITCH: "advise_alone"}
    is_switch_alone = kind is DeviceKind.EV_CHARGER and SWITCH in entered and LIMIT not in entered
    if is_switch_alone and entered.get("min_current") != entered.get("max_current"):
        return {SWITCH: "switch_alone"}
    return {}


def _recipes(kind: DeviceKind, domains: Mapping[str, str], direction: Direction) -> Recipes | None:
    match kind:
        case DeviceKind.BATTERY if SETPOINT in domains:
            found = _battery(domains, direction)
        case DeviceKind.PV if LIMIT in domains:
            found = {Operation.LIMIT: (_number(LIMIT, domains, "{{ power }}"),)}
        case DeviceKind.EV_CHARGER if domains:
            found = _charger(domains)
        case DeviceKind.SWITCHED_LOAD | DeviceKind.WATER_HEATER if SWITCH in domains:
            found = {
                Operation.SWITCH_ON: (_turn(SWITCH, domains, on=True),),
                Operation.SWITCH_OFF: (_turn(SWITCH, domains, on=False),),
            }
        case DeviceKind.APPLIANCE if START in domains:
            found = {Operation.START: (_start(domains),)}
        case DeviceKind.HEAT_PUMP if LOCK_SWITCH in domains:
            found = _heat_pump(domains)
        case _:
            return None
    written = dict.fromkeys(step.role for recipe in found.values() for step in recipe)
    # A start is nothing that could be taken back.
    restored = () if kind is DeviceKind.APPLIANCE else tuple(written)
    return {**found, Operation.RELEASE: tuple(Step(action=RESTORE, role=role) for role in reversed(restored))}


def _battery(domains: Mapping[str, str], direction: Direction) -> Recipes:
    if MODE in domains:
        return _battery_by_mode(domains, direction.words)
    is_ours = direction.sign == 1
    charge, discharge = ("{{ power }}", "{{ -power }}") if is_ours else ("{{ -power }}", "{{ power }}")
    return {
        Operation.CHARGE: (_number(SETPOINT, domains, charge),),
        Operation.DISCHARGE: (_number(SETPOINT, domains, discharge),),
    }


def _battery_by_mode(domains: Mapping[str, str], words: Mapping[Operation, str]) -> Recipes:
    """Return the recipes of what the mode has words for: how much first, then which way."""
    power = _number(SETPOINT, domains, "{{ power }}")
    found: dict[Operation, tuple[Step, ...]] = {}
    for operation, option in words.items():
        data = (DataField(name="option", value=option),)
        mode = Step(action=f"{domains[MODE]}.select_option", role=MODE, data=data)
        found[operation] = (mode,) if operation is Operation.HOLD else (power, mode)
    return found


def _charger(domains: Mapping[str, str]) -> Recipes:
    """Return how a current is set; a charger with a switch alone has one current, and is let or paused."""
    limit = (_number(LIMIT, domains, "{{ current }}"),) if LIMIT in domains else ()
    if SWITCH not in domains:
        return {Operation.LIMIT: limit}
    return {
        Operation.LIMIT: (*limit, _turn(SWITCH, domains, on=True)),
        Operation.PAUSE: (_turn(SWITCH, domains, on=False),),
    }


def _heat_pump(domains: Mapping[str, str]) -> Recipes:
    """Return SG-Ready by its two contacts: 1:0 is locked, 0:1 advised (Bundesverband Wärmepumpe)."""
    lock, free = _turn(LOCK_SWITCH, domains, on=True), _turn(LOCK_SWITCH, domains, on=False)
    if ADVISE_SWITCH not in domains:
        return {Operation.LOCK: (lock,)}
    advise, normal = _turn(ADVISE_SWITCH, domains, on=True), _turn(ADVISE_SWITCH, domains, on=False)
    return {Operation.LOCK: (normal, lock), Operation.ADVISE: (free, advise)}


def _start(domains: Mapping[str, str]) -> Step:
    domain = domains[START]
    if domain in _PRESSED:
        return Step(action=f"{domain}.press", role=START)
    return Step(action=f"{domain}.turn_on", role=START)


def _number(role: str, domains: Mapping[str, str], template: str) -> Step:
    return Step(
        action=f"{domains[role]}.set_value", role=role, data=(DataField(name="value", value=template),)
    )


def _turn(role: str, domains: Mapping[str, str], *, on: bool) -> Step:
    return Step(action=f"{domains[role]}.turn_{'on' if on else 'off'}", role=role)
