"""An attacker adds, subtracts and averages all that was published in sixty days, and sees no home in it."""

from datetime import date

import numpy as np
from community_hub.privacy.cohorts import Cohort, published_together
from community_hub.privacy.publish import EPSILON, Key, Published, publish
from numpy.typing import NDArray

HOMES, HOURS = 60, 60 * 24
NAMES = tuple(f"home-{number:02}" for number in range(HOMES))
MONTH = date(2026, 11, 1)
NOTHING = Published(numbers_wh={}, spent={})


def _loads_wh() -> NDArray[np.int64]:
    """Return the hours of homes that share the evening and have habits of their own."""
    random = np.random.default_rng(11)
    hour = np.arange(HOURS) % 24
    evening = 300 + 500 * np.exp(-(((hour - 19) / 2.5) ** 2))
    habits = np.tile(random.random((HOMES, 24)) < 0.4, 60)
    own = random.gamma(1.0, 400, (HOMES, HOURS)) * habits
    return np.asarray(np.round(random.lognormal(0, 0.3, (HOMES, 1)) * evening + own), dtype=np.int64)


LOADS = _loads_wh()
# What is a home's own, beside what all homes do at that hour.
OWN = LOADS - LOADS.mean(axis=0)


def _cohort(name: str, homes: range) -> Cohort:
    return Cohort(id=name, month=MONTH, homes=frozenset(NAMES[number] for number in homes))


# The community, four parts of it, and what a curious operator would ask besides.
WANTED = [
    _cohort("all", range(HOMES)),
    *(_cohort(f"part-{number}", range(15 * number, 15 * number + 15)) for number in range(4)),
    *(_cohort(f"all-but-{left}", range(left)) for left in (59, 50)),
    _cohort("without-the-first", range(1, 15)),
    _cohort("sixteen", range(16)),
]


def _keys(cohort: Cohort) -> list[Key]:
    return [Key(cohort.id, "import", slot, 3600) for slot in range(HOURS)]


def _served(cohorts: list[Cohort], times: int = 1) -> NDArray[np.float64]:
    """Return the hours of each cohort as they are served, the mean of so many times asking."""
    random = np.random.default_rng(12)
    kept, answers = NOTHING, []
    for _ in range(times):
        for cohort in cohorts:
            members = [number for number, name in enumerate(NAMES) if name in cohort.homes]
            homes = tuple(NAMES[number] for number in members)
            kept = publish(kept, _keys(cohort), homes, LOADS[members], random.random)
        answers.append([[kept.numbers_wh[key] for key in _keys(cohort)] for cohort in cohorts])
    return np.asarray(np.mean(answers, axis=0))


def _found(cohorts: list[Cohort], served: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of each home's own with the best linear guess from what is served."""
    members = np.array([[name in cohort.homes for name in NAMES] for cohort in cohorts], dtype=np.float64)
    guesses = np.linalg.pinv(members.T) @ np.eye(HOMES)
    own_guess = guesses.T @ served
    own_guess -= own_guess.mean(axis=0)
    pairs = zip(own_guess, OWN, strict=True)
    return np.array([np.corrcoef(guess, own)[0, 1] if guess.std() else 0.0 for guess, own in pairs])


def test_without_the_rules_a_difference_shows_a_home() -> None:
    pair = [_cohort("all", range(HOMES)), _cohort("all-but-59", range(59))]
    exact = np.array([LOADS.sum(axis=0), LOADS[:59].sum(axis=0)])
    assert _found(pair, exact)[59] > 0.95


def test_with_them_no_home_is_seen_in_all_that_is_published() -> None:
    free, held = published_together(WANTED)
    assert [each.id for each in held] == ["all-but-59", "all-but-50", "without-the-first", "sixteen"]
    assert np.abs(_found(free, _served(free))).max() < 0.3


def test_who_asks_again_gets_the_same_number_and_learns_no_more() -> None:
    free, _ = published_together(WANTED)
    assert np.array_equal(_served(free, times=5), _served(free))


def test_what_is_published_of_a_day_is_of_use() -> None:
    free, _ = published_together(WANTED)
    days = _served(free)[1].reshape(60, 24).sum(axis=1)
    true = LOADS[:15].sum(axis=0).reshape(60, 24).sum(axis=1)
    assert np.abs(days / true - 1).mean() < 0.2


def test_what_each_home_spent_is_counted_once_a_number() -> None:
    keys = [Key("part-0", "import", slot, 3600) for slot in range(3)]
    random = np.random.default_rng(1)
    kept = publish(NOTHING, keys[:2], NAMES[:15], LOADS[:15, :2], random.random)
    again = publish(kept, keys, NAMES[:15], LOADS[:15, :3], random.random)
    assert again.spent == dict.fromkeys(NAMES[:15], 3 * EPSILON)
    assert [again.numbers_wh[key] for key in keys[:2]] == [kept.numbers_wh[key] for key in keys[:2]]
    assert publish(again, keys, NAMES[:15], LOADS[:15, :3], random.random) is again


def test_one_home_moves_a_number_by_no_more_than_its_bound() -> None:
    loads = LOADS[:15, :1].copy()
    loads[0] = 10**9
    key = [Key("part-0", "import", 0, 3600)]
    number = publish(NOTHING, key, NAMES[:15], loads, lambda count: np.full(count, 0.5)).numbers_wh[key[0]]
    assert abs(number - (int(LOADS[1:15, 0].sum()) + 4000)) <= 750
