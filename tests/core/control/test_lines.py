"""Who is in control."""

from custom_components.home_flex.core.control.lines import CONTROL_ORDER, rank
from custom_components.home_flex.core.model import Owner


def test_the_order_of_control_is_fixed() -> None:
    assert CONTROL_ORDER == (
        Owner.FUSE,
        Owner.GRID_OPERATOR,
        Owner.RESIDENT,
        Owner.DEVICE_SAFETY,
        Owner.AGGREGATOR,
        Owner.PLAN,
    )


def test_the_highest_line_has_rank_zero() -> None:
    assert [rank(owner) for owner in CONTROL_ORDER] == [0, 1, 2, 3, 4, 5]
