"""Signals of several sources or times made one."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.signals import SignalError, holes, overlay

from .signals import NOON, prices, slots

HOUR = timedelta(hours=1)
MINUTES = st.integers(min_value=0, max_value=300).map(lambda minutes: NOON + timedelta(minutes=minutes))


def test_what_is_newer_holds_where_both_say_something() -> None:
    signal = overlay(prices(*slots(["0.1", "0.2", "0.3"])), prices(*slots(["0.9"], start=NOON + HOUR)))
    assert [slot.value for slot in signal.slots] == [Decimal("0.1"), Decimal("0.9"), Decimal("0.3")]


def test_what_is_only_repeated_was_known_before() -> None:
    later = [replace(slot, known_at=NOON + HOUR) for slot in slots(["0.1", "0.3"])]
    signal = overlay(prices(*slots(["0.1", "0.2"])), prices(*later))
    assert [slot.known_at for slot in signal.slots] == [NOON, NOON + HOUR]


def test_a_quarter_cuts_the_hour_below_it() -> None:
    quarter = slots(["0.9"], start=NOON + timedelta(minutes=15), minutes=15)
    signal = overlay(prices(*slots(["0.1"])), prices(*quarter))
    assert [(slot.end - slot.start, slot.value) for slot in signal.slots] == [
        (timedelta(minutes=15), Decimal("0.1")),
        (timedelta(minutes=15), Decimal("0.9")),
        (timedelta(minutes=30), Decimal("0.1")),
    ]


def test_other_units_are_not_laid_over_each_other() -> None:
    with pytest.raises(SignalError, match="other_unit"):
        overlay(prices(), replace(prices(), unit="SEK/kWh"))


@given(start=MINUTES, moment=MINUTES, minutes=st.sampled_from([5, 15, 60]))
def test_each_moment_has_what_lies_above(start: datetime, moment: datetime, minutes: int) -> None:
    below = prices(*slots(["0.1", "0.2", "0.3", "0.4"]))
    above = prices(*slots(["0.7", "0.8"], start=start, minutes=minutes))
    both = overlay(below, above)
    wanted = above.at(moment) or below.at(moment)
    found = both.at(moment)
    assert (found and found.value) == (wanted and wanted.value)
    assert all(before.end <= after.start for before, after in pairwise(both.slots))


def test_laying_as_much_again_over_as_much_takes_twice_as_long_and_not_four_times() -> None:
    def best_s(count: int) -> float:
        below, above = (prices(*slots([value] * count, minutes=5)) for value in ("0.1", "0.2"))
        spent_s = []
        for _ in range(5):
            begun_s = process_time()
            assert overlay(below, above).slots == above.slots
            spent_s.append(process_time() - begun_s)
        return min(spent_s)

    assert best_s(4000) < 8 * best_s(1000)


def test_holes_are_what_no_slot_is_about() -> None:
    signal = prices(*slots(["0.1"], start=NOON + HOUR), *slots(["0.1"], start=NOON + 3 * HOUR))
    assert holes(signal, NOON, NOON + 5 * HOUR) == (
        (NOON, NOON + HOUR),
        (NOON + 2 * HOUR, NOON + 3 * HOUR),
        (NOON + 4 * HOUR, NOON + 5 * HOUR),
    )
