"""How a device that is made of entities is told something: recipes of actions, and how an order ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ...core.model import DeviceKind

# The names a template may use (``was`` and ``role`` with a role's name behind a dot).
TEMPLATE_NAMES: Final = frozenset(
    {"power", "current", "phases", "minutes", "seconds", "was", "role", "device_id"}
)

# The action that puts back what was remembered of a role.
RESTORE: Final = "restore"

type Scalar = str | int | float | bool


class Operation(StrEnum):
    """What a device can be told. HOLD: neither charge nor discharge. RELEASE: be as it was before."""

    CHARGE = "charge"  # of ``power`` W
    DISCHARGE = "discharge"  # of ``power`` W
    HOLD = "hold"
    LIMIT = "limit"  # produce at most ``power`` W; charge a car with at most ``current`` A
    PAUSE = "pause"  # a charger: do not charge
    PHASES = "phases"  # a charger: charge on ``phases`` phases
    SWITCH_ON = "switch_on"
    SWITCH_OFF = "switch_off"
    START = "start"
    LOCK = "lock"  # SG-Ready 1
    ADVISE = "advise"  # SG-Ready 3
    FORCE = "force"  # SG-Ready 4
    RELEASE = "release"


OPERATIONS: Final[Mapping[DeviceKind, frozenset[Operation]]] = {
    DeviceKind.GRID_METER: frozenset(),
    DeviceKind.PV: frozenset({Operation.LIMIT}),
    DeviceKind.BATTERY: frozenset({Operation.CHARGE, Operation.DISCHARGE, Operation.HOLD}),
    DeviceKind.EV_CHARGER: frozenset({Operation.LIMIT, Operation.PAUSE, Operation.PHASES}),
    DeviceKind.SWITCHED_LOAD: frozenset({Operation.SWITCH_ON, Operation.SWITCH_OFF}),
    DeviceKind.APPLIANCE: frozenset({Operation.START}),
    DeviceKind.HEAT_PUMP: frozenset({Operation.LOCK, Operation.ADVISE, Operation.FORCE}),
    DeviceKind.WATER_HEATER: frozenset({Operation.SWITCH_ON, Operation.SWITCH_OFF}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DataField:
    """One field of an action's data: a constant, or a template that is rendered when it is called.

    ``as_text``: the action wants a text, also where the template renders a number.
    """

    name: str
    value: Scalar
    as_text: bool = False

    @property
    def is_template(self) -> bool:
        """Whether the value is rendered."""
        return isinstance(self.value, str) and "{{" in self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One action of a recipe: ``action`` is ``domain.service``, or RESTORE.

    RESTORE writes the remembered value of ``role`` back, by what its domain takes: number.set_value,
    select.select_option, switch.turn_on or switch.turn_off. ``role`` names the role whose entity is the
    target, ``device_of`` the role whose entity's device id is put into the field ``device_id``. ``waits_s``:
    how long the device needs before the next step.
    """

    action: str
    role: str | None = None
    device_of: str | None = None
    data: tuple[DataField, ...] = ()
    waits_s: float = 0.0


class EndsBy(StrEnum):
    """What ends an order that nobody renews."""

    DEVICE_TIMER = "device_timer"
    INTEGRATION = "integration"  # rewrites it; without Home Assistant the device is free after ``seconds``
    NOTHING = "nothing"  # it stays until it is released


@dataclass(frozen=True, kw_only=True, slots=True)
class Ends:
    """How an order ends by itself.

    ``seconds``: after how long; of a timer that can be set (``is_settable``), the longest it takes.
    ``carried_by``: the field of an action's data or the role that carries the time. ``rewrite_s``: how often
    an order is written again so that it lasts.
    """

    by: EndsBy
    seconds: float | None = None
    is_settable: bool = False
    carried_by: str | None = None
    rewrite_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """How a device is told something: ``recipes`` hold each operation's steps, RELEASE always among them.

    ``remember``: the roles read and kept before the first write, so that RELEASE can put them back.
    ``reads``: the roles whose values templates use; a person may give them as numbers. ``step`` is the
    smallest change that is worth a write, W, or A for a charger. ``readback_s``: within what time the written
    entities show it, None: they do not. ``effect_s``: within what time it is measured.
    """

    recipes: Mapping[Operation, tuple[Step, ...]]
    ends: Ends
    least_seconds: float
    writes_per_day: int
    effect_s: float
    step: float = 0.0
    remember: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()
    readback_s: float | None = None
    timeout_s: float = 10.0

    @property
    def roles(self) -> frozenset[str]:
        """The roles whose entities must be found for the device to be told anything."""
        steps = [step for recipe in self.recipes.values() for step in recipe]
        named = {name for step in steps for name in (step.role, step.device_of) if name is not None}
        return frozenset(named | set(self.remember))
