"""Every profile's recipes on the entities of its integration: orders are written, and then put back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from custom_components.home_flex.core.model import DeviceKind, Quantity
from custom_components.home_flex.devices.entities.acting import Actor
from custom_components.home_flex.devices.entities.binding import Constant, EntitySource, Source
from custom_components.home_flex.devices.entities.choosing import roles_of
from custom_components.home_flex.devices.entities.finding import (
    DeviceProposal,
    RegistryEntity,
    find_devices,
)
from custom_components.home_flex.devices.entities.hold import Holding
from custom_components.home_flex.devices.entities.orders import order_of, quantities_of
from custom_components.home_flex.devices.entities.profile import Fresh, FreshBy
from custom_components.home_flex.devices.entities.profile_loader import load_profiles
from custom_components.home_flex.devices.entities.reader import RoleReader
from custom_components.home_flex.devices.entities.recipe import RESTORE, Control, Operation
from custom_components.home_flex.devices.entities.roles import MEASURED_ROLES
from custom_components.home_flex.devices.entities.steering import Steering
from tests.devices.fakes.entities import FakeHome

from .entity_sets import entity_sets

PROFILES = load_profiles().profiles
_VALUES = {
    Quantity.POWER_W: (1500.0, 0.0, -1500.0),
    Quantity.PRODUCTION_LIMIT_W: (2000.0, 0.0),
    Quantity.CURRENT_LIMIT_A: (10.0, 0.0, 16.0),
    Quantity.SWITCH: (1.0, 0.0),
    Quantity.SG_READY_STATE: (1.0, 2.0, 3.0),
}
# Actions that are seen at the entity that they are called on.
_SHOWN = {"set_value", "select_option", "turn_on", "turn_off", "set_operation_mode"}
_OF_LOADS = {DeviceKind.WATER_HEATER: (2000.0, 0.0)}


def controlled() -> Iterator[tuple[str, DeviceProposal]]:
    for entities in entity_sets():
        for proposal in find_devices(entities.entities, [PROFILES[entities.profile]]):
            control = proposal.device.control
            if control is not None and proposal.can_be_controlled and quantities_of(proposal.kind, control):
                yield f"{entities.name}-{proposal.kind}", proposal


CONTROLLED = dict(controlled())


class Orders:
    """One device of a profile, with all its entities made up, and who steers it."""

    def __init__(self, proposal: DeviceProposal) -> None:
        control = proposal.device.control
        assert control is not None
        self.kind = proposal.kind
        self.control = _without_waiting(control)
        self.home = FakeHome()
        self.home.entities.actions = {
            step.action for recipe in control.recipes.values() for step in recipe if step.action != RESTORE
        }
        entered = {role: Constant(value=6000.0) for role in proposal.to_enter}
        self.roles: dict[str, Source] = {**roles_of(proposal, with_disabled=False), **entered}
        for role, found in proposal.roles.items():
            for entity in (*found.plus, *found.minus):
                self._add(role, entity)
        reader = RoleReader(
            self.roles,
            MEASURED_ROLES[self.kind],
            Fresh(by=FreshBy.CHANGES),
            self.home.entities,
            self.home.monotonic_s,
        )
        holding = Holding(self.home.kept, reader, control.remember)
        actor = Actor(self.control, reader, self.home.entities, holding, phases=3)
        self.steering = Steering(
            self.kind, self.control, actor, holding, self.home.entities, monotonic_s=self.home.monotonic_s
        )
        self.home.entities.watch(reader.entities, lambda _entity: self.steering.heard())

    def shown(self, role: str) -> str:
        source = self.roles[role]
        assert isinstance(source, EntitySource)
        return self.home.entities.text(source.plus[0].removeprefix("reg:"))

    def shows(self, value: float) -> bool:
        """Return whether the entities show that they took an order."""
        recipe = self.control.recipes[order_of(self.kind, value, self.control).operation]
        written = any(step.action.partition(".")[2] in _SHOWN for step in recipe)
        return written and self.control.readback_s is not None

    def _add(self, role: str, entity: RegistryEntity) -> None:
        entity_id = f"{entity.domain}.{entity.id}"
        source = self.roles.get(role)
        if isinstance(source, EntitySource):
            held_by = {entity.id: f"reg:{entity_id}"}
            self.roles[role] = replace(
                source,
                plus=tuple(held_by.get(each, each) for each in source.plus),
                minus=tuple(held_by.get(each, each) for each in source.minus),
            )
        if f"reg:{entity_id}" in self.home.entities.entities:
            return
        options = self._options(role)
        text = "before" if options else {"switch": "off"}.get(entity.domain, "7")
        limits = {"min": -1e6, "max": 1e6, "step": 0.1}
        self.home.entities.add(entity_id, text, entity.unit, options=[*options, text], **limits)

    def _options(self, role: str) -> list[str]:
        """Return the options that recipes choose of a role's entity; none for what is no choice."""
        return [
            str(field.value)
            for recipe in self.control.recipes.values()
            for step in recipe
            if step.role == role and step.action.endswith(".select_option")
            for field in step.data
        ] or (["before"] if self._is_choice(role) else [])

    def _is_choice(self, role: str) -> bool:
        source = self.roles.get(role)
        return isinstance(source, EntitySource) and "select" in source.plus[0]


def _without_waiting(control: Control) -> Control:
    recipes = {
        operation: tuple(replace(step, waits_s=0.0) for step in recipe)
        for operation, recipe in control.recipes.items()
    }
    return replace(control, recipes=recipes)


def test_most_profiles_that_can_control_something_are_tried_here() -> None:
    assert len(CONTROLLED) >= 15


@pytest.mark.parametrize("name", CONTROLLED)
async def test_each_order_of_a_profile_is_written_shown_and_put_back(name: str) -> None:
    device = Orders(CONTROLLED[name])
    (quantity,) = quantities_of(device.kind, device.control)
    await device.steering.load()
    await device.steering.keep_up()
    before = {role: device.shown(role) for role in device.control.remember}
    for value in _OF_LOADS.get(device.kind, _VALUES[quantity]):
        device.home.entities.calls.clear()
        await device.steering.set(value, expires_in_s=600.0)
        assert device.home.entities.calls, value
        assert device.steering.in_force == (value if device.shows(value) else None)
    device.home.entities.calls.clear()
    await device.steering.set(None, expires_in_s=600.0)
    assert device.home.kept.document is not None
    assert device.home.kept.document["held"] is False
    restored = [
        step.role
        for step in device.control.recipes[Operation.RELEASE]
        if step.action == RESTORE and step.role
    ]
    for role in restored:
        assert float_or_text(device.shown(role)) == float_or_text(before[role]), role


def float_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
