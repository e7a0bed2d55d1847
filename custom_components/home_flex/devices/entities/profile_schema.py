"""From a profile's tree to its dataclasses: what is missing, unknown or impossible is refused, and where."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from ...core.model import DeviceKind
from .control_schema import control
from .profile import Alternative, DeviceProfile, Fresh, FreshBy, HowTested, OnlyIf, Profile, Scope, Selector
from .profile_patterns import compile_pattern
from .profile_yaml import Node, Place, unknown
from .recipe import Control
from .roles import MEASURED_ROLES, SIDES, STATUS_WORDS, Measure, Side

FORMAT: Final = 1
ASK: Final = "ask"
CHOOSE: Final = "choose"
UNKNOWN: Final = "unknown"
# The integration of a profile whose entities a person chooses.
ANY: Final = "any"
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
_DAY_S: Final = 86_400.0
_PROFILE_KEYS: Final = (
    "profile", "id", "name", "integration", "platforms", "source", "date", "tested", "devices", "setup",
    "notes", "doubts",
)  # fmt: skip
_DEVICE_KEYS: Final = (
    "kind", "scope", "group", "needs", "roles", "fresh", "side", "cloud", "controls_polled_s", "control",
)  # fmt: skip
_SELECTOR_KEYS: Final = ("find", "not", "domain", "device_class", "translation_key", "model")
_ALTERNATIVE_KEYS: Final = (
    *_SELECTOR_KEYS, "plus", "minus", "sign", "sum", "attribute", "map", "unit", "only_if", "enable",
    "in_entry", "fresh",
)  # fmt: skip


def profile(node: Node) -> Profile:
    """Return the profile that a file's tree says. Raises ProfileError."""
    fields = node.fields(_PROFILE_KEYS)
    version = node.needed("profile")
    if version.value != FORMAT:
        raise version.place.wrong(f"this version of Home Flex reads format {FORMAT}")
    integration = slug(node.needed("integration"))
    return Profile(
        id=slug(node.needed("id")),
        name=node.needed("name").text(longest=60),
        integration=integration,
        platforms=_platforms(fields, integration),
        source=node.needed("source").text(),
        date=_day(node.needed("date")),
        tested=node.needed("tested").word(HowTested),
        devices=_devices(node.needed("devices"), integration),
        setup=_texts(fields, "setup"),
        notes=_texts(fields, "notes"),
        doubts=_texts(fields, "doubts"),
    )


def slug(node: Node) -> str:
    """Return a word of small letters, digits and underscores."""
    text = node.text()
    if not _SLUG.fullmatch(text):
        raise node.place.wrong("a word of small letters, digits and underscores is expected")
    return text


def _platforms(fields: Mapping[str, Node], integration: str) -> frozenset[str]:
    """Return the platforms of the entities: the integration's name, unless they are given; none for ANY."""
    if "platforms" in fields:
        return frozenset(slug(each) for each in fields["platforms"].items())
    return frozenset({integration} - {ANY})


def _texts(fields: Mapping[str, Node], key: str) -> tuple[str, ...]:
    return fields[key].texts() if key in fields else ()


def _day(node: Node) -> str:
    text = node.text()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise node.place.wrong("a day in quotes is expected, as in '2026-11-28'") from error


def _devices(node: Node, integration: str) -> tuple[DeviceProfile, ...]:
    devices: dict[tuple[DeviceKind, Scope], DeviceProfile] = {}
    for each in node.items(most=20):
        device = _device(each, integration)
        if (device.kind, device.scope) in devices:
            raise each.place.wrong(f"a {device.kind} with this scope stands here twice: write alternatives")
        devices[device.kind, device.scope] = device
    return tuple(devices.values())


def _device(node: Node, integration: str) -> DeviceProfile:
    fields = node.fields(_DEVICE_KEYS)
    kind = node.needed("kind").word(DeviceKind)
    scope = node.needed("scope").word(Scope)
    given = node.needed("roles").fields()
    roles = {name: _alternatives(each, kind, name) for name, each in given.items()}
    chosen = {name: slug(each.needed(CHOOSE)) for name, each in given.items() if _is_chosen(each)}
    return DeviceProfile(
        kind=kind,
        scope=scope,
        group=_group(fields, scope, node.place),
        needs=_needs(node.needed("needs"), roles, integration),
        roles=roles,
        fresh=_fresh(node.needed("fresh")),
        side=_side(node, kind),
        is_cloud=_flag(fields, "cloud"),
        controls_polled_s=_optional(fields, "controls_polled_s", lambda each: each.number(1.0, _DAY_S)),
        chosen=chosen,
        control=_control(node, kind, integration, roles, chosen),
    )


def _side(node: Node, kind: DeviceKind) -> Side | None:
    sides = SIDES.get(kind)
    given = node.fields().get("side")
    if sides is None:
        if given is not None:
            raise given.place.wrong("only pv and battery have a side")
        return None
    return node.needed("side").word(sides)


def _group(fields: Mapping[str, Node], scope: Scope, place: Place) -> re.Pattern[str] | None:
    if (scope is Scope.UNIQUE_ID) is not ("group" in fields):
        raise place.wrong("a group is expected with scope unique_id, and only there")
    if "group" not in fields:
        return None
    group = _pattern(fields["group"])
    if group.groups != 1:
        raise fields["group"].place.wrong("one (…) is expected around what unique ids of one device share")
    return group


