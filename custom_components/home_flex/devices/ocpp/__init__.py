"""OCPP 1.6J: chargers dial in to us, the central system."""

from .central_system import CentralSystem
from .charge_point import OcppCharger
from .expectation import Expectation
from .schemas import preload_schemas
from .settings import ChargerSettings, Patience

__all__ = ["CentralSystem", "ChargerSettings", "Expectation", "OcppCharger", "Patience", "preload_schemas"]
