"""Communities that hypothesis draws, and one that can be followed by hand."""

import numpy as np
from community_hub.arrays import Whole
from community_hub.market.sharing import Slots
from hypothesis import strategies as st


@st.composite
def communities(draw: st.DrawFn) -> Slots:
    """Return some quarter-hours of up to eight homes; prices also cross, keys do not sum to a whole."""
    homes, slots = draw(st.integers(0, 8)), draw(st.integers(1, 4))
    energies = st.lists(st.integers(0, 3000) | st.just(0), min_size=homes, max_size=homes)
    prices = st.lists(st.integers(-200_000, 500_000), min_size=slots, max_size=slots)
    own_prices = st.none() | st.lists(st.integers(-200_000, 500_000), min_size=homes, max_size=homes)
    bids, asks = draw(own_prices), draw(own_prices)
    return Slots(
        homes=tuple(f"home-{number}" for number in range(homes)),
        first_slot=draw(st.integers(0, 100)),
        demand_wh=_array([draw(energies) for _ in range(slots)], (slots, homes)),
        surplus_wh=_array([draw(energies) for _ in range(slots)], (slots, homes)),
        buy_micro=np.array(draw(prices)),
        feed_in_micro=np.array(draw(prices)),
        key_ppm=_given(draw(st.none() | _keys(homes))),
        bid_micro=_given(bids),
        ask_micro=_given(asks),
        seed=draw(st.text("ab", max_size=2)),
    )


def _keys(homes: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 1_000_000 // max(homes, 1)), min_size=homes, max_size=homes)


def _array(rows: list[list[int]], shape: tuple[int, int]) -> Whole:
    return np.array(rows, dtype=np.int64).reshape(shape)


def _given(row: list[int] | None) -> Whole | None:
    return None if row is None else np.array(row, dtype=np.int64)


def three_homes() -> Slots:
    """Return one quarter-hour: ann and bob use 300 and 100 Wh, cy gives 200; 0.30 and 0.10 a kWh."""
    return Slots(
        homes=("ann", "bob", "cy"),
        first_slot=0,
        demand_wh=np.array([[300, 100, 0]]),
        surplus_wh=np.array([[0, 0, 200]]),
        buy_micro=np.array([300_000]),
        feed_in_micro=np.array([100_000]),
    )
