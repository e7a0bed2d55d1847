"""Days of which each figure was reckoned by hand, from what a meter tells to the money that is shown.

Readings go through the feed into a store; figures are those of the action, and receipts those that are kept.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    MeterReading,
    MeterRegisters,
    Reading,
)
from custom_components.home_flex.core.settlement.receipt import Receipt
from custom_components.home_flex.core.settlement.verify import verify
from custom_components.home_flex.core.signals import PeakTariff, SignalKind, Slot
from custom_components.home_flex.core.statistics import (
    Fee,
    Grouping,
    Mark,
    MeterSwap,
    Period,
    civil_period,
    slot_at,
)
from custom_components.home_flex.core.statistics.blocks import Block, BlockKind
from custom_components.home_flex.core.statistics.charges import Charges
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.runtime.day_receipts import BatteryFacts, DayReceipts, Home
from custom_components.home_flex.runtime.meter_swap import swap_meter
from custom_components.home_flex.runtime.series_feed import SeriesFeed
from custom_components.home_flex.runtime.statistics import Figures, StatisticsKind

from .test_series_feed import SITE, view

BRUSSELS = ZoneInfo("Europe/Brussels")
DAY = datetime(2026, 6, 10, tzinfo=BRUSSELS)
IMPORT = SeriesKey(device_id="meter", name="import", unit="Wh")

type Price = Callable[[float], str | None]


class Golden:
    """A home in Brussels whose days are fed to it; ``prices`` tell what an hour of its day costs a kWh."""

    def __init__(self, store: SeriesStore) -> None:
        self.store = store
        self.prices: Mapping[SignalKind, Price] = {}
        self.units: Mapping[SignalKind, str] = {}
        self.batches: list[SeriesBatch] = []
        self.feed = SeriesFeed(SITE, {}, {}, put=self.batches.append, price_at=self.price_at)

    def price_at(self, kind: SignalKind, start: datetime) -> tuple[Slot, str] | None:
        local = start.astimezone(BRUSSELS)
        price = self.prices[kind](local.hour + local.minute / 60) if kind in self.prices else None
        if price is None:
            return None
        value, end = Decimal(price), start + timedelta(minutes=5)
        return Slot(start=start, end=end, value=value, known_at=start, source="test"), self.units.get(
            kind, "EUR/kWh"
        )

    async def told(self, words: Iterable[tuple[datetime, Mapping[str, Reading]]]) -> None:
        """Let devices say something at moments, in order, and an hour go by; what is over is written."""
        said: Mapping[str, Reading] = {}
        last = DAY
        for moment, readings in words:
            said, last = {**said, **readings}, moment
            self.feed.view_changed(view(moment, **said))
            self.feed.view_changed(view(moment + timedelta(seconds=30), **said))
        for minutes in range(5, 70, 5):
            self.feed.view_changed(view(last + timedelta(minutes=minutes, seconds=30), **said))
        for batch in self.batches:
            await self.store.write(batch)
        self.batches.clear()

    async def figures(
        self,
        kind: StatisticsKind,
        period: Period,
        *,
        peak: PeakTariff | None = None,
        fees: tuple[Fee, ...] = (),
    ) -> dict[str, Any]:
        charges = Charges(
            fees=fees,
            peak_per_kw_month=Decimal(0) if peak is None else peak.price_per_kw_month,
            least_peak_w=0 if peak is None else round(peak.least_w),
        )
        figures = Figures(store=self.store, zone=BRUSSELS, currency="EUR", charges=(charges,))
        (found,) = await figures.answer(kind, [period])
        return found

    async def receipt(self, day: datetime = DAY) -> Any:
        """Return the results of a day's receipt, which holds."""
        put: list[Receipt] = []

        async def none(*_: object) -> list[Receipt]:
            return []

        home = Home(
            name="home",
            currency="EUR",
            zone=lambda: BRUSSELS,
            clock=lambda: day + timedelta(days=2),
            batteries=lambda: [
                BatteryFacts(device_id="cellar", capacity_wh=10_000, most_in_w=5_000, most_out_w=5_000)
            ],
            receipts=none,
            put=put.append,
        )
        noon = slot_at((day + timedelta(hours=12)).astimezone(UTC))
        await DayReceipts(self.store, home).make(Block(kind=BlockKind.RECEIPT, day=noon // 288))
        (found,) = [each for each in put if each.document["day"]["date"] == day.date().isoformat()]  # type: ignore[index, call-overload] # an object
        assert verify(found, found.digest) == []
        return found.document["results"]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Golden]:
    store = await SeriesStore.open(tmp_path / "series.sqlite")
    yield Golden(store)
    await store.close()


def at(hours: float, day: datetime = DAY) -> datetime:
    """Return a moment so many hours of time after a day's midnight, in UTC."""
    return day.astimezone(UTC) + timedelta(hours=hours)


def meter(time: datetime, import_wh: float, export_wh: float = 0.0, **more: Any) -> dict[str, Reading]:
    told = MeterReading(
        time=time, power_w=0.0, energy_import_wh=import_wh, energy_export_wh=export_wh, **more
    )
    return {"meter": told}


def day_of(day: datetime) -> Period:
    return civil_period(day, Grouping.DAY, BRUSSELS)


def flat(price: str) -> Mapping[SignalKind, Price]:
    return {SignalKind.IMPORT_PRICE: lambda _: price, SignalKind.EXPORT_PRICE: lambda _: "0.10"}


QUARTERS = [quarter / 4 for quarter in range(97)]


async def test_two_registers_and_a_fee(home: Golden) -> None:
    # T1 counts 3,200 Wh until seven at 0.30, T2 1,450 Wh after it at 0.25; 0.20 a day:
    # 0.96 + 0.3625 + 0.20 = 1.5225.
    home.prices = {SignalKind.IMPORT_PRICE: lambda hour: "0.30" if hour < 7 else "0.25"}

    def registers(hour: float) -> MeterRegisters:
        first_wh = 10_000_000 + 3_200 * min(hour / 7, 1.0)
        second_wh = 5_000_000 + 1_450 * max((hour - 7) / 17, 0.0)
        return MeterRegisters(import_by_tariff_wh=(float(round(first_wh)), float(round(second_wh))))

    await home.told((at(hour), meter(at(hour), 0.0, registers=registers(hour))) for hour in QUARTERS)
    fees = (Fee(amount=Decimal("0.20"), per=Grouping.DAY),)
    found = await home.figures(StatisticsKind.COST, day_of(DAY), fees=fees)
    assert (found["import_cost"], found["fees"], found["total"]) == ("1.32", "0.20", "1.52")
    energy = await home.figures(StatisticsKind.ENERGY, day_of(DAY))
    assert (energy["import.1"], energy["import.2"]) == (3_200, 1_450)


async def test_prices_that_change_each_hour_and_fall_below_nothing(home: Golden) -> None:
    # Spot 0.10, -0.05, -0.20: bought at (spot + 0.12) x 1.21, sold at spot - 0.02; 1 kWh each way an hour.
    # Bought: 0.2662 + 0.0847 - 0.0968 = 0.2541. Sold: 0.08 - 0.07 - 0.22 = -0.21, which costs.
    bought, sold = ("0.2662", "0.0847", "-0.0968"), ("0.08", "-0.07", "-0.22")
    home.prices = {
        SignalKind.IMPORT_PRICE: lambda hour: bought[int(hour)] if hour < 3 else "1.00",
        SignalKind.EXPORT_PRICE: lambda hour: sold[int(hour)] if hour < 3 else "1.00",
    }
    await home.told((at(hour), meter(at(hour), *[1_000.0 * min(hour, 3.0)] * 2)) for hour in QUARTERS)
    found = await home.figures(StatisticsKind.COST, day_of(DAY))
    assert (found["import_cost"], found["export_revenue"], found["total"]) == ("0.25", "-0.21", "0.46")
    results = await home.receipt()
    assert (results["known"], results["happened"]["cost"]) == ("1.0000", "0.46")


@pytest.mark.parametrize(
    ("day", "hours", "energy_wh", "cost"),
    [
        (datetime(2026, 3, 29, tzinfo=BRUSSELS), 23, 9_200, "2.30"),
        (datetime(2026, 10, 25, tzinfo=BRUSSELS), 25, 10_000, "2.50"),
    ],
    ids=str,
)
async def test_the_days_on_which_the_clock_changes(
    home: Golden, day: datetime, hours: int, energy_wh: int, cost: str
) -> None:
    # A steady 400 W at 0.25, and twice as much in the hours around it.
    home.prices = flat("0.25")

    def import_wh(hour: float) -> float:
        return 400 * hour + 400 * (min(hour, 0.0) + max(hour - hours, 0.0))

    steps = [step / 4 for step in range(-8, 4 * hours + 9)]
    await home.told((at(step, day), meter(at(step, day), 5_000 + import_wh(step))) for step in steps)
    results = await home.receipt(day)
    assert (results["known"], results["happened"]["import_wh"]) == ("1.0000", energy_wh)
    assert results["happened"]["cost"] == cost
    found = await home.figures(StatisticsKind.COST, day_of(day))
    assert found["import_cost"] == cost


async def test_a_battery_begins_the_day_with_what_it_held_at_midnight(home: Golden) -> None:
    # Half full at midnight, and 1 kWh less five minutes later, at 0.30.
    home.prices = flat("0.30")

    def told(hour: float) -> dict[str, Reading]:
        gone_wh = 950.0 if hour > 0 else 0.0
        battery = BatteryReading(
            time=at(hour),
            power_w=0.0,
            state_of_charge=0.5 if hour <= 0 else 0.4,
            capacity_wh=10_000.0,
            max_charge_w=5_000.0,
            max_discharge_w=5_000.0,
            energy_charged_wh=0.0,
            energy_discharged_wh=gone_wh,
        )
        return {**meter(at(hour), 5_000.0), "cellar": battery}

    await home.told((at(step / 12), told(step / 12)) for step in range(-3, 289))
    happened = (await home.receipt())["happened"]
    assert (happened["discharge_wh"], happened["stored_change_wh"], happened["cost"]) == (950, -1_000, "0.30")


async def test_a_counter_that_starts_anew_at_14_37(home: Golden) -> None:
    # 14:30 5200, 14:36:50 5290, 14:37 0, 14:45 110: the quarter-hour is 90 + 110 = 200 Wh, at 0.30.
    home.prices = flat("0.30")
    words = [
        (14.5, 5_200.0),
        (14 + 2_210 / 3_600, 5_290.0),
        (14 + 37 / 60, 0.0),
        (14.75, 110.0),
        (15.0, 110.0),
    ]
    await home.told((at(hour), meter(at(hour), import_wh)) for hour, import_wh in words)
    quarter = Period(start=at(14.5), end=at(14.75))
    found = await home.figures(StatisticsKind.ENERGY, quarter)
    assert found["import"] == 200
    assert found["coverage"]["import"]["estimated"] > 0
    assert (await home.figures(StatisticsKind.COST, quarter))["import_cost"] == "0.06"


async def test_a_meter_that_is_replaced(home: Golden) -> None:
    # 12,345,900 on the old one, 871,000 on the new one. Entered: 12,345,960 at its end, 870,900 at the
    # beginning of the other: 60 + 100 = 160 Wh, at 0.50.
    home.prices = flat("0.50")
    words = [(10.0, 12_345_900.0), (10.25, 871_000.0), (10.5, 871_000.0)]
    await home.told((at(hour), meter(at(hour), import_wh)) for hour, import_wh in words)
    hour = Period(start=at(10), end=at(11))
    unknown = await home.figures(StatisticsKind.ENERGY, hour)
    assert (unknown["import"], unknown["coverage"]["import"]["missing"]) == (0, 12 - 3)
    swap = MeterSwap(time_s=int(at(10.1).timestamp()), end_value=12_345_960, start_value=870_900)
    batch, told = await swap_meter(home.store, SITE, IMPORT, swap)
    await home.store.write(batch)
    assert told["counted"] == 160
    assert (await home.figures(StatisticsKind.ENERGY, hour))["import"] == 160
    assert (await home.figures(StatisticsKind.COST, hour))["import_cost"] == "0.08"


async def test_a_gap_of_six_hours(home: Golden) -> None:
    # 250 Wh at 00:15, 6250 Wh at 06:15: 24 quarter-hours of 250 Wh, estimated. Until three a kWh costs 0.20,
    # then 0.40: 2.75 kWh of the gap at the one, 3.25 kWh at the other, and 250 Wh before it: 0.60 + 1.30.
    home.prices = {SignalKind.IMPORT_PRICE: lambda hour: "0.20" if hour < 3 else "0.40"}
    words = [(0.0, 0.0), (0.25, 250.0), (6.25, 6_250.0), (6.5, 6_250.0)]
    await home.told((at(hour), meter(at(hour), import_wh)) for hour, import_wh in words)
    gap = Period(start=at(0.25), end=at(6.25))
    found = await home.figures(StatisticsKind.ENERGY, gap)
    assert (found["import"], found["coverage"]["import"]["estimated"]) == (6_000, 72)
    quarter = await home.figures(StatisticsKind.ENERGY, Period(start=at(2), end=at(2.25)))
    assert quarter["import"] == 250
    cost = await home.figures(StatisticsKind.COST, Period(start=at(0), end=at(6.25)))
    assert (cost["import_cost"], cost["unpriced_slots"]) == ("1.90", 0)


async def test_a_battery_that_charges_from_the_grid_and_exports_later(home: Golden) -> None:
    # From two to four 4 kWh at 0.15, from 18 to 20 3.24 kWh at 0.30: 0.972 - 0.60 = 0.372, and the battery
    # holds as much as before. The house takes 1 kWh at noon, at 0.20.
    home.prices = {
        SignalKind.IMPORT_PRICE: lambda hour: "0.15" if hour < 6 else "0.20",
        SignalKind.EXPORT_PRICE: lambda _: "0.30",
    }

    def done(hour: float, first: float, last: float, energy_wh: float) -> float:
        return energy_wh * min(max((hour - first) / (last - first), 0.0), 1.0)

    def words(hour: float) -> dict[str, Reading]:
        charged_wh, given_wh = done(hour, 2, 4, 4_000), done(hour, 18, 20, 3_240)
        cellar = BatteryReading(
            time=at(hour),
            power_w=0.0,
            state_of_charge=0.2 + charged_wh / 10_000 - done(hour, 18, 20, 4_000) / 10_000,
            capacity_wh=10_000,
            max_charge_w=5_000,
            max_discharge_w=5_000,
            energy_charged_wh=charged_wh,
            energy_discharged_wh=given_wh,
        )
        return {**meter(at(hour), charged_wh + done(hour, 12, 13, 1_000), given_wh), "cellar": cellar}

    await home.told((at(hour), words(hour)) for hour in QUARTERS)
    results = await home.receipt()
    # 0.60 + 0.20 - 0.972.
    assert (results["known"], results["happened"]["cost"]) == ("1.0000", "-0.17")
    assert results["otherwise"]["without_battery"] == {
        "import_wh": 1_000,
        "export_wh": 0,
        "cost": "0.20",
        "saved": "0.37",
        "carbon_g": None,
    }
    energy = await home.figures(StatisticsKind.ENERGY, day_of(DAY))
    # What it exports is no sun, and what it lost is in no load.
    assert (energy["load"], energy["exported_production"]) == (1_000, 0)


async def test_a_month_with_a_capacity_tariff(home: Golden) -> None:
    # The worst quarter-hour of June is 1,450 Wh, 5.8 kW; a kW of it costs 4.17 in the month: 24.186.
    # In July none is above 2.5 kW, which is charged in any case: 10.425.
    home.prices = flat("0.30")
    june = civil_period(datetime(2026, 6, 1, tzinfo=BRUSSELS), Grouping.MONTH, BRUSSELS)
    july = civil_period(june.end, Grouping.MONTH, BRUSSELS)
    import_wh, words = 0.0, []
    for quarter in range(2 * 96):
        time = at(quarter / 4, datetime(2026, 6, 30, tzinfo=BRUSSELS))
        words.append((time, meter(time, import_wh)))
        import_wh += {0: 900.0, 70: 1_450.0}.get(quarter, 100.0)
    await home.told(words)
    peak = PeakTariff(price_per_kw_month=Decimal("4.17"), least_w=2_500.0)
    found = await home.figures(StatisticsKind.COST, june, peak=peak)
    assert found["peak_cost"] == "24.19"
    assert (await home.figures(StatisticsKind.COST, july, peak=peak))["peak_cost"] == "10.43"
    power = await home.figures(StatisticsKind.POWER, june)
    # The 71st quarter-hour of the 30th, which begins at 17:30.
    assert (power["quarter_hour_peak"], power["quarter_hour_start"][:16]) == (5_800, "2026-06-30T17:30")


def charging(time: datetime, minute: float) -> dict[str, Reading]:
    """Return a car that is there from 10:10 to 11:20 and takes 7.2 kW until 11:10, and a house of 600 W."""
    charged_wh = 7_200 * min(max(minute - 10, 0), 60) / 60
    is_there = 10 <= minute < 80
    car = ChargerReading(
        time=time,
        power_w=7_200.0 if 10 <= minute < 70 else 0.0,
        status=ChargerStatus.CHARGING if is_there else ChargerStatus.AVAILABLE,
        phases=1,
        min_current_a=6.0,
        max_current_a=32.0,
        energy_wh=round(charged_wh),
    )
    return {"car": car, **meter(time, round(charged_wh + 10 * minute))}


async def test_a_charging_session_is_told_with_its_cost_in_the_day_in_which_it_began(home: Golden) -> None:
    # 7.2 kWh from the grid at 0.30 and 250 g: 2.16, and 1.8 kg.
    home.prices = {
        SignalKind.IMPORT_PRICE: lambda _: "0.30",
        SignalKind.CARBON_INTENSITY: lambda _: "250",
    }
    home.units = {SignalKind.CARBON_INTENSITY: "g/kWh"}
    await home.told((at(10 + each / 60), charging(at(10 + each / 60), each)) for each in range(120))
    found = await home.figures(StatisticsKind.SESSIONS, day_of(DAY))
    (session,) = found["sessions"]
    assert (session["start"], session["end"]) == (
        "2026-06-10T10:10:00+02:00",
        "2026-06-10T11:20:00+02:00",
    )
    assert (session["energy"], session["from_grid"], session["cost"], session["carbon"]) == (
        7_200,
        7_200,
        "2.16",
        "1.800",
    )
    assert session["known"] == {"energy": 1.0, "source": 1.0, "cost": 1.0, "carbon": 1.0}
    assert (found["count"], found["energy"], found["cost"]) == (1, 7_200, "2.16")
    month = await home.figures(StatisticsKind.SESSIONS, civil_period(DAY, Grouping.MONTH, BRUSSELS))
    assert (month["count"], month["cost"]) == (1, "2.16")
    assert (await home.figures(StatisticsKind.SESSIONS, day_of(DAY + timedelta(days=1))))["count"] == 0


# The highest quarter-hours of twelve months, Wh: at least 2.5 kW each, 53.472 kW in all, so 4.456 kW.
PEAKS_WH = (158, 1150, 0, 257, 861, 1041, 1141, 1500, 2300, 1250, 1030, 1220)


async def test_the_rolling_year_of_a_capacity_tariff(home: Golden) -> None:
    batch = SeriesBatch()
    for month, energy_wh in enumerate(PEAKS_WH, start=1):
        first = slot_at(datetime(2026, month, 15, 18, tzinfo=BRUSSELS).astimezone(UTC))
        thirds = (energy_wh // 3, energy_wh // 3, energy_wh - 2 * (energy_wh // 3))
        batch.put(IMPORT, {first + place: (wh, Mark.MEASURED) for place, wh in enumerate(thirds)})
    await home.store.write(batch)
    peak = PeakTariff(price_per_kw_month=Decimal("3.50"), least_w=2500)
    december = civil_period(datetime(2026, 12, 1, tzinfo=BRUSSELS), Grouping.MONTH, BRUSSELS)
    found = await home.figures(StatisticsKind.POWER, december, peak=peak)
    assert (found["quarter_hour_peak"], found["rolling_year_peak"]) == (4880, 4456)
    assert found["rolling_year_months"] == 12
    february = civil_period(datetime(2026, 2, 1, tzinfo=BRUSSELS), Grouping.MONTH, BRUSSELS)
    found = await home.figures(StatisticsKind.POWER, february, peak=peak)
    # 2.5 and 4.6 kW.
    assert (found["rolling_year_peak"], found["rolling_year_months"]) == (3550, 2)
    day = await home.figures(StatisticsKind.POWER, day_of(DAY), peak=peak)
    assert "rolling_year_peak" not in day


async def test_the_cycles_and_losses_of_a_battery(home: Golden) -> None:
    # Three days: 4,000 Wh in and 3,240 Wh out of 10 kWh, as full as before: 0.32 cycles, 760 Wh lost.
    first = slot_at(DAY.astimezone(UTC))
    batch = SeriesBatch()
    slots = range(first, first + 3 * 288)
    for name, energy_wh in (("charge", 4_000), ("discharge", 3_240)):
        key = SeriesKey(device_id="cellar", name=name, unit="Wh")
        batch.put(key, {slot: (energy_wh if slot == first else 0, Mark.MEASURED) for slot in slots})
    held = SeriesKey(device_id="cellar", name="state_of_charge", unit="per_mille")
    batch.put(held, dict.fromkeys(slots, (500, Mark.MEASURED)))
    await home.store.write(batch)
    figures = Figures(
        store=home.store, zone=BRUSSELS, currency="EUR", capacities_wh={"cellar": 10_000, "shed": 5_000}
    )
    month = civil_period(DAY, Grouping.MONTH, BRUSSELS)
    ((known, unknown),) = [
        each["batteries"] for each in await figures.answer(StatisticsKind.BATTERY, [month])
    ]
    assert (known["cycles"], known["loss_wh"], known["known"]) == (0.32, 760, 1.0)
    assert (unknown["cycles"], unknown["loss_wh"]) == (None, None)


async def test_fees_that_changed_in_the_middle_of_a_month(home: Golden) -> None:
    # June: 14 days at 0.20 and 16 at 0.35; 14 thirtieths of 6.30. 2.80 + 5.60 + 2.94 = 11.34.
    before = (Fee(amount=Decimal("0.20"), per=Grouping.DAY), Fee(amount=Decimal("6.30"), per=Grouping.MONTH))
    after = (Fee(amount=Decimal("0.35"), per=Grouping.DAY),)
    charges = (Charges(fees=before), Charges(since=date(2026, 6, 15), fees=after))
    figures = Figures(store=home.store, zone=BRUSSELS, currency="EUR", charges=charges)
    june = civil_period(DAY, Grouping.MONTH, BRUSSELS)
    (found,) = await figures.answer(StatisticsKind.COST, [june])
    assert found["fees"] == "11.34"


async def test_the_price_of_now_counts_before_it_is_written(home: Golden) -> None:
    # From nine on 0.50: of 20 minutes at 600 W each side of the hour, 200 Wh at 0.20 and 200 Wh at 0.50.
    home.prices = {SignalKind.IMPORT_PRICE: lambda hour: "0.20" if hour < 9 else "0.50"}
    starts = [8 + 40 / 60 + step / 12 for step in range(9)]
    for hour in starts:
        home.feed.view_changed(view(at(hour), **meter(at(hour), round(600 * (hour - starts[0])))))
        home.feed.view_changed(view(at(hour) + timedelta(seconds=30), **meter(at(hour), 0)))
    for batch in home.batches:
        await home.store.write(batch)
    found = await home.figures(StatisticsKind.COST, day_of(DAY))
    assert found["import_cost"] == "0.14"
