"""Properties of the decision: no ring starts before its turn, whatever homes do."""

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fleet.rings import (
    RINGS,
    Action,
    Finished,
    Gate,
    Health,
    Home,
    Pin,
    Progress,
    Ring,
    RingProgress,
    Stop,
    Wait,
    assign,
    step,
)
from fleet.season import Season, is_frozen
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
GATE = Gate(failing_share=0.05, update_within=timedelta(hours=6))
SOAK = {ring.name: ring.soak for ring in RINGS}
ORDER = [ring.name for ring in RINGS]

healths = st.sampled_from(Health)


class Fleet:
    """Homes that do as they are told; the test says how they feel."""

    def __init__(self, size: int) -> None:
        rings = assign(((f"home-{number}", "pi", None) for number in range(size)), RINGS)
        self.homes = {
            ven_id: Home(ven_id=ven_id, ring=ring, is_pinned=False, is_running=False, health=Health.HEALTHY)
            for ven_id, ring in rings.items()
        }
        self.progress = Progress()
        self.now = NOW
        self.soaked: dict[str, datetime] = {}

    def step(self, *, frozen: bool = False) -> Action:
        self.progress, action = step(
            self.progress, self.homes.values(), rings=RINGS, gate=GATE, now=self.now, frozen=frozen
        )
        if isinstance(action, Pin):
            for ven_id in action.ven_ids:
                self.homes[ven_id] = replace(self.homes[ven_id], is_pinned=True)
        return action

    def update(self) -> None:
        """Let every home that was told to run the release run it."""
        self.homes = {ven_id: replace(home, is_running=home.is_pinned) for ven_id, home in self.homes.items()}

    def feel(self, ven_id: str, health: Health) -> None:
        self.homes[ven_id] = replace(self.homes[ven_id], health=health)

    def pinned(self) -> Counter[str]:
        return Counter(home.ring for home in self.homes.values() if home.is_pinned)


@given(
    size=st.integers(1, 60),
    hours=st.lists(st.integers(0, 30), min_size=1, max_size=40),
    moods=st.data(),
)
def test_a_ring_starts_only_after_every_ring_before_it_ran_the_release_and_stayed_healthy_for_its_soak(
    size: int, hours: list[int], moods: st.DataObject
) -> None:
    fleet = Fleet(size)
    present = [ring for ring in ORDER if any(home.ring == ring for home in fleet.homes.values())]
    last_trouble = dict.fromkeys(present, NOW)
    for hour in hours:
        fleet.now += timedelta(hours=hour)
        if moods.draw(st.booleans()):
            fleet.update()
        for ven_id in moods.draw(st.lists(st.sampled_from(sorted(fleet.homes)), max_size=2)):
            fleet.feel(ven_id, moods.draw(healths))
        for ring in present:
            members = [home for home in fleet.homes.values() if home.ring == ring]
            good = sum(home.is_running and home.health is Health.HEALTHY for home in members)
            if not good:
                last_trouble[ring] = fleet.now
        action = fleet.step()
        if isinstance(action, Pin):
            for earlier in present[: present.index(action.ring)]:
                assert fleet.now - last_trouble[earlier] >= SOAK[earlier]
                assert fleet.progress.rings[earlier].healthy_since is not None


@given(size=st.integers(1, 300), minutes=st.integers(1, 60))
def test_a_release_that_breaks_every_home_reaches_the_first_ring_and_no_other(
    size: int, minutes: int
) -> None:
    fleet = Fleet(size)
    for _ in range(200):
        if isinstance(fleet.step(), Stop):
            break
        fleet.update()
        for home in list(fleet.homes.values()):
            fleet.feel(home.ven_id, Health.UNHEALTHY if home.is_running else Health.HEALTHY)
        fleet.now += timedelta(minutes=minutes)
    assert fleet.progress.stop is not None
    assert set(fleet.pinned()) == {"canary"}
    assert sum(fleet.pinned().values()) == math.ceil(size * 0.01)


@given(size=st.integers(1, 120))
def test_a_good_release_reaches_every_home_in_order(size: int) -> None:
    fleet = Fleet(size)
    started: list[str] = []
    for _ in range(40):
        action = fleet.step()
        if isinstance(action, Pin):
            started.append(action.ring)
        if isinstance(action, Finished):
            break
        fleet.update()
        fleet.now += timedelta(hours=12)
    assert isinstance(action, Finished)
    assert started == sorted(started, key=ORDER.index)
    assert all(home.is_running for home in fleet.homes.values())


@given(size=st.integers(1, 120), hours=st.lists(st.integers(0, 48), max_size=20))
def test_in_a_frozen_season_no_home_is_told_anything(size: int, hours: list[int]) -> None:
    fleet = Fleet(size)
    for hour in hours:
        fleet.now += timedelta(hours=hour)
        assert isinstance(fleet.step(frozen=True), Wait)
    assert not fleet.pinned()


def test_the_watch_over_started_rings_goes_on_in_a_frozen_season() -> None:
    fleet = Fleet(10)
    fleet.step()
    fleet.update()
    fleet.feel(next(home.ven_id for home in fleet.homes.values() if home.is_pinned), Health.SILENT)
    assert isinstance(fleet.step(frozen=True), Stop)


