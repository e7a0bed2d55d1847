"""Rules by which a community shares its surplus, each a function of the same quarter-hours.

Per quarter-hour: D is what all homes took, G what all gave, and at most E = min(D, G) is shared. For all
rules: what is shared adds up on both sides, nobody takes more than they used, all bills add up to that of the
community with its supplier, and nobody pays more than alone. Where the supplier pays for a kWh as much as it
asks or more, nothing is shared. None depends on the order of homes. In law the network operator shares, by
his meters: this is a reckoning before a vote, or among members on top of it, and no bill of a supplier.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import numpy as np

from ..arrays import Whole
from .auction import clear
from .money import parted
from .orders import Order, Side

PERMUTATIONS: Final = 200
PARTS_OF_KEY: Final = 1_000_000
# Of a home in a slot, and of a kWh: what is above it was not meant.
MOST_WH: Final = 1_000_000
MOST_MICRO: Final = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Slots:
    """Quarter-hours of a community: Wh of shape (slots, homes), prices of shape (slots,) in micro a kWh.

    ``homes`` are ids in ascending order. ``buy_micro``: what the supplier asks for a kWh, ``feed_in_micro``
    what it pays. ``key_ppm``: each home's fixed part of the surplus, in millionths, at most a whole in all;
    equal where none are given. ``bid_micro`` and ``ask_micro``: what a home pays at most and takes at least
    in the auction; the supplier's prices where they are not given. ``seed`` draws the orders of joining
    of ``cost_causation``.
    """

    homes: tuple[str, ...]
    first_slot: int
    demand_wh: Whole
    surplus_wh: Whole
    buy_micro: Whole
    feed_in_micro: Whole
    key_ppm: Whole | None = None
    bid_micro: Whole | None = None
    ask_micro: Whole | None = None
    seed: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what is no community's quarter-hours."""
        shape = (len(self.buy_micro), len(self.homes))
        if list(self.homes) != sorted(set(self.homes)):
            raise ValueError("homes are told once each, in the order of their ids")
        if self.demand_wh.shape != shape or self.surplus_wh.shape != shape:
            raise ValueError(f"energies are arrays of {shape}")
        if self.feed_in_micro.shape != shape[:1]:
            raise ValueError("each slot has its two prices")
        if any(np.any((each < 0) | (each > MOST_WH)) for each in (self.demand_wh, self.surplus_wh)):
            raise ValueError(f"what a home took and gave is 0 to {MOST_WH} Wh")
        prices = (self.buy_micro, self.feed_in_micro, self.bid_micro, self.ask_micro)
        if any(each is not None and np.any(np.abs(each) > MOST_MICRO) for each in prices):
            raise ValueError(f"prices are at most {MOST_MICRO} millionths")
        if self.key_ppm is not None and (np.any(self.key_ppm < 0) or self.key_ppm.sum() > PARTS_OF_KEY):
            raise ValueError("a key is at least 0, and all keys together at most a whole")

    @property
    def keys_ppm(self) -> Whole:
        """Each home's fixed part of the surplus, in millionths."""
        if self.key_ppm is not None:
            return self.key_ppm
        equal = np.ones((1, len(self.homes)), dtype=np.int64)
        keys: Whole = parted(np.array([PARTS_OF_KEY if self.homes else 0]), equal)[0]
        return keys

    @property
    def margin_micro(self) -> Whole:
        """What a shared kWh saves the community: 0 where it saves nothing."""
        margin: Whole = np.maximum(self.buy_micro - self.feed_in_micro, 0)
        return margin

    @property
    def shareable_wh(self) -> Whole:
        """E of each slot."""
        least: Whole = np.minimum(self.demand_wh.sum(axis=1), self.surplus_wh.sum(axis=1))
        return np.where(self.margin_micro > 0, least, np.int64(0))

    @property
    def middle_micro(self) -> Whole:
        """The middle between the supplier's two prices, rounded down."""
        middle: Whole = (self.buy_micro + self.feed_in_micro) // 2
        return middle

    @property
    def alone_nano(self) -> Whole:
        """What each home pays without a community, of shape (slots, homes); negative: it gets."""
        alone: Whole = (
            self.demand_wh * self.buy_micro[:, None] - self.surplus_wh * self.feed_in_micro[:, None]
        )
        return alone


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shared:
    """What a rule comes to, of shape (slots, homes): Wh taken from and given to others, and the whole bill.

    ``bill_nano`` is what a home pays in all, supplier included; negative: it gets. ``price_micro``: the price
    among members, of each slot, where the rule has one.
    """

    taken_wh: Whole
    given_wh: Whole
    bill_nano: Whole
    price_micro: Whole | None = None


type SharingRule = Callable[[Slots], Shared]


def static(slots: Slots) -> Shared:
    """Return shares by fixed keys: each home takes its key's part of the surplus, and at most what it used.

    What a home cannot use of its part is not passed on. The price is the middle.
    """
    keys = np.broadcast_to(slots.keys_ppm, slots.demand_wh.shape)
    whole = slots.surplus_wh.sum(axis=1) * int(slots.keys_ppm.sum()) // PARTS_OF_KEY
    offered = np.where(slots.margin_micro > 0, whole, 0)
    taken = np.minimum(parted(offered, keys, first_turn=slots.first_slot), slots.demand_wh)
    return _at_price(slots, taken, _given(slots, taken.sum(axis=1)), slots.middle_micro)


