"""From readings to slots: counted where something counts, estimated where nothing does, and priced."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from custom_components.home_flex.core.model import (
    BatteryReading,
    DeviceKind,
    MeterReading,
    MeterRegisters,
    PvReading,
    Reading,
    Site,
)
from custom_components.home_flex.core.signals import SignalKind, Slot
from custom_components.home_flex.core.statistics import Mark, Problem, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.runtime.series_feed import SeriesFeed
from custom_components.home_flex.runtime.view import SiteView

from .site_view import device_view, site_view

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SLOT = slot_at(NOON)
SITE = Site(
    name="My home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=None,
    export_price_per_kwh=None,
)


def view(at: datetime, **readings: Reading) -> SiteView:
    kinds = {
        "meter": DeviceKind.GRID_METER,
        "roof": DeviceKind.PV,
        "cellar": DeviceKind.BATTERY,
        "car": DeviceKind.EV_CHARGER,
    }
    devices = {name: device_view(kinds[name], reading, device_id=name) for name, reading in readings.items()}
    return site_view(at, devices)


def meter(at: datetime, import_wh: float, power_w: float = 600.0) -> MeterReading:
    return MeterReading(time=at, power_w=power_w, energy_import_wh=import_wh, energy_export_wh=0.0)


class House:
    """A feed and what came out of it."""

    def __init__(self) -> None:
        self.batches: list[SeriesBatch] = []
        self.prices: dict[SignalKind, Slot] = {}
        self.feed = self.started()

    def started(self) -> SeriesFeed:
        kept = {
            key: {slot: readings[key] for slot, readings in self.whole.readings.items() if key in readings}
            for key in {key for readings in self.whole.readings.values() for key in readings}
        }
        return SeriesFeed(
            SITE,
            kept,
            {},
            put=self.batches.append,
            price_at=self.price_at,
            priced_until={SignalKind(kind): slot.end for (kind, _), (slot, _) in self.whole.prices.items()},
        )

    def price_at(self, kind: SignalKind, start: datetime) -> tuple[Slot, str] | None:
        price = self.prices.get(kind)
        return (
            None
            if price is None
            else (replace(price, start=start, end=start + timedelta(minutes=5)), "EUR/kWh")
        )

    @property
    def whole(self) -> SeriesBatch:
        whole = SeriesBatch()
        for batch in self.batches:
            whole.add(batch)
        return whole

    def cell(self, device_id: str, name: str, slot: int = SLOT, unit: str = "Wh") -> tuple[int | None, Mark]:
        key = SeriesKey(device_id=device_id, name=name, unit=unit)
        return self.whole.cells[key][slot]


def moments(seconds: int, start: datetime = NOON, every_s: int = 10) -> Iterator[tuple[datetime, int]]:
    for at_s in range(0, seconds, every_s):
        yield start + timedelta(seconds=at_s), at_s


@pytest.fixture
def house() -> House:
    return House()


def test_a_slot_is_handed_over_when_it_is_over(house: House) -> None:
    for at, at_s in moments(310):
        house.feed.view_changed(view(at, meter=meter(at, 1_000 + at_s / 6)))
    assert house.batches == []

    for at, at_s in moments(330):
        house.feed.view_changed(view(at, meter=meter(at, 1_000 + at_s / 6)))

    assert house.cell("meter", "import") == (50, Mark.MEASURED)
    assert house.cell("meter", "power", unit="W") == (600, Mark.MEASURED)
    assert house.cell("", "load") == (50, Mark.MEASURED)


def test_what_was_counted_while_nobody_looked_is_priced_too(house: House) -> None:
    house.prices[SignalKind.IMPORT_PRICE] = Slot(
        start=NOON, end=NOON + timedelta(hours=1), value=Decimal("0.30"), known_at=NOON, source="test"
    )
    house.feed.view_changed(view(NOON, meter=meter(NOON, 1_000)))
    seen = NOON + timedelta(seconds=320)
    house.feed.view_changed(view(seen, meter=meter(NOON + timedelta(seconds=300), 1_050)))
    # Away for a quarter of an hour, and started anew.
    house.feed = house.started()
    back = NOON + timedelta(seconds=1_220)
    house.feed.view_changed(view(back, meter=meter(back, 1_200)))
    for minutes in range(5, 65, 5):
        house.feed.view_changed(view(back + timedelta(minutes=minutes), meter=meter(back, 1_200)))

    rows = sorted((slot for slot, _ in house.whole.prices.values()), key=lambda slot: slot.start)
    # One after the other: what is told twice would end where the other begins.
    assert rows[0].start == NOON
    assert [slot.end for slot in rows[:-1]] == [slot.start for slot in rows[1:]]
    assert rows[-1].end >= NOON + timedelta(hours=1)


def test_where_nothing_counts_energy_is_estimated_by_power(house: House) -> None:
    for at, at_s in moments(330):
        roof = PvReading(time=at, power_w=-1_200.0, rated_power_w=5_000.0)
        house.feed.view_changed(view(at, meter=meter(at, at_s / 6), roof=roof))

    assert house.cell("roof", "production") == (100, Mark.ESTIMATED)
    assert house.cell("", "load") == (150, Mark.ESTIMATED)
    assert house.cell("", "direct_consumption") == (100, Mark.ESTIMATED)


def test_the_home_has_no_balance_while_a_device_says_nothing(house: House) -> None:
    for at, at_s in moments(330):
        house.feed.view_changed(view(at, meter=meter(at, at_s / 6), roof=None))  # type: ignore[arg-type]

    assert house.cell("meter", "import") == (50, Mark.MEASURED)
    assert house.cell("", "load") == (None, Mark.MISSING)


def test_a_battery_tells_both_ways_and_what_it_holds(house: House) -> None:
    for at, at_s in moments(330):
        cellar = BatteryReading(
            time=at,
            power_w=1_200.0,
            state_of_charge=0.5,
            capacity_wh=10_000.0,
            max_charge_w=5_000.0,
            max_discharge_w=5_000.0,
            energy_charged_wh=at_s / 3,
            energy_discharged_wh=7.0,
        )
        house.feed.view_changed(view(at, meter=meter(at, at_s / 2), cellar=cellar))

    assert house.cell("cellar", "charge") == (100, Mark.MEASURED)
    assert house.cell("cellar", "discharge") == (0, Mark.MEASURED)
    assert house.cell("cellar", "state_of_charge", unit="per_mille") == (500, Mark.MEASURED)
    assert house.cell("", "load") == (50, Mark.MEASURED)


@pytest.mark.parametrize("year", [1970, 2000, 2070])
def test_what_a_clock_that_is_decades_off_stamped_counts_for_nothing(house: House, year: int) -> None:
    for at, at_s in moments(330):
        gas_time = datetime(year, 1, 1, 1, tzinfo=UTC) if at_s < 100 else NOON
        told = MeterRegisters(gas_m3=7.0 + at_s / 1000, gas_time=gas_time)
        house.feed.view_changed(view(at, meter=replace(meter(at, at_s / 6), registers=told)))

    assert house.cell("meter", "import") == (50, Mark.MEASURED)
    gas = SeriesKey(device_id="meter", name="gas", unit="L")
    assert all(slot >= SLOT for slot in house.whole.cells.get(gas, {}))


def test_how_warm_it_is_outdoors_is_kept_in_tenths_of_a_degree(house: House) -> None:
    for at, at_s in moments(630):
        if at_s < 400:  # then the sensor says nothing any more
            house.feed.outdoor(at, -2.26 if at_s < 150 else -2.46)
        house.feed.view_changed(view(at, meter=meter(at, at_s / 6)))

    assert house.cell("", "outdoor", unit="tenth_c") == (-24, Mark.MEASURED)
    assert house.cell("", "outdoor", SLOT + 1, unit="tenth_c") == (None, Mark.MISSING)


def test_registers_of_tariffs_are_not_counted_twice(house: House) -> None:
    for at, at_s in moments(330):
        registers = MeterRegisters(import_by_tariff_wh=(at_s / 6, 5.0)) if at_s % 30 else MeterRegisters()
        read = replace(meter(at, at_s / 6 + 5), registers=registers)
        house.feed.view_changed(view(at, meter=read))

    names = {key.name for key in house.whole.cells if key.device_id == "meter" and key.unit == "Wh"}
    assert {"import.1", "import.2"} <= names
    assert house.cell("", "load")[0] == pytest.approx(50, abs=2)


def test_after_a_restart_no_watt_hour_is_missing_and_the_gap_is_told(house: House) -> None:
    for at, at_s in moments(700):
        house.feed.view_changed(view(at, meter=meter(at, at_s / 6)))
    house.feed = house.started()
    for at, at_s in moments(700, start=NOON + timedelta(seconds=1_500)):
        house.feed.view_changed(view(at, meter=meter(at, (at_s + 1_500) / 6)))

    cells = [house.cell("meter", "import", slot) for slot in range(SLOT, SLOT + 7)]

    assert [value for value, _ in cells] == [50] * 7
    assert [mark for _, mark in cells[2:5]] == [Mark.INTERPOLATED] * 3
    assert house.cell("meter", "import", SLOT + 6)[1] is Mark.MEASURED


def test_a_counter_that_starts_anew_is_told(house: House) -> None:
    for at, at_s in moments(330):
        house.feed.view_changed(view(at, meter=meter(at, 90_000 + at_s / 6 if at_s < 150 else at_s / 6 - 25)))

    key = SeriesKey(device_id="meter", name="import", unit="Wh")
    assert [finding.problem for finding in house.whole.findings[key]] == [Problem.RESET]
    assert house.cell("meter", "import")[1] is Mark.ESTIMATED


def test_a_price_that_goes_on_is_one_row(house: House) -> None:
    def price(value: str) -> Slot:
        return Slot(
            start=NOON, end=NOON, value=Decimal(value), known_at=NOON - timedelta(days=1), source="exchange"
        )

    house.prices[SignalKind.IMPORT_PRICE] = price("0.30")
    for at, at_s in moments(2_000):
        if at_s == 1_000:
            house.prices[SignalKind.IMPORT_PRICE] = price("0.25")
        house.feed.view_changed(view(at, meter=meter(at, at_s / 6)))
    for at, at_s in moments(3_700, start=NOON + timedelta(seconds=2_000)):
        house.feed.view_changed(view(at, meter=meter(at, (at_s + 2_000) / 6)))

    rows = sorted(house.whole.prices.values(), key=lambda row: row[0].start)

    assert [(one.value, one.start) for one, _ in rows] == [
        (Decimal("0.30"), NOON),
        (Decimal("0.25"), NOON + timedelta(minutes=15)),
    ]
    assert rows[0][0].end == rows[1][0].start
    assert rows[0][0].known_at == NOON - timedelta(days=1)