def test_a_ring_soaks_for_its_whole_time_after_its_last_home_has_updated() -> None:
    fleet = Fleet(10)
    fleet.step()
    fleet.now += timedelta(hours=5)
    assert isinstance(fleet.step(), Wait)
    fleet.update()
    fleet.now += timedelta(minutes=30)
    waiting = fleet.step()
    assert isinstance(waiting, Wait)
    assert waiting.until == fleet.now + SOAK["canary"]
    fleet.now += SOAK["canary"] - timedelta(seconds=1)
    assert isinstance(fleet.step(), Wait)
    fleet.now += timedelta(seconds=1)
    assert isinstance(fleet.step(), Pin)


def test_homes_that_do_not_update_in_time_stop_the_rollout() -> None:
    fleet = Fleet(10)
    fleet.step()
    fleet.now += GATE.update_within + timedelta(seconds=1)
    stop = fleet.step()
    assert isinstance(stop, Stop)
    assert set(stop.failing.values()) == {"not updated in time"}


def test_an_earlier_ring_that_falls_ill_later_stops_the_rollout_as_well() -> None:
    fleet = Fleet(200)
    for _ in range(10):
        fleet.step()
        if fleet.pinned()["early"]:
            break
        fleet.update()
        fleet.now += timedelta(hours=12)
    fleet.feel(next(home.ven_id for home in fleet.homes.values() if home.ring == "canary"), Health.UNHEALTHY)
    stop = fleet.step()
    assert isinstance(stop, Stop)
    assert stop.ring == "canary"


def test_without_a_healthy_home_to_learn_from_a_ring_does_not_start() -> None:
    fleet = Fleet(10)
    for ven_id in list(fleet.homes):
        fleet.feel(ven_id, Health.SILENT)
    assert isinstance(fleet.step(), Wait)
    assert not fleet.pinned()


@given(size=st.integers(1, 1000))
def test_rings_have_their_share_of_the_fleet_and_never_nobody(size: int) -> None:
    assigned = Counter(assign(((str(number), "pi", None) for number in range(size)), RINGS).values())
    assert assigned["lab"] == 0
    assert assigned["canary"] == math.ceil(0.01 * size)
    assert assigned["canary"] + assigned["early"] == max(math.ceil(0.1 * size), assigned["canary"])
    assert assigned.total() == size


@given(ven_ids=st.sets(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), min_size=1))
def test_the_ring_of_a_home_does_not_depend_on_the_order_in_which_homes_are_listed(
    ven_ids: set[str],
) -> None:
    listed = [(ven_id, "pi", None) for ven_id in sorted(ven_ids)]
    assert assign(listed, RINGS) == assign(reversed(listed), RINGS)


def test_a_tag_decides_the_ring_and_every_kind_of_hardware_has_a_canary() -> None:
    homes = [(str(number), "pi" if number % 2 else "nuc", None) for number in range(100)]
    assigned = assign([*homes, ("mine", "pi", "lab")], RINGS)
    assert assigned["mine"] == "lab"
    kinds = {kind for ven_id, kind, _ in homes if assigned[ven_id] == "canary"}
    assert kinds == {"pi", "nuc"}


@pytest.mark.parametrize(
    ("day", "frozen"),
    [
        (date(2026, 11, 30), False),
        (date(2026, 12, 1), True),
        (date(2027, 2, 28), True),
        (date(2027, 3, 1), False),
    ],
)
def test_a_season_may_pass_over_new_year_and_holds_both_its_ends(day: date, *, frozen: bool) -> None:
    assert is_frozen([Season.parse("12-01/02-28")], day) is frozen


@pytest.mark.parametrize(("ill", "stops"), [(1, False), (2, True)])
def test_as_many_as_may_fail_stop_nothing_and_one_more_does(ill: int, stops: bool) -> None:
    ring = Ring(name="all", share=1, soak=timedelta(hours=24))
    counted = [f"home-{number:02}" for number in range(20)]
    homes = [
        Home(
            ven_id=ven_id,
            ring="all",
            is_pinned=True,
            is_running=True,
            health=Health.UNHEALTHY if number < ill else Health.HEALTHY,
        )
        for number, ven_id in enumerate(counted)
    ]
    progress = Progress(rings={"all": RingProgress(started_at=NOW, counted=frozenset(counted))})
    _, action = step(progress, homes, rings=[ring], gate=Gate(), now=NOW, frozen=False)
    assert isinstance(action, Stop) is stops


@pytest.mark.parametrize(("hours", "stops"), [(1, False), (7, True)])
def test_a_home_that_does_not_run_the_release_is_not_ill_of_it_until_it_is_late(
    hours: int, stops: bool
) -> None:
    ring = Ring(name="all", share=1, soak=timedelta(hours=24))
    ill = Home(ven_id="home-1", ring="all", is_pinned=True, is_running=False, health=Health.UNHEALTHY)
    progress = Progress(rings={"all": RingProgress(started_at=NOW, counted=frozenset({"home-1"}))})
    later = NOW + timedelta(hours=hours)
    _, action = step(progress, [ill], rings=[ring], gate=GATE, now=later, frozen=False)
    assert isinstance(action, Stop) is stops


def test_after_a_resume_each_ring_that_began_soaks_anew() -> None:
    ring = RingProgress(started_at=NOW, counted=frozenset({"home-1"}), healthy_since=NOW)
    stopped = Progress(rings={"lab": ring}, stop=Stop(ring="lab", failing={"home-1": "silent"}, counted=1))
    assert stopped.resumed() == Progress(rings={"lab": replace(ring, healthy_since=None)})
