"""From a step of a recipe to the call of an action: checked, clipped, rounded, in the entity's own unit.

A call that would write nothing returns without an error (an entity that is not available), takes what the
device cannot (123.4 where it makes steps of 100), or is in the unit that the entity *shows*: all of that is
settled here, before anything is written.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..driver import DeviceError
from .port import Entity, EntityPort
from .recipe import DataField, Scalar, Step
from .templates import RecipeError, rendered
from .values import Lack, number, units_of, why_not

# A step that no device makes.
_FINEST: Final = 1e-6
_SWITCHED: Final = frozenset({"switch", "input_boolean", "light", "fan", "humidifier"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Written:
    """What an action writes, a ``field`` of its data or a ``constant``, and the attribute that shows it."""

    field: str | None = None
    constant: str | None = None
    attribute: str | None = None


_ON, _OFF = _Written(constant="on"), _Written(constant="off")
_NUMBER, _OPTION = _Written(field="value"), _Written(field="option")
_WRITES: Final[Mapping[str, _Written]] = {
    "number.set_value": _NUMBER,
    "input_number.set_value": _NUMBER,
    "select.select_option": _OPTION,
    "input_select.select_option": _OPTION,
    "climate.set_temperature": _Written(field="temperature", attribute="temperature"),
    "climate.set_hvac_mode": _Written(field="hvac_mode"),
    "climate.set_preset_mode": _Written(field="preset_mode", attribute="preset_mode"),
    "water_heater.set_temperature": _Written(field="temperature", attribute="temperature"),
    "water_heater.set_operation_mode": _Written(field="operation_mode"),
    **{
        f"{domain}.turn_{word}": written
        for domain in (*_SWITCHED, "homeassistant")
        for word, written in (("on", _ON), ("off", _OFF))
    },
}
# Another action that does the same to what is named there: what a mode can be restored with.
_RESTORES: Final[Mapping[str, str]] = {
    "number": "number.set_value",
    "input_number": "input_number.set_value",
    "select": "select.select_option",
    "input_select": "input_select.select_option",
    "climate": "climate.set_hvac_mode",
    "water_heater": "water_heater.set_operation_mode",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What an entity is to show once a call has done its work; numbers in the unit that it shows."""

    entity: str
    value: float | str
    attribute: str | None = None
    tolerance: float = 0.0

    def is_met(self, entity: Entity) -> bool:
        """Return whether the entity shows it now; one that shows nothing does not."""
        if entity.state is None:
            return False
        shown = entity.state.text if self.attribute is None else entity.state.attributes.get(self.attribute)
        if isinstance(self.value, str):
            return shown == self.value
        found = number(shown)
        return found is not None and abs(found - self.value) <= self.tolerance


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """An action to be called. ``shows``: what is seen of it, None for actions that show nowhere."""

    action: str
    data: Mapping[str, Any]
    waits_s: float = 0.0
    shows: Shown | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Makes calls of steps. ``entity_of`` is the entity of a role, None when nobody chose one."""

    port: EntityPort
    entity_of: Callable[[str], str | None]

    def call(self, step: Step, variables: Mapping[str, Any], *, exact: bool = False) -> Call:
        """Return the call of a step.

        ``exact``: numbers are written as they are, for a value that was there before; else they are rounded
        to the entity's own step and clipped to its range, both toward zero: never is more asked than was
        ordered. Raises DeviceError: ``entity_…`` where a target cannot take it, ``action_missing``,
        ``bad_recipe``, ``out_of_range``, ``option_missing``.
        """
        if not self.port.has_action(step.action):
            raise DeviceError("action_missing", f"there is no action {step.action}")
        try:
            data: dict[str, Any] = {field.name: _rendered(field, variables) for field in step.data}
        except RecipeError as error:
            raise DeviceError("bad_recipe", str(error)) from error
        if step.device_of is not None:
            data["device_id"] = self._target(step.device_of)[1].device_id
        if step.role is None:
            return Call(action=step.action, data=data, waits_s=step.waits_s)
        held_by, entity = self._target(step.role)
        data["entity_id"] = entity.entity_id
        shows = _shown(step.action, held_by, entity, data, exact=exact)
        if shows is not None and (written := _WRITES[step.action].field) is not None:
            data[written] = shows.value
        return Call(action=step.action, data=data, waits_s=step.waits_s, shows=shows)

    def restoring(self, role: str, was: float | str) -> Step:
        """Return the step that puts back what the entity of a role showed. Raises DeviceError."""
        entity = self._target(role)[1]
        if entity.domain in _SWITCHED:
            return Step(action=f"{entity.domain}.turn_{'on' if was == 'on' else 'off'}", role=role)
        if (action := _RESTORES.get(entity.domain)) is None:
            raise DeviceError("bad_recipe", f"{entity.entity_id} cannot be put back")
        field = _WRITES[action].field or ""
        return Step(action=action, role=role, data=(DataField(name=field, value=f"{{{{ was.{role} }}}}"),))

    def _target(self, role: str) -> tuple[str, Entity]:
        held_by = self.entity_of(role)
        if held_by is None:
            raise DeviceError(Lack.NOT_CHOSEN, f"no entity was chosen for {role}")
        entity = self.port.look(held_by)
        if (lack := why_not(entity)) is not None:
            raise DeviceError(lack.lack, lack.found)
        return held_by, entity


def _rendered(field: DataField, variables: Mapping[str, Any]) -> Scalar:
    value = rendered(str(field.value), variables) if field.is_template else field.value
    return str(value) if field.as_text else value


def _shown(
    action: str, held_by: str, entity: Entity, data: Mapping[str, Any], *, exact: bool
) -> Shown | None:
    written = _WRITES.get(action)
    if written is None or (written.constant is not None and entity.domain not in _SWITCHED):
        return None
    value = written.constant if written.field is None else data.get(written.field)
    if value is None:
        return None
    if written.field == "value":
        wanted = number(value)
        if wanted is None:
            raise DeviceError("bad_recipe", f"{value!r} is no number for {entity.entity_id}")
        return _number_shown(held_by, entity, wanted, exact=exact)
    if written.field == "option":
        options = _attributes(entity).get("options")
        if not isinstance(options, (list, tuple)) or str(value) not in options:
            raise DeviceError("option_missing", f"{entity.entity_id} has no option {value!r}")
    if written.attribute == "temperature" and (degrees := number(value)) is not None:
        return Shown(entity=held_by, value=degrees, attribute=written.attribute, tolerance=0.05)
    return Shown(entity=held_by, value=str(value), attribute=written.attribute)


def _number_shown(held_by: str, entity: Entity, wanted: float, *, exact: bool) -> Shown:
    """Return what a number is set to, in the unit that it shows (``wanted`` is in W, A or a unit of neither).

    Sources of the rule: ``number.set_value`` takes the displayed unit, refuses what is outside of
    ``min`` and ``max``, and takes what is no multiple of ``step``.
    """
    attributes = _attributes(entity)
    unit = entity.state.unit if entity.state is not None else None
    value = wanted / units_of(unit)
    step = abs(number(attributes.get("step")) or 0.0)
    low = _or(number(attributes.get("min")), -math.inf)
    high = _or(number(attributes.get("max")), math.inf)
    if not exact:
        if step > _FINEST:
            value = math.trunc(value / step + math.copysign(1e-6, value)) * step
        clipped = min(max(value, low), high)
        if abs(clipped) > abs(value) + 1e-9:
            raise DeviceError(
                "out_of_range", f"{entity.entity_id} takes {low:g} to {high:g} {unit or ''}, not {value:g}"
            )
        value = clipped
    elif not low - 1e-6 <= value <= high + 1e-6:
        # Some integrations show what their device was set to elsewhere, and take less than that themselves.
        raise DeviceError(
            "out_of_range", f"{entity.entity_id} is to show {value:g} again, and takes {low:g} to {high:g}"
        )
    value = round(value, 6)
    return Shown(entity=held_by, value=value, tolerance=max(step / 2.0, 1e-6 * abs(value), 1e-6))


def _attributes(entity: Entity) -> Mapping[str, Any]:
    return entity.state.attributes if entity.state is not None else {}


def _or(value: float | None, other: float) -> float:
    return other if value is None else value
