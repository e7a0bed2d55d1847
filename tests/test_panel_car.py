"""When a car has what it is charged up to, as its card tells it: only where it is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.model import ChargerReading, DeviceKind, TimeGrid
from custom_components.home_flex.core.model.reading import ChargerStatus
from custom_components.home_flex.core.planner.plan import DevicePlan, Money, Plan, PlanStatus
from custom_components.home_flex.core.wishes import NO_CAR, Car, Wishes, with_charger
from custom_components.home_flex.panel.car import car_document
from tests.runtime.site_view import device_view, site_view

NOW = datetime(2026, 11, 29, 22, tzinfo=UTC)
# 18 kWh are missing to the 80 % that are wished for.
HALF_FULL = Car(state_of_charge=0.5, capacity_wh=60_000.0)


def plan(*power_w: float) -> Plan:
    """Return a plan of hours from 22:00 on in which a car takes so much."""
    return Plan(
        grid=TimeGrid(start=NOW, lengths_s=(3600,) * len(power_w)),
        status=PlanStatus.SOLVED,
        net_w=power_w,
        marginal_per_kwh=(0.3,) * len(power_w),
        devices={"one": DevicePlan(device_id="one", kind=DeviceKind.EV_CHARGER, power_w=power_w, intents=())},
        money=Money(bought=0.0, sold=0.0, wear=0.0, peak=0.0, stored=0.0),
    )


def told(
    car: Car,
    *,
    power_w: float = 0.0,
    status: ChargerStatus = ChargerStatus.CHARGING,
    planned: Plan | None = None,
    charge_now: bool = False,
    is_followed: bool = True,
    now: datetime = NOW,
) -> Any:
    reading = ChargerReading(
        time=now, power_w=power_w, status=status, phases=3, min_current_a=6.0, max_current_a=16.0
    )
    device = replace(device_view(DeviceKind.EV_CHARGER, reading), car=car, charge_now=charge_now)
    wishes = with_charger(Wishes(), "one", target_soc=0.8)
    wishes = replace(wishes, site=replace(wishes.site, follow_plan=is_followed))
    return car_document(replace(site_view(now, {"one": device}), wishes=wishes), device, planned)


@pytest.mark.parametrize(
    "car", [NO_CAR, Car(state_of_charge=0.5), Car(capacity_wh=60_000.0)], ids=["neither", "share", "capacity"]
)
def test_nothing_is_told_of_a_car_of_which_something_is_not_known(car: Car) -> None:
    assert told(car, power_w=11_000.0, planned=plan(11_000.0, 11_000.0)) is None


def test_nothing_is_told_where_no_car_is_plugged_in() -> None:
    assert told(HALF_FULL, status=ChargerStatus.AVAILABLE) is None


@pytest.mark.parametrize(
    ("power_w", "after_minutes"),
    [
        # 18 kWh at 10 kW take less than 110 minutes.
        ((10_000.0,) * 4, 110),
        # It waits for the second hour.
        ((0.0, 10_000.0, 10_000.0, 10_000.0), 170),
        # The first hour brings more than half, the last one the rest.
        ((10_000.0, 0.0, 0.0, 10_000.0), 230),
        # What is planned is what is missing, and no more.
        ((10_000.0, 8_000.0), 120),
    ],
)
def test_a_car_is_ready_when_the_plan_that_is_followed_has_charged_what_is_missing(
    power_w: tuple[float, ...], after_minutes: int
) -> None:
    found = told(HALF_FULL, planned=plan(*power_w))
    ready = NOW + timedelta(minutes=after_minutes)
    assert found == {"state_of_charge": 0.5, "target": 0.8, "ready_at": ready.isoformat(), "by": "plan"}


def test_what_the_plan_had_before_now_counts_no_more() -> None:
    found = told(HALF_FULL, planned=plan(*(10_000.0,) * 4), now=NOW + timedelta(hours=1))
    assert found["ready_at"] == (NOW + timedelta(minutes=170)).isoformat()


@pytest.mark.parametrize("how", [{"planned": plan(1000.0, 1000.0)}, {"power_w": 0.0, "is_followed": False}])
def test_no_time_is_told_where_the_plan_ends_before_or_nothing_is_taken(how: dict[str, Any]) -> None:
    found = told(HALF_FULL, **how)
    assert (found["ready_at"], found["by"]) == (None, None)


@pytest.mark.parametrize(
    "how", [{"planned": None}, {"planned": plan(0.0), "is_followed": False}, {"charge_now": True}]
)
def test_without_a_plan_that_is_followed_a_car_is_ready_by_what_it_takes_now(how: dict[str, Any]) -> None:
    found = told(HALF_FULL, power_w=10_000.0, **{"planned": plan(0.0), **how})
    assert (found["ready_at"], found["by"]) == ((NOW + timedelta(hours=2)).isoformat(), "power")


def test_a_time_is_told_to_five_minutes_and_never_too_early() -> None:
    found = told(HALF_FULL, power_w=10_100.0, is_followed=False)
    assert found["ready_at"] == (NOW + timedelta(hours=2)).isoformat()


def test_a_car_that_has_it_is_told_without_a_time() -> None:
    found = told(replace(HALF_FULL, state_of_charge=0.8), power_w=3000.0, is_followed=False)
    assert found == {"state_of_charge": 0.8, "target": 0.8, "ready_at": None, "by": None}
