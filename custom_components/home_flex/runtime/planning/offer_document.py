"""What is offered, what events cost and what might be otherwise, as JSON values.

Powers in W (positive = consumption; what is offered is a magnitude), energies in Wh, times as ISO 8601.
"""

from collections.abc import Mapping
from typing import Any

from ...core.planner.bending import Bend
from ...core.planner.choice import Choice, Joining, Option
from ...core.planner.offer import Direction, Offer, OfferPoint
from .offers import MadeOffers
from .simulating import Difference


def offers_document(
    made: MadeOffers, currency: str, direction: Direction | None = None, duration_s: int | None = None
) -> dict[str, Any]:
    """Return what is offered, of one direction and duration where they are given."""
    return {
        "made_at": made.made_at.isoformat(),
        "currency": currency,
        "offers": [
            _offer(each)
            for each in made.envelope.offers
            if direction in {None, each.direction} and duration_s in {None, int(each.duration_s)}
        ],
    }


def choice_document(choice: Choice, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what joining an event costs, in total and by the device that alone would."""
    return {
        "event_id": choice.event_id,
        "options": {joining.value: _option(each) for joining, each in choice.options.items()},
        "devices": [
            {
                "device_id": key,
                "name": names.get(key, key),
                "options": {joining.value: _option(each) for joining, each in options.items()},
            }
            for key, options in choice.devices.items()
        ],
    }


def choice_attributes(choice: Choice) -> dict[str, Any]:
    """Return the sums of a choice: what joining and partly joining cost beside skipping."""
    found: dict[str, Any] = {}
    for joining in (Joining.JOIN, Joining.PARTLY):
        option = choice.options[joining]
        found[f"{joining.value}_costs"] = round(option.money, 4)
        found[f"{joining.value}_carbon_g"] = option.carbon_g
        found[f"{joining.value}_bends_wishes"] = bool(option.comfort)
    return found


def difference_document(difference: Difference, currency: str) -> dict[str, Any]:
    """Return what would cost, emit and bend more, or less where negative."""
    return {
        "currency": currency,
        "cost": round(difference.after.money.total, 4),
        "cost_before": round(difference.before.money.total, 4),
        "costs_more": round(difference.money, 4),
        "carbon_g_more": None if difference.carbon_g is None else round(difference.carbon_g, 1),
        "bent": [_bend(each) for each in difference.after.bent],
        "bent_before": [_bend(each) for each in difference.before.bent],
        "status": difference.after.status.value,
    }


def _offer(each: Offer) -> dict[str, Any]:
    return {
        "direction": each.direction.value,
        "start": each.start.isoformat(),
        "end": each.end.isoformat(),
        "duration_s": int(each.duration_s),
        "points": [_point(point) for point in each.points],
    }


def _point(point: OfferPoint) -> dict[str, Any]:
    return {
        "power_w": round(point.power_w, 1),
        "price": round(point.price, 4),
        "price_per_kwh": round(point.per_kwh, 4),
        "costs": round(point.money, 4),
        "energy_before_wh": round(point.before_wh, 1),
        "energy_after_wh": round(point.after_wh, 1),
        "rebound_w": round(point.rebound_w, 1),
        "confidence": round(point.confidence, 3),
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "costs": round(option.money, 4),
        "pays": round(option.pays, 4),
        "carbon_g": None if option.carbon_g is None else round(option.carbon_g, 1),
        "bends": [_bend(each) for each in option.comfort],
        "moves_wh": round(option.moved_wh, 1),
        "is_kept": option.is_kept,
    }


def _bend(bend: Bend) -> dict[str, Any]:
    return {"wish": bend.wish.value, "subject_id": bend.subject_id, "amount": round(bend.amount, 3)}
