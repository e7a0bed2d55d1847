"""What was ordered when, and what the device drew then."""

import pytest

from custom_components.home_flex.core.control.memory import DeviceMemory
from custom_components.home_flex.core.control.orders import in_force, others_sent_s

from .sights import order

ORDERS = (order(10.0, 1.0), order(20.0, 2.0), order(30.0, 3.0))


@pytest.mark.parametrize(
    ("start_s", "end_s", "before", "during"),
    [
        (9.0, 9.5, None, []),
        (9.0, 10.0, None, [1.0]),
        (10.0, 19.9, 1.0, []),
        (10.0, 20.0, 1.0, [2.0]),
        (15.0, 40.0, 1.0, [2.0, 3.0]),
        (20.0, 30.0, 2.0, [3.0]),
        (30.0, 99.0, 3.0, []),
    ],
)
def test_an_order_is_in_force_from_when_it_was_sent_until_the_next(
    start_s: float, end_s: float, before: float | None, during: list[float]
) -> None:
    first, others = in_force(ORDERS, start_s, end_s)
    assert (None if first is None else first.value) == before
    assert [each.value for each in others] == during


def test_the_last_order_of_the_other_devices_counts_and_not_the_own() -> None:
    memories = {
        "own": DeviceMemory(orders=(order(50.0, 1.0),)),
        "one": DeviceMemory(orders=ORDERS),
        "two": DeviceMemory(orders=ORDERS[:1]),
        "never": DeviceMemory(),
    }
    assert others_sent_s(memories, "own") == 30.0
    assert others_sent_s(memories, "one") == 50.0
    assert others_sent_s({"own": DeviceMemory(orders=ORDERS)}, "own") is None
