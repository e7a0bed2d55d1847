"""How each kind of device is reported: to its entities, to the measurement store, to the aggregator."""

from collections.abc import Mapping
from typing import Any, Final

from ...model import DeviceKind
from .battery import BATTERY
from .ev_charger import EV_CHARGER
from .facts import Abilities, Measure, Measurements, Reporting, Sensor, Shown
from .grid_meter import GRID_METER
from .pv import PV

__all__ = ["REPORTING", "Abilities", "Measure", "Measurements", "Reporting", "Sensor", "Shown"]

# A kind's readings are of its own type, which a table of all kinds cannot say.
REPORTING: Final[Mapping[DeviceKind, Reporting[Any]]] = {
    DeviceKind.GRID_METER: GRID_METER,
    DeviceKind.PV: PV,
    DeviceKind.BATTERY: BATTERY,
    DeviceKind.EV_CHARGER: EV_CHARGER,
}
