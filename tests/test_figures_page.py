"""The page of figures says what the code says, and its examples come out."""

import inspect
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.building.days import BuildingDay, HeatSource
from custom_components.home_flex.core.building.days import Period as BuildingPeriod
from custom_components.home_flex.core.building.heat_loss import HeatLoss, heat_loss
from custom_components.home_flex.core.settlement.baselines import HISTORY_RULES, Baseline
from custom_components.home_flex.core.settlement.baselines.as_dispatched import Dispatched, as_dispatched
from custom_components.home_flex.core.settlement.day_receipt import DayAccount, Quarter, day_results
from custom_components.home_flex.core.settlement.days import Asked, UseDay
from custom_components.home_flex.core.settlement.given_up import given_up_in_all
from custom_components.home_flex.core.settlement.money import Terms, pay
from custom_components.home_flex.core.settlement.rebound import After, Rebound, rebound
from custom_components.home_flex.core.settlement.rerun import Car
from custom_components.home_flex.core.settlement.settlement import (
    LEAST_COMPLETE,
    Asks,
    Interval,
    delivered,
    exceeded,
    known_share,
)
from custom_components.home_flex.core.settlement.tally import Stretch, Tally, counted
from custom_components.home_flex.core.signals import Signal, SignalKind, Slot
from custom_components.home_flex.core.statistics import (
    Fee,
    Grouping,
    Mark,
    SlotSeries,
    Tariff,
    carbon_of,
    civil_period,
    fees_of,
    quarter_hour_peak,
    rolling_peak_w,
    rounded,
)
from custom_components.home_flex.core.statistics import Period as SlotPeriod
from custom_components.home_flex.core.statistics.energy import balance, battery_figures
from custom_components.home_flex.core.statistics.sessions import HomeSlots, sessions_of

PAGE = (Path(__file__).parents[1] / "docs/figures.md").read_text()
TEXT = re.sub(r"\s+", " ", PAGE.replace("\n> ", " "))
_BLOCKS = [
    " ".join(line.removeprefix("> ") for line in block.splitlines())
    for block in PAGE.split("\n\n")
    if block.startswith("> ")
]
QUOTED: list[tuple[str, str, str]] = [
    (found[1], found[2], found[3])
    for block in _BLOCKS
    if (found := re.fullmatch(r"(.*) \(`core\.([a-z0-9_.]+)\.(\w+)`\)", block)) is not None
]
HOUR_MS = 3_600_000
# A Wednesday.
TODAY = date(2026, 11, 25)


def test_each_section_has_a_definition_and_an_example() -> None:
    sections = PAGE.split("\n## ")[1:]
    assert len(sections) == len(QUOTED) > 10
    assert all("Example: " in section for section in sections)


@pytest.mark.parametrize(("text", "module", "name"), QUOTED, ids=[name for _, _, name in QUOTED])
def test_a_definition_is_that_of_the_code(text: str, module: str, name: str) -> None:
    documented = getattr(import_module(f"custom_components.home_flex.core.{module}"), name)
    told = (inspect.getdoc(documented) or "").split("\n\n")[0]
    assert text == " ".join(told.split())


def says(sentence: str) -> bool:
    return f"Example: {sentence}" in TEXT


def hour(used_wh: int, **more: int) -> Interval:
    return Interval(length_ms=HOUR_MS, covered_ms=HOUR_MS, used_wh=used_wh, **more)


def history(name: str, past_wh: Sequence[int], today_wh: Sequence[int | None], first: int, last: int) -> int:
    """Return what a rule says of [first, last) hours after working days of so many Wh each hour."""
    working: list[date] = []
    day = TODAY
    while len(working) < len(past_wh):
        day -= timedelta(days=1)
        if day.weekday() < 5:
            working.append(day)
    past = tuple(
        UseDay(date=one, use_wh=(level,) * 24, is_working=True)
        for one, level in zip(reversed(working), past_wh, strict=True)
    )
    today = UseDay(date=TODAY, use_wh=tuple(today_wh), is_working=True)
    answer = HISTORY_RULES[name](Asked(today=today, past=past, first=first, last=last, interval_s=3600))
    assert isinstance(answer, Baseline)
    return answer.sum_wh


def test_used_and_measured() -> None:
    stretch = Stretch(start_ms=0, end_ms=HOUR_MS, energy_w_ms=600 * HOUR_MS)
    assert counted(Tally(), stretch, [(0, HOUR_MS)]).energy_wh == 600
    assert says("the register stands at 1000.0 kWh at the start and at 1000.6 kWh at the end")
    share = known_share([Interval(length_ms=HOUR_MS, covered_ms=48 * 60_000, used_wh=0)])
    assert (share, share < LEAST_COMPLETE) == (Fraction(4, 5), True)
    assert says("of an hour 48 minutes were measured: 80 %, and the delivery is unknown.")


