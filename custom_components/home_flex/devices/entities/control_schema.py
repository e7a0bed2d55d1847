"""From the tree of a profile's ``control`` to its recipes: none that could not be taken back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...core.model import DeviceKind
from .profile import Alternative
from .profile_patterns import check_template
from .profile_yaml import Node, unknown
from .recipe import OPERATIONS, RESTORE, Control, DataField, Ends, EndsBy, Operation, Step

_DAY_S: Final = 86_400.0
_ACTION: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
# Actions on entities; every other action must be the integration's own.
_ENTITY_ACTIONS: Final = frozenset(
    {
        "number.set_value",
        "select.select_option",
        "switch.turn_on",
        "switch.turn_off",
        "button.press",
        "climate.set_temperature",
        "climate.set_hvac_mode",
        "water_heater.set_temperature",
        "water_heater.set_operation_mode",
        "water_heater.turn_on",
        "water_heater.turn_off",
    }
)
# They write past the integration's own checks, or what is meant for installers.
_REFUSED: Final = frozenset({"set_parameter", "write_register", "write_registers", "write_holding_register"})
_CONTROL_KEYS: Final = (
    "remember", "ends", "least_seconds", "writes_per_day", "effect_s", "step_w", "step_a", "readback_s",
    "timeout_s",
)  # fmt: skip
_STEP_KEYS: Final = ("action", "role", "device", "data", "waits_s", "restore")
_RESTORED: Final = frozenset({"number", "select", "switch"})
_STEP_OF: Final[Mapping[DeviceKind, str]] = {
    DeviceKind.PV: "step_w",
    DeviceKind.BATTERY: "step_w",
    DeviceKind.EV_CHARGER: "step_a",
}

type Roles = Mapping[str, tuple[Alternative, ...]]


@dataclass(frozen=True, slots=True)
class _Around:
    """What recipes may name: the integration's own actions, roles, and remembered roles."""

    integration: str
    roles: Roles
    chosen: Mapping[str, str]
    remember: tuple[str, ...]

    def domains(self, role: str) -> frozenset[str]:
        """Return the domains that a role's entity may be of."""
        if role in self.chosen:
            return frozenset({self.chosen[role]})
        return frozenset(alternative.plus.domain for alternative in self.roles[role])


def control(
    node: Node, kind: DeviceKind, integration: str, roles: Roles, chosen: Mapping[str, str]
) -> Control:
    """Return how a device is told something; ``chosen`` as in DeviceProfile. Raises ProfileError."""
    operations = OPERATIONS[kind] | {Operation.RELEASE}
    fields = node.fields((*_CONTROL_KEYS, *(operation.value for operation in operations)))
    remember = (
        tuple(_role(each, roles) for each in fields["remember"].items()) if "remember" in fields else ()
    )
    around = _Around(integration, roles, chosen, remember)
    recipes = {
        operation: tuple(_step(each, around) for each in fields[operation].items(most=10))
        for operation in sorted(operations)
        if operation in fields
    }
    if Operation.RELEASE not in recipes:
        raise node.place.wrong("'release' is missing: without it nothing may be told")
    if len(recipes) == 1:
        raise node.place.wrong(f"one of {', '.join(sorted(OPERATIONS[kind]))} is missing beside release")
    ends = _ends(node.needed("ends"), recipes)
    return Control(
        recipes=recipes,
        ends=ends,
        least_seconds=node.needed("least_seconds").number(0.0, _DAY_S),
        writes_per_day=_writes_per_day(node.needed("writes_per_day"), ends),
        effect_s=node.needed("effect_s").number(1.0, 3600.0),
        step=_smallest_step(node, kind),
        remember=remember,
        reads=_reads(recipes),
        readback_s=fields["readback_s"].number(1.0, 3600.0) if "readback_s" in fields else None,
        timeout_s=fields["timeout_s"].number(1.0, 120.0) if "timeout_s" in fields else 10.0,
    )


def _reads(recipes: Mapping[Operation, tuple[Step, ...]]) -> frozenset[str]:
    """Return the roles whose values templates use."""
    fields = (each for recipe in recipes.values() for step in recipe for each in step.data)
    return frozenset(
        name for each in fields if each.is_template for name in check_template(str(each.value))[0]
    )


def _writes_per_day(node: Node, ends: Ends) -> int:
    writes = int(node.number(1.0, _DAY_S))
    if ends.rewrite_s is not None and writes < _DAY_S / ends.rewrite_s:
        raise node.place.wrong(f"an order that lasts a day is rewritten {_DAY_S / ends.rewrite_s:.0f} times")
    return writes


