"""The kinds of devices, as one table: what is not in it fails at start, not in silence."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from ..control.pace import Pace
from ..control.state import DeviceState
from ..model import DeviceKind, Quantity
from .appliance import APPLIANCE
from .battery import BATTERY
from .charger import CHARGER
from .facts import Reporting
from .grid_meter import GRID_METER
from .heat_pump import HEAT_PUMP
from .kind import Kind, KindSpec
from .paced import paced
from .pv import PV
from .sub_meter import SUB_METER
from .switched_load import SWITCHED_LOAD
from .water_heater import WATER_HEATER


def table(*specs: KindSpec[Any]) -> Mapping[DeviceKind, KindSpec[Any]]:
    """Return the kinds by what they are. Raises ValueError for a kind without its row, or with two."""
    found = {spec.kind: spec for spec in specs}
    if missing := [kind.value for kind in DeviceKind if kind not in found]:
        raise ValueError(f"kinds without a row in the table: {', '.join(missing)}")
    if len(found) < len(specs):
        raise ValueError("a kind has two rows in the table")
    return MappingProxyType(found)


# A kind's readings are of its own type, which a table of all kinds cannot say.
KINDS: Final = table(
    GRID_METER, SUB_METER, PV, BATTERY, CHARGER, SWITCHED_LOAD, APPLIANCE, HEAT_PUMP, WATER_HEATER
)


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


def kind_of(device: DeviceState) -> Kind[Any]:
    """Return what control needs of one device: of its kind, at its own pace. Raises LookupError."""
    return control_of(device.kind) if device.pace is None else _paced(device.kind, device.pace)


@lru_cache(maxsize=256)
def _paced(kind: DeviceKind, pace: Pace) -> Kind[Any]:
    return paced(control_of(kind), pace)


def quantities_of(kind: DeviceKind) -> frozenset[Quantity]:
    """Return what can be set of a kind of device: one of them is enough to steer it."""
    spec = KINDS[kind]
    return spec.also_sets if spec.control is None else spec.also_sets | {spec.control.quantity}
