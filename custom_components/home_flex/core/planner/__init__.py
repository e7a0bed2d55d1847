"""The plan: what each device is to do for the next two days, why, and what a stored kWh is worth.

``planner`` makes plans, and needs the solver; these are the values that go in and come out.
"""

from .bending import Bend, BentWish, LeftOut, LeftOutCode
from .offer import Asked, Direction, Envelope, Offer, OfferPoint
from .plan import DevicePlan, Intent, IntentKind, Money, Plan, PlanStatus
from .preferences import BendPrices, Preferences, preferences_for
from .problem import (
    Appliance,
    Battery,
    CircuitLimit,
    Commitment,
    Consumer,
    ErrorPath,
    FastCharge,
    LimitOwner,
    MeterLimit,
    Peak,
    Problem,
    Pv,
    Series,
    Signals,
    ThermalStore,
)
from .reason import Reason, ReasonCode

__all__ = [
    "Appliance",
    "Asked",
    "Battery",
    "Bend",
    "BendPrices",
    "BentWish",
    "CircuitLimit",
    "Commitment",
    "Consumer",
    "DevicePlan",
    "Direction",
    "Envelope",
    "ErrorPath",
    "FastCharge",
    "Intent",
    "IntentKind",
    "LeftOut",
    "LeftOutCode",
    "LimitOwner",
    "MeterLimit",
    "Money",
    "Offer",
    "OfferPoint",
    "Peak",
    "Plan",
    "PlanStatus",
    "Preferences",
    "Problem",
    "Pv",
    "Reason",
    "ReasonCode",
    "Series",
    "Signals",
    "ThermalStore",
    "preferences_for",
]