def pro_rata(slots: Slots) -> Shared:
    """Return shares by what each used and gave in the quarter-hour, at the middle price."""
    taken, given = _pro_rata(slots)
    return _at_price(slots, taken, given, slots.middle_micro)


def mid_market(slots: Slots) -> Shared:
    """Return one price for all that is taken and one for all that is given.

    The scarcer side has the middle price for all of it, the other the mean of what it trades among members at
    the middle and with the supplier at its price.
    """
    taken, given = _pro_rata(slots)
    demand, surplus = slots.demand_wh.sum(axis=1), slots.surplus_wh.sum(axis=1)
    shared = slots.shareable_wh
    pays = shared * slots.middle_micro + (demand - shared) * slots.buy_micro
    gets = shared * slots.middle_micro + (surplus - shared) * slots.feed_in_micro
    # Who gets is owed the larger remainder, who pays the smaller: so nobody is worse off by a billionth.
    turn = slots.first_slot
    bill = -parted(-pays, slots.demand_wh, first_turn=turn) - parted(gets, slots.surplus_wh, first_turn=turn)
    return Shared(taken_wh=taken, given_wh=given, bill_nano=bill)


def double_auction(slots: Slots) -> Shared:
    """Return what an auction of one price clears, from each home's limits, all of what it used and gave."""
    shape = slots.demand_wh.shape
    bids = slots.buy_micro[:, None] if slots.bid_micro is None else slots.bid_micro[None, :]
    asks = slots.feed_in_micro[:, None] if slots.ask_micro is None else slots.ask_micro[None, :]
    bids = np.broadcast_to(np.minimum(bids, slots.buy_micro[:, None]), shape)
    asks = np.broadcast_to(np.maximum(asks, slots.feed_in_micro[:, None]), shape)
    taken, given = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    prices = np.zeros(shape[0], dtype=np.int64)
    for slot in np.flatnonzero(slots.shareable_wh):
        buyers, sellers = np.flatnonzero(slots.demand_wh[slot]), np.flatnonzero(slots.surplus_wh[slot])
        orders = [
            Order(
                id=f"{side}:{slots.homes[home]}",
                home=slots.homes[home],
                side=side,
                price_micro=int(limits[slot, home]),
                quantity_wh=int(energies[slot, home]),
            )
            for side, of_side, limits, energies in (
                (Side.BID, buyers, bids, slots.demand_wh),
                (Side.ASK, sellers, asks, slots.surplus_wh),
            )
            for home in of_side
        ]
        cleared = clear(str(slots.first_slot + slot), orders)
        taken[slot, buyers] = cleared.filled_wh[: len(buyers)]
        given[slot, sellers] = cleared.filled_wh[len(buyers) :]
        prices[slot] = cleared.price_micro or 0
    return _at_price(slots, taken, given, prices)


def cost_causation(slots: Slots) -> Shared:
    """Return bills by what each home's joining saves the others: its mean over ``PERMUTATIONS`` orders.

    Source: Shapley (1953), by sampling. The orders of joining follow from the seed, so that anybody who has
    every home's quarter-hours can reckon it again; from a home's own line and the totals it cannot be.
    """
    taken, given = _pro_rata(slots)
    orders = np.array(
        [sorted(range(len(slots.homes)), key=_joins(slots, number)) for number in range(PERMUTATIONS)],
        dtype=np.int64,
    )
    places = np.argsort(orders, axis=1)
    worth = np.zeros_like(slots.demand_wh)
    for slot, (demand, surplus) in enumerate(zip(slots.demand_wh, slots.surplus_wh, strict=True)):
        saved = np.minimum(demand[orders].cumsum(axis=1), surplus[orders].cumsum(axis=1))
        joined = np.diff(saved, axis=1, prepend=0)
        worth[slot] = np.take_along_axis(joined, places, axis=1).sum(axis=0)
    saving = slots.shareable_wh * slots.margin_micro
    parts = parted(saving, worth, first_turn=slots.first_slot)
    return Shared(taken_wh=taken, given_wh=given, bill_nano=slots.alone_nano - parts)


RULES: Final[Mapping[str, SharingRule]] = MappingProxyType(
    {
        "static": static,
        "pro_rata": pro_rata,
        "mid_market": mid_market,
        "double_auction": double_auction,
        "cost_causation": cost_causation,
    }
)


def _pro_rata(slots: Slots) -> tuple[Whole, Whole]:
    shared = slots.shareable_wh
    return parted(shared, slots.demand_wh, first_turn=slots.first_slot), _given(slots, shared)


def _given(slots: Slots, shared_wh: Whole) -> Whole:
    return parted(shared_wh, slots.surplus_wh, first_turn=slots.first_slot)


def _at_price(slots: Slots, taken: Whole, given: Whole, price_micro: Whole) -> Shared:
    """Return bills at one price a slot among members, and the supplier's prices for the rest."""
    price = price_micro[:, None]
    bill = (
        (slots.demand_wh - taken) * slots.buy_micro[:, None]
        - (slots.surplus_wh - given) * slots.feed_in_micro[:, None]
        + (taken - given) * price
    )
    return Shared(taken_wh=taken, given_wh=given, bill_nano=bill, price_micro=price_micro)


def _joins(slots: Slots, number: int) -> Callable[[int], bytes]:
    """Return when a home joins in one of the orders: by the SHA-256 of seed, number and id."""
    return lambda place: sha256(f"{slots.seed}\n{number}\n{slots.homes[place]}".encode()).digest()
