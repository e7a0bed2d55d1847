"""A tally as plain JSON values and back, so that a restart goes on counting where it ended.

Read tolerantly: what another release did not write has its default, and what it added is passed over.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ..model import DeviceKind
from .documents import rule_document, rule_from
from .tally import Before, Part, PlannedStep, Tally

_MAPS = ("devices", "heard_ms", "plugged", "plugged_ms", "moved_ms")
_NUMBERS = tuple(each.name for each in fields(Part) if each.name not in _MAPS)
_BEFORE = tuple(name for name in Before.__slots__ if name not in {"device_id", "kind", "is_plugged"})


def tally_document(tally: Tally) -> dict[str, Any]:
    """Return the tally; of a part only what is not its default."""
    return {
        "parts": [_part_document(part) for part in tally.parts],
        "until_ms": tally.until_ms,
        "import_wh": tally.import_wh,
        "export_wh": tally.export_wh,
        "before": [
            {
                "device_id": each.device_id,
                "kind": each.kind.value,
                "is_plugged": each.is_plugged,
                **{name: getattr(each, name) for name in _BEFORE},
            }
            for each in tally.before
        ],
        "planned": None if tally.planned is None else [_step_document(each) for each in tally.planned],
        "steered": sorted(tally.steered),
        "others_steered": tally.others_steered,
    }


def tally_from(document: Mapping[str, Any] | None) -> Tally:
    """Return the tally that a document holds. Raises KeyError, TypeError or ValueError for what is none."""
    if document is None:
        return Tally()
    return Tally(
        parts=tuple(_part(each) for each in document.get("parts", ())),
        until_ms=_whole_or_none(document.get("until_ms")),
        import_wh=_register(document.get("import_wh")),
        export_wh=_register(document.get("export_wh")),
        before=tuple(_before(each) for each in document.get("before", ()) if each["kind"] in DeviceKind),
        planned=_planned(document.get("planned")),
        steered=frozenset(_text(each) for each in document.get("steered", ())),
        others_steered=bool(document.get("others_steered", False)),
    )


def _part_document(part: Part) -> dict[str, Any]:
    numbers = {name: value for name in _NUMBERS if (value := getattr(part, name)) or name == "start_ms"}
    limits = {name: getattr(part, name) for name in ("low_w", "high_w")}
    told = {name: value for name, value in limits.items() if value is not None}
    return {
        **numbers,
        **told,
        **{name: dict(energies) for name in _MAPS if (energies := getattr(part, name))},
    }


def _part(document: Mapping[str, Any]) -> Part:
    told: dict[str, Any] = {name: _whole(document[name]) for name in _NUMBERS if name in document}
    for name in _MAPS:
        told[name] = {_text(key): _whole(value) for key, value in document.get(name, {}).items()}
    return Part(**told)


def _before(document: Mapping[str, Any]) -> Before:
    numbers = {name: document[name] for name in _BEFORE if name in document}
    told_w = _whole_or_none(numbers.pop("told_w", None))
    return Before(
        device_id=_text(document["device_id"]),
        kind=DeviceKind(document["kind"]),
        told_w=told_w,
        is_plugged=document.get("is_plugged") is True,
        **{name: _whole(value) for name, value in numbers.items()},
    )


def _step_document(step: PlannedStep) -> dict[str, Any]:
    return {
        "device_id": step.device_id,
        "start_ms": step.start_ms,
        "end_ms": step.end_ms,
        "rule": None if step.rule is None else rule_document(step.rule),
        "power_w": step.power_w,
    }


def _planned(documents: Sequence[Mapping[str, Any]] | None) -> tuple[PlannedStep, ...] | None:
    if documents is None:
        return None
    return tuple(
        PlannedStep(
            device_id=_text(each["device_id"]),
            start_ms=_whole(each["start_ms"]),
            end_ms=_whole(each["end_ms"]),
            rule=None if each["rule"] is None else rule_from(each["rule"]),
            power_w=_whole(each["power_w"]),
        )
        for each in documents
    )


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _whole_or_none(value: object) -> int | None:
    return None if value is None else _whole(value)


def _register(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no register")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("No text")
    return value
