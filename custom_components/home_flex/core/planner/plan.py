"""A plan: what each device is to do in each step, why, what a stored kWh is worth, and what was bent.

Powers in W (positive = consumption, so that what the sun gives is negative), energies in Wh, money in the
site's currency. Arrays have one number for each step of ``grid``; stored energy is that at the end of a step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..model import DeviceKind, TimeGrid
from .bending import Bend, LeftOut
from .problem import Series
from .reason import Reason


class PlanStatus(StrEnum):
    """How a plan came about."""

    SOLVED = "solved"
    """With what can only be on or off settled by a dive: at most ``gap`` dearer than the best there is."""
    STOPPED = "stopped"
    """Time ended the search: it keeps all limits, and may be dearer than need be."""
    KEPT = "kept"
    """Nothing was found in time: what the plan before this said of these steps."""
    SAFE_RULE = "safe_rule"
    """Rules without a plan: there is no solver, or nothing to plan with."""


class IntentKind(StrEnum):
    """What a device is to do in a step, whatever the house then really draws."""

    COVER_HOUSE = "cover_house"
    """Store what is over and cover what is missing, within [low_w, high_w]."""
    CHARGE = "charge"
    """Take ``power_w``, also from the grid."""
    GIVE = "give"
    """Give ``-power_w``, also to the grid."""
    HOLD = "hold"
    """Neither store nor give."""
    TAKE = "take"
    """Take ``power_w``: a load or a car."""
    SURPLUS = "surplus"
    """Take what would be exported: a car or a load that is planned on the sun."""
    OFF = "off"
    """Take nothing."""
    START = "start"
    """Begin the programme in this step."""
    RUN = "run"
    """The programme is running."""
    PRODUCE = "produce"
    """Give what the sun gives."""
    NO_SUN = "no_sun"
    """Give nothing, because the sun gives nothing."""
    CURTAIL = "curtail"
    """Give no more than ``-power_w``."""
    LEAVE_ALONE = "leave_alone"
    """Whatever its own control does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """What a device is to do in one step; ``low_w`` and ``high_w`` bound a battery that covers the house.

    ``may_export``: False where what the sun gives is not to be sold, however much it is.
    """

    kind: IntentKind
    power_w: float = 0.0
    low_w: float = 0.0
    high_w: float = 0.0
    may_export: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicePlan:
    """What one device does. ``worth_per_kwh``: of one more kWh stored at the end of a step (None: no store).

    Consumers count what they stored since the start of the plan. ``reasons`` is empty until they were asked
    for (``explain``).
    """

    device_id: str
    kind: DeviceKind
    power_w: Series
    intents: tuple[Intent, ...]
    stored_wh: Series | None = None
    worth_per_kwh: Series | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """What a plan costs, apart from all prices of preference.

    ``stored``: what is in the stores at the end more than now, at its worth then; ``total`` takes it off.
    """

    bought: float
    sold: float
    wear: float
    peak: float
    stored: float

    @property
    def total(self) -> float:
        """What the horizon costs in all."""
        return self.bought - self.sold + self.wear + self.peak - self.stored


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What each device does in each step of the grid.

    ``marginal_per_kwh``: what one more kWh of load costs in each step. ``gap``: how much dearer the plan may
    be, at most, than the best there is. ``carbon_g``: of what is bought; None without carbon.
    """

    grid: TimeGrid
    status: PlanStatus
    net_w: Series
    marginal_per_kwh: Series
    devices: Mapping[str, DevicePlan]
    money: Money
    gap: float = 0.0
    carbon_g: float | None = None
    bent: tuple[Bend, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    solves: int = 0
    cpu_s: float = field(default=0.0, compare=False)

    def power_at(self, device_id: str, time: datetime) -> float | None:
        """Return what a device was to take at a moment; None outside the plan, and of an unknown device."""
        index, device = self.grid.index_at(time), self.devices.get(device_id)
        return None if index is None or device is None else device.power_w[index]

    def intent_at(self, device_id: str, time: datetime) -> Intent | None:
        """Return what a device is to do at a moment; None outside the plan, and of an unknown device."""
        index, device = self.grid.index_at(time), self.devices.get(device_id)
        return None if index is None or device is None else device.intents[index]
