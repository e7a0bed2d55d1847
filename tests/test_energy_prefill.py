"""What the Energy dashboard knows, as suggestions for a form; its shape is what Home Assistant keeps."""

from typing import Any

import pytest

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.energy_prefill import price_entity, suggestions

GRID, PV, BATTERY = DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY


@pytest.mark.parametrize(
    ("kind", "source", "suggested"),
    [
        (
            GRID,
            {
                "type": "grid",
                "stat_energy_from": "sensor.taken",
                "stat_energy_to": "sensor.fed",
                "stat_rate": "sensor.grid",
            },
            {
                "power": "sensor.grid",
                "power_sign": "import",
                "energy_import": "sensor.taken",
                "energy_export": "sensor.fed",
            },
        ),
        (
            GRID,
            {
                "type": "grid",
                "stat_energy_from": "sensor.taken",
                "stat_energy_to": None,
                "stat_rate": "sensor.energy_grid_taken_fed_net_power",
                "power_config": {"stat_rate_from": "sensor.from", "stat_rate_to": "sensor.to"},
            },
            {
                "power": "sensor.from",
                "power_less": "sensor.to",
                "power_sign": "import",
                "energy_import": "sensor.taken",
            },
        ),
        (
            GRID,
            {
                "type": "grid",
                "stat_energy_from": "tibber:energy",
                "stat_rate": "sensor.grid_inverted",
                "power_config": {"stat_rate_inverted": "sensor.grid"},
            },
            {"power": "sensor.grid", "power_sign": "export"},
        ),
        (
            PV,
            {"type": "solar", "stat_energy_from": "sensor.made", "stat_rate": "sensor.sun"},
            {"power": "sensor.sun", "power_sign": "production", "energy_produced": "sensor.made"},
        ),
        (
            BATTERY,
            {
                "type": "battery",
                "stat_energy_from": "sensor.out",
                "stat_energy_to": "sensor.in",
                "stat_rate": "sensor.battery",
                "stat_soc": "sensor.charge",
                "capacity": 10,
            },
            {
                "power": "sensor.battery",
                "power_sign": "discharging",
                "energy_discharged": "sensor.out",
                "energy_charged": "sensor.in",
                "state_of_charge": "sensor.charge",
                "capacity": 10.0,
            },
        ),
    ],
    ids=["rate", "two_rates", "inverted", "solar", "battery"],
)
def test_a_source_of_the_dashboard_is_suggested_with_its_sign(
    kind: DeviceKind, source: dict[str, Any], suggested: dict[str, Any]
) -> None:
    assert list(suggestions(kind, [source])) == [suggested]


@pytest.mark.parametrize(
    "source",
    [
        {"type": "solar", "stat_energy_from": "sensor.made"},
        {"type": "grid", "stat_energy_from": "tibber:energy"},
        {"type": "gas"},
        {},
    ],
)
def test_what_is_of_another_kind_or_no_entity_is_passed_over(source: dict[str, Any]) -> None:
    assert list(suggestions(GRID, [source])) == []


@pytest.mark.parametrize("kind", [DeviceKind.EV_CHARGER, DeviceKind.HEAT_PUMP])
def test_the_dashboard_knows_no_other_kinds(kind: DeviceKind) -> None:
    assert list(suggestions(kind, [{"type": "grid", "stat_rate": "sensor.grid"}])) == []


def test_the_price_of_the_grid_is_found_where_an_entity_tells_it() -> None:
    sources: list[dict[str, Any]] = [
        {"type": "solar", "entity_energy_price": "sensor.none"},
        {"type": "grid", "entity_energy_price": None, "number_energy_price": 0.3},
        {"type": "grid", "entity_energy_price": "sensor.price"},
    ]
    assert price_entity(sources) == "sensor.price"
    assert price_entity(sources[:2]) is None
