"""Why a device does what it does in a step: a code and the numbers of its sentence, made at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ReasonCode(StrEnum):
    """The reasons there are; what must be true of each is in ``why``."""

    # of a battery
    STORE_SUN = "store_sun"
    CHARGE_CHEAP = "charge_cheap"
    COVER_HOUSE = "cover_house"
    SELL = "sell"
    KEEP = "keep"
    MAKE_ROOM = "make_room"
    SPREAD_TOO_SMALL = "spread_too_small"
    RESERVE = "reserve"
    FULL = "full"
    EMPTY = "empty"
    NOTHING_TO_DO = "nothing_to_do"
    LIMITED = "limited"
    # of a car or another consumer
    SUN = "sun"
    CHEAP = "cheap"
    DEADLINE = "deadline"
    WAIT_CHEAPER = "wait_cheaper"
    WAIT_SUN = "wait_sun"
    BELOW_MINIMUM = "below_minimum"
    KEEP_RUNNING = "keep_running"
    DONE = "done"
    AWAY = "away"
    CANNOT_REACH = "cannot_reach"
    IN_ONE_GO = "in_one_go"
    NEEDED = "needed"
    # of an appliance or heat
    START_AT = "start_at"
    RUNNING = "running"
    NOT_WORTH = "not_worth"
    COMFORT = "comfort"
    WARM_ENOUGH = "warm_enough"
    # of the sun
    PRODUCE = "produce"
    CURTAIL_PRICE = "curtail_price"
    CURTAIL_LIMIT = "curtail_limit"
    # of any
    LIMIT = "limit"
    COMMITMENT = "commitment"
    RESIDENT = "resident"
    SAFE_RULE = "safe_rule"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One reason: ``numbers`` in the units that their names say, ``subject``: whose limit it is."""

    code: ReasonCode
    numbers: Mapping[str, float] = field(default_factory=dict)
    subject: str = ""
