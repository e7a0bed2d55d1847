"""Who gets the surplus and who gives first: the resident's choice, with prices beside it.

Prices per kWh in the site's currency. Sign of power: positive = consumption.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Preference(StrEnum):
    """What the resident chose."""

    HOUSE_FIRST = "house_first"
    CAR_FIRST = "car_first"
    EARN = "earn"


class Member(StrEnum):
    """What a device is when it comes to merit."""

    BATTERY = "battery"
    CAR = "car"
    HEAT = "heat"
    LOAD = "load"


class Take(StrEnum):
    """A use of surplus: of a device, or of the site (export and curtailment)."""

    BATTERY_TO_RESERVE = "battery_to_reserve"
    BATTERY_FOR_HOUSE = "battery_for_house"
    CAR = "car"
    HEAT = "heat"
    LOAD = "load"
    BATTERY_TO_FULL = "battery_to_full"
    EXPORT = "export"
    CURTAIL = "curtail"


class Give(StrEnum):
    """A way of a device to take less. Heat for comfort is not among them: it never gives."""

    HEAT_BOOST = "heat_boost"
    LOAD = "load"
    CAR_ABOVE_PROMISE = "car_above_promise"
    BATTERY_CHARGING = "battery_charging"
    BATTERY_DISCHARGING = "battery_discharging"


# What holds where prices would decide, and nobody knows them.
UNPRICED = Preference.CAR_FIRST
# The site itself, as the one that exports or curtails.
SITE_ID = ""
# Up to this state of charge a battery comes before the car when the house comes first.
FOR_HOUSE_SOC = 0.8
# A battery that has reached a stage falls back only when its state of charge has fallen by this much.
_STAGE_HYSTERESIS = 0.02
# Equal within this much is equal: the devices take turns.
_SAME_PRICE = Decimal("0.01")

TAKE_ORDER: Mapping[Preference, tuple[tuple[Take, ...], ...]] = {
    Preference.HOUSE_FIRST: (
        (Take.BATTERY_TO_RESERVE,),
        (Take.BATTERY_FOR_HOUSE,),
        (Take.CAR,),
        (Take.HEAT,),
        (Take.LOAD,),
        (Take.BATTERY_TO_FULL,),
        (Take.EXPORT,),
        (Take.CURTAIL,),
    ),
    Preference.CAR_FIRST: (
        (Take.BATTERY_TO_RESERVE,),
        (Take.CAR,),
        (Take.BATTERY_FOR_HOUSE, Take.BATTERY_TO_FULL),
        (Take.HEAT,),
        (Take.LOAD,),
        (Take.EXPORT,),
        (Take.CURTAIL,),
    ),
}
GIVE_ORDER: Mapping[Preference, tuple[Give, ...]] = {
    Preference.HOUSE_FIRST: (
        Give.LOAD,
        Give.HEAT_BOOST,
        Give.CAR_ABOVE_PROMISE,
        Give.BATTERY_CHARGING,
        Give.BATTERY_DISCHARGING,
    ),
    Preference.CAR_FIRST: (
        Give.BATTERY_CHARGING,
        Give.BATTERY_DISCHARGING,
        Give.LOAD,
        Give.HEAT_BOOST,
        Give.CAR_ABOVE_PROMISE,
    ),
}
GIVES_OF_MEMBER: Mapping[Member, tuple[Give, ...]] = {
    Member.BATTERY: (Give.BATTERY_CHARGING, Give.BATTERY_DISCHARGING),
    Member.CAR: (Give.CAR_ABOVE_PROMISE,),
    Member.HEAT: (Give.HEAT_BOOST,),
    Member.LOAD: (Give.LOAD,),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Prices:
    """What a kWh costs at the meter now, and the defaults for what nobody set a price for.

    ``wear``: of a kWh discharged by a battery; ``efficiency``: what comes out of it again; ``car_discount``:
    by how much surplus in the car is worth less than import; ``heat_ratio``: heat per electricity.
    """

    import_per_kwh: Decimal
    export_per_kwh: Decimal
    wear: Decimal = Decimal("0.03")
    efficiency: Decimal = Decimal("0.9")
    car_discount: Decimal = Decimal("0.01")
    heat_ratio: Decimal = Decimal(3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """A device in the order of merit; ``take`` is how it would use surplus now (see ``battery_take``)."""

    device_id: str
    member: Member
    take: Take


@dataclass(frozen=True, kw_only=True, slots=True)
class Merit[Way: (Take, Give)]:
    """One device's place, and how it is used or given there."""

    device_id: str
    way: Way


def battery_take(state_of_charge: float, reserve: float, before: Take | None = None) -> Take:
    """Return how a battery would use surplus now; a stage reached (``before``) is kept for 2 %.

    States of charge 0 to 1.
    """
    stages = (
        (reserve, Take.BATTERY_TO_RESERVE, (Take.BATTERY_FOR_HOUSE, Take.BATTERY_TO_FULL)),
        (FOR_HOUSE_SOC, Take.BATTERY_FOR_HOUSE, (Take.BATTERY_TO_FULL,)),
    )
    for until, take, later in stages:
        if state_of_charge < until - (_STAGE_HYSTERESIS if before in later else 0.0):
            return take
    return Take.BATTERY_TO_FULL


