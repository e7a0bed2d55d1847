"""A charger as tests tell of it, and a second by second life of one."""

from collections.abc import Callable
from typing import Any

from custom_components.home_flex.core.control.charging import (
    ChargeIntent,
    ChargeMode,
    ChargerInput,
    ChargingMemory,
    Supply,
    decide,
)
from custom_components.home_flex.core.model import ChargerStatus

DARK = Supply(surplus_w=-300.0)


def charger(**told: Any) -> ChargerInput:
    """Return a three-phase charger of 6 to 16 A with a connected car that draws nothing."""
    known: dict[str, Any] = {
        "device_id": "car",
        "connected": True,
        "status": ChargerStatus.PREPARING,
        "power_w": 0.0,
        "current_limit_a": 0.0,
        "min_current_a": 6.0,
        "max_current_a": 16.0,
        "offered_phases": (3,),
        "wired_phases": (1, 2, 3),
        "mode": ChargeMode.SURPLUS,
    }
    return ChargerInput(**{**known, **told})


def once(told: ChargerInput, supply: Supply = DARK) -> ChargeIntent:
    """Return the first intent, of somebody who remembers nothing."""
    return decide([told], supply, ChargingMemory(), 0.0)[0][told.device_id]


def lived(
    tell: Callable[[float, float | None], ChargerInput],
    supply: Callable[[float], Supply],
    seconds: int,
    memory: ChargingMemory | None = None,
) -> tuple[list[ChargeIntent], ChargingMemory]:
    """Return the intents of ``seconds``; ``tell`` is given the time and the limit ordered before."""
    memory = memory or ChargingMemory()
    intents: list[ChargeIntent] = []
    limit_a: float | None = 0.0
    for second in range(seconds):
        told = tell(float(second), limit_a)
        wanted, memory = decide([told], supply(float(second)), memory, float(second))
        intents.append(wanted[told.device_id])
        limit_a = intents[-1].current_a
    return intents, memory


def follows(second: float, limit_a: float | None, **told: Any) -> ChargerInput:
    """Return a three-phase car that draws what it may."""
    allowed_a = 16.0 if limit_a is None else limit_a
    status = ChargerStatus.CHARGING if allowed_a else ChargerStatus.SUSPENDED_EVSE
    return charger(**{"status": status, "power_w": 690.0 * allowed_a, "current_limit_a": allowed_a, **told})
