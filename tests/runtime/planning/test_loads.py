"""Loads as a plan takes them, and what it makes of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC

import numpy as np
import pytest

from custom_components.home_flex.core.control.policy import LeaveAlone, Off, Policy, StartWithin, Surplus
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.forecast import Forecast
from custom_components.home_flex.core.kinds.appliance import ApplianceStatus
from custom_components.home_flex.core.model import quarter_hours
from custom_components.home_flex.core.planner.bending import LeftOutCode
from custom_components.home_flex.core.planner.plan import IntentKind
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Problem, Signals
from custom_components.home_flex.core.planner.reason import ReasonCode
from custom_components.home_flex.core.wishes import Wishes, with_device
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.heat_learning import Learned
from custom_components.home_flex.runtime.planning.outlook import Outlook

from .plans import NOON, READINGS, SITE, device

GRID = quarter_hours(NOON, 16)
STEPS = len(GRID)
# The second half costs a third of the first.
PRICES = Signals(
    import_per_kwh=(0.3,) * (STEPS // 2) + (0.1,) * (STEPS - STEPS // 2), export_per_kwh=(0.05,) * STEPS
)


def usual(power_w: float) -> Forecast:
    return Forecast(grid=GRID, expected_w=np.full(STEPS, power_w), made_at=NOON, source="weighted_days")


def asked(
    *devices: DeviceState,
    loads: Mapping[str, Forecast] | None = None,
    used_wh: float = 0.0,
    wishes: Wishes | None = None,
    on_for_s: float = 0.0,
    learned: Mapping[str, Learned] | None = None,
) -> Problem:
    home = Home(
        site=SITE,
        network=None,
        devices=devices,
        asked_in=lambda _step: (),
        wishes=wishes or Wishes(),
        zone=UTC,
        on_for_s={one.device_id: on_for_s for one in devices},
        learned=learned or {},
    )
    outlook = Outlook(
        signals=PRICES,
        load=usual(500.0),
        loads=loads or {},
        used_today_wh={one.device_id: used_wh for one in devices},
    )
    return problem_of(home, GRID, outlook, NOON)


def washer(status: ApplianceStatus, within_h: float = 8.0, **given: object) -> DeviceState:
    reading = replace(READINGS["washer"], status=status, **given)
    policy = StartWithin(earliest_s=100.0, latest_s=100.0 + (within_h - 1.0) * 3600.0)
    return device("washer", reading=reading, policy=policy)


def test_a_boiler_is_a_store_of_the_heat_between_its_temperatures_that_loses_what_it_usually_draws() -> None:
    problem = asked(device("boiler", policy=Surplus()), loads={"boiler": usual(300.0)})

    (store,) = problem.thermal_stores
    assert (store.stored_wh, store.high_wh[0], store.max_w) == (1000.0, 4000.0, 2000.0)
    assert 0.0 < store.low_wh[0] < 400.0
    assert store.drawn_w[0] == pytest.approx(300.0)
    assert problem.load_w == (500.0,) * STEPS


def test_of_a_heat_pump_what_it_usually_draws_and_how_fast_it_cools_say_what_the_house_stores() -> None:
    (store,) = asked(device("heat pump", policy=Surplus()), loads={"heat pump": usual(750.0)}).thermal_stores

    # 750 W hold what cools by a quarter of a kelvin an hour without them: 3 kWh for a kelvin.
    assert store.stored_wh == pytest.approx(6000.0)
    assert store.high_wh[0] == pytest.approx(12_000.0)


def test_what_a_heater_does_not_tell_of_itself_is_what_was_learned_of_it() -> None:
    silent = replace(READINGS["boiler"], wh_per_k=None, losses_w=None)
    learned = {"boiler": Learned(wh_per_k=250.0, cooling_k_per_h=0.4)}

    (store,) = asked(device("boiler", reading=silent, policy=Surplus()), learned=learned).thermal_stores

    assert store.stored_wh == pytest.approx(1250.0)
    assert store.drawn_w[0] == pytest.approx(100.0)


@pytest.mark.parametrize("policy", [LeaveAlone(), Off()])
def test_heat_that_the_resident_does_not_let_run_by_the_sun_is_load_as_usual(policy: Policy) -> None:
    problem = asked(device("boiler", policy=policy), loads={"boiler": usual(300.0)})

    assert problem.thermal_stores == ()
    assert problem.load_w == (800.0,) * STEPS


def test_heat_whose_temperature_is_not_known_is_load_as_usual() -> None:
    reading = replace(READINGS["heat pump"], temperature_c=None)

    problem = asked(device("heat pump", policy=Surplus(), reading=reading), loads={"heat pump": usual(750.0)})

    assert problem.thermal_stores == ()
    assert problem.load_w == (1250.0,) * STEPS


def test_rooms_of_which_nothing_is_learned_yet_store_as_little_as_a_light_house_and_that_is_told() -> None:
    silent = replace(READINGS["heat pump"], cooling_k_per_h=None)
    heat_pump = device("heat pump", policy=Surplus(), reading=silent)

    problem = asked(heat_pump, loads={"heat pump": usual(750.0)})

    # As if 750 W held what cools by half a kelvin an hour: 1.5 kWh for a kelvin.
    (store,) = problem.thermal_stores
    assert store.stored_wh == pytest.approx(3000.0)
    (told,) = Planner().plan(problem).left_out
    assert (told.code, told.subject_id) == (LeftOutCode.HEAT_ASSUMED, "heat pump")


def test_what_is_learned_of_rooms_takes_the_place_of_what_was_assumed() -> None:
    silent = replace(READINGS["heat pump"], cooling_k_per_h=None)
    heat_pump = device("heat pump", policy=Surplus(), reading=silent)

    problem = asked(
        heat_pump,
        loads={"heat pump": usual(750.0)},
        learned={"heat pump": Learned(cooling_k_per_h=0.25)},
    )

    assert problem.thermal_stores[0].stored_wh == pytest.approx(6000.0)
    assert Planner().plan(problem).left_out == ()


def test_a_load_of_which_nothing_was_measured_goes_on_as_it_is_for_two_hours() -> None:
    problem = asked(device("heat pump"))

    assert problem.load_w == (1300.0,) * 8 + (500.0,) * (STEPS - 8)


def test_what_is_to_run_some_hours_needs_what_is_missing_of_today() -> None:
    wishes = with_device(Wishes(), "pump", hours_a_day=4.0)

    (consumer,) = asked(device("pump", policy=Surplus()), wishes=wishes, used_wh=1500.0).consumers

    assert consumer.need_wh == 2500.0
    assert consumer.ready_step == 48
    assert consumer.available == (True,) * 48 + (False,) * (STEPS - 48)
    assert consumer.min_w == consumer.max_w == 1000.0


def test_without_hours_a_load_runs_by_the_sun_alone_and_is_not_planned() -> None:
    assert asked(device("pump", policy=Surplus())).consumers == ()


def test_a_programme_is_its_mean_power_and_ends_in_its_time() -> None:
    (programme,) = asked(washer(ApplianceStatus.READY)).appliances

    assert sum(programme.profile_w) * programme.part_s == pytest.approx(1000.0 * 3600.0)
    assert programme.running_s is None
    assert programme.latest_end_step == 8 * 4


def test_a_programme_that_is_late_may_still_run_at_once() -> None:
    (programme,) = asked(washer(ApplianceStatus.READY, within_h=0.5)).appliances

    assert programme.latest_end_step == 4


def test_a_programme_that_runs_is_a_fact_whoever_started_it() -> None:
    running = replace(washer(ApplianceStatus.RUNNING), policy=LeaveAlone())

    (programme,) = asked(running, on_for_s=1200.0).appliances

    assert programme.running_s == 1200.0


def test_one_that_runs_for_longer_than_it_told_is_about_to_end() -> None:
    (programme,) = asked(washer(ApplianceStatus.RUNNING), on_for_s=9000.0).appliances

    assert programme.running_s == 3300.0


@pytest.mark.parametrize("status", [ApplianceStatus.OFF, ApplianceStatus.FINISHED])
def test_an_appliance_without_a_programme_is_not_planned(status: ApplianceStatus) -> None:
    assert asked(washer(status)).appliances == ()


def test_all_kinds_of_loads_are_planned_together_each_step_with_a_reason() -> None:
    wishes = with_device(Wishes(), "pump", hours_a_day=4.0)
    problem = asked(
        device("boiler", policy=Surplus()),
        device("heat pump", policy=Surplus()),
        device("pump", policy=Surplus()),
        washer(ApplianceStatus.READY, within_h=14.0),
        loads={"boiler": usual(300.0), "heat pump": usual(750.0)},
        wishes=wishes,
    )

    plan = Planner().plan(problem)

    assert set(plan.devices) == {"boiler", "heat pump", "pump", "washer"}
    assert all(len(one.reasons) == STEPS for one in plan.devices.values())
    # The programme, and what is left of the day for the pump, wait for the low price.
    start = [intent.kind for intent in plan.devices["washer"].intents].index(IntentKind.START)
    assert start >= STEPS // 2
    assert plan.devices["washer"].reasons[0].code is ReasonCode.START_AT
    assert all(power_w == 0.0 for power_w in plan.devices["pump"].power_w[: STEPS // 2])
    assert sum(power_w / 4000.0 for power_w in plan.devices["pump"].power_w) == pytest.approx(4.0)
    assert plan.bent == ()


def test_no_more_is_asked_of_a_load_than_fits_into_the_rest_of_the_day() -> None:
    problem = asked(device("pump", policy=Surplus()), wishes=with_device(Wishes(), "pump", hours_a_day=24.0))

    assert problem.consumers[0].need_wh == 12_000.0
