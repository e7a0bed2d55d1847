"""Limits are told in the shape that a charger takes, and in another one when it does not obey."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.ocpp.ladder import Ladder
from custom_components.home_flex.devices.ocpp.shapes import (
    Abilities,
    Level,
    Purpose,
    Shape,
    Timing,
    Unit,
    shapes,
)
from tests.devices.ocpp_clients import SETTINGS, Driven, RawCharger, dial, driving, serving
from tests.devices.odd_charger import WANTS, OddCharger


@asynccontextmanager
async def charging(
    *wants: str, ahead_s: float = 0.0, in_transaction: bool = True, **odd: Any
) -> AsyncIterator[tuple[Driven, OddCharger, RawCharger]]:
    """Run a driver and an odd charger whose car charges."""
    async with driving() as home:
        charger = OddCharger(home.clock, wants=wants, ahead_s=ahead_s, **odd)
        async with dial(home.port, replies=charger.replies) as line:
            await line.get_ready()
            await line.status("Charging")
            if in_transaction:
                await line.start_transaction()
            yield home, charger, line


async def limit(home: Driven, current_a: float) -> None:
    """Ask for a limit as control does: again, when it was refused."""
    for _ in range(20):
        try:
            await home.driver.set_current_limit(current_a, expires_in_s=120)
        except DeviceError:
            continue
        return
    raise AssertionError("no shape was taken")


@pytest.mark.parametrize("want", [want for want in WANTS if want != "profiles of a transaction"])
@pytest.mark.parametrize("in_transaction", [True, False])
async def test_a_charger_that_takes_one_shape_only_is_limited(want: str, in_transaction: bool) -> None:
    async with charging(want, in_transaction=in_transaction) as (home, charger, _):
        await limit(home, 7.0)
        assert charger.current_a == pytest.approx(7.0)
        assert home.reading.current_limit_a == 7.0


@pytest.mark.parametrize(
    "wants",
    [
        ("watts", "stack level 0", "no number of phases"),
        ("connector 1", "a relative schedule", "no number of phases"),
        ("watts", "connector 1", "a schedule without an end"),
        tuple(want for want in WANTS if not want.startswith(("profiles", "a level"))),
    ],
)
async def test_a_charger_with_several_wants_is_limited(wants: tuple[str, ...]) -> None:
    async with charging(*wants) as (home, charger, _):
        await limit(home, 9.0)
        assert charger.current_a == pytest.approx(9.0, abs=0.01)


def shape_of(profile: dict[str, Any]) -> tuple[str, int, str]:
    schedule = profile["chargingSchedule"]
    return profile["chargingProfilePurpose"], profile["stackLevel"], schedule["chargingRateUnit"]


async def test_what_was_taken_once_is_told_first_from_then_on() -> None:
    async with charging("watts", "connector 1") as (home, _, line):
        await limit(home, 9.0)
        *_, taken = line.profiles()
        before = len(line.profiles())
        await home.driver.set_current_limit(8.0, expires_in_s=120)
        first = line.profiles()[before]
        assert shape_of(first) == shape_of(taken)


@pytest.mark.parametrize("ahead_s", [-90, -3, 12, 120, 250, 3600, -3600, 7200, -7200, 40 * 365 * 86400])
async def test_a_charger_whose_clock_is_wrong_obeys_in_the_end(ahead_s: float) -> None:
    async with charging(ahead_s=ahead_s) as (home, charger, line):
        for _ in range(3):
            await limit(home, 7.0)
            await charger.measure(line, 60)
        assert charger.current_a == pytest.approx(7.0)
        assert home.reading.phase_current_a == pytest.approx((7.0, 7.0, 7.0))


async def test_a_charger_that_is_a_little_behind_obeys_from_the_start() -> None:
    async with charging(ahead_s=-250) as (home, charger, line):
        await home.driver.set_current_limit(7.0, expires_in_s=120)
        assert charger.current_a == 7.0
        assert len(line.profiles()) == 1


async def test_a_limit_of_a_charger_with_the_right_time_ends_by_itself() -> None:
    async with charging() as (home, charger, _):
        await home.driver.set_current_limit(7.0, expires_in_s=120)
        home.clock.advance(119)
        assert charger.current_a == 7.0
        home.clock.advance(2)
        assert charger.current_a == 16.0


async def test_a_limit_that_the_charger_does_not_end_is_taken_back_when_it_is_over() -> None:
    async with charging("a schedule without an end") as (home, charger, line):
        await limit(home, 7.0)
        home.clock.advance(121)
        await line.start_transaction(time="2026-11-21T13:00:00Z")
        await line.until(lambda: not charger.profiles)
        assert charger.current_a == 16.0


@pytest.mark.parametrize("ahead_s", [-3600, 3600, 40 * 365 * 86400])
async def test_a_limit_of_a_charger_whose_clock_is_wrong_still_ends_by_itself(ahead_s: float) -> None:
    async with charging(ahead_s=ahead_s) as (home, charger, line):
        for _ in range(3):
            await limit(home, 7.0)
            await charger.measure(line, 60)
        assert charger.current_a == pytest.approx(7.0)
        home.clock.advance(180)
        assert charger.current_a == 16.0


async def test_what_an_earlier_run_left_in_the_charger_is_taken_back() -> None:
    lasting = Shape(purpose=Purpose.TX_DEFAULT, timing=Timing.LASTING)
    ladder = Ladder()
    ladder.took(lasting, in_transaction=False)
    async with serving(remembered={"CP1/1": ladder.document()}) as (central, port, _):
        central.add(SETTINGS)
        async with dial(port) as line:
            await line.get_ready()
            assert {"id": 9302} in line.called("ClearChargingProfile")
            assert line.profiles() == []


async def test_a_charger_that_takes_no_number_of_phases_is_not_one_that_switches() -> None:
    keys = [{"key": "ConnectorSwitch3to1PhaseSupported", "value": "true", "readonly": True}]
    async with charging("no number of phases") as (home, _, line):
        line.replies["GetConfiguration"] = lambda _: {"configurationKey": keys}
        await line.boot()
        await home.until(lambda: home.driver.phase_counts == (1, 3))
        await limit(home, 7.0)
        assert home.driver.phase_counts == (3,)


async def test_a_charger_that_takes_all_and_obeys_nothing_is_told_on_and_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with charging(is_deaf=lambda _: True) as (home, charger, line):
        for _ in range(20):
            await limit(home, 7.0)
            await charger.measure(line, 40)
        assert home.reading.power_w == pytest.approx(3 * 16 * 230.0)
    assert caplog.text.count("accepts limits and obeys none") == 1


async def test_a_limit_in_watts_is_told_anew_for_the_phases_the_car_uses() -> None:
    async with charging("watts") as (home, _, line):
        await limit(home, 10.0)
        assert line.limits()[-1] == 10 * 230 * 3
        one = {"value": "10", "measurand": "Current.Import", "unit": "A", "phase": "L1"}
        await line.meter(one, one | {"value": "0", "phase": "L2"}, one | {"value": "0", "phase": "L3"})
        await line.until(lambda: line.limits()[-1] == 10 * 230)


async def test_the_unit_that_a_charger_tells_is_the_only_one_it_is_told() -> None:
    keys = [{"key": "ChargingScheduleAllowedChargingRateUnit", "value": "Power", "readonly": True}]
    replies = {"GetConfiguration": lambda _: {"configurationKey": keys}}
    async with driving() as home, dial(home.port, replies=replies) as line:
        await line.get_ready()
        await home.driver.set_current_limit(10.0, expires_in_s=120)
        assert line.profiles()[-1]["chargingSchedule"]["chargingRateUnit"] == "W"


def test_what_was_learned_outlives_a_restart() -> None:
    shape = Shape(purpose=Purpose.TX_DEFAULT, unit=Unit.WATTS, timing=Timing.LASTING, level=Level.ZERO)
    ladder = Ladder()
    ladder.took(shape, in_transaction=False)
    later = Ladder(json.loads(json.dumps(ladder.document())))
    assert later.to_try(Abilities(), in_transaction=False)[0] == shape


@pytest.mark.parametrize(
    "document", [None, {}, {"without_transaction": 7}, {"in_transaction": {"unit": "V"}}], ids=str
)
def test_what_cannot_be_read_of_an_earlier_run_is_left_out(document: Any) -> None:
    assert Ladder(document).document() == {}


ABILITIES = st.builds(
    Abilities,
    highest_level=st.integers(0, 9),
    units=st.frozensets(st.sampled_from(Unit)),
    switches_phases=st.booleans(),
    shares=st.booleans(),
)


@given(ABILITIES, st.booleans())
def test_each_shape_comes_once_and_holds_back_no_other_socket(
    abilities: Abilities, in_transaction: bool
) -> None:
    possible = shapes(abilities, in_transaction=in_transaction)
    assert possible
    assert len(set(possible)) == len(possible)
    assert not (abilities.shares and any(shape.whole_charger for shape in possible))
    assert in_transaction or all(shape.purpose is not Purpose.TX for shape in possible)
    assert not abilities.units or {shape.unit for shape in possible} <= abilities.units


@given(ABILITIES, st.booleans(), st.integers(0, 120))
def test_there_is_always_a_shape_to_try(abilities: Abilities, in_transaction: bool, refusals: int) -> None:
    ladder = Ladder()
    for _ in range(refusals):
        ladder.refused(ladder.to_try(abilities, in_transaction=in_transaction)[0])
    assert ladder.to_try(abilities, in_transaction=in_transaction)
