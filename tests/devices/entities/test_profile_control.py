"""How the profiles that come with Home Flex tell devices something, and take it back."""

from collections.abc import Iterator

import pytest

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.entities.profile import DeviceProfile
from custom_components.home_flex.devices.entities.profile_loader import load_profiles
from custom_components.home_flex.devices.entities.recipe import (
    RESTORE,
    Control,
    Operation,
    Step,
)

_DEVICES = {
    f"{profile.id}-{device.kind}": (profile.id, device)
    for profile in load_profiles().profiles.values()
    for device in profile.devices
    if device.control is not None
}
# What the integration keeps to itself until its button is pressed; the release presses it to end the order.
_WITHOUT_EFFECT = {"solax_modbus": {"mode", "target"}}
_BEFORE = "what was there before"

controlled = pytest.mark.parametrize(("profile_id", "device"), _DEVICES.values(), ids=_DEVICES)


def _control(device: DeviceProfile) -> Control:
    assert device.control is not None
    return device.control


def _written(control: Control, operation: Operation) -> Iterator[str]:
    """Return the roles whose entities an operation leaves with another value."""
    for step in control.recipes[operation]:
        if step.role is not None and step.action not in {RESTORE, "button.press"}:
            yield step.role


def _after(steps: tuple[Step, ...], values: dict[str, str]) -> dict[str, str]:
    """Return the values of roles after the steps of a recipe."""
    values = dict(values)
    for step in steps:
        if step.role is None or step.action == "button.press":
            continue
        data = {each.name: str(each.value) for each in step.data}
        is_back = step.action == RESTORE or any(f"was.{step.role}" in value for value in data.values())
        values[step.role] = _BEFORE if is_back else f"{step.action} {data}"
    return values


@controlled
def test_release_puts_back_what_was_there_before(profile_id: str, device: DeviceProfile) -> None:
    control = _control(device)
    for operation in control.recipes:
        written = set(_written(control, operation)) - _WITHOUT_EFFECT.get(profile_id, set())
        values = dict.fromkeys(written, _BEFORE)
        after = _after(control.recipes[Operation.RELEASE], _after(control.recipes[operation], values))
        assert {role: after[role] for role in written} == values


@controlled
def test_each_way_to_be_told_something_follows_what_is_asked(profile_id: str, device: DeviceProfile) -> None:
    control = _control(device)
    for operation, name in (
        (Operation.CHARGE, "power"),
        (Operation.DISCHARGE, "power"),
        (Operation.LIMIT, "current" if device.kind is DeviceKind.EV_CHARGER else "power"),
        (Operation.PHASES, "phases"),
    ):
        if operation in control.recipes:
            values = [str(each.value) for step in control.recipes[operation] for each in step.data]
            assert any(name in value for value in values)


@controlled
def test_a_time_that_is_settable_is_written_with_each_order(profile_id: str, device: DeviceProfile) -> None:
    control = _control(device)
    if not control.ends.is_settable:
        return
    for operation in set(control.recipes) - {Operation.RELEASE}:
        carried = [
            str(each.value)
            for step in control.recipes[operation]
            for each in step.data
            if control.ends.carried_by in {each.name, step.role}
        ]
        assert any("minutes" in value or "seconds" in value for value in carried)


@controlled
def test_a_battery_of_unknown_sign_is_not_told_anything(profile_id: str, device: DeviceProfile) -> None:
    assert all(each.is_sign_known for each in device.roles["power"])
