"""Means and quantiles of weighted values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.forecast.outlook import weighted_mean, weighted_quantiles

LEVELS = (0.1, 0.5, 0.9)
VALUES = st.lists(st.floats(min_value=-1e4, max_value=1e4), min_size=1, max_size=30)


@given(values=VALUES)
def test_quantiles_of_equal_weights_are_those_of_the_textbook(values: list[float]) -> None:
    """Hazen's: the i-th of n values stands at (i - 0.5) / n."""
    column = np.array(values)[:, np.newaxis]
    found = weighted_quantiles(column, np.ones((len(values), 1)), LEVELS)[:, 0]
    assert found == pytest.approx(np.quantile(values, LEVELS, method="hazen"), abs=1e-6)


@given(values=VALUES, twice=st.integers(min_value=0, max_value=29))
def test_a_value_of_weight_two_stands_between_two_of_weight_one(values: list[float], twice: int) -> None:
    index = twice % len(values)
    weights = np.ones((len(values), 1))
    weights[index] = 2
    doubled = np.array([*values, values[index]])[:, np.newaxis]
    (found,) = weighted_mean(np.array(values)[:, np.newaxis], weights)
    assert found == pytest.approx(doubled.mean(), abs=1e-6)


@given(values=VALUES, data=st.data())
def test_what_is_unknown_or_weighs_nothing_does_not_count(values: list[float], data: st.DataObject) -> None:
    extra = data.draw(st.lists(st.sampled_from([np.nan, 123.0]), max_size=5))
    column = np.array([*values, *extra])[:, np.newaxis]
    weights = np.array([1.0] * len(values) + [0.0 if value == 123.0 else 1.0 for value in extra])[
        :, np.newaxis
    ]
    alone = np.array(values)[:, np.newaxis]
    assert weighted_quantiles(column, weights, LEVELS) == pytest.approx(
        weighted_quantiles(alone, np.ones_like(alone), LEVELS)
    )


def test_nothing_known_has_no_mean_and_no_quantile() -> None:
    nothing = np.full((3, 2), np.nan)
    assert np.isnan(weighted_quantiles(nothing, np.ones((3, 1)), LEVELS)).all()
    assert np.isnan(weighted_mean(nothing, np.ones((3, 1)))).all()