def surplus_order(
    preference: Preference, participants: Iterable[Participant], prices: Prices | None
) -> tuple[tuple[Merit[Take], ...], ...]:
    """Return who takes surplus, first first; those in one place are equal and share, or take turns.

    The site stands among them, alone, where it exports and where it curtails: who comes after the export
    gets nothing while export is allowed. To earn, the dearest use comes first (curtailing before an export
    that costs); a battery below its reserve is the resident's wish and comes first always. Where nobody knows
    the prices (None) it is as UNPRICED.
    """
    merits = [Merit(device_id=one.device_id, way=one.take) for one in participants]
    merits += [Merit(device_id=SITE_ID, way=way) for way in (Take.EXPORT, Take.CURTAIL)]
    if preference is not Preference.EARN:
        return _in_order(merits, TAKE_ORDER[preference])
    if prices is None:
        return _in_order(merits, TAKE_ORDER[UNPRICED])
    reserve = Take.BATTERY_TO_RESERVE
    priced = [(worth(merit.way, prices), merit) for merit in merits if merit.way is not reserve]
    return (*_in_order(merits, ((reserve,),)), *_by_price(priced, dearest_first=True))


def giving_order(
    preference: Preference, participants: Iterable[Participant], prices: Prices | None
) -> tuple[tuple[Merit[Give], ...], ...]:
    """Return who takes less under a limit, first first; a battery stands there twice: charging, discharging.

    To earn, what costs least comes first; where nobody knows the prices (None) it is as UNPRICED. How far
    each may give (promise, reserve) is its own range.
    """
    merits = [
        Merit(device_id=one.device_id, way=way) for one in participants for way in GIVES_OF_MEMBER[one.member]
    ]
    if preference is not Preference.EARN:
        return _in_order(merits, tuple((way,) for way in GIVE_ORDER[preference]))
    if prices is None:
        return _in_order(merits, tuple((way,) for way in GIVE_ORDER[UNPRICED]))
    return _by_price([(_cost(merit.way, prices), merit) for merit in merits], dearest_first=False)


def worth(take: Take, prices: Prices) -> Decimal:
    """Return what a kWh of surplus is worth that way; curtailed it brings nothing."""
    stored = prices.import_per_kwh * prices.efficiency - prices.wear
    return {
        Take.CAR: prices.import_per_kwh - prices.car_discount,
        Take.LOAD: prices.import_per_kwh - prices.car_discount,
        Take.HEAT: prices.import_per_kwh / prices.heat_ratio,
        Take.EXPORT: prices.export_per_kwh,
        Take.CURTAIL: Decimal(0),
    }.get(take, stored)


def _cost(give: Give, prices: Prices) -> Decimal:
    """Return what a kWh less costs: its worth there, and wear where a battery gives it."""
    return {
        Give.HEAT_BOOST: worth(Take.HEAT, prices),
        Give.LOAD: worth(Take.LOAD, prices),
        Give.CAR_ABOVE_PROMISE: worth(Take.CAR, prices),
        Give.BATTERY_CHARGING: worth(Take.BATTERY_TO_FULL, prices),
        Give.BATTERY_DISCHARGING: worth(Take.BATTERY_TO_FULL, prices) + prices.wear,
    }[give]


def _in_order[Way: (Take, Give)](
    merits: Sequence[Merit[Way]], order: Sequence[Sequence[Way]]
) -> tuple[tuple[Merit[Way], ...], ...]:
    places = (_sorted(merit for merit in merits if merit.way in ways) for ways in order)
    return tuple(place for place in places if place)


def _by_price[Way: (Take, Give)](
    priced: Sequence[tuple[Decimal, Merit[Way]]], *, dearest_first: bool
) -> tuple[tuple[Merit[Way], ...], ...]:
    """Group by price per kWh; a group reaches from its first price as far as what counts as the same."""
    sign = -1 if dearest_first else 1
    groups: list[list[Merit[Way]]] = []
    first_price = Decimal(0)
    for price, merit in sorted(priced, key=lambda one: (sign * one[0], one[1].device_id == SITE_ID)):
        same = abs(first_price - price) <= _SAME_PRICE
        if groups and same and SITE_ID not in (groups[-1][0].device_id, merit.device_id):
            groups[-1].append(merit)
        else:
            groups.append([merit])
            first_price = price
    return tuple(_sorted(group) for group in groups)


def _sorted[Way: (Take, Give)](merits: Iterable[Merit[Way]]) -> tuple[Merit[Way], ...]:
    return tuple(sorted(merits, key=lambda merit: (merit.device_id, merit.way)))
