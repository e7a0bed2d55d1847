"""What a battery gives from full to empty is measured while it discharges, or not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import Mark, SlotSeries
from custom_components.home_flex.core.statistics.usable_capacity import usable_capacity


def series(values: list[int | None], mark: Mark = Mark.MEASURED) -> SlotSeries:
    marks = tuple(Mark.MISSING if value is None else mark for value in values)
    return SlotSeries(first_slot=0, values=tuple(values), marks=marks)


def falling(times: int, *, fall: int = 50, wh: int = 450) -> tuple[SlotSeries, SlotSeries, SlotSeries]:
    """Return a battery that falls from full to empty in steps, and is full again, some times."""
    levels = list(range(1000, -1, -fall)) * times
    given_wh = [0 if level == 1000 else wh for level in levels]
    charged = [9000 if level == 1000 else 0 for level in levels]
    return series(levels), series(charged), series(given_wh)  # type: ignore[arg-type] # whole numbers


def test_a_battery_that_gives_9_kwh_from_full_to_empty_has_them() -> None:
    found = usable_capacity(*falling(3))

    assert found is not None
    assert (found.energy_wh, found.discharges) == (9000, 3.0)
    # Levels in whole percent: one step in each of three whole falls.
    assert found.error_share == pytest.approx(0.01)


def test_below_one_whole_discharge_nothing_is_known() -> None:
    held, charged, given_wh = falling(1)
    assert usable_capacity(held.between(0, 15), charged, given_wh) is None


@pytest.mark.parametrize("which", [0, 1, 2])
def test_what_is_not_measured_counts_for_nothing(which: int) -> None:
    of_it = list(falling(3))
    of_it[which] = SlotSeries(
        first_slot=0, values=of_it[which].values, marks=(Mark.ESTIMATED,) * len(of_it[which])
    )
    assert usable_capacity(*of_it) is None


def test_falls_that_are_short_say_nothing() -> None:
    """A level that falls a tenth between charges is told in steps too coarse."""
    held = series([500, 450, 400] * 30)
    charged, given_wh = series([900, 0, 0] * 30), series([0, 450, 450] * 30)
    assert usable_capacity(held, charged, given_wh) is None


@given(st.integers(1, 40), st.integers(2, 6), st.sampled_from([10, 20, 25, 40, 50]))
def test_it_is_what_was_given_for_a_whole_fall_whatever_the_pace(wh: int, times: int, fall: int) -> None:
    found = usable_capacity(*falling(times, fall=fall, wh=wh))

    assert found is not None
    assert found.energy_wh == round(wh * 1000 / fall)


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 1000), st.none() | st.integers(0, 500), st.none() | st.integers(0, 500)
        ),
        max_size=60,
    )
)
def test_whatever_a_battery_told_it_is_a_capacity_or_nothing(
    told: list[tuple[int | None, int | None, int | None]],
) -> None:
    held, charged, given_wh = (series([row[part] for row in told]) for part in range(3))

    found = usable_capacity(held, charged, given_wh)

    assert found is None or (found.energy_wh >= 0 and found.discharges >= 1)
