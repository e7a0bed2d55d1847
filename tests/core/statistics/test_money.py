"""Money: exact until it is shown, by the register that counted, and a year is the sum of its days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.signals import PriceFormula, Signal, SignalKind, Slot, with_formula
from custom_components.home_flex.core.statistics import (
    ALL,
    Cost,
    Fee,
    Grouping,
    Mark,
    Period,
    SlotSeries,
    Tariff,
    carbon_of,
    civil_period,
    cost_of,
    energy_cost,
    fees_of,
    midnight,
    peak_cost_of,
    periods,
    quarter_hour_peak,
    rolling_peak_w,
    rounded,
    slot_at,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
START = datetime(2026, 6, 1, tzinfo=UTC)
YEAR = civil_period(datetime(2026, 7, 1, tzinfo=UTC), Grouping.YEAR, BRUSSELS)


def series(values: Sequence[int | None], start: datetime = START, slot_s: int = 300) -> SlotSeries:
    marks = tuple(Mark.MISSING if value is None else Mark.MEASURED for value in values)
    return SlotSeries(first_slot=slot_at(start, slot_s), values=tuple(values), marks=marks, slot_s=slot_s)


def hourly(*prices: str, kind: SignalKind = SignalKind.IMPORT_PRICE) -> Signal:
    hour = timedelta(hours=1)
    found = tuple(
        Slot(
            start=START + index * hour,
            end=START + (index + 1) * hour,
            value=Decimal(price),
            known_at=START,
            source="exchange",
        )
        for index, price in enumerate(prices)
    )
    return Signal(kind=kind, unit="EUR/kWh", slots=found)


def hours(*values: int | None) -> SlotSeries:
    return series(values, slot_s=3600)


def cost(energy: dict[str, SlotSeries], prices: dict[str, Decimal] | Signal) -> Decimal:
    one = next(iter(energy.values()))
    return energy_cost(energy, prices, one.first_slot, one.end_slot)[0]


def test_a_day_by_two_registers() -> None:
    period = Period(start=START, end=START + timedelta(days=1))
    registers = {"1": series([3_200] + [0] * 287), "2": series([0, 1_450] + [0] * 286)}
    tariff = Tariff(
        currency="EUR",
        imports={"1": Decimal("0.30"), "2": Decimal("0.25")},
        fees=(Fee(amount=Decimal("0.20"), per=Grouping.DAY),),
    )

    found = cost_of(period, registers, {}, tariff).total + fees_of(period, tariff, UTC_ZONE)

    assert (found, rounded(found)) == (Decimal("1.5225"), Decimal("1.52"))


UTC_ZONE = ZoneInfo("UTC")


def test_hours_with_prices_below_zero() -> None:
    spot = hourly("0.10", "-0.05", "-0.20")
    to_import = with_formula(spot, PriceFormula(addition_per_kwh=Decimal("0.12"), vat_share=Decimal("0.21")))
    to_export = with_formula(spot, PriceFormula(addition_per_kwh=Decimal("-0.02")))
    kwh = {ALL: hours(1_000, 1_000, 1_000)}

    assert rounded(cost(kwh, to_import)) == Decimal("0.25")
    assert cost(kwh, to_export) == Decimal("-0.21")


def test_a_battery_that_buys_cheap_and_sells_dear() -> None:
    bought = cost({ALL: hours(4_000)}, {ALL: Decimal("0.15")})
    sold = cost({ALL: hours(3_240)}, {ALL: Decimal("0.30")})

    assert sold - bought == Decimal("0.372")


def test_money_is_rounded_once_at_the_end() -> None:
    day = {ALL: series([123] * 96, slot_s=900)}

    assert cost(day, {ALL: Decimal("0.28734")}) == Decimal("3.39291072")
    assert rounded(Decimal("0.125")) == Decimal("0.13")
    assert rounded(Decimal("-0.125")) == Decimal("-0.13")


def test_energy_without_a_price_is_told_and_not_charged() -> None:
    found = energy_cost({ALL: hours(1_000, 1_000, None, 0)}, hourly("0.10"), *_slots(4))

    assert found == (Decimal("0.10"), 2, 2)
    assert energy_cost({"9": hours(5)}, {ALL: Decimal(1)}, *_slots(1)) == (Decimal(0), 0, 1)


def _slots(count: int) -> tuple[int, int]:
    first = slot_at(START, 3600)
    return first, first + count


@pytest.mark.parametrize(
    ("per", "amount"), [(Grouping.MONTH, Decimal("4.99")), (Grouping.YEAR, Decimal(100))]
)
def test_fees_of_all_days_are_the_fee(per: Grouping, amount: Decimal) -> None:
    tariff = Tariff(currency="EUR", imports={}, fees=(Fee(amount=amount, per=per),))
    days = periods(YEAR.start, YEAR.end, Grouping.DAY, BRUSSELS)

    whole = sum(fees_of(day, tariff, BRUSSELS) for day in days)

    assert whole == fees_of(YEAR, tariff, BRUSSELS) == amount * (12 if per is Grouping.MONTH else 1)


def test_a_part_of_a_day_pays_no_fee_twice() -> None:
    tariff = Tariff(currency="EUR", imports={}, fees=(Fee(amount=Decimal(1), per=Grouping.DAY),))
    start = midnight(date(2026, 3, 29), BRUSSELS)
    noon = start + timedelta(hours=12)

    halves = [Period(start=start, end=noon), Period(start=noon, end=start + timedelta(hours=23))]

    assert [fees_of(half, tariff, BRUSSELS) for half in halves] == [1, 0]


def test_the_peak_is_the_worst_quarter_hour_of_the_clock() -> None:
    values = [100] * 288
    values[30:33] = [500, 450, 500]  # 1,450 Wh in the quarter-hour that begins at 2:30
    values[35:37] = [900, 900]  # more within fifteen minutes, but over two quarter-hours

    found = quarter_hour_peak(series(values), Period(start=START, end=START + timedelta(days=1)))

    assert (found.power_w, found.start) == (5_800, START + timedelta(hours=2, minutes=30))


def test_a_period_of_which_nothing_is_known_has_no_peak() -> None:
    found = quarter_hour_peak(series([None] * 3), Period(start=START, end=START + timedelta(minutes=15)))

    assert (found.power_w, found.start, found.coverage.missing) == (None, None, 1)


def test_the_rolling_year_of_peaks_counts_at_least_two_and_a_half_kilowatt_each() -> None:
    peaks_w = [632, 4_600, 0, 1_028, 3_444, 4_164, 4_564, 6_000, 9_200, 5_000, 4_120, 4_880]

    assert rolling_peak_w(peaks_w) == 4_456
    assert rolling_peak_w([99_000, *peaks_w]) == 4_456
    assert rolling_peak_w([]) is None


def test_a_month_pays_its_peak_over_its_days_and_at_least_the_least() -> None:
    tariff = Tariff(currency="EUR", imports={}, peak_per_kw_month=Decimal("4.17"), least_peak_w=2_500)
    june = civil_period(START, Grouping.MONTH, BRUSSELS)
    days = periods(june.start, june.end, Grouping.DAY, BRUSSELS)

    assert sum(peak_cost_of(day, {june: 5_800}, tariff, BRUSSELS) for day in days) == Decimal("24.186")
    assert peak_cost_of(june, {}, tariff, BRUSSELS) == Decimal("10.425")


def test_carbon_of_export_is_not_taken_off_the_footprint() -> None:
    intensity = hourly("200", "100.5", kind=SignalKind.CARBON_INTENSITY)

    found = carbon_of({ALL: hours(1_000, 1_000)}, {ALL: hours(0, 500)}, intensity, *_slots(2))

    assert (found.footprint_mg, found.avoided_by_export_mg) == (Decimal(300_500), Decimal(50_250))
    assert carbon_of({ALL: hours(1, 1, 1)}, {}, intensity, *_slots(3)).unknown_slots == 1


@given(
    st.lists(st.integers(0, 4_000) | st.none(), min_size=1, max_size=60),
    st.decimals(Decimal(-1), Decimal(2), places=5),
    st.integers(0, 60),
)
def test_a_year_costs_what_its_days_cost_to_the_last_cent(
    values: list[int | None], price: Decimal, at: int
) -> None:
    tariff = Tariff(currency="EUR", imports={ALL: price}, exports={ALL: price / 2})
    energy = {ALL: series(values, slot_s=900)}
    end = START + timedelta(minutes=15 * len(values))
    cut = min(START + timedelta(minutes=15 * at), end)

    whole = cost_of(Period(start=START, end=end), energy, energy, tariff)
    parts = [
        cost_of(Period(start=first, end=last), energy, energy, tariff)
        for first, last in ((START, cut), (cut, end))
    ]

    assert parts[0] + parts[1] == whole
    assert rounded((parts[0] + parts[1]).total) == rounded(whole.total)


def test_no_energy_costs_nothing() -> None:
    assert cost_of(YEAR, {}, {}, Tariff(currency="EUR", imports={})) == Cost()


def test_a_tariff_that_changes_in_the_middle_of_a_month_is_two_that_add_up() -> None:
    month = civil_period(datetime(2026, 6, 10, tzinfo=UTC), Grouping.MONTH, BRUSSELS)
    change = midnight(date(2026, 6, 16), BRUSSELS)
    old, new = (
        Tariff(
            currency="EUR",
            imports={ALL: Decimal(price)},
            fees=(Fee(amount=Decimal(fee), per=Grouping.MONTH),),
        )
        for price, fee in (("0.30", 6), ("0.40", 9))
    )
    energy = {ALL: series([100] * 720, start=month.start, slot_s=3600)}
    parts = [(Period(start=month.start, end=change), old), (Period(start=change, end=month.end), new)]

    costs = [cost_of(part, energy, {}, tariff).imports for part, tariff in parts]
    fees = [fees_of(part, tariff, BRUSSELS) for part, tariff in parts]

    # 15 days each: 36 kWh at 0.30 and 36 kWh at 0.40, half of each fee.
    assert costs == [Decimal("10.80"), Decimal("14.40")]
    assert fees == [Decimal(3), Decimal("4.50")]


def test_a_time_zone_changed_in_the_middle_of_the_year_moves_bounds_and_no_energy() -> None:
    count = len(YEAR.slots(3600))
    energy = {ALL: series([100] * count, start=YEAR.start, slot_s=3600)}
    tariff = Tariff(currency="EUR", imports={ALL: Decimal("0.30")})
    change = midnight(date(2026, 7, 1), BRUSSELS)

    def sums(zones: Sequence[tuple[datetime, datetime, ZoneInfo]]) -> Cost:
        days = (day for start, end, zone in zones for day in periods(start, end, Grouping.DAY, zone))
        return sum((cost_of(day, energy, {}, tariff) for day in days), Cost())

    london = ZoneInfo("Europe/London")
    moved = sums([(YEAR.start, change, BRUSSELS), (change, YEAR.end, london)])

    assert moved == sums([(YEAR.start, YEAR.end, BRUSSELS)]) == cost_of(YEAR, energy, {}, tariff)
    assert moved.priced_slots == count
