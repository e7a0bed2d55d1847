"""From a rule's result to the statements that homes get."""

from .money import in_smallest_unit
from .sharing import RULES, Slots
from .statement import Statement


def statements(slots: Slots, rule: str, *, currency: str, places: int = 2) -> list[Statement]:
    """Return each home's statement by a rule, totals rounded together. Raises KeyError for no such rule."""
    shared = RULES[rule](slots)
    totals = in_smallest_unit(shared.bill_nano.sum(axis=0).tolist(), places)
    demand, surplus = slots.demand_wh.sum(axis=1), slots.surplus_wh.sum(axis=1)
    return [
        Statement(
            rule=rule,
            home=home,
            currency=currency,
            first_slot=slots.first_slot,
            buy_micro=tuple(slots.buy_micro.tolist()),
            feed_in_micro=tuple(slots.feed_in_micro.tolist()),
            demand_wh=tuple(demand.tolist()),
            surplus_wh=tuple(surplus.tolist()),
            shared_wh=tuple(shared.taken_wh.sum(axis=1).tolist()),
            taken_wh=tuple(shared.taken_wh[:, place].tolist()),
            given_wh=tuple(shared.given_wh[:, place].tolist()),
            bill_nano=tuple(shared.bill_nano[:, place].tolist()),
            price_micro=() if shared.price_micro is None else tuple(shared.price_micro.tolist()),
            total=totals[place],
            key_ppm=int(slots.keys_ppm[place]),
            places=places,
        )
        for place, home in enumerate(slots.homes)
    ]
