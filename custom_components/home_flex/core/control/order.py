"""Which devices move first, and how far, when the power at the meter is to fall or to rise: merit as places.

Sign: positive = consumption. Powers in W.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .flexibility import Flexibility, Role
from .merit import (
    Give,
    Member,
    Merit,
    Participant,
    Preference,
    Prices,
    Take,
    battery_take,
    giving_order,
    surplus_order,
)
from .state import ControlMemory, SiteState
from .stores import SharingMemory


class Stop(StrEnum):
    """How far a device moves while its place is at hand."""

    RANGE = "range"
    IDLE = "idle"
    SMALLEST = "smallest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Devices of one role that move together, first first; ``stop`` is where they stop."""

    role: Role
    device_ids: tuple[str, ...]
    stop: Stop = Stop.RANGE


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """The places on the way down (less at the meter) and up; ``sharing`` is what stores remember."""

    down: tuple[Place, ...] = ()
    up: tuple[Place, ...] = ()
    sharing: SharingMemory = field(default_factory=SharingMemory)
    now_s: float = 0.0


# How members other than stores use surplus; a store does by its stage.
_TAKE_OF_MEMBER: Mapping[Member, Take] = {
    Member.CAR: Take.CAR,
    Member.HEAT: Take.HEAT,
    Member.LOAD: Take.LOAD,
    Member.BATTERY: Take.BATTERY_TO_FULL,
}
# A battery gives in two ways and a car in one; it is paused only when all others have given what they can.
_STOP_OF_GIVE: Mapping[Give, tuple[Role, Stop]] = {
    Give.LOAD: (Role.CONSUMER, Stop.SMALLEST),
    Give.HEAT_BOOST: (Role.CONSUMER, Stop.SMALLEST),
    Give.CAR_ABOVE_PROMISE: (Role.CONSUMER, Stop.SMALLEST),
    Give.BATTERY_CHARGING: (Role.STORE, Stop.IDLE),
    Give.BATTERY_DISCHARGING: (Role.STORE, Stop.RANGE),
}


def slowed_first(places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places with those first at which consumers are slowed and not paused."""
    return tuple(sorted(places, key=lambda place: place.stop is not Stop.SMALLEST))


def order_in(
    state: SiteState, memory: ControlMemory, devices: Sequence[Flexibility], now_s: float
) -> tuple[Order, Mapping[str, Take]]:
    """Return the order of merit in a site now, and how each of its stores would use surplus."""
    stages = {
        device.device_id: battery_take(device.state_of_charge, 0.0, memory.stages.get(device.device_id))
        for device in devices
        if device.role is Role.STORE
    }
    order = order_of(devices, state.preference, state.prices, stages)
    return replace(order, sharing=memory.sharing, now_s=now_s), stages


def order_of(
    devices: Sequence[Flexibility],
    preference: Preference,
    prices: Prices | None,
    stages: Mapping[str, Take],
) -> Order:
    """Return the places that the resident's preference gives the devices; the devices' own order is nothing.

    Among equals the largest priority number gives first, and takes last. Against import an inverter takes
    back first what a lower line curtailed, as the sun costs nothing; against export it comes where the order
    of merit curtails.
    """
    ranked = sorted(devices, key=lambda one: (one.device.priority, one.device_id))
    ids = {role: tuple(one.device_id for one in ranked if one.role is role) for role in Role}
    participants = [
        Participant(
            device_id=device.device_id,
            member=member,
            take=stages.get(device.device_id, _TAKE_OF_MEMBER[member]),
        )
        for device in ranked
        if (member := device.member) is not None
    ]
    down = [
        Place(role=role, device_ids=among, stop=stop)
        for place in giving_order(preference, participants, prices)
        for role, stop, among in _giving(place, ids)
    ]
    up = [
        Place(role=role, device_ids=among)
        for place in surplus_order(preference, participants, prices)
        for role, among in _taking(place, ids)
    ]
    # No store is charged from another: before one of them takes, all of them cease to give.
    cease = Place(role=Role.STORE, device_ids=ids[Role.STORE], stop=Stop.IDLE)
    sun = Place(role=Role.PRODUCER, device_ids=ids[Role.PRODUCER])
    pause = Place(role=Role.CONSUMER, device_ids=ids[Role.CONSUMER][::-1])
    return Order(down=(sun, *down, pause), up=(cease, *up))


def _giving(
    place: Sequence[Merit[Give]], ids: Mapping[Role, tuple[str, ...]]
) -> list[tuple[Role, Stop, tuple[str, ...]]]:
    found = []
    for way in sorted({merit.way for merit in place}):
        role, stop = _STOP_OF_GIVE[way]
        there = {merit.device_id for merit in place if merit.way is way}
        found.append((role, stop, tuple(one for one in reversed(ids[role]) if one in there)))
    return found


def _taking(
    place: Sequence[Merit[Take]], ids: Mapping[Role, tuple[str, ...]]
) -> list[tuple[Role, tuple[str, ...]]]:
    if any(merit.way is Take.CURTAIL for merit in place):
        return [(Role.PRODUCER, ids[Role.PRODUCER])]
    there = {merit.device_id for merit in place}
    among = [(role, tuple(one for one in ids[role] if one in there)) for role in (Role.STORE, Role.CONSUMER)]
    return [(role, found) for role, found in among if found]
