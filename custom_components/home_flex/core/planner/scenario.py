"""What a plan was made from as JSON values, and back: a report of a home becomes a test.

Every number keeps its unit. Infinite limits are "inf" and "-inf", unknown numbers null, times ISO 8601; a
series may be one number where it is the same in all steps.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from ..model import DeviceKind, TimeGrid
from .preferences import BendPrices, Preferences
from .problem import (
    Appliance,
    Battery,
    CircuitLimit,
    Commitment,
    Consumer,
    ErrorPath,
    FastCharge,
    LimitOwner,
    MeterLimit,
    Peak,
    Problem,
    Pv,
    Signals,
    ThermalStore,
)

_PARTS: Final[Mapping[str, type]] = {
    "signals": Signals,
    "meter_limits": MeterLimit,
    "circuit_limits": CircuitLimit,
    "commitments": Commitment,
    "peaks": Peak,
    "pv": Pv,
    "batteries": Battery,
    "consumers": Consumer,
    "fast_charges": FastCharge,
    "waiting": Consumer,
    "appliances": Appliance,
    "thermal_stores": ThermalStore,
    "error_paths": ErrorPath,
    "preferences": Preferences,
    "bend": BendPrices,
}
_ENUMS: Final[Mapping[str, type[Enum]]] = {"owner": LimitOwner, "kind": DeviceKind}
# One number for each step of the grid.
_SERIES: Final = frozenset(
    {
        *("import_per_kwh", "export_per_kwh", "carbon_g_per_kwh", "load_w", "import_w", "export_w"),
        *("upper_w", "lower_w", "available_w", "available", "expected_w"),
        *("low_wh", "high_wh", "heat_per_power", "drawn_w"),
    }
)
# What may be missing as a whole; elsewhere null is a number that nobody knows.
_OPTIONAL: Final = frozenset(
    {"carbon_g_per_kwh", "guessed_from", "end_worth_per_kwh", "running_s", "waiting", "end_step"}
)
_WORDS: Final = MappingProxyType({"inf": math.inf, "-inf": -math.inf})


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON values."""
    grid = problem.grid
    return {
        "grid": {"start": grid.start.isoformat(), "lengths_s": list(grid.lengths_s)},
        **{
            field.name: _said(getattr(problem, field.name))
            for field in fields(problem)
            if field.name != "grid"
        },
    }


def problem_from(document: Mapping[str, Any]) -> Problem:
    """Return the problem of a document; KeyError, TypeError or ValueError where it is none.

    What a newer version says besides is left out. An older one told one peak, of all steps.
    """
    said = document["grid"]
    grid = TimeGrid(start=datetime.fromisoformat(said["start"]), lengths_s=tuple(said["lengths_s"]))
    known = {field.name for field in fields(Problem)} - {"grid"}
    if "peak" in document:
        document = {"peaks": [document["peak"]], **document}
    rest = {name: _read(name, value, len(grid)) for name, value in document.items() if name in known}
    problem = Problem(grid=grid, **rest)
    for kind in (
        problem.pv,
        problem.batteries,
        problem.consumers,
        problem.appliances,
        problem.thermal_stores,
    ):
        ids = [one.device_id for one in kind]
        if len(ids) != len(set(ids)):
            raise ValueError(f"A device stands there twice: {sorted(ids)}")
    return problem


def _said(value: object) -> Any:  # JSON
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _said(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _said(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_said(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _read(name: str, value: Any, steps: int) -> Any:  # JSON
    if name in _PARTS and value is not None:
        return _part(_PARTS[name], value, steps)
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in _OPTIONAL and value is None:
        return None
    if name == "shares":
        if not isinstance(value, Mapping):
            raise TypeError(f"{value!r:.80} are no shares of devices")
        return {device_id: _number(share) for device_id, share in value.items()}
    if name in _SERIES and not isinstance(value, list):
        return (_number(value),) * steps
    if isinstance(value, list):
        return tuple(_number(each) for each in value)
    if isinstance(value, str) and name.endswith("_id"):
        return value
    return _number(value)


def _part(kind: type[Any], value: object, steps: int) -> Any:  # of its kind
    if isinstance(value, list):
        return tuple(_one(kind, each, steps) for each in value)
    return _one(kind, value, steps)


def _one(kind: type[Any], value: object, steps: int) -> Any:  # of its kind
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r:.80} is no {kind.__name__}")
    known = {field.name for field in fields(kind)}
    return kind(**{name: _read(name, each, steps) for name, each in value.items() if name in known})


def _number(value: object) -> object:
    if value is None:
        return math.nan
    if isinstance(value, str):
        return _WORDS[value]
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r:.80} is no number")
    return value
