"""Where a role of one device takes its value from: entities, or a number that somebody entered.

What is kept of it in the device's subentry is JSON, read here and written here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .profile import Fresh, FreshBy

_ENTITY, _CONSTANT = "entity", "constant"


@dataclass(frozen=True, kw_only=True, slots=True)
class EntitySource:
    """``sign`` times (the sum of ``plus`` less that of ``minus``), each an id as ``EntityPort`` takes it.

    ``attribute``: the value is this attribute, not the state. ``words`` turns words of a status (lower case)
    into those of STATUS_WORDS. ``unit`` is that of values whose entity states none. ``fresh`` where it is
    fresher or staler than the rest of the device.
    """

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    sign: int = 1
    attribute: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    fresh: Fresh | None = None

    @property
    def entities(self) -> tuple[str, ...]:
        """All ids that it needs."""
        return self.plus + self.minus


@dataclass(frozen=True, kw_only=True, slots=True)
class Constant:
    """A number in the unit of the role's measure (W, Wh, A, …)."""

    value: float


type Source = EntitySource | Constant


def encode(roles: Mapping[str, Source]) -> dict[str, Any]:
    """Return the sources of all roles as JSON."""
    return {role: _encoded(source) for role, source in roles.items()}


def decode(data: Mapping[str, Any]) -> dict[str, Source]:
    """Return the sources of all roles. Raises KeyError, TypeError or ValueError for what is none."""
    return {role: _decoded(source) for role, source in data.items()}


def encode_fresh(fresh: Fresh) -> dict[str, Any]:
    """Return a freshness as JSON."""
    return {"by": fresh.by.value, "interval_s": fresh.interval_s}


def decode_fresh(data: Mapping[str, Any]) -> Fresh:
    """Return a freshness. Raises KeyError, TypeError or ValueError."""
    interval_s = data.get("interval_s")
    return Fresh(by=FreshBy(data["by"]), interval_s=None if interval_s is None else float(interval_s))


def _encoded(source: Source) -> dict[str, Any]:
    if isinstance(source, Constant):
        return {"type": _CONSTANT, "value": source.value}
    kept: dict[str, Any] = {"type": _ENTITY, "value": list(source.plus)}
    if source.minus:
        kept["less"] = list(source.minus)
    if source.sign != 1:
        kept["sign"] = source.sign
    if source.attribute is not None:
        kept["attribute"] = source.attribute
    if source.words:
        kept["words"] = dict(source.words)
    if source.unit is not None:
        kept["unit"] = source.unit
    if source.fresh is not None:
        kept["fresh"] = encode_fresh(source.fresh)
    return kept


def _decoded(data: Mapping[str, Any]) -> Source:
    if data["type"] == _CONSTANT:
        return Constant(value=float(data["value"]))
    if data["type"] != _ENTITY or not data["value"]:
        raise ValueError(f"no source of a value: {data!r}")
    if (sign := int(data.get("sign", 1))) not in {1, -1}:
        raise ValueError(f"a sign is 1 or -1, not {sign}")
    return EntitySource(
        plus=tuple(map(str, data["value"])),
        minus=tuple(map(str, data.get("less", ()))),
        sign=sign,
        attribute=data.get("attribute"),
        words={str(key): str(word) for key, word in data.get("words", {}).items()},
        unit=data.get("unit"),
        fresh=decode_fresh(data["fresh"]) if "fresh" in data else None,
    )
