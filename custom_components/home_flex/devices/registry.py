"""The drivers there are. A new one is a folder beside this file and a line here."""

from typing import Any, Final

from ..core.model import DeviceKind
from .entities.spec import ENTITIES
from .fronius.spec import FRONIUS
from .ocpp.spec import OCPP
from .p1.spec import P1
from .shelly.spec import SHELLY
from .spec import DriverSpec
from .sunspec.spec import SUNSPEC

# Each driver's settings are of its own type, which a table of all drivers cannot say.
DRIVERS: Final[dict[str, DriverSpec[Any]]] = {
    spec.id: spec for spec in (P1, SUNSPEC, FRONIUS, SHELLY, OCPP, ENTITIES)
}


def drivers_of(kind: DeviceKind) -> list[DriverSpec[Any]]:
    """Return the drivers that can be a kind of device."""
    return [spec for spec in DRIVERS.values() if kind in spec.kinds]


def driver_spec(driver_id: str, kind: DeviceKind) -> DriverSpec[Any]:
    """Return a driver that can be this kind of device. Raises LookupError when there is none of this id."""
    spec = DRIVERS[driver_id]
    if kind not in spec.kinds:
        raise LookupError(f"{driver_id} cannot be a {kind}")
    return spec
