"""The kinds of flexible devices, as a table: what is not in it fails at start, not in silence."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ..model import DeviceKind
from .battery import BATTERY
from .charger import CHARGER
from .kind import Kind
from .pv import PV

KINDS: Final[Mapping[DeviceKind, Kind[Any]]] = MappingProxyType(
    {kind.kind: kind for kind in (BATTERY, PV, CHARGER)}
)
