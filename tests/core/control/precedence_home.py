"""The home of the table of precedence: 3 x 25 A, PV 8 kW, a self-consuming battery, a car of 11 kW."""

from dataclasses import dataclass, field, replace
from typing import Any

from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish
from custom_components.home_flex.core.control.demand import Asks, Demand, Scope
from custom_components.home_flex.core.control.reserve import ReserveWish
from custom_components.home_flex.core.control.state import FeedsCars, SiteState
from custom_components.home_flex.core.events.model import Command
from custom_components.home_flex.core.model import Network, Owner, Setpoint

from .house import House

NEVER_INTO_CARS = FeedsCars(down_to=float("inf"))


def charges(mode: ChargeMode, **changes: Any) -> dict[str, Any]:
    """Let the resident wish this of the charger."""
    return {"charge": ChargeWish(mode=mode, **changes)}


def keeps(reserve: float, *, restore: bool = False) -> dict[str, Any]:
    """Let the resident keep this in the battery."""
    return {"reserve": ReserveWish(reserve=reserve, restore=restore)}


def asked(owner: Owner, scope: Scope, asks: Asks, *, reason: str = "event", standing: bool = False) -> Demand:
    """Return a demand that is not one of an event's commands."""
    return Demand(owner=owner, scope=scope, asks=asks, reason=reason, source_id=reason, standing=standing)


@dataclass(kw_only=True)
class Home(House):
    """A house whose battery by itself keeps the meter at zero; ``wishes`` are fields of a device's state."""

    wishes: dict[str, dict[str, Any]] = field(default_factory=dict)
    asks: tuple[Demand, ...] = ()
    network: Network | None = None
    covers: bool = True
    car_starts: bool = False

    def __post_init__(self) -> None:
        """Begin with a car that charges, or with one that waits to be let in."""
        super().__post_init__()
        self.grid_w = self.base_w + self.pv.power_w + self.charger.power_w
        if self.car_starts:
            self.charger.power_w = self.charger.value = 0.0

    def state(self) -> SiteState:
        """Return the state with the resident's wishes."""
        state = super().state()
        devices = tuple(replace(device, **self.wishes.get(device.device_id, {})) for device in state.devices)
        return replace(state, devices=devices, network=self.network)

    def demands(self, commands: tuple[Command, ...]) -> tuple[Demand, ...]:
        """Return the events' demands and the others."""
        return (*super().demands(commands), *self.asks)

    def told(self, device_id: str) -> Setpoint:
        """Return what is wanted of a device."""
        assert self.decision is not None
        return next(setpoint for setpoint in self.decision.wanted if setpoint.device_id == device_id)

    @property
    def drawn_a(self) -> float:
        """Current per phase that the car draws."""
        return self.charger.power_w / 230 / self.car_phases

    def _step(self) -> None:
        if self.covers:
            self.battery_own_w = min(max(self.battery.power_w - self.grid_w, -5000.0), 5000.0)
        super()._step()
