"""Turns among equals: how long they last, who swaps with whom, and how long somebody waits."""

from collections.abc import Iterator

import pytest

from custom_components.home_flex.core.control.charging.turns import Turns, kept, swapped, turn_s


def always(_going: str, _coming: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("places", "cars", "length_s"),
    [
        (1, 2, 840.0),
        (2, 3, 1680.0),
        (2, 5, 560.0),
        (3, 5, 1260.0),
        (4, 5, 1800.0),  # would be 56 min
        (1, 5, 480.0),  # would be 3.5 min
        (3, 3, 1800.0),
        (0, 2, 1800.0),
    ],
)
def test_length_of_a_turn(places: int, cars: int, length_s: float) -> None:
    assert turn_s(places, cars) == length_s


def lived(places: int, cars: int, seconds: int) -> Iterator[tuple[int, set[str]]]:
    names = [f"car {index}" for index in range(cars)]
    turns, running = Turns(), names[:places]
    for now_s in range(seconds):
        turns = swapped(turns, always, float(now_s))
        running = [car for car in names if car in turns.places] or running
        turns = kept(turns, running, [car for car in names if car not in running], float(now_s))
        yield now_s, set(running)


@pytest.mark.parametrize(("places", "cars"), [(1, 2), (2, 3), (2, 5), (3, 5), (4, 5)])
def test_nobody_waits_longer_than_fourteen_minutes_and_one_swaps_at_a_time(places: int, cars: int) -> None:
    ran_s = {f"car {index}": 0 for index in range(cars)}
    before: set[str] | None = None
    for now_s, running in lived(places, cars, 8 * 3600):
        assert len(running) == places
        assert before is None or len(running - before) <= 1
        before = running
        for car, last_s in ran_s.items():
            assert now_s - last_s <= 841
            if car in running:
                ran_s[car] = now_s


def test_who_waited_longest_comes_in_for_who_ran_longest() -> None:
    turns = Turns(places={"b": 0.0, "a": 10.0}, waits={"c": 5.0, "d": 1.0}, contested_s=0.0)

    after = swapped(turns, always, 10_000.0)

    assert after == Turns(
        places={"a": 10.0, "d": 10_000.0},
        waits={"c": 5.0, "b": 10_000.0},
        swapped_s=10_000.0,
        contested_s=0.0,
    )


def test_nobody_swaps_before_the_turn_is_over() -> None:
    turns = Turns(places={"a": 0.0}, waits={"b": 0.0}, contested_s=100.0)

    assert swapped(turns, always, 939.0) is turns
    assert set(swapped(turns, always, 940.0).places) == {"b"}


def test_a_place_is_kept_since_it_was_taken_and_is_contested_while_somebody_waits() -> None:
    alone = kept(Turns(swapped_s=7.0), ["a"], [], 10.0)
    contested = kept(alone, ["a"], ["b"], 20.0)

    assert alone == Turns(places={"a": 10.0}, swapped_s=7.0)
    assert contested == Turns(places={"a": 10.0}, waits={"b": 20.0}, swapped_s=7.0, contested_s=20.0)
    assert kept(contested, ["a"], ["b"], 30.0) == contested
    assert kept(contested, ["a"], [], 40.0) == alone
    assert kept(Turns(), [], ["b"], 50.0).contested_s is None


def test_another_goes_when_the_first_would_not_make_room() -> None:
    turns = Turns(places={"a": 0.0, "b": 10.0}, waits={"c": 5.0}, contested_s=0.0)

    after = swapped(turns, lambda going, coming: (going, coming) == ("b", "c"), 10_000.0)

    assert set(after.places) == {"a", "c"}
