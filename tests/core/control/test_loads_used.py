"""What loads do when nobody asks: run by the sun, started late and ended by a debt, or as is called for."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.flexibility import Flexibility, Restriction
from custom_components.home_flex.core.control.levels import Call, Hold, Level, LoadUse, Use
from custom_components.home_flex.core.control.loads import holds, used
from custom_components.home_flex.core.control.memory import DeviceMemory, LoadMemory
from custom_components.home_flex.core.control.merit import Member, Preference
from custom_components.home_flex.core.model import Owner

from .parts import battery, car, order, sun

NOW_S = 1000.0
SWITCHED = (Level(value=0.0, power_w=0.0), Level(value=1.0, power_w=2000.0))
RUNS = LoadMemory(wants=True, at_s=NOW_S - 5.0)
READY = LoadMemory(enough_s=NOW_S - 30.0, at_s=NOW_S - 1.0)


def load(
    call: Call = Call.FREE,
    memory: LoadMemory | None = None,
    *,
    name: str = "load",
    power_w: float = 0.0,
    use: dict[str, Any] | None = None,
    device: dict[str, Any] | None = None,
    taken: Owner | None = None,
    **changes: Any,
) -> Flexibility:
    """Return a load of 2 kW that is switched."""
    one = car(name, power_w)
    known: dict[str, Any] = {"levels": SWITCHED, "owner": Owner.RESIDENT, "reason": "comfort", "must": 1}
    settled = {
        "device": replace(one.device, **(device or {})),
        "memory": DeviceMemory(load=memory or LoadMemory(), taken=taken),
        "low_w": 0.0,
        "high_w": 2000.0,
        "wish_w": power_w,
        "load": LoadUse(member=Member.LOAD, call=call, **known | (use or {})),
        "step_w": 0.0,
        **changes,
    }
    return replace(one, **settled)


def lives(
    *devices: Flexibility, sun_w: float = 0.0, preference: Preference = Preference.CAR_FIRST
) -> tuple[Flexibility, ...]:
    """Return the devices in a house that leaves ``sun_w`` of its production."""
    return used(devices, order(*devices, preference=preference), -sun_w, NOW_S)


def one(device: Flexibility, sun_w: float = 0.0) -> tuple[float, Use | None]:
    (found,) = lives(device, sun_w=sun_w)
    assert found.load is not None
    return found.wish_w, found.load.use


BY_SUN = Use(owner=Owner.PLAN, reason="surplus_used")
CALLED = Use(owner=Owner.RESIDENT, reason="comfort")


@pytest.mark.parametrize(
    ("memory", "sun_w", "wants", "enough_s"),
    [
        # It needs 100 W more than it draws, for half a minute.
        (LoadMemory(), 2099.0, False, None),
        (LoadMemory(), 2100.0, False, NOW_S),
        (replace(READY, enough_s=NOW_S - 29.9), 2100.0, False, NOW_S - 29.9),
        (READY, 2100.0, True, NOW_S - 30.0),
        (READY, 2099.0, False, None),
    ],
)
def test_surplus_starts_it_late(
    memory: LoadMemory, sun_w: float, enough_s: float | None, *, wants: bool
) -> None:
    (found,) = lives(load(memory=memory), sun_w=sun_w)
    assert (found.memory.load.wants, found.memory.load.enough_s) == (wants, enough_s)
    assert found.memory.load.at_s == NOW_S
    assert (found.wish_w, found.load and found.load.use) == ((2000.0, BY_SUN) if wants else (0.0, None))


@pytest.mark.parametrize(
    ("memory", "sun_w", "debt_wh", "wants"),
    [
        # 1.8 kW less than it draws, for five seconds.
        (RUNS, 200.0, 2.5, True),
        (replace(RUNS, debt_wh=10.0), 200.0, 12.5, True),
        (replace(RUNS, debt_wh=37.4), 200.0, 39.9, True),
        (replace(RUNS, debt_wh=37.5), 200.0, 40.0, False),
        # What the sun gives beyond makes good what was bought.
        (replace(RUNS, debt_wh=10.0), 3800.0, 7.5, True),
        (replace(RUNS, debt_wh=1.0), 3800.0, 0.0, True),
        # A long gap is no time in which it ran.
        (replace(RUNS, at_s=NOW_S - 10.0), 200.0, 5.0, True),
        (replace(RUNS, at_s=NOW_S - 3600.0), 200.0, 5.0, True),
        (replace(RUNS, at_s=NOW_S + 5.0), 200.0, 0.0, True),
        (replace(RUNS, at_s=None), 200.0, 0.0, True),
    ],
)
def test_what_it_bought_stops_it(memory: LoadMemory, sun_w: float, debt_wh: float, *, wants: bool) -> None:
    (found,) = lives(load(memory=memory, power_w=2000.0), sun_w=sun_w)
    assert found.memory.load.debt_wh == pytest.approx(debt_wh)
    assert (found.memory.load.wants, found.memory.load.enough_s) == (wants, None)
    assert found.wish_w == (2000.0 if wants else 0.0)


def test_a_start_owes_nothing() -> None:
    (found,) = lives(load(memory=replace(READY, debt_wh=39.0)), sun_w=2100.0)
    assert found.memory.load.debt_wh == 0.0


MODULATES = (*(Level(value=500.0 * step, power_w=500.0 * step) for step in range(5)),)


@pytest.mark.parametrize(("sun_w", "power_w"), [(1800.0, 1500.0), (2600.0, 2000.0), (100.0, 500.0)])
def test_one_that_modulates_takes_what_the_sun_pays_for_but_its_least(sun_w: float, power_w: float) -> None:
    assert one(load(memory=RUNS, use={"levels": MODULATES}), sun_w) == (power_w, BY_SUN)


def test_one_that_rests_above_nothing_rests_there() -> None:
    pump = (Level(value=0.0, power_w=0.0), Level(value=1.0, power_w=300.0), Level(value=2.0, power_w=2000.0))
    advised = load(use={"levels": pump, "rests": 1})
    assert one(advised) == (300.0, None)
    started = load(memory=READY, use={"levels": pump, "rests": 1})
    assert one(started, 2099.0) == (300.0, None)
    assert one(started, 2100.0) == (2000.0, BY_SUN)


def test_its_range_bounds_it() -> None:
    assert one(load(memory=RUNS, high_w=1200.0), 3000.0)[0] == 1200.0
    assert one(load(low_w=700.0))[0] == 700.0


def test_one_that_is_held_off_without_sun_says_so() -> None:
    assert one(load(use={"is_held": True})) == (0.0, Use(owner=Owner.PLAN, reason="no_surplus"))
    assert one(load()) == (0.0, None)
    times = Use(owner=Owner.DEVICE_SAFETY, reason="minimum_times")
    assert one(load(use={"use": times})) == (0.0, times)


CALLS: dict[str, tuple[Flexibility, float, Use | None]] = {
    "it is left alone": (load(Call.ALONE, power_w=1500.0), 1500.0, None),
    "it must run": (load(Call.MUST), 2000.0, CALLED),
    "it must rest": (load(Call.MUST, use={"must": 0}, power_w=2000.0), 0.0, None),
    "it must not run": (load(Call.NEVER, power_w=2000.0), 0.0, CALLED),
    "and does not": (load(Call.NEVER, power_w=100.0), 0.0, None),
    "and hardly does": (load(Call.NEVER, power_w=100.1), 0.0, CALLED),
    "and is held already": (load(Call.NEVER, taken=Owner.PLAN), 0.0, CALLED),
    "and is held off by its policy": (load(Call.NEVER, use={"is_held": True}), 0.0, CALLED),
    "it does as it likes": (load(Call.MUST, stuck=True, power_w=700.0), 700.0, None),
    "its owner may not steer it": (
        load(Call.MUST, power_w=700.0, device={"reach": Owner.GRID_OPERATOR}),
        700.0,
        None,
    ),
    "surplus may not run it": (
        load(Call.FREE, RUNS, power_w=700.0, device={"reach": Owner.RESIDENT}),
        700.0,
        None,
    ),
    "surplus would, but it does as it likes": (load(Call.FREE, RUNS, stuck=True, power_w=700.0), 700.0, None),
}


@pytest.mark.parametrize(("device", "wish_w", "use"), CALLS.values(), ids=CALLS)
def test_it_does_what_is_called_for(device: Flexibility, wish_w: float, use: Use | None) -> None:
    assert one(device, 9000.0) == (wish_w, use)


@pytest.mark.parametrize("call", [Call.MUST, Call.NEVER])
def test_what_surplus_does_not_run_begins_to_wait_anew(call: Call) -> None:
    (found,) = lives(load(call, replace(READY, wants=True)), sun_w=9000.0)
    assert (found.memory.load.wants, found.memory.load.enough_s) == (False, None)


TAKEN: dict[str, tuple[Flexibility, float]] = {
    "a car": (car("other", 1000.0), 1000.0),
    "a car that gives noise": (car("other", -50.0), 0.0),
    "the sun": (sun("other", -400.0, given_w=-700.0), -700.0),
    "a battery that charges before it": (battery("other", 800.0), 800.0),
    "a battery that gives": (battery("other", -800.0), 0.0),
    "a load that must run": (load(Call.MUST, name="other", power_w=600.0), 600.0),
    "a load that surplus may run": (load(name="other", power_w=600.0), 0.0),
}


@pytest.mark.parametrize(("other", "taken_w"), TAKEN.values(), ids=TAKEN)
def test_it_runs_by_the_sun_that_others_leave(other: Flexibility, taken_w: float) -> None:
    for spare_w, starts in [(2100.0, True), (2099.0, False)]:
        found = lives(other, load(memory=READY), sun_w=spare_w + taken_w)[1]
        assert found.memory.load.wants is starts


def test_a_battery_that_comes_after_loads_leaves_them_what_it_takes() -> None:
    full = battery("other", 800.0, soc=0.9)
    found = lives(full, load(memory=READY), sun_w=2100.0, preference=Preference.HOUSE_FIRST)
    assert found[1].memory.load.wants


def test_the_second_runs_with_what_the_first_leaves() -> None:
    for sun_w, both in [(4100.0, True), (4099.0, False)]:
        found = lives(load(memory=RUNS, name="a"), load(memory=READY, name="b"), sun_w=sun_w)
        assert [device.memory.load.wants for device in found] == [True, both]
    urgent = load(memory=READY, name="z", device={"priority": 1})
    found = lives(load(memory=READY, name="a"), urgent, sun_w=2100.0)
    assert [device.memory.load.wants for device in found] == [False, True]


COMFORT = Hold(power_w=2000.0, owner=Owner.RESIDENT, reason="comfort")
HOLDS: dict[str, tuple[Flexibility, bool]] = {
    "it is held": (load(use={"holds": (COMFORT,)}), True),
    "it has no choice": (load(use={"holds": (COMFORT,)}, low_w=2000.0), False),
    "it draws as much anyway": (load(use={"holds": (replace(COMFORT, power_w=0.0),)}), False),
    "it does as it likes": (load(use={"holds": (COMFORT,)}, stuck=True), False),
    "it is no load": (car(), False),
    "nothing holds it": (load(), False),
}


@pytest.mark.parametrize(("device", "is_held"), HOLDS.values(), ids=HOLDS)
def test_minimum_times_and_comfort_hold_it_against_all_but_safety(
    device: Flexibility, *, is_held: bool
) -> None:
    expected = Restriction(
        owner=Owner.RESIDENT,
        device_id="load",
        reason="comfort",
        low_w=2000.0,
        standing=True,
        firm=True,
    )
    assert holds((device,)) == ((expected,) if is_held else ())