def test_as_dispatched() -> None:
    car = Car(plugged=(True,), allowed_wh=(3000,), need_wh=3000)
    window = Dispatched(lengths_ms=(HOUR_MS,), rest_wh=(500,), sun_wh=(0,), cars=(car,), most_w=17_250)
    answer = as_dispatched(window)
    assert isinstance(answer, Baseline)
    assert says(
        f"the house took 500 Wh in the hour, the car that was held back would have gone on with "
        f"3000 W: {answer.sum_wh} Wh."
    )


def test_rules_of_history() -> None:
    flat: list[int | None] = [1000] * 24
    assert says(
        "at that hour 1000 Wh were used on each of the working days before: "
        f"{history('three_weeks', [1000] * 12, flat, 17, 18)} Wh."
    )
    more: list[int | None] = [1200] * 24
    assert says(
        "at that hour 1000 Wh were used on each of the ten working days before, and today 200 Wh more each "
        f"hour in the afternoon: {history('ten_working_days', [1000] * 10, more, 17, 18)} Wh."
    )
    high: list[int | None] = [2000] * 24
    assert says(
        "at that hour five of the ten days before had 1000 Wh and five 2000 Wh, and today went as their mean "
        f"before and after: {history('high_5_of_10', [1000, 2000] * 5, high, 12, 13)} Wh."
    )
    before: list[int | None] = [900] * 24
    assert says(
        f"900 Wh in the hour before an event of two hours: {history('last_in', [], before, 17, 19)} Wh."
    )
    after: list[int | None] = [900 if hour < 18 else 1500 for hour in range(24)]
    assert says(
        "900 Wh in the hour before and 1500 Wh in the hour after an event of one hour: "
        f"{history('before_and_after', [], after, 17, 18)} Wh."
    )


def test_delivered_and_kept() -> None:
    found = delivered([hour(700)], Baseline(use_wh=(1000,)), Asks.LESS)
    assert says(f"of 1000 Wh that would have been used 700 Wh were: {found.delivered_wh} Wh were delivered.")
    beyond = hour(
        0,
        high_w=1000,
        watched_ms=HOUR_MS,
        kept_ms=HOUR_MS * 9 // 10,
        exceeded_w_ms=2000 * HOUR_MS // 10,
        worst_w=2000,
    )
    limits = exceeded([beyond])
    assert limits is not None
    assert limits.kept_share is not None
    assert says(
        "for 6 of 60 minutes the meter stood 2000 W above the limit: kept "
        f"{100 * limits.kept_share} % of the time, beyond it {limits.energy_wh} Wh, "
        f"{limits.worst_w} W at worst."
    )


def test_what_was_taken_back() -> None:
    past = tuple(
        UseDay(date=TODAY - timedelta(days=back), use_wh=(1000,) * 24, is_working=True)
        for back in range(10, 0, -1)
    )
    today = UseDay(date=TODAY, use_wh=(*(1000,) * 19, 1500, 1500, *(1000,) * 3), is_working=True)
    asked = Asked(today=today, past=past, first=19, last=23, interval_s=3600)
    price, unknown = (Decimal("0.30"),) * 4, (None,) * 4
    found = rebound(
        After(asked=asked, currency="EUR", import_prices=price, export_prices=unknown, carbon=unknown)
    )
    assert isinstance(found, Rebound)
    assert says(
        "1000 Wh would have been used in each of the four hours after the event, and 1500 Wh were in the "
        f"first two: {found.energy_wh} Wh were taken back, which at 0.30 cost {found.cost:.2f}."
    )


def test_paid() -> None:
    paid = pay(Terms(currency="EUR", per_kwh=Decimal("0.40")), delivered_wh=1013, agreed_wh=0)
    assert says(f"1.013 kWh at 0.40 are 0.4052: {paid.total}.")


def test_the_day() -> None:
    def results(*quarters: Quarter) -> dict[str, dict[str, str]]:
        account = DayAccount(home="", day={}, currency="EUR", quarters=quarters)
        return day_results(account)  # type: ignore[return-value] # its figures are texts

    price, export = Decimal("0.30"), Decimal("0.10")
    cost = results(
        Quarter(import_wh=2000, export_wh=0, import_price=price, export_price=export),
        Quarter(import_wh=0, export_wh=500, import_price=price, export_price=export),
    )["happened"]["cost"]
    assert says(f"2 kWh imported at 0.30 and 0.5 kWh exported at 0.10: {cost}.")
    night = Quarter(
        import_wh=4000, export_wh=0, charge_wh=4000, import_price=Decimal("0.15"), export_price=export
    )
    evening = Quarter(import_wh=0, export_wh=3240, discharge_wh=3240, import_price=price, export_price=price)
    without = results(night, evening)["otherwise"]["without_battery"]
    assert says(
        f"4 kWh charged at 0.15 and 3.24 kWh exported at 0.30: {without['saved']} saved."  # type: ignore[index] # a row
    )


