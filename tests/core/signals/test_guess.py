"""Prices beyond those published."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.signals import (
    bars,
    holes,
    summary,
    with_guess,
)

from .signals import NOON, prices, slots

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
# Four weeks that end with Saturday noon; the price is that of the hour.
PAST = prices(*slots([f"0.{10 + (13 + hour) % 24}" for hour in range(28 * 24)], start=NOON - 28 * DAY))


def test_what_is_not_published_is_guessed_from_the_same_hour_of_days_before() -> None:
    published = prices(*slots(["0.5", "0.6"]))
    signal = with_guess(published, PAST, NOON, NOON + 2 * DAY, BERLIN)
    assert holes(signal, NOON, NOON + 2 * DAY) == ()
    assert signal.known_until == NOON + timedelta(hours=2)
    third = signal.at(NOON + timedelta(hours=2))
    assert third is not None
    assert third.guessed
    assert third.source == "guess"
    assert float(third.value) == pytest.approx(0.25)


def test_what_is_published_is_never_guessed_over() -> None:
    published = prices(*slots(["0.5", "0.6"]))
    signal = with_guess(published, PAST, NOON, NOON + DAY, BERLIN)
    assert [slot for slot in signal.slots if not slot.guessed] == list(published.slots)


def test_the_same_weekday_counts_most() -> None:
    past = prices(
        *slots(["0.9"], start=NOON - 7 * DAY), *slots(["0.1"], start=NOON - 5 * DAY)
    )  # last Sunday, and a Tuesday
    guess = with_guess(prices(), past, NOON, NOON + timedelta(hours=1), BERLIN).at(NOON)
    assert guess is not None
    assert 0.7 < float(guess.value) < 0.9


def test_what_a_day_tells_is_halved_for_each_fortnight() -> None:
    past = prices(*slots(["0.1"], start=NOON - 28 * DAY), *slots(["0.4"], start=NOON - 14 * DAY))
    guess = with_guess(prices(), past, NOON, NOON + timedelta(hours=1), BERLIN).at(NOON)
    assert guess is not None
    assert float(guess.value) == pytest.approx((0.4 * 0.5 + 0.1 * 0.25) / 0.75)


def test_without_a_past_there_is_a_hole() -> None:
    assert with_guess(prices(), prices(), NOON, NOON + DAY, BERLIN).slots == ()


def test_guesses_do_not_feed_on_guesses() -> None:
    past = prices(*slots(["0.9"], start=NOON - DAY, guessed=True))
    assert with_guess(prices(), past, NOON, NOON + DAY, BERLIN).slots == ()


@given(values=st.lists(st.decimals(min_value=-1, max_value=1, places=4), min_size=48, max_size=48))
def test_a_guess_lies_between_what_was_seen(values: list[str]) -> None:
    past = prices(*slots([str(value) for value in values], start=NOON - 2 * DAY))
    signal = with_guess(prices(), past, NOON, NOON + DAY, BERLIN)
    assert len(signal.slots) == 96
    for slot in signal.slots:
        assert min(past.slots, key=lambda s: s.value).value - slot.value < 0.0001
        assert slot.value - max(past.slots, key=lambda s: s.value).value < 0.0001


def test_a_summary_says_when_it_is_cheap_and_when_dear() -> None:
    found = summary(prices(*slots(["0.36", "0.1", "0.5"])), NOON, 4)
    assert found is not None
    assert found.lowest.start == NOON + timedelta(hours=1)
    assert found.highest.start == NOON + timedelta(hours=2)
    assert float(found.mean) == pytest.approx(0.32)
    assert found.bars == "▆▁█·"
    assert found.known_until == NOON + timedelta(hours=3)


def test_nothing_known_has_no_summary() -> None:
    assert summary(prices(), NOON, 24) is None


@pytest.mark.parametrize(
    ("values", "drawn"), [([None, None], "··"), ([0.3, 0.3], "▅▅"), ([0.0, None, 1.0], "▁·█"), ([], "")]
)
def test_bars_go_from_the_lowest_to_the_highest(values: list[float | None], drawn: str) -> None:
    assert bars(values) == drawn
