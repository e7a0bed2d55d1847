"""OCPP 1.6J and 2.0.1: chargers dial in to us, the central system."""

from .callers import Caller, Refusal, shown
from .central_system import CentralSystem
from .charger import OcppCharger
from .expectation import Expectation
from .forwarding import Forwarder, ForwardSettings
from .schemas import ACTIONS, preload_schemas
from .session import CallRefusedError
from .settings import ChargerSettings, Patience, TagRule

__all__ = [
    "ACTIONS",
    "CallRefusedError",
    "Caller",
    "CentralSystem",
    "ChargerSettings",
    "Expectation",
    "ForwardSettings",
    "Forwarder",
    "OcppCharger",
    "Patience",
    "Refusal",
    "TagRule",
    "preload_schemas",
    "shown",
]
