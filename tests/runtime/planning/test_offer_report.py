"""What is offered is told with its price, half-hour by half-hour."""

from datetime import timedelta
from typing import Any, cast

from custom_components.home_flex.core.events.forecast_report import Priced
from custom_components.home_flex.core.model import quarter_hours
from custom_components.home_flex.core.planner.offer import Direction, Envelope, Offer, OfferPoint
from custom_components.home_flex.runtime.planning.offer_report import expected
from custom_components.home_flex.runtime.planning.offers import MadeOffers

from .plans import NOON

GRID = quarter_hours(NOON, 6)


def offer(hours: float, *points: tuple[float, float], direction: Direction = Direction.UP) -> Offer:
    """Return an offer from noon on for so many hours: (W, price a kWh)."""
    return Offer(
        direction=direction,
        start=NOON,
        end=NOON + timedelta(hours=hours),
        first_step=0,
        end_step=round(4 * hours),
        points=tuple(
            OfferPoint(
                power_w=power_w,
                price=0.0,
                money=0.0,
                per_kwh=per_kwh,
                before_wh=0.0,
                after_wh=0.0,
                rebound_w=0.0,
                confidence=1.0,
                net_w=(),
                powers_w={},
            )
            for power_w, per_kwh in points
        ),
    )


def told(*offers: Offer) -> Any:
    envelope = Envelope(grid=GRID, baseline_w=(1000.0,) * len(GRID), offers=offers)
    # Of what was made only the envelope is looked at.
    return expected(MadeOffers(envelope=envelope, made_at=NOON, plan=cast("Any", None)))[0]


def test_the_price_is_that_of_the_half_hour_and_the_energy_that_of_the_longest_that_gives_most() -> None:
    first = told(offer(0.5, (1000.0, 0.1), (4000.0, 0.3)), offer(1, (3000.0, 0.2)), offer(4, (500.0, 0.2)))

    assert first.up == Priced(points=((1000.0, 0.1), (4000.0, 0.3)), energy_wh=3000.0)
    assert first.up_w == 4000.0


def test_where_nothing_is_offered_no_price_is_told() -> None:
    assert told(offer(1, (3000.0, 0.2))).up is None
    assert told(offer(0.5)).up is None
    assert told(offer(0.5, (1000.0, 0.1))).down is None
