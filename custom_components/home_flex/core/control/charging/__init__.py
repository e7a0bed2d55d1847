"""What a car gets: surplus, minimum and surplus, ready by, turns, phases, and cars that are not text-book."""

from .car import ChargerMemory, ChargingMemory
from .decide import decide
from .model import ChargeGoal, ChargeIntent, ChargeMode, ChargerInput, ChargeWish, Reason, Room, Sun, Supply

__all__ = [
    "ChargeGoal",
    "ChargeIntent",
    "ChargeMode",
    "ChargeWish",
    "ChargerInput",
    "ChargerMemory",
    "ChargingMemory",
    "Reason",
    "Room",
    "Sun",
    "Supply",
    "decide",
]
