"""How many rows a day of a home leaves in Home Assistant's recorder, whose memory card wears."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import pi, sin
from random import Random

from custom_components.home_flex.core.model import (
    BatteryReading,
    DeviceKind,
    MeterReading,
    PvReading,
    Reading,
)
from custom_components.home_flex.device_sensors import DEVICE_SENSORS, DeviceSensorDescription
from custom_components.home_flex.runtime.figure_pace import FIGURES_EVERY_S, Figure
from custom_components.home_flex.sensor import notice_of

from .runtime.site_view import device_view

HOURS = FIGURES_EVERY_S / 3600
MIDNIGHT = datetime(2026, 6, 21, tzinfo=UTC)
DAY_S = 86_400
# The other half of 60,000 is for the site's own figures, states and statistics.
MOST_ROWS = 30_000


def readings(random: Random) -> Iterator[dict[DeviceKind, Reading]]:
    """Yield what meter, roof and battery say when figures are due on a June day under clouds."""
    energy_wh = {"import": 0.0, "export": 0.0, "sun": 0.0, "in": 0.0, "out": 0.0}
    base_w, clouds, charge = 400.0, 1.0, 0.5
    for second in range(0, DAY_S, int(FIGURES_EVERY_S)):
        time = MIDNIGHT + timedelta(seconds=second)
        # An appliance begins or ends some sixty times a day; what runs flickers by some watts.
        if random.random() < 60 * FIGURES_EVERY_S / DAY_S:
            base_w = random.choice((250.0, 400.0, 900.0, 2_400.0, 3_500.0))
        clouds = min(1.0, max(0.2, clouds + random.gauss(0, 0.006)))
        sun_w = max(0.0, sin((second / 3600 - 5) / 16 * pi)) * 5_000 * clouds
        load_w = base_w + random.gauss(0, 6)
        free_w = sun_w - load_w
        battery_w = max(-4_000.0, min(4_000.0, free_w))
        if not 0.05 < charge + battery_w * HOURS / 10_000 < 1:
            battery_w = 0.0
        charge += battery_w * HOURS / 10_000
        grid_w = load_w - sun_w + battery_w + random.gauss(0, 6)
        for name, power_w in (
            *(("import", max(0.0, grid_w)), ("export", max(0.0, -grid_w)), ("sun", sun_w)),
            *(("in", max(0.0, battery_w)), ("out", max(0.0, -battery_w))),
        ):
            energy_wh[name] += power_w * HOURS
        yield {
            DeviceKind.GRID_METER: MeterReading(
                time=time,
                power_w=round(grid_w),
                phase_power_w=tuple(round(grid_w / 3 + random.gauss(0, 5)) for _ in range(3)),
                phase_voltage_v=tuple(round(231 + random.gauss(0, 0.4), 1) for _ in range(3)),
                phase_current_a=tuple(round(abs(grid_w) / 690 + random.random() / 2) for _ in range(3)),
                energy_import_wh=round(energy_wh["import"]),
                energy_export_wh=round(energy_wh["export"]),
            ),
            DeviceKind.PV: PvReading(
                time=time,
                power_w=-round(sun_w),
                rated_power_w=5_000.0,
                energy_produced_wh=round(energy_wh["sun"]),
            ),
            DeviceKind.BATTERY: BatteryReading(
                time=time,
                power_w=round(battery_w),
                state_of_charge=round(charge, 3),
                capacity_wh=10_000.0,
                max_charge_w=4_000.0,
                max_discharge_w=4_000.0,
                energy_charged_wh=round(energy_wh["in"]),
                energy_discharged_wh=round(energy_wh["out"]),
            ),
        }


def figures(kind: DeviceKind) -> list[DeviceSensorDescription]:
    """Return the figures of a kind that nobody has to switch on."""
    return [
        each
        for each in DEVICE_SENSORS[kind]
        if each.state_class is not None and each.entity_registry_enabled_default
    ]


def test_a_day_of_a_home_whose_devices_speak_all_the_time_fits_a_memory_card() -> None:
    described = {kind: figures(kind) for kind in (DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY)}
    shown = {each: Figure(notice_of(each.device_class)) for kind in described for each in described[kind]}
    rows = 0
    for number, told in enumerate(readings(Random(1))):  # noqa: S311 # a made-up day
        for kind, reading in told.items():
            device = device_view(kind, reading)
            for each in described[kind]:
                value = each.value(device)
                assert isinstance(value, int | float | None)
                rows += shown[each].is_due(value, number * FIGURES_EVERY_S)
    assert 5_000 < rows <= MOST_ROWS