def _needs(node: Node, roles: Mapping[str, tuple[Alternative, ...]], integration: str) -> tuple[str, ...]:
    for each in node.items():
        if each.text() not in roles:
            raise each.place.wrong(unknown(each.text(), roles))
        if integration != ANY and not roles[each.text()]:
            raise each.place.wrong("a person is asked for it: it cannot be needed beforehand")
    return tuple(each.text() for each in node.items())


def _control(
    node: Node,
    kind: DeviceKind,
    integration: str,
    roles: Mapping[str, tuple[Alternative, ...]],
    chosen: Mapping[str, str],
) -> Control | None:
    given = node.fields().get("control")
    found = None if given is None else control(given, kind, integration, roles, chosen)
    used = frozenset() if found is None else found.roles | found.reads
    for name, alternatives in node.needed("roles").fields().items():
        if name not in MEASURED_ROLES[kind] and name not in used:
            raise alternatives.place.wrong(unknown(name, {*MEASURED_ROLES[kind], *used}))
    return found


def _alternatives(node: Node, kind: DeviceKind, role: str) -> tuple[Alternative, ...]:
    """Return the ways to a role; none for one that a person is asked for."""
    if node.value == ASK:
        return ()
    if _is_chosen(node):
        node.fields((CHOOSE,))
        return ()
    return tuple(_alternative(each, kind, role) for each in node.items(most=20))


def _is_chosen(node: Node) -> bool:
    return isinstance(node.value, dict) and CHOOSE in node.value


def _alternative(node: Node, kind: DeviceKind, role: str) -> Alternative:
    fields = node.fields(_ALTERNATIVE_KEYS)
    if ("plus" in fields) == any(key in fields for key in _SELECTOR_KEYS):
        raise node.place.wrong("either find (or translation_key, …) or plus and minus is expected")
    if "minus" in fields and "plus" not in fields:
        raise fields["minus"].place.wrong("plus is missing beside minus")
    is_sign_known = "sign" not in fields or fields["sign"].value != UNKNOWN
    sign = fields["sign"].number(-1.0, 1.0) if "sign" in fields and is_sign_known else 1.0
    if sign not in {-1.0, 1.0}:
        raise fields["sign"].place.wrong("1, -1 or unknown is expected")
    words = _words(fields["map"], kind) if "map" in fields else {}
    if MEASURED_ROLES[kind].get(role) is Measure.STATUS and not words:
        raise node.place.wrong("'map' is missing: what the integration's words of the status mean")
    return Alternative(
        plus=_selector(fields["plus"]) if "plus" in fields else _selector_of(node, fields),
        minus=_optional(fields, "minus", _selector),
        sign=int(sign),
        is_sign_known=is_sign_known,
        is_sum=_flag(fields, "sum"),
        attribute=_optional(fields, "attribute", Node.text),
        words=words,
        unit=_optional(fields, "unit", Node.text),
        only_if=_optional(fields, "only_if", _only_if),
        offers_enabling=_flag(fields, "enable"),
        in_entry=_flag(fields, "in_entry"),
        fresh=_optional(fields, "fresh", _fresh),
    )


def _selector(node: Node) -> Selector:
    return _selector_of(node, node.fields(_SELECTOR_KEYS))


def _selector_of(node: Node, fields: Mapping[str, Node]) -> Selector:
    if "find" not in fields and "translation_key" not in fields:
        raise node.place.wrong("'find' or 'translation_key' is missing")
    return Selector(
        find=_optional(fields, "find", _pattern),
        reject=_optional(fields, "not", _pattern),
        domain=slug(fields["domain"]) if "domain" in fields else "sensor",
        device_class=_optional(fields, "device_class", slug),
        translation_keys=frozenset(_one_or_more(fields["translation_key"]))
        if "translation_key" in fields
        else frozenset(),
        model=_optional(fields, "model", _pattern),
    )


def _one_or_more(node: Node) -> Iterable[str]:
    return node.texts() if isinstance(node.value, list) else (node.text(),)


def _only_if(node: Node) -> OnlyIf:
    node.fields(("find", "state"))
    return OnlyIf(find=_pattern(node.needed("find")), states=frozenset(_one_or_more(node.needed("state"))))


def _words(node: Node, kind: DeviceKind) -> dict[str, str]:
    known = STATUS_WORDS.get(kind, frozenset())
    for each in node.fields().values():
        if each.text() not in known:
            raise each.place.wrong(unknown(each.text(), known))
    return {word.lower(): each.text() for word, each in node.fields().items()}


def _fresh(node: Node) -> Fresh:
    if node.value == FreshBy.NEVER.value:
        return Fresh(by=FreshBy.NEVER)
    fields = node.fields((FreshBy.REPORTED.value, FreshBy.CHANGES.value))
    if len(fields) != 1:
        raise node.place.wrong("one of reported, changes or never is expected")
    ((by, interval),) = fields.items()
    return Fresh(by=FreshBy(by), interval_s=interval.number(0.1, _DAY_S))


def _pattern(node: Node) -> re.Pattern[str]:
    try:
        return compile_pattern(node.text())
    except ValueError as error:
        raise node.place.wrong(str(error)) from error


def _flag(fields: Mapping[str, Node], key: str) -> bool:
    return key in fields and fields[key].flag()


def _optional[T](fields: Mapping[str, Node], key: str, read: Callable[[Node], T]) -> T | None:
    return read(fields[key]) if key in fields else None
