"""How cars share the sun: who comes first, what each leaves for the next, and what it owes."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging.car import Car, ChargerMemory, Claim
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.model import Reason, Sun, Supply
from custom_components.home_flex.core.control.charging.phases import PhaseMemory
from custom_components.home_flex.core.control.charging.probing import Probe
from custom_components.home_flex.core.control.charging.sun_sharing import shared
from custom_components.home_flex.core.control.charging.surplus import SunMemory
from custom_components.home_flex.core.control.charging.turns import Turns
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence

from .test_car import car

NOW_S = 10_000.0
KNOWN = Vehicle(phases=PhaseEvidence(used=(0, 1, 2), of=3), drew=True, drew_now=True)
CHARGES = ChargerMemory(
    contactor=Contactor(on=True, since_s=9000.0, closings=(9000.0,)),
    sun=SunMemory(on=True, since_s=9000.0),
    vehicle=KNOWN,
)
STANDS = ChargerMemory(vehicle=KNOWN)
# It has waited for enough sun, and starts now.
STARTS = replace(STANDS, sun=SunMemory(enough_since_s=NOW_S - 10.0))
ASLEEP = replace(CHARGES, vehicle=replace(KNOWN, asleep=True))


def sunny(name: str = "a", *, told: dict[str, Any] | None = None, **changes: Any) -> Car:
    """Return a car that charges on the sun and draws its smallest current."""
    known = {"memory": CHARGES, "claim": Claim.SUN, "reason": Reason.SURPLUS, **changes}
    return car(name, told={"power_w": 4140.0, "current_limit_a": 6.0, **(told or {})}, **known)


def share(
    surplus_w: float,
    *cars: Car,
    sun: Sun = Sun.SHOWN,
    turns: Turns | None = None,
    dt_s: float = 0.0,
) -> tuple[dict[str, Car], Turns]:
    found, after = shared(cars, Supply(surplus_w=surplus_w, sun=sun), turns or Turns(), NOW_S, dt_s)
    assert [one.id for one in found] == [one.id for one in cars]
    return {one.id: one for one in found}, after


def wants(surplus_w: float, *cars: Car, **known: Any) -> dict[str, tuple[float, Reason]]:
    found, _ = share(surplus_w, *cars, **known)
    return {key: (one.want_a, one.reason) for key, one in found.items()}


@pytest.mark.parametrize(
    ("surplus_w", "want_a"),
    [
        (10 * 690.0, 10.0),
        (10 * 690.0 - 1.0, 9.0),
        (20 * 690.0, 16.0),
        # A gap is bridged at the smallest current.
        (3000.0, 6.0),
        (0.0, 6.0),
        (-500.0, 6.0),
    ],
)
def test_a_car_takes_whole_amperes_of_the_sun_within_its_range(surplus_w: float, want_a: float) -> None:
    assert wants(surplus_w, sunny()) == {"a": (want_a, Reason.SURPLUS)}


MINIMUM: dict[str, Any] = {"claim": Claim.MINIMUM, "reason": Reason.MINIMUM}


@pytest.mark.parametrize(
    ("surplus_w", "wanted"),
    [
        (-500.0, (6.0, Reason.MINIMUM)),
        (4140.0, (6.0, Reason.MINIMUM)),
        (4829.0, (6.0, Reason.MINIMUM)),
        (4830.0, (7.0, Reason.SURPLUS)),
        (20_000.0, (16.0, Reason.SURPLUS)),
    ],
)
def test_one_that_takes_its_smallest_current_always_takes_the_suns_beyond_it(
    surplus_w: float, wanted: tuple[float, Reason]
) -> None:
    assert wants(surplus_w, sunny(**MINIMUM)) == {"a": wanted}


@pytest.mark.parametrize(
    ("memory", "may_start", "surplus_w", "wanted"),
    [
        (STANDS, True, 9000.0, (0.0, Reason.WAITS_FOR_SUN)),
        (STARTS, True, 9000.0, (13.0, Reason.SURPLUS)),
        (STARTS, False, 9000.0, (0.0, Reason.RESTS)),
        # Who would rest is told so only where there is sun for it.
        (STARTS, False, 4761.0, (0.0, Reason.RESTS)),
        (STARTS, False, 4760.9, (0.0, Reason.WAITS_FOR_SUN)),
    ],
)
def test_one_that_stands_waits_for_the_sun_or_rests(
    memory: ChargerMemory, surplus_w: float, wanted: tuple[float, Reason], *, may_start: bool
) -> None:
    assert wants(surplus_w, sunny(memory=memory, may_start=may_start)) == {"a": wanted}


LEFT: dict[str, tuple[Car, float]] = {
    "nobody": (sunny("b", memory=STANDS), 0.0),
    "one that takes all draws what it draws": (
        sunny("b", claim=Claim.ALL, told={"power_w": 7000.0}),
        7000.0,
    ),
    "one with its smallest current": (sunny("b", told={"priority": 9}, **MINIMUM), 4140.0),
    "which sleeps": (sunny("b", memory=ASLEEP, told={"power_w": 100.0}, **MINIMUM), 100.0),
    "which sleeps, and draws all the same": (
        sunny("b", memory=ASLEEP, told={"power_w": 5000.0}, **MINIMUM),
        4140.0,
    ),
    "one that takes nothing": (sunny("b", claim=Claim.NOTHING), 0.0),
}


@pytest.mark.parametrize(("other", "taken_w"), LEFT.values(), ids=LEFT)
def test_what_others_take_anyway_is_no_surplus(other: Car, taken_w: float) -> None:
    for amperes in (8.0, 9.0):
        wanted = wants(amperes * 690.0 + taken_w, sunny(), other)["a"]
        assert wanted == (amperes, Reason.SURPLUS)
        assert wants(amperes * 690.0 + taken_w - 1.0, sunny(), other)["a"][0] == amperes - 1.0


SHOWN = replace(CHARGES, vehicle=replace(KNOWN, shown_a=7.0))
LET_IN = replace(
    CHARGES,
    contactor=Contactor(on=True, since_s=NOW_S - 119.0, closings=(NOW_S - 119.0,)),
    vehicle=replace(KNOWN, drew_now=False),
)
LONG_IN = replace(
    LET_IN,
    contactor=Contactor(on=True, since_s=NOW_S - 120.0, closings=(NOW_S - 120.0,)),
    sun=SunMemory(on=True),
)
NEXT: dict[str, tuple[dict[str, Any], float]] = {
    "it takes all it can": ({}, 16 * 690.0),
    "it has shown that it takes less": ({"memory": SHOWN}, 8 * 690.0),
    "it sleeps": ({"memory": ASLEEP, "told": {"power_w": 50.0}}, 50.0),
    "it was just let in": ({"memory": LET_IN, "told": {"power_w": 0.0}}, 16 * 690.0),
    "it was let in and does not draw": ({"memory": LONG_IN, "told": {"power_w": 30.0}}, 30.0),
    "it waits": ({"memory": STANDS}, 0.0),
    "with its smallest current besides": (MINIMUM, 16 * 690.0),
}


@pytest.mark.parametrize(("changes", "taken_w"), NEXT.values(), ids=NEXT)
def test_the_next_gets_what_the_first_leaves(changes: dict[str, Any], taken_w: float) -> None:
    first = sunny("a", **{**changes, "told": {"priority": 1, **changes.get("told", {})}})
    # Enough for the first's most in any case.
    surplus_w = 16 * 690.0 + 4 * 690.0
    left_a = (surplus_w - taken_w) / 690.0
    expected = min(16.0, max(6.0, left_a // 1))
    assert wants(surplus_w, first, sunny("b"))["b"] == (expected, Reason.SURPLUS)


@pytest.mark.parametrize(
    ("one", "other", "turns", "first"),
    [
        ({}, {}, Turns(), "a"),
        ({}, {"told": {"priority": 4}}, Turns(), "b"),
        ({}, {}, Turns(places={"b": 0.0}), "b"),
        ({}, {"told": {"priority": 6}}, Turns(places={"b": 0.0}), "a"),
        ({}, {}, Turns(places={"a": 50.0, "b": 40.0}), "b"),
        ({}, {}, Turns(waits={"a": 50.0, "b": 40.0}), "b"),
        ({}, {}, Turns(waits={"b": 40.0}), "b"),
    ],
)
def test_one_has_all_the_sun_it_can_use_before_the_next(
    one: dict[str, Any], other: dict[str, Any], turns: Turns, first: str
) -> None:
    wanted = wants(12 * 690.0, sunny("a", **one), sunny("b", **other), turns=turns)
    assert {key: amperes for key, (amperes, _) in wanted.items()} == {
        key: 12.0 if key == first else 6.0 for key in ("a", "b")
    }


def test_who_holds_the_sun_and_who_waits_for_it_is_remembered() -> None:
    cars = (
        sunny("a"),
        sunny("b", memory=STANDS, may_start=True),
        sunny("c", memory=ASLEEP),
        sunny("d", **MINIMUM),
    )
    _, turns = share(9 * 690.0 + 4140.0, *cars)
    assert turns == Turns(places={"a": NOW_S}, waits={"b": NOW_S, "d": NOW_S}, contested_s=NOW_S)
    _, turns = share(26 * 690.0 + 4140.0, *cars)
    assert set(turns.places) == {"a", "d"}


def test_who_would_start_if_it_were_first_is_told_that_it_waits_its_turn() -> None:
    waits = sunny("b", memory=STANDS, may_start=True)
    assert wants(4761.0, sunny("a"), waits)["b"] == (0.0, Reason.WAITS_ITS_TURN)
    assert wants(4760.0, sunny("a"), waits)["b"] == (0.0, Reason.WAITS_FOR_SUN)
    # Nobody is in its way.
    assert wants(4761.0, sunny("a", memory=STANDS), waits)["b"] == (0.0, Reason.WAITS_FOR_SUN)
    sleeps = sunny("b", memory=replace(ASLEEP, sun=SunMemory()))
    assert wants(4761.0, sunny("a"), sleeps)["b"][1] is not Reason.WAITS_ITS_TURN


TURN = Turns(places={"a": 0.0}, waits={"b": 0.0}, contested_s=0.0)
JUST = replace(CHARGES, contactor=Contactor(on=True, since_s=NOW_S - 299.0, closings=(NOW_S - 299.0,)))
SWAPS: dict[str, tuple[dict[str, Any], dict[str, Any], float, bool]] = {
    "equals": ({}, {}, 4761.0, True),
    "too little sun for a start": ({}, {}, 4760.0, False),
    "another priority": ({"told": {"priority": 4}}, {}, 4761.0, False),
    "who goes has just begun": ({"memory": JUST}, {}, 4761.0, False),
    "who comes may not start": ({}, {"may_start": False}, 4761.0, False),
    "who comes sleeps": ({}, {"memory": replace(ASLEEP, sun=SunMemory())}, 4761.0, False),
    "who goes keeps its smallest current": ({"memory": JUST, **MINIMUM}, {}, 4761.0 + 4140.0, True),
    "who comes has its smallest current": ({}, {"may_start": False, **MINIMUM}, 690.0 + 4140.0, True),
    "and takes an ampere at least": ({}, {"may_start": False, **MINIMUM}, 689.0 + 4140.0, False),
}


@pytest.mark.parametrize(("one", "other", "surplus_w", "swaps"), SWAPS.values(), ids=SWAPS)
def test_equals_take_turns_at_being_first(
    one: dict[str, Any], other: dict[str, Any], surplus_w: float, *, swaps: bool
) -> None:
    cars = (sunny("a", **one), sunny("b", **{"memory": STANDS, "may_start": True, **other}))
    found, turns = share(surplus_w, *cars, turns=TURN)
    assert (turns.swapped_s == NOW_S) is swaps
    if swaps and "claim" not in one:
        assert not found["a"].memory.sun.on
    if swaps and "claim" not in other:
        assert found["b"].memory.sun == SunMemory(on=True, since_s=NOW_S)


def test_a_third_keeps_its_part_when_two_swap() -> None:
    turns = Turns(places={"a": 0.0, "c": 10.0}, waits={"b": 0.0}, contested_s=0.0)
    cars = (sunny("a"), sunny("b", memory=STANDS, may_start=True), sunny("c"))
    for surplus_w, swaps in [(4140.0 + 4761.0, True), (4140.0 + 4760.0, False)]:
        _, after = share(surplus_w, *cars, turns=turns)
        assert (after.swapped_s == NOW_S) is swaps


def test_one_that_does_not_go_by_the_sun_is_apart() -> None:
    found, turns = share(9000.0, sunny("a", claim=Claim.ALL), sunny("b", claim=Claim.NOTHING))
    assert [(one.want_a, one.memory.sun) for one in found.values()] == [
        (16.0, SunMemory(on=True)),
        (0.0, SunMemory()),
    ]
    found, _ = share(9000.0, sunny("a", claim=Claim.ALL, memory=STANDS))
    assert found["a"].memory.sun == SunMemory()
    assert turns == Turns()


def test_the_mean_that_chooses_phases_is_of_the_sun_there_would_be_for_it() -> None:
    cars = (
        sunny("sun", told={"power_w": 11_040.0}),
        sunny("all", claim=Claim.ALL, told={"power_w": 3000.0}),
        sunny("off", claim=Claim.NOTHING),
    )
    found, _ = share(15_000.0, *cars, dt_s=1.0)
    assert {key: one.memory.phases.mean_w for key, one in found.items()} == {
        "sun": pytest.approx(12_000.0),
        "all": pytest.approx(15_000.0),
        "off": pytest.approx(12_000.0 - 11_040.0),
    }
    known = replace(CHARGES, phases=PhaseMemory(mean_w=0.0))
    found, _ = share(6000.0, sunny(memory=known), dt_s=6.0)
    assert found["a"].memory.phases.mean_w == pytest.approx(59.7, abs=0.1)


def owing(debt_wh: float, phases: tuple[int, ...] = (1, 2, 3), **changes: Any) -> Car:
    memory = replace(CHARGES, sun=SunMemory(on=True, debt_wh=debt_wh), **changes)
    return sunny(memory=memory, used=phases)


def closed(times: int, since_s: float = 9000.0) -> Contactor:
    return Contactor(on=True, since_s=since_s, closings=(9000.0,) * times)


OWES: dict[str, tuple[tuple[int, ...], dict[str, Any], float]] = {
    "about what a stop costs on three phases": ((1, 2, 3), {}, 85.0),
    "on one": ((1,), {}, 45.0),
    "twice that where it cannot close again": ((1, 2, 3), {"contactor": closed(4)}, 170.0),
    "with a closing left": ((1, 2, 3), {"contactor": closed(3)}, 85.0),
}


@pytest.mark.parametrize(("phases", "changes", "limit_wh"), OWES.values(), ids=OWES)
def test_how_much_it_may_owe_before_it_stops(
    phases: tuple[int, ...], changes: dict[str, Any], limit_wh: float
) -> None:
    assert wants(0.0, owing(limit_wh - 0.01, phases, **changes))["a"][0] == 6.0
    assert wants(0.0, owing(limit_wh, phases, **changes)) == {"a": (0.0, Reason.WAITS_FOR_SUN)}


def test_cars_that_share_the_sun_share_what_may_be_owed() -> None:
    turns = Turns(places={"a": 0.0, "b": 0.0})
    found = wants(0.0, owing(42.5), sunny("b"), turns=turns)
    assert (found["a"][0], found["b"][0]) == (0.0, 6.0)
    assert wants(0.0, owing(42.4), sunny("b"), turns=turns)["a"][0] == 6.0


@pytest.mark.parametrize(
    ("changes", "surplus_w", "sun", "debt_wh"),
    [
        ({}, 0.0, Sun.SHOWN, 51.15),
        ({}, 4140.0, Sun.SHOWN, 49.797),
        # PV at its limit has more than anybody sees.
        ({}, 4140.0, Sun.HIDDEN, 0.0),
        ({}, 0.0, Sun.ASKED, 51.15),
        ({"vehicle": ASLEEP.vehicle}, 0.0, Sun.SHOWN, 0.0),
    ],
)
def test_what_is_bought_is_owed(changes: dict[str, Any], surplus_w: float, sun: Sun, debt_wh: float) -> None:
    found, _ = share(surplus_w, owing(50.0, **changes), sun=sun, dt_s=1.0)
    assert found["a"].memory.sun.debt_wh == pytest.approx(debt_wh, abs=0.001)


def test_one_that_would_not_come_back_is_not_stopped() -> None:
    stays = owing(500.0, vehicle=replace(KNOWN, refusals=2))
    assert wants(0.0, stays)["a"][0] == 6.0
    assert wants(0.0, owing(500.0, vehicle=replace(KNOWN, refusals=1)))["a"][0] == 0.0
    assert wants(0.0, owing(500.0, vehicle=ASLEEP.vehicle))["a"][0] == 6.0


FOLLOWS = {"power_w": 4140.0, "current_limit_a": 6.0, "is_prompt": True}


def following(debt_wh: float, *, told: dict[str, Any] | None = None, **changes: Any) -> Car:
    """Return a car for which PV that may not export is let produce, so that it sees the sun it charges on."""
    vehicle = replace(KNOWN, limit_since_s=NOW_S)
    known = {"hidden_s": 9000.0 - 1.0, "vehicle": vehicle, **changes}
    memory = replace(CHARGES, sun=SunMemory(on=True, debt_wh=debt_wh), **known)
    return sunny(memory=memory, told={**FOLLOWS, **(told or {})})


THIN: dict[str, tuple[dict[str, Any], float, float]] = {
    "PV hid the sun until it charged": ({}, 42.5, 0.8),
    "it did so long before": ({"hidden_s": 9000.0 - 900.0}, 85.0, 0.15 / 0.85),
    "just lately enough": ({"hidden_s": 9000.0 - 899.0}, 42.5, 0.8),
    "it has none left to close again": ({"contactor": closed(4)}, 85.0, 0.8),
    "it may still close once": ({"contactor": closed(3)}, 42.5, 0.8),
    "it does not charge, and PV hid the sun long before": (
        {"contactor": Contactor(since_s=NOW_S - 2000.0), "hidden_s": NOW_S - 1000.0},
        85.0,
        0.15 / 0.85,
    ),
    "its contactor is taken for open": ({"contactor": Contactor(), "hidden_s": NOW_S - 1.0}, 42.5, 0.8),
}


@pytest.mark.parametrize(("changes", "limit_wh", "per_sun"), THIN.values(), ids=THIN)
def test_who_sees_the_sun_only_while_it_charges_bridges_thin_clouds_and_leaves_dark_ones(
    changes: dict[str, Any], limit_wh: float, per_sun: float
) -> None:
    assert wants(0.0, following(limit_wh - 0.01, **changes))["a"][0] == 6.0
    assert wants(0.0, following(limit_wh, **changes))["a"][0] == 0.0
    found, _ = share(2000.0, following(20.0, **changes), dt_s=3.6)
    assert found["a"].memory.sun.debt_wh == pytest.approx(20.0 + (2140.0 - per_sun * 2000.0) / 1000.0)


def test_who_answers_late_owes_as_before() -> None:
    late = following(79.0, told={"is_prompt": False})
    assert wants(0.0, late)["a"][0] == 6.0


@pytest.mark.parametrize(("is_prompt", "debt_wh"), [(True, 46.688), (False, 0.0)])
def test_a_hidden_sun_makes_nothing_good_for_whom_pv_is_let_produce(
    *, is_prompt: bool, debt_wh: float
) -> None:
    one = following(50.0, told={"is_prompt": is_prompt})
    found, _ = share(4140.0, one, sun=Sun.HIDDEN, dt_s=3.6)
    assert found["a"].memory.sun.debt_wh == pytest.approx(debt_wh)


DRAWS_8 = {"power_w": 8 * 690.0, "current_limit_a": 8.0}


@pytest.mark.parametrize(
    ("surplus_w", "told", "changes", "want_a"),
    [
        # A quarter of what an ampere is on three phases.
        (8 * 690.0 - 172.5, {"is_prompt": False}, {}, 8.0),
        (8 * 690.0 - 172.6, {"is_prompt": False}, {}, 7.0),
        (8 * 690.0 - 172.5, {}, {"hidden_s": 0.0}, 8.0),
        (9 * 690.0 - 1.0, {"is_prompt": False}, {}, 8.0),
        (9 * 690.0, {"is_prompt": False}, {}, 9.0),
        # Noise alone where PV is let produce for the car.
        (8 * 690.0 - 80.0, {}, {}, 8.0),
        (8 * 690.0 - 81.0, {}, {}, 7.0),
        (9 * 690.0 - 1.0, {}, {}, 8.0),
        (9 * 690.0, {}, {}, 9.0),
    ],
)
def test_a_current_that_the_sun_hardly_falls_short_of_is_kept(
    surplus_w: float, told: dict[str, Any], changes: dict[str, Any], want_a: float
) -> None:
    one = following(0.0, told={**DRAWS_8, **told}, **changes)
    assert wants(surplus_w, one)["a"][0] == want_a


@pytest.mark.parametrize(("surplus_w", "want_a"), [(8 * 230.0 - 80.0, 8.0), (8 * 230.0 - 80.1, 7.0)])
def test_on_one_phase_a_current_is_kept_for_all_that_is_noise(surplus_w: float, want_a: float) -> None:
    one = sunny(told={"power_w": 8 * 230.0, "current_limit_a": 8.0}, used=(1,))
    assert wants(surplus_w, one)["a"][0] == want_a


@pytest.mark.parametrize(
    ("sun", "told", "want_a"),
    [
        # PV that was just lowered gives no more: the meter has yet to show it.
        (Sun.SETTLES, {}, 8.0),
        (Sun.SETTLES, {"is_prompt": False}, 10.0),
        (Sun.HIDDEN, {}, 10.0),
        (Sun.SHOWN, {}, 10.0),
    ],
)
def test_pv_that_was_just_lowered_seems_to_have_more(sun: Sun, told: dict[str, Any], want_a: float) -> None:
    one = following(0.0, told={**DRAWS_8, **told})
    assert wants(10 * 690.0, one, sun=sun)["a"][0] == want_a


@pytest.mark.parametrize(("is_prompt", "asks_a"), [(True, 9.0), (False, 14.0)])
def test_a_follower_asks_for_no_more_than_a_step_as_the_first_shows_all(
    *, is_prompt: bool, asks_a: float
) -> None:
    probe = Probe(had_a=14.0, had_s=NOW_S - 1.0)
    vehicle = replace(KNOWN, limit_since_s=NOW_S - 60.0)
    one = following(0.0, told={**DRAWS_8, "is_prompt": is_prompt}, probe=probe, vehicle=vehicle)
    assert wants(8 * 690.0, one, sun=Sun.HIDDEN)["a"] == (asks_a, Reason.PROBE)


@pytest.mark.parametrize("sun", Sun)
def test_when_pv_last_hid_the_sun_is_remembered(sun: Sun) -> None:
    found, _ = share(9000.0, owing(0.0, hidden_s=77.0), sun=sun)
    assert found["a"].memory.hidden_s == (77.0 if sun is Sun.SHOWN else NOW_S)


@pytest.mark.parametrize(
    ("surplus_w", "sun", "drew_now", "is_carried"),
    [
        (4140.0, Sun.SHOWN, True, True),
        (4139.0, Sun.SHOWN, True, False),
        (4140.0, Sun.HIDDEN, True, True),
        (9000.0, Sun.ASKED, True, False),
        (4140.0, Sun.SHOWN, False, False),
    ],
)
def test_when_the_sun_last_carried_it_is_remembered(
    surplus_w: float, sun: Sun, *, drew_now: bool, is_carried: bool
) -> None:
    one = owing(0.0, carried_s=77.0, vehicle=replace(KNOWN, drew_now=drew_now))
    found, _ = share(surplus_w, one, sun=sun)
    assert found["a"].memory.carried_s == (NOW_S if is_carried else 77.0)


def test_one_that_stands_is_not_started_on_sun_that_was_only_asked_for() -> None:
    one = sunny(memory=STARTS, may_start=True, told={"power_w": 0.0, "current_limit_a": 0.0})
    assert wants(9000.0, one, sun=Sun.ASKED)["a"][0] == 0.0
    switching = replace(STARTS, phases=PhaseMemory(switching_since_s=NOW_S))
    assert wants(9000.0, sunny(memory=switching, may_start=True))["a"][0] == 0.0


def test_only_the_first_asks_for_sun_that_nobody_sees() -> None:
    """PV at its limit gives what the car draws; more is asked for by its limit."""
    drawing = {"power_w": 10 * 690.0, "current_limit_a": 10.0}
    known = replace(CHARGES, vehicle=replace(KNOWN, limit_since_s=NOW_S - 60.0))
    cars = (sunny("a", memory=known, told=drawing), sunny("b", memory=known, told=drawing))
    assert wants(10 * 690.0, *cars, sun=Sun.HIDDEN)["a"] == (11.0, Reason.PROBE)
    for first, most_a in [(cars[0], 6.0), (sunny("a", memory=ASLEEP, told=drawing), 11.0)]:
        assert wants(10 * 690.0, first, cars[1], sun=Sun.HIDDEN)["b"][0] == most_a
