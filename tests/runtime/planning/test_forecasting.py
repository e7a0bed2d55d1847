"""The outlook of a home."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from custom_components.home_flex.core.forecast import Place
from custom_components.home_flex.core.model import TimeGrid, quarter_hours
from custom_components.home_flex.core.planner.bending import LeftOut, LeftOutCode
from custom_components.home_flex.core.planner.problem import Signals
from custom_components.home_flex.core.signals import PeakPrice, Signal, SignalKind, Slot
from custom_components.home_flex.core.wishes import SiteWishes
from custom_components.home_flex.runtime.planning.forecasting import Outlooks, Sources
from custom_components.home_flex.runtime.planning.measured import LOAD, Measured, plugged
from custom_components.home_flex.runtime.planning.prices import planned_signals
from custom_components.home_flex.runtime.planning.showing import forecasts_of, with_poor_forecasts

from .plans import NOON, plan_of, signals

DAYS = 10
PEAK = PeakPrice(
    since=datetime(2026, 4, 1, tzinfo=UTC),
    first_step=0,
    end_step=96,
    free_w=2500.0,
    price_per_kw=3.5,
    share=1.0,
)
HERE = Place(latitude_deg=51.0, longitude_deg=4.0)


class Nowhere:
    def put_document(self, key: str, document: Mapping[str, Any]) -> None: ...


async def at_once[T](work: Callable[[], T]) -> T:
    return work()


def prices(grid: TimeGrid) -> Signals:
    return signals(grid)


async def told[T](what: T) -> T:
    return what


def outlooks(
    *,
    place: Place | None = HERE,
    outside: Mapping[datetime, float] | None = None,
    load_w: Sequence[float] = (),
) -> Outlooks:
    """Return the outlooks of a home that draws 1 kW at night and 400 W by day, with a boiler and a roof.

    ``load_w``: what it drew instead in the half-hours until now.
    """
    first = int((NOON - timedelta(days=DAYS)).timestamp()) // 1800
    hours = [(index // 2 + 12) % 24 for index in range(DAYS * 48)]
    series = {
        LOAD: {"first": first, "powers_w": [1000.0 if hour < 6 else 400.0 for hour in hours]},
        "boiler": {"first": first, "powers_w": [2000.0 if hour == 2 else 0.0 for hour in hours]},
        # It is plugged in from 18:00 until 7:00.
        plugged("charger"): {"first": first, "powers_w": [float(not 7 <= hour < 18) for hour in hours]},
        "roof": {"first": first, "powers_w": [2000.0 if 10 <= hour < 15 else 0.0 for hour in hours]},
    }
    if load_w:
        series[LOAD] = {"first": first + DAYS * 48 - len(load_w), "powers_w": list(load_w)}
    measured = Measured(
        {"version": 1, "step_s": 1800, "series": series},
        documents=Nowhere(),
        clock=lambda: NOON,
        monotonic_s=lambda: 0.0,
    )
    sources = Sources(
        signals=prices,
        peaks=lambda _grid: (PEAK,),
        roofs=lambda: {"roof": 3000.0, "new": 1000.0},
        loads=lambda: ["boiler"],
        chargers=lambda: ["charger", "new_charger"],
        holidays=lambda: told(frozenset()),
        outside=lambda: told(dict(outside or {})),
        wishes=SiteWishes,
        zone=lambda: UTC,
        place=lambda: place,
    )
    return Outlooks(measured, sources, clock=lambda: NOON, executor=at_once)


async def test_a_car_is_expected_when_it_usually_is_back_and_one_not_seen_is_not() -> None:
    outlook = await outlooks()(quarter_hours(NOON, 24))

    assert outlook.back_at == {"charger": NOON.replace(hour=18)}


async def test_load_and_roofs_are_looked_ahead_onto_the_grid() -> None:
    grid = quarter_hours(NOON, 24)

    outlook = await outlooks()(grid)

    assert outlook.load is not None
    assert outlook.peaks == (PEAK,)
    night = grid.index_at(NOON + timedelta(hours=14))
    assert night is not None
    assert outlook.load.expected_w[night] == pytest.approx(1000.0, rel=0.05)
    assert outlook.load.expected_w[8] == pytest.approx(400.0, rel=0.05)
    assert set(outlook.production) == {"roof"}
    assert outlook.production["roof"].expected_w[night] == 0.0


async def test_each_load_is_looked_ahead_beside_the_house_and_what_it_used_today_is_known() -> None:
    outlook = await outlooks()(quarter_hours(NOON, 24))

    # It heats at 2 o'clock, for an hour.
    night = 14 * 4
    assert outlook.loads["boiler"].expected_w[night] == pytest.approx(2000.0, rel=0.05)
    assert outlook.loads["boiler"].expected_w[0] == pytest.approx(0.0, abs=1.0)
    assert outlook.used_today_wh == {"boiler": 2000.0}


async def test_how_good_the_forecast_in_use_was_is_told_beside_naive() -> None:
    found = (await outlooks()(quarter_hours(NOON, 24))).qualities[LOAD]

    assert found.mae_w == pytest.approx(0.0, abs=5.0)
    assert found.naive_mae_w == pytest.approx(0.0, abs=5.0)


async def test_a_home_that_does_not_know_where_it_stands_has_no_forecast_of_its_roof() -> None:
    outlook = await outlooks(place=None)(quarter_hours(NOON, 24))

    assert outlook.load is not None
    assert outlook.production == {}


def test_prices_that_are_not_known_stay_unknown_and_guesses_are_marked() -> None:
    grid = quarter_hours(NOON, 1)

    def slot(quarter: int, value: str, *, guessed: bool = False) -> Slot:
        start = grid.bounds()[quarter]
        return Slot(
            start=start,
            end=start + timedelta(minutes=15),
            value=Decimal(value),
            known_at=NOON,
            source="test",
            guessed=guessed,
        )

    buys = Signal(
        kind=SignalKind.IMPORT_PRICE,
        unit="EUR/kWh",
        slots=(slot(0, "0.30"), slot(1, "0.20", guessed=True), slot(3, "0.10", guessed=True)),
    )
    sells = Signal(
        kind=SignalKind.EXPORT_PRICE, unit="EUR/kWh", slots=tuple(slot(each, "0.05") for each in range(4))
    )

    found = planned_signals(grid, buys, sells)

    assert found.import_per_kwh[:2] == (0.3, 0.2)
    assert math.isnan(found.import_per_kwh[2])
    assert found.export_per_kwh == (0.05,) * 4
    assert found.guessed_from == 1
    assert found.carbon_g_per_kwh is None


async def test_a_forecast_that_does_worse_than_yesterday_is_not_used_and_the_plan_says_so() -> None:
    """Each day is a little more than the one before: the mean of the past is always behind."""
    steps = 60 * 48
    grows = [100.0 + 50.0 * (index // 48) for index in range(steps)]
    outlook = await outlooks(load_w=grows, place=None)(quarter_hours(NOON, 24))

    assert outlook.load is not None
    assert outlook.load.source == "yesterday"
    assert outlook.rejected[LOAD] == ("weighted_days",)
    plan = with_poor_forecasts(plan_of({}), outlook)
    assert plan.left_out == (LeftOut(code=LeftOutCode.LOAD_UNFORESEEN),)
    view = forecasts_of(outlook)[LOAD]
    assert (view.source, view.rejected) == ("yesterday", ("weighted_days",))
    assert view.quality is not None


async def test_where_the_forecast_is_good_the_plan_says_nothing_of_it() -> None:
    plan = plan_of({})

    assert with_poor_forecasts(plan, await outlooks(place=None)(quarter_hours(NOON, 24))) is plan


async def test_of_a_roof_that_gives_the_same_each_day_it_says_whose_forecast_did_no_better() -> None:
    plan = with_poor_forecasts(plan_of({}), await outlooks()(quarter_hours(NOON, 24)))

    assert plan.left_out == (LeftOut(code=LeftOutCode.DEVICE_UNFORESEEN, subject_id="roof"),)
