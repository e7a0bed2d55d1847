"""Energy of a home: the balance holds to the watt-hour, and what is not known is not filled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import (
    ALL,
    Coverage,
    EnergyFigures,
    HomeSeries,
    Mark,
    SlotSeries,
    battery_figures,
    energy_figures,
)


def series(*values: int | None, slot_s: int = 300) -> SlotSeries:
    marks = tuple(Mark.MISSING if value is None else Mark.MEASURED for value in values)
    return SlotSeries(first_slot=0, values=values, marks=marks, slot_s=slot_s)


def figures(
    imported: list[int | None],
    exported: list[int | None],
    produced: list[int | None] | None = None,
    charged: list[int | None] | None = None,
    discharged: list[int | None] | None = None,
) -> EnergyFigures:
    def one(values: list[int | None] | None) -> dict[str, SlotSeries]:
        return {} if values is None else {ALL: series(*values)}

    home = HomeSeries(
        imports=one(imported),
        exports=one(exported),
        production=one(produced),
        charge=one(charged),
        discharge=one(discharged),
    )
    return energy_figures(home, 0, len(imported))


def test_without_a_battery_direct_consumption_is_what_was_not_exported() -> None:
    found = figures([0, 30, 100], [60, 20, 0], [100, 40, 0])

    assert (found.load_wh, found.direct_wh, found.exported_production_wh) == (40 + 50 + 100, 60, 80)
    assert found.self_consumption == pytest.approx(60 / 140)
    assert found.self_sufficiency == pytest.approx(1 - 130 / 190)


def test_the_sun_covers_the_load_before_it_charges() -> None:
    found = figures([200], [0], [300], [300], [0])

    assert (found.load_wh, found.direct_wh, found.charged_production_wh) == (200, 200, 100)


def test_what_a_battery_exports_from_the_grid_is_no_production() -> None:
    found = figures([4_000, 0], [0, 3_240], [0, 0], [4_000, 0], [0, 3_240])

    assert (found.load_wh, found.exported_production_wh, found.self_consumption) == (0, 0, None)
    battery = battery_figures(found.charge_wh, found.discharge_wh, 10_000, 0)
    assert battery.loss_wh == 760
    assert battery.cycles == pytest.approx(0.324)


def test_what_is_still_stored_is_no_loss() -> None:
    assert battery_figures(4_000, 0, 10_000, 3_600).loss_wh == 400
    assert battery_figures(4_000, 0, 10_000, None).loss_wh is None
    with pytest.raises(ValueError, match="battery"):
        battery_figures(1, 1, 0, 0)


def test_a_hole_in_one_register_is_in_no_load_but_the_others_are_summed() -> None:
    found = figures([100, None, 100], [0, 0, 0], [0, 50, 0])

    assert (found.import_wh, found.production_wh, found.load_wh) == (200, 50, 200)
    assert found.metered == found.balanced == Coverage(measured=2, missing=1)


def test_meters_that_do_not_agree_are_told_and_not_clipped() -> None:
    found = figures([0, 100], [50, 0], [40, 0])

    assert (found.load_wh, found.direct_wh, found.contradictory_slots) == (90, 0, 1)


def test_registers_are_summed_and_must_have_the_same_slots() -> None:
    two = HomeSeries(imports={"1": series(10, 0), "2": series(0, 20)})
    assert energy_figures(two, 0, 2).import_wh == 30
    with pytest.raises(ValueError, match="900 s"):
        energy_figures(HomeSeries(imports={"1": series(10, slot_s=900)}), 0, 1)


slots = st.lists(st.tuples(*(st.integers(0, 1_000) | st.none() for _ in range(5))), min_size=1, max_size=30)


@given(slots)
def test_what_comes_in_goes_out_to_the_watt_hour(rows: list[tuple[int | None, ...]]) -> None:
    known = [row for row in rows if None not in row] or [(0, 0, 0, 0, 0)]
    columns = [list(column) for column in zip(*known, strict=True)]

    found = figures(*columns)

    assert found.import_wh + found.production_wh + found.discharge_wh == (
        found.load_wh + found.export_wh + found.charge_wh
    )
    assert found.production_wh == (
        found.direct_wh + found.exported_production_wh + found.charged_production_wh
    )
    assert min(found.direct_wh, found.exported_production_wh, found.charged_production_wh) >= 0


@given(slots, st.integers(0, 30))
def test_a_stretch_is_the_sum_of_its_parts(rows: list[tuple[int | None, ...]], at: int) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    cut = min(at, len(rows))

    parts = figures(*(column[:cut] for column in columns)) + figures(*(column[cut:] for column in columns))

    assert parts == figures(*columns)