def test_given_up() -> None:
    tank, car = {"unmet_s": 1200, "lacked_wh": 0}, {"unmet_s": 900, "lacked_wh": 1500}
    told: Any = given_up_in_all({"tank": tank, "car": car})
    assert says(
        "the tank was too cold for 20 minutes, the car was to be ready at 07:00, lacked 1500 Wh then and was "
        f"ready at 07:15: {told['unmet_s'] // 60} minutes and {told['lacked_wh']} Wh."
    )


def test_charging_session() -> None:
    def slot(value: int) -> SlotSeries:
        return SlotSeries(first_slot=1, values=(value,), marks=(Mark.MEASURED,))

    home = HomeSlots(
        load=slot(1000),
        direct=slot(400),
        imported=slot(500),
        import_price={1: Decimal("0.30")},
        export_price={},
        carbon={},
    )
    (session,) = sessions_of(slot(300), slot(500), home)
    found = session.charged
    assert says(
        "in a slot the home used 1000 Wh, 400 of them from the sun and 500 from the grid at 0.30, and the "
        f"car 500 of the 1000: {found.sun_wh} Wh from the sun, {found.grid_wh} Wh from the grid for "
        f"{float(found.cost)}, and {found.sourced_wh - found.sun_wh - found.grid_wh} Wh from the battery."
    )


def test_home_sun_and_battery() -> None:
    found = balance(1000, 500, 3000, 1500, 0)
    assert says(
        "1000 Wh imported, 3000 Wh produced, 500 Wh exported, 1500 Wh charged: the home used "
        f"{found.load_wh} Wh, of which {found.direct_wh} Wh straight from the sun."
    )
    figures = battery_figures(4000, 3240, 10_000, 0)
    assert says(
        f"4000 Wh in and 3240 Wh out of 10 kWh, as full as before: {figures.cycles} cycles and "
        f"{figures.loss_wh} Wh lost."
    )


def _slots(*values: int) -> SlotSeries:
    return SlotSeries(first_slot=0, values=values, marks=(Mark.MEASURED,) * len(values))


def test_fixed_fees() -> None:
    fees = (Fee(amount=Decimal("0.20"), per=Grouping.DAY), Fee(amount=Decimal("6.30"), per=Grouping.MONTH))
    tariff = Tariff(currency="EUR", imports={}, fees=fees)
    june = civil_period(datetime(2026, 6, 1, tzinfo=UTC), Grouping.MONTH, UTC)
    day = civil_period(datetime(2026, 6, 1, tzinfo=UTC), Grouping.DAY, UTC)
    of_day, of_month = (rounded(fees_of(period, tariff, UTC)) for period in (day, june))
    assert says(f"0.20 a day and 6.30 a month: a day of June costs {of_day}, and June {of_month}.")


def test_peaks() -> None:
    period = SlotPeriod(start=datetime(1970, 1, 1, tzinfo=UTC), end=datetime(1970, 1, 1, 0, 30, tzinfo=UTC))
    peak = quarter_hour_peak(_slots(100, 100, 100, 500, 500, 450), period)
    assert says(f"in the worst quarter-hour 1450 Wh were imported: {peak.power_w} W.")
    rolling_w = rolling_peak_w([1000, 4000, 7000], 2500)
    assert says(
        f"peaks of 1.0, 4.0 and 7.0 kW, each at least 2.5 kW: {rolling_w:.0f} W." if rolling_w else ""
    )


def test_carbon() -> None:
    start, end = datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    slot = Slot(start=start, end=end, value=Decimal(250), known_at=start, source="test")
    intensity = Signal(kind=SignalKind.CARBON_INTENSITY, unit="g/kWh", slots=(slot,))
    found = carbon_of({"all": _slots(2000)}, {"all": _slots(500)}, intensity, 0, 1)
    emitted, avoided = (mg / 1000 for mg in (found.footprint_mg, found.avoided_by_export_mg))
    assert says(
        f"2 kWh imported and 0.5 kWh exported at 250 g: {emitted:.0f} g, and {avoided:.0f} g avoided."
    )


def test_what_the_building_loses() -> None:
    first = date(2026, 1, 1)
    days = tuple(
        BuildingDay(
            day=first + timedelta(days=index),
            indoor_c=20.0,
            outdoor_c=5.0,
            indoor_change_k=0.0,
            heating_wh=60_000.0,
            electricity_wh=10_000.0,
            people_wh=2_000.0,
            hot_water_wh=0.0,
            sun_wh_per_m2=0.0,
        )
        for index in range(30)
    )
    found = heat_loss(
        BuildingPeriod(start=first, end=first + timedelta(days=30), days=days, source=HeatSource.HEAT_METER)
    )
    assert isinstance(found, HeatLoss)
    assert says(
        "in 30 days the rooms were 15 K warmer than it was outdoors, and heating and all else gave 72 kWh a "
        f"day without any sun: {found.loss_w_per_k:.0f} W/K."
    )
