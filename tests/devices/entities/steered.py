"""A battery of entities that is steered, for the tests: a mode and a power limit, as many inverters have."""

from dataclasses import dataclass, field, replace

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.entities.acting import Actor
from custom_components.home_flex.devices.entities.binding import Constant, EntitySource, Source
from custom_components.home_flex.devices.entities.hold import Holding
from custom_components.home_flex.devices.entities.profile import Fresh, FreshBy
from custom_components.home_flex.devices.entities.reader import RoleReader
from custom_components.home_flex.devices.entities.recipe import (
    RESTORE,
    Control,
    DataField,
    Ends,
    EndsBy,
    Operation,
    Step,
)
from custom_components.home_flex.devices.entities.roles import MEASURED_ROLES
from custom_components.home_flex.devices.entities.steering import Steering
from tests.devices.fakes.entities import FakeHome

LIMIT, MODE = "number.limit", "select.mode"


def limit_of(template: str) -> Step:
    return Step(action="number.set_value", role="limit", data=(DataField(name="value", value=template),))


def mode(option: str) -> Step:
    return Step(action="select.select_option", role="mode", data=(DataField(name="option", value=option),))


CONTROL = Control(
    recipes={
        Operation.CHARGE: (limit_of("{{ power }}"), mode("charge")),
        Operation.DISCHARGE: (limit_of("{{ power }}"), mode("discharge")),
        Operation.HOLD: (mode("hold"),),
        Operation.RELEASE: (Step(action=RESTORE, role="limit"), Step(action=RESTORE, role="mode")),
    },
    ends=Ends(by=EndsBy.NOTHING),
    least_seconds=30.0,
    writes_per_day=300,
    effect_s=5.0,
    step=10.0,
    remember=("limit", "mode"),
    readback_s=0.05,
    timeout_s=0.05,
)


@dataclass
class Steered:
    """The battery in a home, and who steers it."""

    home: FakeHome = field(default_factory=FakeHome)
    control: Control = CONTROL

    def __post_init__(self) -> None:
        entities = self.home.entities
        self.roles: dict[str, Source] = {
            "limit": EntitySource(plus=(entities.add(LIMIT, "2.5", "kW", min=0, max=5, step=0.1),)),
            "mode": EntitySource(
                plus=(entities.add(MODE, "auto", options=["auto", "charge", "discharge", "hold"]),)
            ),
            "capacity": Constant(value=10000.0),
        }
        self.steering = self.born()

    def born(self) -> Steering:
        """Return who steers it in a new life; what was kept outlives the one before."""
        fresh = Fresh(by=FreshBy.CHANGES, interval_s=1.0)
        measures = MEASURED_ROLES[DeviceKind.BATTERY]
        home = self.home
        reader = RoleReader(self.roles, measures, fresh, home.entities, home.monotonic_s)
        holding = Holding(home.kept, reader, self.control.remember)
        actor = Actor(self.control, reader, home.entities, holding, phases=3)
        self.steering = Steering(
            DeviceKind.BATTERY, self.control, actor, holding, home.entities, monotonic_s=home.monotonic_s
        )
        home.entities.watching.clear()
        home.entities.watch(reader.entities, lambda _entity: self.steering.heard())
        return self.steering

    async def begin(self) -> None:
        """Load what was kept, and look at the device for the first time."""
        await self.steering.load()
        await self.steering.keep_up()

    async def set(self, value: float | None) -> None:
        await self.steering.set(value, expires_in_s=60.0)

    async def pass_s(self, seconds: float) -> None:
        self.home.monotonic_s.pass_s(seconds)
        await self.steering.keep_up()

    @property
    def shown(self) -> tuple[str, str]:
        """What limit and mode show."""
        return self.home.entities.text(LIMIT), self.home.entities.text(MODE)

    @property
    def actions(self) -> list[tuple[str, object]]:
        """What was called since they were last looked at: each entity, and what it was set to."""
        calls, self.home.entities.calls = self.home.entities.calls, []
        return [(str(data.get("entity_id")), data.get("value", data.get("option"))) for _, data in calls]


def ending(control: Control, ends: Ends) -> Control:
    """Return the control with orders that end in another way."""
    return replace(control, ends=ends)
