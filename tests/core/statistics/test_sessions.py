"""Charging sessions: from plug to unplug, from where the energy came, and what it cost, reckoned by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import Mark, SlotSeries
from custom_components.home_flex.core.statistics.sessions import Charged, HomeSlots, sessions_of, together

FIRST = 5_000_000


def series(*values: int | None) -> SlotSeries:
    return SlotSeries(
        first_slot=FIRST,
        values=values,
        marks=tuple(Mark.MISSING if value is None else Mark.MEASURED for value in values),
    )


def home(
    load: tuple[int | None, ...], direct: tuple[int, ...], imported: tuple[int, ...], **prices: str
) -> HomeSlots:
    def by_slot(value: str | None) -> dict[int, Decimal]:
        return {} if value is None else {FIRST + slot: Decimal(value) for slot in range(len(load))}

    return HomeSlots(
        load=series(*load),
        direct=series(*direct),
        imported=series(*imported),
        import_price=by_slot(prices.get("import_price")),
        export_price=by_slot(prices.get("export_price")),
        carbon=by_slot(prices.get("carbon")),
    )


NOBODY = home((), (), ())


def exactly(*values: float | str | Fraction) -> tuple[Fraction, ...]:
    return tuple(Fraction(value) for value in values)


@pytest.mark.parametrize(
    ("plugged", "expected"),
    [
        ([0, 200, 300, 100, 0], [(1, 4, False)]),
        ([0, 0, 0], []),
        ([0, 300, 300], [(1, 3, True)]),
        ([300, 0, 120, 300, 0], [(0, 1, False), (2, 4, False)]),
        ([0, 300, 180, 300, 300, 0], [(1, 3, False), (3, 5, False)]),
        ([0, 300, None, None, 300, 0], [(1, 5, False)]),
        ([0, 300, *(None,) * 13, 300, 0], [(1, 2, False), (15, 16, False)]),
        ([0, 299, 299, 300, 0], [(1, 4, False)]),
        ([0, 300, 290, 300, 0], [(1, 3, False), (3, 4, False)]),
    ],
    ids=[
        "one that came and left",
        "none",
        "one that is still there",
        "one that was there at first, and another",
        "two cars in one slot",
        "a charger that was not heard of for a while",
        "one that was not heard of for more than an hour",
        "seconds that are counted short",
        "two cars within ten seconds",
    ],
)
def test_a_session_is_from_plug_to_unplug(
    plugged: list[int | None], expected: list[tuple[int, int, bool]]
) -> None:
    found = sessions_of(series(*plugged), series(*(None for _ in plugged)), NOBODY)
    assert [(one.first_slot - FIRST, one.end_slot - FIRST, one.is_open) for one in found] == expected


# First slot: the home uses 1,000 Wh, 400 from the sun, 500 from the grid, 100 from the battery, and the car
# has 500 of them. Second slot: 800 Wh, all from the grid, and the car has 600 of them.
def test_what_a_car_took_comes_from_where_all_came() -> None:
    where = home((1000, 800), (400, 0), (500, 800), import_price="0.30", export_price="0.10", carbon="200")
    (session,) = sessions_of(series(300, 300), series(500, 600), where)
    found = session.charged
    assert found.energy_wh == 1100
    assert (found.sun_wh, found.grid_wh) == exactly(200, 850)
    assert found.sun_share == Fraction(2, 11)
    # 0.85 kWh at 0.30; 0.25 kWh of sun and battery at 0.10; 0.85 kWh at 200 g.
    assert (found.cost, found.not_sold, found.carbon_g) == exactly("0.255", "0.025", 170)


def test_while_the_battery_charges_from_the_grid_that_is_not_the_cars() -> None:
    (session,) = sessions_of(series(300), series(500), home((1000,), (400,), (2600,), import_price="0.30"))
    assert (session.charged.sun_wh, session.charged.grid_wh) == exactly(200, 300)


def test_what_is_not_known_is_in_no_sum_and_told() -> None:
    where = home((1000, None, 1000), (0, 0, 0), (1000, 0, 1000))
    (session,) = sessions_of(series(300, 300, 300), series(500, 500, None), where)
    found = session.charged
    assert (found.energy_wh, found.sourced_wh) == (1000, 500)
    assert (found.known_slots, found.unknown_slots) == (2, 1)
    assert (found.grid_wh, found.priced_wh, found.carbon_wh, found.cost) == exactly(500, 0, 0, 0)


def test_at_a_negative_price_charging_earns() -> None:
    (session,) = sessions_of(series(300), series(900), home((1000,), (0,), (1000,), import_price="-0.05"))
    assert session.charged.cost == Fraction("-0.045")


SLOTS = st.tuples(*(st.integers(0, 900),) * 4)


@given(st.lists(SLOTS, min_size=1, max_size=20), st.integers(1, 19))
def test_sessions_add_up_to_what_was_charged(rows: list[tuple[int, int, int, int]], cut: int) -> None:
    load, direct, imported, car = zip(*rows, strict=True)
    where = home(load, direct, imported, import_price="0.28734", export_price="-0.01")
    there = [300] * len(rows)
    (whole,) = sessions_of(series(*there), series(*car), where)
    parted = sessions_of(
        series(*(100 if slot == cut else 300 for slot in range(len(rows)))), series(*car), where
    )
    assert together(parted) == whole.charged
    assert whole.charged.energy_wh == sum(car)
    assert 0 <= whole.charged.sun_wh + whole.charged.grid_wh <= whole.charged.sourced_wh
    assert together([]) == Charged()
