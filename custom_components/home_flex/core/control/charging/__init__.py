"""What a car gets: surplus, minimum and surplus, ready by, turns, phases, and cars that are not text-book."""

from .car import ChargerMemory, ChargingMemory
from .decide import decide
from .model import ChargeGoal, ChargeIntent, ChargeMode, ChargerInput, ChargeWish, Reason, Room, Sun, Supply
from .ready_by import charge_time_s, given_s

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
    "charge_time_s",
    "decide",
    "given_s",
]
