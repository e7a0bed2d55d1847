"""What a resident may change, what ends by itself, and what is left then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from custom_components.home_flex.core.wishes import (
    AfterUnplug,
    BatteryWishes,
    ChargeMode,
    ChargerWishes,
    Ended,
    Export,
    ReadyBy,
    ReadyOnce,
    SiteWishes,
    WishError,
    Wishes,
    expired,
    next_change,
    pause,
    resume,
    set_away,
    set_charge_mode,
    set_currents,
    set_export,
    set_reserve,
)
from custom_components.home_flex.core.wishes.ends import plugged, unplugged
from custom_components.home_flex.core.wishes.ready_by import OVERDUE
from custom_components.home_flex.core.wishes.unplugging import Edge, Plug, watch

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
LATEST = NOW + timedelta(days=2)
LASTING = set_charge_mode(
    set_reserve(set_export(Wishes(), Export.LIMITED, limit_w=3000.0), "battery", 0.3),
    "car",
    ChargeMode.SURPLUS,
)

type Step = Callable[[Wishes, datetime | None], Wishes]

PASSING: dict[str, Step] = {
    "export": lambda wishes, until: set_export(wishes, Export.NEVER, until=until),
    "reserve": lambda wishes, until: set_reserve(wishes, "battery", 0.8, until=until),
    "charge_mode": lambda wishes, until: set_charge_mode(wishes, "car", ChargeMode.FAST, until=until),
    "paused": pause,
    "away": lambda wishes, until: set_away(wishes, away=True, until=until),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_wish_leaves_what_was_before_it(name: str) -> None:
    during = PASSING[name](LASTING, LATER)
    assert next_change(during) == LATER
    assert expired(during, LATER - timedelta(microseconds=1)) == (during, ())
    device_id = {"reserve": "battery", "charge_mode": "car"}.get(name, "")
    after, ended = expired(during, LATER)
    assert after == LASTING
    assert ended == (Ended(wish=name, device_id=device_id, at=LATER),)
    assert next_change(after) is None


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_wish_upon_another_still_returns_to_the_lasting_one(name: str) -> None:
    twice = PASSING[name](PASSING[name](LASTING, LATER), LATEST)
    assert next_change(twice) == LATEST
    assert expired(twice, LATEST)[0] == LASTING


@pytest.mark.parametrize("name", PASSING)
def test_a_lasting_wish_takes_the_end_away(name: str) -> None:
    lasting = PASSING[name](PASSING[name](LASTING, LATER), None)
    assert next_change(lasting) is None
    assert expired(lasting, LATEST) == (lasting, ())
    assert lasting != LASTING


def test_of_several_ends_the_nearest_counts_and_each_is_told() -> None:
    wishes = set_reserve(pause(LASTING, LATEST), "battery", 0.8, until=LATER)
    assert next_change(wishes) == LATER
    after, ended = expired(wishes, LATEST)
    assert after == LASTING
    assert [end.wish for end in ended] == ["reserve", "paused"]


def test_resuming_and_coming_home_take_the_end_away() -> None:
    wishes = resume(set_away(pause(LASTING, LATER), away=True, until=LATER))
    assert set_away(wishes, away=False) == LASTING


def test_a_limit_that_is_not_named_stays_as_it_is() -> None:
    assert set_export(LASTING, Export.LIMITED).site.export_limit_w == 3000.0


def test_a_limit_that_passes_comes_back_with_its_power() -> None:
    during = set_export(LASTING, Export.LIMITED, limit_w=500.0, until=LATER)
    assert during.site.export_limit_w == 500.0
    assert expired(during, LATER)[0] == LASTING


@pytest.mark.parametrize(
    "step",
    [
        lambda: set_reserve(Wishes(), "battery", 1.01),
        lambda: set_reserve(Wishes(), "battery", -0.01),
        lambda: set_reserve(Wishes(), "battery", float("nan")),
        lambda: set_export(Wishes(), Export.LIMITED, limit_w=-1.0),
        lambda: set_export(Wishes(), Export.LIMITED, limit_w=float("inf")),
    ],
)
def test_what_cannot_be_is_refused(step: Callable[[], Wishes]) -> None:
    with pytest.raises(WishError) as refusal:
        step()
    assert refusal.value.reason == "out_of_range"


def test_the_least_current_is_not_above_the_most() -> None:
    wishes = set_currents(Wishes(), "car", min_a=8.0, max_a=16.0)
    assert set_currents(wishes, "car", max_a=8.0).charger("car").max_current_a == 8.0
    with pytest.raises(WishError) as refusal:
        set_currents(wishes, "car", max_a=7.0)
    assert refusal.value.reason == "currents_crossed"


def test_restoring_the_reserve_is_left_as_it_is_unless_named() -> None:
    wishes = set_reserve(Wishes(), "battery", 0.5, restore=True)
    assert set_reserve(wishes, "battery", 0.4).battery("battery").restore_reserve
    assert not set_reserve(wishes, "battery", 0.4, restore=False).battery("battery").restore_reserve


SESSION = ChargerWishes(
    mode=ChargeMode.FAST,
    charge_now=True,
    session_limit_wh=5000.0,
    ready_by=ReadyBy(weekly_on=True, once=ReadyOnce(at=LATER)),
)


def test_with_the_car_goes_what_belonged_to_its_session() -> None:
    after = unplugged(SESSION, NOW)
    assert after == replace(
        SESSION,
        charge_now=False,
        session_limit_wh=None,
        ready_by=replace(SESSION.ready_by, once=None, settled=NOW),
    )


@pytest.mark.parametrize("mode", list(ChargeMode))
def test_the_mode_after_unplugging_is_taken_also_from_a_passing_mode(mode: ChargeMode) -> None:
    charger = replace(
        SESSION, after_unplug=AfterUnplug(mode), mode_until=LATER, mode_after=ChargeMode.SURPLUS
    )
    after = unplugged(charger, NOW)
    assert (after.mode, after.mode_until, after.mode_after) == (mode, None, None)


def test_a_car_that_comes_keeps_its_deadline_to_come_and_drops_the_one_it_missed() -> None:
    assert plugged(SESSION, NOW).ready_by.once == ReadyOnce(at=LATER)
    assert plugged(SESSION, LATER).ready_by.once is None
    assert plugged(SESSION, NOW).charge_now


def test_a_single_deadline_is_given_up_half_a_day_late() -> None:
    wishes = Wishes(chargers={"car": SESSION})
    assert next_change(wishes) == LATER + OVERDUE
    after, ended = expired(wishes, LATER + OVERDUE)
    assert after.charger("car").ready_by == ReadyBy(weekly_on=True)
    assert ended == (Ended(wish="ready_by", device_id="car", at=LATER + OVERDUE),)


@pytest.mark.parametrize(
    ("seen", "edges"),
    [
        ([(0, True), (1, False), (10.9, False)], []),
        ([(0, True), (1, False), (11, False)], [(11, Edge.UNPLUGGED)]),
        ([(0, True), (1, False), (11, False), (30, False)], [(11, Edge.UNPLUGGED)]),
        ([(0, True), (1, False), (9, True), (10, False), (19, False)], []),
        ([(0, True), (1, None), (60, None), (61, False), (65, False)], []),
        ([(0, True), (1, False), (2, None), (11, False), (20, False)], []),
        ([(0, True), (1, False), (2, None), (11, False), (21, False)], [(21, Edge.UNPLUGGED)]),
        ([(0, False), (60, False)], []),
        ([(0, None), (5, True)], []),
        ([(0, False), (5, True)], [(5, Edge.PLUGGED)]),
        ([(0, True), (1, False), (11, False), (12, True)], [(11, Edge.UNPLUGGED), (12, Edge.PLUGGED)]),
    ],
)
def test_a_car_has_come_or_left_when_that_is_proven_and_never_at_start_or_after_a_lost_link(
    seen: list[tuple[float, bool | None]], edges: list[tuple[float, Edge]]
) -> None:
    plug, found = Plug(), []
    for now_s, connected in seen:
        plug, edge = watch(plug, connected, now_s)
        if edge is not None:
            found.append((now_s, edge))
    assert found == edges


def test_defaults_are_those_of_a_home_that_asked_for_nothing() -> None:
    wishes = Wishes()
    assert wishes.site == SiteWishes()
    assert wishes.battery("any") == BatteryWishes(reserve=0.1)
    assert wishes.charger("any").ready_by.weekly[0].at == time(7)
    assert next_change(wishes) is None
