"""Batteries that are not to charge cars: they cover the house only."""

from collections.abc import Sequence

from ..model import BatteryReading, Owner
from .charging import ChargingMemory
from .flexibility import Flexibility, Restriction, Role
from .merit import Member
from .stores import not_into_the_car_w

# A car that draws less does not keep a battery from covering the house.
_CAR_DRAWS_W = 230.0


def held(devices: Sequence[Flexibility], memory: ChargingMemory, rest_w: float) -> tuple[Restriction, ...]:
    """Return what keeps batteries from charging cars against the resident's wish: they cover the house only.

    The bound is shared by what they can give. It holds while a car draws, whatever hangs on the cable.
    """
    cars_w = sum(device.power_w for device in devices if device.member is Member.CAR)
    bound = [device for device in devices if device.role is Role.STORE and not _may_feed(device)]
    able_w = sum(device.declared_low_w for device in bound)
    if cars_w < _CAR_DRAWS_W or able_w >= 0.0:
        return ()
    sun_w = sum(device.power_w for device in devices if device.role is Role.PRODUCER)
    bridged_w = cars_w if any(known.sun.debt_wh > 0.0 for known in memory.chargers.values()) else 0.0
    return tuple(
        Restriction(
            owner=Owner.RESIDENT,
            device_id=device.device_id,
            reason="not_into_the_car",
            low_w=device.declared_low_w
            / able_w
            * not_into_the_car_w(rest_w, sun_w, bridged_w if device.device.feeds_cars.bridge else 0.0),
            source_id="car",
            standing=True,
        )
        for device in bound
    )


def _may_feed(device: Flexibility) -> bool:
    reading = device.reading
    charge = reading.state_of_charge if isinstance(reading, BatteryReading) else 0.0
    return charge > device.device.feeds_cars.down_to or device.device.feeds_cars.down_to <= 0.0
