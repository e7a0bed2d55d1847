"""What a signal is, and what of it was known when."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.signals import SignalError, Slot

from .signals import NOON, prices, slots

HOUR = timedelta(hours=1)
(ONE,) = slots(["0.1"])


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ((replace(ONE, start=NOON.replace(tzinfo=None)),), "not_utc"),
        ((replace(ONE, end=ONE.end.astimezone(ZoneInfo("Europe/London"))),), "not_utc"),
        ((replace(ONE, end=NOON),), "no_length"),
        ((replace(ONE, value=Decimal("NaN")),), "not_finite"),
        ((ONE, replace(ONE, start=NOON + HOUR / 2)), "overlapping"),
    ],
)
def test_slots_that_are_none_are_refused(wrong: tuple[Slot, ...], problem: str) -> None:
    with pytest.raises(SignalError, match=problem):
        prices(*wrong)


def test_what_was_not_known_yet_is_not_there() -> None:
    later = replace(ONE, start=NOON + HOUR, end=NOON + 2 * HOUR, known_at=NOON + HOUR)
    assert prices(ONE, later).as_known(NOON).slots == (ONE,)


def test_a_part_is_cut_at_its_ends() -> None:
    part = prices(*slots(["0.1", "0.2", "0.3"])).between(NOON + HOUR / 2, NOON + 2 * HOUR)
    assert [(slot.start, slot.end) for slot in part.slots] == [
        (NOON + HOUR / 2, NOON + HOUR),
        (NOON + HOUR, NOON + 2 * HOUR),
    ]


def test_what_is_guessed_is_not_known() -> None:
    guess = replace(ONE, start=NOON + HOUR, end=NOON + 2 * HOUR, guessed=True)
    signal = prices(ONE, guess)
    assert signal.known_until == NOON + HOUR
    assert signal.end == NOON + 2 * HOUR
