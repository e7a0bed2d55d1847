"""Adding and changing what belongs to a site: devices, the aggregator, the measurement store."""

from homeassistant.config_entries import ConfigSubentryFlow

from ..const import SUBENTRY_AGGREGATOR, SUBENTRY_MEASUREMENT_STORE
from ..core.model import DeviceKind
from .aggregator import AggregatorFlow
from .ev_charger import EvChargerFlow
from .grid_meter import GridMeterFlow
from .measurement_store import MeasurementStoreFlow
from .sunspec import BatteryFlow, PvFlow

SUBENTRY_FLOWS: dict[str, type[ConfigSubentryFlow]] = {
    DeviceKind.GRID_METER: GridMeterFlow,
    DeviceKind.PV: PvFlow,
    DeviceKind.BATTERY: BatteryFlow,
    DeviceKind.EV_CHARGER: EvChargerFlow,
    SUBENTRY_AGGREGATOR: AggregatorFlow,
    SUBENTRY_MEASUREMENT_STORE: MeasurementStoreFlow,
}
