"""What stands in a device's JSON answer, believed only where it is what it should be."""

import math
from collections.abc import Mapping
from typing import Any


def mapping(found: Any) -> Mapping[str, Any] | None:
    """Return an object of the answer; None where there is anything else."""
    return found if isinstance(found, Mapping) else None


def number(found: Any) -> float | None:
    """Return a finite JSON number; None where there is anything else, also a truth value or a text."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        value = float(found)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None
