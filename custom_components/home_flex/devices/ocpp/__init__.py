"""OCPP 1.6J: chargers dial in to us, the central system."""

from .central_system import CentralSystem
from .charger import OcppCharger
from .expectation import Expectation
from .schemas import ACTIONS, preload_schemas
from .settings import ChargerSettings, Patience, TagRule

__all__ = [
    "ACTIONS",
    "CentralSystem",
    "ChargerSettings",
    "Expectation",
    "OcppCharger",
    "Patience",
    "TagRule",
    "preload_schemas",
]
