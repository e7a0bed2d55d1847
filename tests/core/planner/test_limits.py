"""Whose limits and wishes give way for whose."""

from itertools import pairwise

import pytest

from custom_components.home_flex.core.planner import LimitOwner, MeterLimit, Preferences
from custom_components.home_flex.core.planner.limits import bend_price, meter_import

from .homes import home

BEND = Preferences().bend


def test_no_limit_is_bent_for_one_further_down_the_order_of_control() -> None:
    prices = [bend_price(owner, BEND) for owner in LimitOwner]
    assert all(dearer >= cheaper for dearer, cheaper in pairwise(prices))
    assert bend_price(LimitOwner.FUSE, BEND) > bend_price(LimitOwner.GRID_OPERATOR, BEND)
    assert bend_price(LimitOwner.CONTRACT, BEND) > bend_price(LimitOwner.RESIDENT, BEND)
    assert bend_price(LimitOwner.RESIDENT, BEND) > bend_price(LimitOwner.EVENT, BEND)


@pytest.mark.parametrize(
    ("limits_w", "tightest_w", "whose"),
    [
        ((5000.0, 3000.0), 3000.0, "second"),
        ((2000.0, 3000.0), 2000.0, "first"),
        ((-1.0, 3000.0), 0.0, "first"),
    ],
)
def test_of_several_limits_the_tightest_counts(
    limits_w: tuple[float, float], tightest_w: float, whose: str
) -> None:
    steps = 3
    limits = tuple(
        MeterLimit(
            limit_id=name,
            owner=LimitOwner.GRID_OPERATOR,
            import_w=(limit_w,) * steps,
            export_w=(9000.0,) * steps,
        )
        for name, limit_w in zip(("first", "second"), limits_w, strict=True)
    )
    found = meter_import(home((0.3,) * steps, meter_limits=limits))
    assert found.kw.tolist() == [tightest_w / 1000] * steps
    owner = found.at(1)
    assert owner is not None
    assert owner.limit_id == whose
