"""Adding and changing what belongs to a site: devices, circuits, groups, the aggregator, the store."""

from homeassistant.config_entries import ConfigSubentryFlow

from ..const import (
    SUBENTRY_AGGREGATOR,
    SUBENTRY_BUILDING,
    SUBENTRY_CIRCUIT,
    SUBENTRY_GROUP,
    SUBENTRY_MEASUREMENT_STORE,
    SUBENTRY_SHARED_ROOM,
    SUBENTRY_SHARING,
    SUBENTRY_TARIFF,
)
from ..core.model import DeviceKind
from ..devices.registry import drivers_of
from .aggregator import AggregatorFlow
from .building import BuildingFlow
from .circuit import CircuitFlow
from .device_flow import device_flow
from .ev_charger import EvChargerFlow
from .group import GroupFlow
from .measurement_store import MeasurementStoreFlow
from .shared_room import SharedRoomFlow
from .sharing import SharingFlow
from .tariff import TariffFlow

SUBENTRY_FLOWS: dict[str, type[ConfigSubentryFlow]] = {
    **{kind: device_flow(kind) for kind in DeviceKind},
    DeviceKind.EV_CHARGER: EvChargerFlow,
    SUBENTRY_AGGREGATOR: AggregatorFlow,
    SUBENTRY_CIRCUIT: CircuitFlow,
    SUBENTRY_GROUP: GroupFlow,
    SUBENTRY_MEASUREMENT_STORE: MeasurementStoreFlow,
    SUBENTRY_SHARED_ROOM: SharedRoomFlow,
    SUBENTRY_SHARING: SharingFlow,
    SUBENTRY_TARIFF: TariffFlow,
    SUBENTRY_BUILDING: BuildingFlow,
}


def is_reachable(subentry_type: str) -> bool:
    """Return whether this can be added: what is no device, and kinds of device that a driver can be."""
    return subentry_type not in set(DeviceKind) or bool(drivers_of(DeviceKind(subentry_type)))
