"""Adding and changing what belongs to a site: one flow per kind of device, and one for the aggregator."""

from homeassistant.config_entries import ConfigSubentryFlow

from ..const import SUBENTRY_AGGREGATOR
from ..core.model import DeviceKind
from .aggregator import AggregatorFlow
from .ev_charger import EvChargerFlow
from .grid_meter import GridMeterFlow
from .sunspec import BatteryFlow, PvFlow

SUBENTRY_FLOWS: dict[str, type[ConfigSubentryFlow]] = {
    DeviceKind.GRID_METER: GridMeterFlow,
    DeviceKind.PV: PvFlow,
    DeviceKind.BATTERY: BatteryFlow,
    DeviceKind.EV_CHARGER: EvChargerFlow,
    SUBENTRY_AGGREGATOR: AggregatorFlow,
}
