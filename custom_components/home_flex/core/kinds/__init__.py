"""The kinds of devices, as one table: what is not in it fails at start, not in silence."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ..model import DeviceKind, Quantity
from .battery import BATTERY
from .charger import CHARGER
from .facts import Reporting
from .grid_meter import GRID_METER
from .kind import Kind, KindSpec
from .pv import PV


def table(*specs: KindSpec[Any]) -> Mapping[DeviceKind, KindSpec[Any]]:
    """Return the kinds by what they are. Raises ValueError for a kind without its row, or with two."""
    found = {spec.kind: spec for spec in specs}
    if missing := [kind.value for kind in DeviceKind if kind not in found]:
        raise ValueError(f"kinds without a row in the table: {', '.join(missing)}")
    if len(found) < len(specs):
        raise ValueError("a kind has two rows in the table")
    return MappingProxyType(found)


# A kind's readings are of its own type, which a table of all kinds cannot say.
KINDS: Final = table(GRID_METER, PV, BATTERY, CHARGER)


def reporting_of(kind: DeviceKind) -> Reporting[Any]:
    """Return how a kind of device is reported."""
    return KINDS[kind].reporting


def is_flexible(kind: DeviceKind) -> bool:
    """Return whether devices of a kind can be steered, where their driver can."""
    return KINDS[kind].control is not None


def control_of(kind: DeviceKind) -> Kind[Any]:
    """Return what control needs of a kind. Raises LookupError for one that is only measured."""
    if (control := KINDS[kind].control) is None:
        raise LookupError(f"a {kind} is only measured")
    return control


def quantity_of(kind: DeviceKind) -> Quantity | None:
    """Return what is set of a kind of device, None when it is only measured."""
    return None if (control := KINDS[kind].control) is None else control.quantity
