"""What is learned from outlooks of the last weeks."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from custom_components.home_flex.core.forecast import History
from custom_components.home_flex.core.forecast.blend import blended, unbiased
from custom_components.home_flex.core.forecast.error_paths import error_paths
from custom_components.home_flex.core.forecast.outlook import LEVELS, Outlook
from custom_components.home_flex.core.forecast.quality import Yesterday, quality
from custom_components.home_flex.core.forecast.tracks import Track, made_at, track, widened

from .made_up import MONDAY, history

STEPS = 48
RNG = np.random.default_rng(3)
NOISE = History(start=MONDAY, step_s=1800, values_w=RNG.normal(1000, 200, 48 * 60))
ALL = slice(None)


@dataclass
class Always:
    """An outlook that is the same always, as far as it is off."""

    expected_w: float
    band_w: float = 10.0

    def at(self, first: int, steps: int) -> Outlook | None:
        expected = np.full(steps, self.expected_w)
        quantiles = {
            level: expected + off * self.band_w for level, off in zip(LEVELS, (-1, 0, 1), strict=True)
        }
        return Outlook(first=first, expected_w=expected, quantiles_w=quantiles)


def tracked(ways: Always, known: History = NOISE) -> Track:
    return track(ways, known, made_at(known), STEPS, source="always")


def test_outlooks_are_made_every_three_hours_and_now() -> None:
    known = NOISE.until(48 * 60 - 5)
    firsts = made_at(known) - known.base
    assert firsts[-1] == len(known)
    assert set(np.diff(firsts[:-1])) == {6}
    assert firsts[0] == pytest.approx(48 * 4, abs=6)


def test_a_row_learns_only_from_rows_that_were_over_before_it() -> None:
    found = tracked(Always(1000))
    for row in (0, 100, len(found.firsts) - 1):
        learned = found.firsts[found.learned_from(row)]
        assert (learned + STEPS <= found.firsts[row]).all()
        assert (learned >= found.firsts[row] - 28 * 48).all()


def test_what_lies_ahead_is_not_measured() -> None:
    assert np.isnan(tracked(Always(1000)).measured_w[-1]).all()


def test_a_round_takes_over_what_the_one_before_made() -> None:
    before = tracked(Always(1000), NOISE.until(48 * 59))
    found = track(Always(5), NOISE, made_at(NOISE), STEPS, source="always", before=before)
    assert found.expected_w[0, 0] == 1000
    assert found.expected_w[-1, 0] == 5
    assert found.measured_w[found.firsts == before.firsts[-1]] == pytest.approx(NOISE.values_w[-48:][None, :])


def test_a_band_that_is_too_narrow_is_widened_until_it_covers() -> None:
    narrow = tracked(Always(1000))
    naive = track(Yesterday(history=NOISE), NOISE, made_at(NOISE), STEPS, source="yesterday")
    rows = naive.learned_from(-1)
    before, after = quality(narrow, naive, rows), quality(widened(narrow), naive, rows)
    assert before is not None
    assert after is not None
    assert before.coverage == pytest.approx(0.04, abs=0.03)
    assert after.coverage == pytest.approx(0.8, abs=0.05)


def test_quality_says_what_was_missed() -> None:
    known = history(lambda _time: 500.0, 60)
    naive = track(Yesterday(history=known), known, made_at(known), STEPS, source="yesterday")
    found = quality(tracked(Always(400), known), naive, ALL)
    assert found is not None
    assert (found.mae_w, found.rmse_w, found.bias_w) == pytest.approx((100, 100, 100))
    assert found.naive_mae_w == 0
    assert found.is_worse_than_naive
    # 0.1 x 110, 0.5 x 100 and 0.9 x 90, a third each.
    assert found.pinball_w == pytest.approx((11 + 50 + 81) / 3)
    assert found.coverage == 0


def test_only_what_counts_is_judged() -> None:
    known = history(lambda time: 500.0 if time.hour < 12 else 0.0, 60)
    naive = track(Yesterday(history=known), known, made_at(known), STEPS, source="yesterday")
    found = quality(tracked(Always(500), known), naive, ALL, (naive.measured_w > 0).astype(np.float64))
    assert found is not None
    assert found.mae_w == 0


def test_a_bias_that_lasts_is_taken_away() -> None:
    found = unbiased(tracked(Always(800)))
    assert found.expected_w[0, 0] == 800
    assert found.expected_w[-1] == pytest.approx(1000, rel=0.02)


def test_a_bias_that_turned_is_left_alone() -> None:
    """The older half says one thing, the newer another: the factor would have made it worse."""
    values = np.where(np.arange(48 * 60) < 48 * 46, 400.0, 1000.0)
    known = History(start=MONDAY, step_s=1800, values_w=values)
    assert unbiased(tracked(Always(800), known)).expected_w[-1] == pytest.approx(800)


@pytest.mark.parametrize(
    ("own_w", "other_w", "low_w", "high_w"), [(1000, 2000, 1000, 1060), (2000, 1000, 1000, 1060)]
)
def test_a_blend_leans_on_what_proved_itself(
    own_w: float, other_w: float, low_w: float, high_w: float
) -> None:
    found = blended(tracked(Always(own_w)), tracked(Always(other_w)))
    assert low_w < found.expected_w[-1].mean() < high_w
    assert found.expected_w[0] == pytest.approx(own_w)
    assert found.source == "blend"


def test_where_the_other_says_nothing_a_blend_is_ones_own() -> None:
    other = tracked(Always(1000))
    silent = other.expected_w.copy()
    silent[-1, 10:] = np.nan
    found = blended(tracked(Always(2000)), replace(other, expected_w=silent))
    assert found.expected_w[-1, 10:] == pytest.approx(2000)
    assert found.expected_w[-1, :10].max() < 1100


def test_error_paths_are_what_past_days_missed_at_the_same_time_of_day() -> None:
    """Each day is off by its number, so each path tells which day it is of."""
    known = history(lambda time: 500.0 + (time - MONDAY).days, 40).until(48 * 40 - 13)
    paths = error_paths(track(Always(500), known, made_at(known), STEPS + 6, source="always"), STEPS, 5)
    assert len(paths) == 5
    for back, path in zip(range(2, 7), paths, strict=True):
        assert path[0] == 39 - back
        assert path[-1] == 40 - back


def test_days_of_which_too_much_is_unknown_make_no_path() -> None:
    values = NOISE.values_w.copy()
    values[-48 * 4 : -48 * 3] = np.nan
    known = History(start=MONDAY, step_s=1800, values_w=values)
    assert (
        len(error_paths(tracked(Always(1000), known), STEPS, 30))
        == len(error_paths(tracked(Always(1000)), STEPS, 30)) - 1
    )


def test_yesterday_is_as_the_last_day_that_was_measured() -> None:
    known = history(lambda time: float((time - MONDAY).days * 100 + time.hour), 3)
    values = known.values_w.copy()
    values[-10:] = np.nan
    outlook = Yesterday(history=History(start=MONDAY, step_s=1800, values_w=values)).at(48 * 3, 96)
    assert outlook is not None
    assert outlook.expected_w[0] == 200
    assert outlook.expected_w[47] == 123
    assert outlook.expected_w[:48] == pytest.approx(outlook.expected_w[48:])
