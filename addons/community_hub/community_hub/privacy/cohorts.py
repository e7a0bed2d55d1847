"""Groups of homes whose sums may be published, and which sums may stand beside each other.

A sum is published of a frozen cohort only: at least 15 homes with complete data, none of which is more than a
quarter of it. And no set of published sums may give away a sum over fewer, by whatever weights they are added
and subtracted: a sum that would is held back (complementary suppression).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Final

import numpy as np

from ..arrays import Flags, Real, Whole

FEWEST_HOMES: Final = 15
LARGEST_SHARE: Final = 0.25
# From so many homes on quarter-hours are published; of fewer hours.
HOMES_FOR_QUARTERS: Final = 50
# Choices of so many small parts are tried, each by a rank.
_MOST_TRIED: Final = 10


class Withheld(StrEnum):
    """Why a sum is not published."""

    TOO_FEW_HOMES = "too_few_homes"
    INCOMPLETE = "incomplete"
    ONE_STANDS_OUT = "one_stands_out"
    GIVES_OTHERS_AWAY = "gives_others_away"
    NOT_FROZEN = "membership_changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cohort:
    """Homes that are summed up together from the first day of ``month`` until its end."""

    id: str
    month: date
    homes: frozenset[str]


def withheld(cohort: Cohort, before: Cohort | None, energy_wh: Whole, known: Flags) -> Withheld | None:
    """Return why a cohort's sum over a period is not published, None when it may be.

    ``before``: the cohort of this id that was published last; within a month it may not change. ``energy_wh``
    and ``known`` of shape (homes, slots) in the period.
    """
    if before is not None and before.month == cohort.month and before.homes != cohort.homes:
        return Withheld.NOT_FROZEN
    if len(cohort.homes) < FEWEST_HOMES or len(energy_wh) != len(cohort.homes):
        return Withheld.TOO_FEW_HOMES
    if not known.all():
        return Withheld.INCOMPLETE
    by_home = np.abs(energy_wh).sum(axis=1)
    if by_home.sum() == 0 or by_home.max() > LARGEST_SHARE * by_home.sum():
        return Withheld.ONE_STANDS_OUT
    return None


def resolution_s(homes: int) -> int | None:
    """Return in slots of which length a sum over so many homes may be published; None for too few."""
    if homes < FEWEST_HOMES:
        return None
    return 900 if homes >= HOMES_FOR_QUARTERS else 3600


def published_together(
    wanted: Sequence[Cohort], standing: Iterable[Cohort] = ()
) -> tuple[list[Cohort], list[Cohort]]:
    """Return (what may be published, what is held back) beside what stands; the first wanted goes first."""
    taken: list[frozenset[str]] = [each.homes for each in standing]
    free: list[Cohort] = []
    held: list[Cohort] = []
    for cohort in wanted:
        if gives_away([*taken, cohort.homes]) is None:
            taken.append(cohort.homes)
            free.append(cohort)
        else:
            held.append(cohort)
    return free, held


def gives_away(sums: Collection[frozenset[str]]) -> frozenset[str] | None:
    """Return fewer than 15 homes about which these sums together tell something of their own, None if none.

    Homes that are in the same sums are told apart by nothing: they are one part. Some weights of the sums
    leave just a few parts when, and only when, the sums without those parts are of lower rank. More small
    parts than can be tried are taken to give the smallest of them away.
    """
    rows = [homes for homes in sums if homes]
    patterns: dict[tuple[bool, ...], set[str]] = {}
    for home in sorted(frozenset().union(*rows)):
        patterns.setdefault(tuple(home in homes for homes in rows), set()).add(home)
    parts = list(patterns.values())
    matrix = np.array(list(patterns), dtype=np.float64).T
    rank = _rank(matrix)
    small = [index for index, part in enumerate(parts) if len(part) < FEWEST_HOMES]
    if len(small) > _MOST_TRIED:
        return frozenset(parts[min(small, key=lambda index: len(parts[index]))])
    for few in _together(parts, small):
        others = [index for index in range(len(parts)) if index not in few]
        if _rank(matrix[:, others]) < rank:
            return frozenset().union(*(parts[index] for index in few))
    return None


def _together(parts: Sequence[set[str]], small: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """Yield the choices of small parts that have together fewer than 15 homes, the fewest parts first."""
    for count in range(1, len(small) + 1):
        for chosen in combinations(small, count):
            if sum(len(parts[index]) for index in chosen) < FEWEST_HOMES:
                yield chosen


def _rank(matrix: Real) -> int:
    return int(np.linalg.matrix_rank(matrix)) if matrix.size else 0
