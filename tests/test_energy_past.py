"""The month that the demo gives Home Assistant's Energy dashboard: what flowed, and what it cost."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from scripts.home_stack.api import HomeAssistantApi
from scripts.home_stack.energy_past import give_energy_past

SOURCES = [
    {
        "type": "grid",
        "stat_energy_from": "sensor.import",
        "stat_energy_to": "sensor.export",
        "entity_energy_price": "sensor.price",
        "entity_energy_price_export": None,
    },
]
HOUR = datetime(2026, 11, 29, 12, tzinfo=UTC)
STARTS = [(HOUR + timedelta(hours=each)).isoformat() for each in range(3)]


class Api:
    """A mock of Home Assistant: it tells hours, and keeps what is given to its statistics.

    Its sensors of cost come a while after the dashboard is filled in.
    """

    def __init__(self) -> None:
        self.given: dict[str, Mapping[str, Any]] = {}
        self.looks = 0

    async def call(self, _domain: str, action: str, data: Mapping[str, Any], **_: object) -> Any:
        told: dict[str, list[dict[str, Any]]] = {
            "energy": [{"import": wh, "export": 100, "consumption": 0} for wh in (2000, 0, 1000)],
            "cost": [{"import_cost": cost, "export_revenue": "0.01"} for cost in ("0.60", "0.00", "0.25")],
        }
        if action == "get_statistics":
            hours = zip(STARTS, told[data["kind"]], strict=True)
            return {"periods": [{"start": start, **hour} for start, hour in hours]}
        return None

    async def get(self, _path: str) -> Any:
        return {"currency": "EUR"}

    async def websocket(self, command: Mapping[str, Any]) -> Any:
        match command["type"]:
            case "energy/get_prefs":
                return {"energy_sources": SOURCES, "device_consumption": []}
            case "energy/info":
                self.looks += 1
                return {"cost_sensors": {"sensor.import": "sensor.import_cost"} if self.looks > 1 else {}}
            case "recorder/import_statistics":
                self.given[command["metadata"]["statistic_id"]] = command
        return None


@pytest.fixture
async def given() -> dict[str, Mapping[str, Any]]:
    api = Api()
    await give_energy_past(cast("HomeAssistantApi", api))
    return api.given


async def test_what_flowed_is_given_in_kilowatt_hours_and_ends_where_home_assistants_own_begins(
    given: dict[str, Mapping[str, Any]],
) -> None:
    assert given["sensor.import"]["metadata"]["unit_of_measurement"] == "kWh"
    assert [round(each["sum"], 3) for each in given["sensor.import"]["stats"]] == [-3.0, -1.0, -1.0, 0.0]


async def test_what_it_cost_is_given_to_the_sensor_that_the_dashboard_shows(
    given: dict[str, Mapping[str, Any]],
) -> None:
    cost = given["sensor.import_cost"]
    assert cost["metadata"]["unit_of_measurement"] == "EUR"
    assert [each["start"] for each in cost["stats"][1:]] == STARTS
    assert [round(each["sum"], 3) for each in cost["stats"]] == [-0.85, -0.25, -0.25, 0.0]


async def test_what_a_sum_starts_from_lies_before_everything_that_is_looked_at(
    given: dict[str, Mapping[str, Any]],
) -> None:
    firsts = {datetime.fromisoformat(one["stats"][0]["start"]) for one in given.values()}
    assert all(first < HOUR - timedelta(days=3000) for first in firsts)


async def test_what_has_no_price_in_the_dashboard_is_given_no_cost(
    given: dict[str, Mapping[str, Any]],
) -> None:
    assert set(given) == {"sensor.import", "sensor.export", "sensor.import_cost"}
