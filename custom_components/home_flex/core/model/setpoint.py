"""What a device is told, by whom and why."""

from dataclasses import dataclass
from enum import IntEnum

from .kind import Quantity


class Owner(IntEnum):
    """Who is in control, in the fixed order: a larger number never breaks a smaller one."""

    FUSE = 1
    GRID_OPERATOR = 2
    RESIDENT = 3
    DEVICE_SAFETY = 4
    AGGREGATOR = 5
    PLAN = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Setpoint:
    """One device, one value, and why: ``value`` None hands the device back to its own control.

    ``life_s`` is after how many seconds the device must be back under its own control if nobody renews the
    setpoint; drivers pass it on to the device (SunSpec reversion timer, OCPP profile duration). ``source_id``
    names the event or wish behind it. ``phases`` is how many a charger is to connect, None when it does not
    switch them.
    """

    device_id: str
    quantity: Quantity
    value: float | None
    owner: Owner
    reason: str
    life_s: float
    source_id: str | None = None
    phases: int | None = None
