"""How often a source speaks: when it is late, and when it is lost."""

import pytest

from custom_components.home_flex.core.control.memory import Rhythm
from custom_components.home_flex.core.control.rhythm import heard, lost_after_s, period_s, stale_after_s


def test_the_rhythm_is_the_last_nine_gaps() -> None:
    rhythm = Rhythm()
    for at_s in (0.0, 1.0, 3.0, 6.0, *(6.0 + 10.0 * count for count in range(1, 9))):
        rhythm = heard(rhythm, at_s)
    assert rhythm == Rhythm(gaps_s=(3.0, *(10.0,) * 8), heard_s=86.0)


@pytest.mark.parametrize("at_s", [50.0, 49.0])
def test_what_was_heard_before_is_no_message(at_s: float) -> None:
    rhythm = Rhythm(gaps_s=(1.0,), heard_s=50.0)
    assert heard(rhythm, at_s) is rhythm


@pytest.mark.parametrize(("gaps_s", "period"), [((), 1.0), ((4.0,), 4.0), ((1.0, 9.0, 2.0), 2.0)])
def test_its_period_is_the_median_and_a_second_until_it_is_known(
    gaps_s: tuple[float, ...], period: float
) -> None:
    assert period_s(Rhythm(gaps_s=gaps_s)) == period


TEN = (10.0,) * 9
JITTERY = (6.0, 8.0, 10.0, 10.0, 10.0, 10.0, 10.0, 13.0, 19.0)


@pytest.mark.parametrize(
    ("gaps_s", "after_s"),
    [
        ((), 2.5),
        ((1.0,) * 9, 2.5),
        (TEN, 16.0),
        # The second largest less the second smallest gap is its jitter.
        (JITTERY, 21.0),
        ((6.0, 10.0, 19.0), 16.0),
        ((6.0, 10.0, 10.0, 19.0), 16.0),
        ((6.0, 8.0, 12.0, 19.0), 20.0),
    ],
)
def test_one_message_was_missed(gaps_s: tuple[float, ...], after_s: float) -> None:
    assert stale_after_s(Rhythm(gaps_s=gaps_s)) == pytest.approx(after_s)


@pytest.mark.parametrize(
    ("gaps_s", "least_s", "after_s"),
    [
        # Until three gaps are known, half a minute.
        ((1.0, 1.0), 10.0, 30.0),
        ((1.0, 1.0), 180.0, 180.0),
        ((1.0, 1.0, 1.0), 10.0, 10.0),
        ((1.0,) * 9, 10.0, 10.0),
        ((1.0,) * 9, 15.0, 15.0),
        (TEN, 10.0, 35.0),
        (JITTERY, 10.0, 40.0),
        ((60.0,) * 9, 10.0, 180.0),
        ((60.0,) * 9, 300.0, 300.0),
    ],
)
def test_a_source_is_lost_when_its_own_rhythm_is_missed(
    gaps_s: tuple[float, ...], least_s: float, after_s: float
) -> None:
    assert lost_after_s(Rhythm(gaps_s=gaps_s), least_s) == pytest.approx(after_s)


def test_the_meter_is_never_lost_within_ten_seconds() -> None:
    assert lost_after_s(Rhythm(gaps_s=(1.0,) * 9)) == 10.0
