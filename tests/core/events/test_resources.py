"""What is told of a device: its kind, what it can do, and an id that follows from home and name."""

from typing import Any

import pytest

from custom_components.home_flex.core.events.resources import resource_object
from custom_components.home_flex.core.model import DeviceKind
from tests.asyncapi import validate

from .samples import NOW


def told(ven_id: str = "home-1", name: str = "Cellar", **can: Any) -> Any:
    report: Any = resource_object(
        operation="CREATE", ven_id=ven_id, resource_name=name, kind=DeviceKind.BATTERY, at=NOW, **can
    )
    validate("resources/create", report)
    return report["object"]


@pytest.mark.parametrize(
    ("can", "expected"),
    [
        ({}, {}),
        (
            {"max_consumption_w": 5000.0, "max_export_w": 4600.0, "capacity_wh": 9800.0},
            {"MAX_POWER_CONSUMPTION": 5.0, "MAX_POWER_EXPORT": 4.6, "STORAGE_USABLE_CAPACITY": 9.8},
        ),
        ({"max_export_w": 0.0}, {"MAX_POWER_EXPORT": 0.0}),
        ({"max_consumption_w": 1234.5674}, {"MAX_POWER_CONSUMPTION": 1.234567}),
    ],
)
def test_a_device_tells_what_is_known_of_it(can: dict[str, Any], expected: dict[str, float]) -> None:
    attributes = {each["type"]: each["values"] for each in told(**can)["attributes"]}
    assert attributes == {"DEVICE_KIND": ["battery"]} | {key: [value] for key, value in expected.items()}


def test_it_is_a_notification_of_a_resource_with_the_groups_it_is_in() -> None:
    notification: Any = resource_object(
        operation="UPDATE",
        ven_id="home-1",
        resource_name="Cellar",
        kind=DeviceKind.BATTERY,
        at=NOW,
        group_ids=("cellar", "feeder"),
    )
    assert notification == {
        "objectType": "RESOURCE",
        "operation": "UPDATE",
        "object": {
            # A retained resource is known by it from release to release.
            "id": "5c7e1b9a-9003-5abb-be8c-e1941b27c0e1",
            "objectType": "RESOURCE",
            "createdDateTime": "2026-11-21T12:00:00Z",
            "modificationDateTime": "2026-11-21T12:00:00Z",
            "clientID": "home-1",
            "venID": "home-1",
            "resourceName": "Cellar",
            "targets": ["cellar", "feeder"],
            "attributes": [{"type": "DEVICE_KIND", "values": ["battery"]}],
        },
    }


def test_each_home_and_each_name_has_an_id_of_its_own_that_stays() -> None:
    assert told()["id"] == told(max_export_w=100.0)["id"]
    assert len({told(ven_id, name)["id"] for ven_id in ("a", "b") for name in ("Cellar", "Roof")}) == 4
