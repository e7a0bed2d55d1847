"""What stands in a device's JSON answer: numbers and objects, and nothing that only looks like one."""

import pytest

from custom_components.home_flex.devices.json_values import mapping, number


@pytest.mark.parametrize(
    ("found", "believed"),
    [
        (3, 3.0),
        (-2.5, -2.5),
        (True, None),
        ("3", None),
        (None, None),
        ([3], None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_only_a_finite_number_is_a_number(found: object, believed: float | None) -> None:
    assert number(found) == believed


@pytest.mark.parametrize("found", [None, [], "{}", 1])
def test_only_an_object_is_an_object(found: object) -> None:
    assert mapping(found) is None
    assert mapping({"a": found}) == {"a": found}