def _smallest_step(node: Node, kind: DeviceKind) -> float:
    name = _STEP_OF.get(kind)
    for other in {"step_w", "step_a"} - {name}:
        if other in node.fields():
            raise node.fields()[other].place.wrong(f"a {kind} has no {other}")
    return 0.0 if name is None else node.needed(name).number(0.1, 100_000.0)


def _step(node: Node, around: _Around) -> Step:
    fields = node.fields(_STEP_KEYS)
    if "restore" in fields:
        return _restoring(node, fields["restore"], around)
    action = node.needed("action").text()
    place = node.needed("action").place
    domain, _, service = action.partition(".")
    if not _ACTION.fullmatch(action):
        raise place.wrong("an action is expected, as in 'number.set_value'")
    if service in _REFUSED:
        raise place.wrong("this writes past what the integration checks, and is not taken")
    if domain != around.integration and action not in _ENTITY_ACTIONS:
        raise place.wrong(unknown(action, {*_ENTITY_ACTIONS, f"{around.integration}.…"}))
    if domain != around.integration:
        _check_target(node, domain, around)
    return Step(
        action=action,
        role=_role(fields["role"], around.roles) if "role" in fields else None,
        device_of=_role(fields["device"], around.roles) if "device" in fields else None,
        data=tuple(_data(fields["data"], around)) if "data" in fields else (),
        waits_s=fields["waits_s"].number(0.0, 60.0) if "waits_s" in fields else 0.0,
    )


def _restoring(node: Node, role: Node, around: _Around) -> Step:
    if len(node.fields()) > 1:
        raise node.place.wrong("restore stands alone")
    if role.text() not in around.remember:
        raise role.place.wrong(unknown(role.text(), around.remember))
    domains = around.domains(role.text())
    if not domains <= _RESTORED:
        raise role.place.wrong(f"only {', '.join(sorted(_RESTORED))} can be put back")
    return Step(action=RESTORE, role=role.text())


def _role(node: Node, roles: Roles) -> str:
    if node.text() not in roles:
        raise node.place.wrong(unknown(node.text(), roles))
    return node.text()


def _check_target(node: Node, domain: str, around: _Around) -> None:
    """Refuse an action on entities whose role is an entity of another domain."""
    target = node.needed("role")
    found = around.domains(_role(target, around.roles))
    if found != {domain}:
        raise target.place.wrong(f"{target.text()} is of {', '.join(sorted(found))}, the action of {domain}")


def _data(node: Node, around: _Around) -> Iterator[DataField]:
    for name, each in node.fields().items():
        value, as_text = each, False
        if isinstance(each.value, dict):
            each.fields(("value", "as"))
            value, as_text = each.needed("value"), each.needed("as").text() == "text"
            if not as_text:
                raise each.needed("as").place.wrong("'text' is expected")
        found = DataField(name=name, value=value.scalar(), as_text=as_text)
        if found.is_template:
            _check_template(value, around)
        yield found


def _check_template(node: Node, around: _Around) -> None:
    try:
        measured, remembered = check_template(node.text())
    except ValueError as error:
        raise node.place.wrong(str(error)) from error
    for used, known in ((measured, around.roles), (remembered, around.remember)):
        for name in sorted(used - set(known)):
            raise node.place.wrong(unknown(name, known))


def _ends(node: Node, recipes: Mapping[Operation, tuple[Step, ...]]) -> Ends:
    fields = node.fields(("by", "seconds", "settable", "carried_by", "rewrite_s"))
    by = node.needed("by").word(EndsBy)
    if by is EndsBy.NOTHING and len(fields) > 1:
        raise node.place.wrong("what never ends by itself has neither seconds nor anything else")
    if by is EndsBy.NOTHING:
        return Ends(by=by)
    seconds = node.needed("seconds").number(1.0, _DAY_S)
    is_settable = "settable" in fields and fields["settable"].flag()
    if is_settable is not ("carried_by" in fields):
        raise node.place.wrong("carried_by names the field or role of a time that is settable, and only then")
    if is_settable:
        _role(fields["carried_by"], dict.fromkeys(_carriers(recipes), ()))
    rewrite_s = node.needed("rewrite_s").number(1.0, _DAY_S) if by is EndsBy.DEVICE_TIMER else None
    if rewrite_s is not None and rewrite_s >= seconds:
        raise node.needed("rewrite_s").place.wrong("it must be less than 'seconds'")
    return Ends(
        by=by,
        seconds=seconds,
        is_settable=is_settable,
        carried_by=fields["carried_by"].text() if is_settable else None,
        rewrite_s=rewrite_s,
    )


def _carriers(recipes: Mapping[Operation, tuple[Step, ...]]) -> Iterator[str]:
    """Return the fields and roles that recipes write to."""
    for recipe in recipes.values():
        for step in recipe:
            yield from (each.name for each in step.data)
            if step.role is not None:
                yield step.role
