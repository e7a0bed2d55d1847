"""Which statistics of the Energy dashboard tell the past of which device."""

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.energy_history import told_by_dashboard
from custom_components.home_flex.history.series_rows import SeriesKey


def of(device_id: str, name: str, unit: str = "Wh") -> SeriesKey:
    return SeriesKey(device_id=device_id, name=name, unit=unit)


DEVICES = {
    DeviceKind.GRID_METER: ["meter"],
    DeviceKind.PV: ["roof", "shed"],
    DeviceKind.BATTERY: ["battery"],
}
GRID = {"type": "grid", "stat_energy_from": "sensor.used", "stat_energy_to": "sensor.fed_in"}


def test_a_meter_with_one_register_each_way() -> None:
    found = told_by_dashboard([GRID], DEVICES)

    assert found == {of("meter", "import"): "sensor.used", of("meter", "export"): "sensor.fed_in"}


def test_several_sources_of_a_grid_are_the_registers_of_tariffs() -> None:
    low = {"type": "grid", "stat_energy_from": "sensor.low", "stat_energy_to": None}

    found = told_by_dashboard([GRID, low], DEVICES)

    assert found == {
        of("meter", "import.1"): "sensor.used",
        of("meter", "import.2"): "sensor.low",
        of("meter", "export.1"): "sensor.fed_in",
    }


def test_a_battery_and_gas_are_told_both_ways_and_in_litres() -> None:
    battery = {"type": "battery", "stat_energy_from": "sensor.out", "stat_energy_to": "sensor.in"}
    gas = {"type": "gas", "stat_energy_from": "sensor.gas"}

    assert told_by_dashboard([battery, gas], DEVICES) == {
        of("battery", "discharge"): "sensor.out",
        of("battery", "charge"): "sensor.in",
        of("meter", "gas", "L"): "sensor.gas",
    }


def test_with_more_roofs_than_sources_nobody_knows_which_is_whose() -> None:
    one = {"type": "solar", "stat_energy_from": "sensor.sun"}

    assert told_by_dashboard([one], DEVICES) == {}
    assert told_by_dashboard([one, {**one, "stat_energy_from": "sensor.shed"}], DEVICES) == {
        of("roof", "production"): "sensor.sun",
        of("shed", "production"): "sensor.shed",
    }
