"""Who takes surplus and who gives first is the resident's choice; prices decide only when that is it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.merit import (
    GIVE_ORDER,
    SITE_ID,
    TAKE_ORDER,
    Give,
    Member,
    Merit,
    Participant,
    Preference,
    Prices,
    Take,
    battery_take,
    giving_order,
    surplus_order,
    worth,
)

PRICES = Prices(import_per_kwh=Decimal("0.30"), export_per_kwh=Decimal("0.08"))


def battery(device_id: str, take: Take = Take.BATTERY_FOR_HOUSE) -> Participant:
    return Participant(device_id=device_id, member=Member.BATTERY, take=take)


CAR = Participant(device_id="car", member=Member.CAR, take=Take.CAR)
HEAT = Participant(device_id="heat", member=Member.HEAT, take=Take.HEAT)
HOUSE = (
    HEAT,
    CAR,
    battery("empty", Take.BATTERY_TO_RESERVE),
    battery("half"),
    battery("nearly full", Take.BATTERY_TO_FULL),
)


def names[Way: (Take, Give)](order: Sequence[Sequence[Merit[Way]]]) -> list[list[str]]:
    return [[merit.device_id or merit.way.value for merit in place] for place in order]


SURPLUS = {
    Preference.HOUSE_FIRST: [
        ["empty"],
        ["half"],
        ["car"],
        ["heat"],
        ["nearly full"],
        ["export"],
        ["curtail"],
    ],
    Preference.CAR_FIRST: [["empty"], ["car"], ["half", "nearly full"], ["heat"], ["export"], ["curtail"]],
    # car 0.29, battery 0.24, heat 0.10, export 0.08
    Preference.EARN: [["empty"], ["car"], ["half", "nearly full"], ["heat"], ["export"], ["curtail"]],
}


@pytest.mark.parametrize("preference", Preference)
def test_surplus_goes_in_the_order_that_the_resident_chose(preference: Preference) -> None:
    assert names(surplus_order(preference, HOUSE, PRICES)) == SURPLUS[preference]


GIVING = {
    Preference.HOUSE_FIRST: [
        ("heat_boost", ["heat"]),
        ("car_above_promise", ["car"]),
        ("battery_charging", ["half"]),
        ("battery_discharging", ["half"]),
    ],
    Preference.CAR_FIRST: [
        ("battery_charging", ["half"]),
        ("battery_discharging", ["half"]),
        ("heat_boost", ["heat"]),
        ("car_above_promise", ["car"]),
    ],
    Preference.EARN: [
        ("heat_boost", ["heat"]),
        ("battery_charging", ["half"]),
        ("battery_discharging", ["half"]),
        ("car_above_promise", ["car"]),
    ],
}


@pytest.mark.parametrize("preference", Preference)
def test_less_is_taken_in_the_order_that_the_resident_chose(preference: Preference) -> None:
    order = giving_order(preference, (CAR, battery("half"), HEAT), PRICES)
    assert [(place[0].way.value, [merit.device_id for merit in place]) for place in order] == GIVING[
        preference
    ]


def test_each_preset_has_a_place_for_every_way() -> None:
    for order in TAKE_ORDER.values():
        assert sorted(way for ways in order for way in ways) == sorted(Take)
    for giving in GIVE_ORDER.values():
        assert sorted(giving) == sorted(Give)


def test_the_worth_of_a_kwh_with_its_default_prices() -> None:
    assert {way: worth(way, PRICES) for way in Take} == {
        Take.BATTERY_TO_RESERVE: Decimal("0.24"),
        Take.BATTERY_FOR_HOUSE: Decimal("0.24"),
        Take.BATTERY_TO_FULL: Decimal("0.24"),
        Take.CAR: Decimal("0.29"),
        Take.LOAD: Decimal("0.29"),
        Take.HEAT: Decimal("0.10"),
        Take.EXPORT: Decimal("0.08"),
        Take.CURTAIL: Decimal(0),
    }


@pytest.mark.parametrize(
    ("export", "expected"),
    [
        # An export dearer than storing goes before it, one that costs goes after curtailing.
        ("0.28", [["car"], ["export"], ["half"], ["curtail"]]),
        # Equal within a cent is equal, but an export is never one of equals.
        ("0.29", [["car"], ["export"], ["half"], ["curtail"]]),
        ("0.40", [["export"], ["car"], ["half"], ["curtail"]]),
        ("-0.05", [["car"], ["half"], ["curtail"], ["export"]]),
    ],
)
def test_to_earn_the_price_of_export_decides(export: str, expected: list[list[str]]) -> None:
    prices = Prices(import_per_kwh=Decimal("0.30"), export_per_kwh=Decimal(export))
    assert names(surplus_order(Preference.EARN, (battery("half"), CAR), prices)) == expected


def test_to_earn_what_is_equal_within_a_cent_shares_a_place_and_the_site_never_does() -> None:
    prices = Prices(import_per_kwh=Decimal("0.20"), export_per_kwh=Decimal("0.19"), wear=Decimal(0))
    order = surplus_order(Preference.EARN, (battery("half"), CAR), prices)
    assert names(order) == [["car"], ["export"], ["half"], ["curtail"]]
    dear = Prices(
        import_per_kwh=Decimal("0.20"),
        export_per_kwh=Decimal("0.05"),
        wear=Decimal(0),
        efficiency=Decimal("0.94"),
    )
    assert names(surplus_order(Preference.EARN, (battery("half"), CAR), dear))[0] == ["car", "half"]


STAGES = [
    (0.10, None, Take.BATTERY_TO_RESERVE),
    (0.20, None, Take.BATTERY_FOR_HOUSE),
    (0.79, None, Take.BATTERY_FOR_HOUSE),
    (0.80, None, Take.BATTERY_TO_FULL),
    (0.79, Take.BATTERY_TO_FULL, Take.BATTERY_TO_FULL),
    (0.77, Take.BATTERY_TO_FULL, Take.BATTERY_FOR_HOUSE),
    (0.19, Take.BATTERY_FOR_HOUSE, Take.BATTERY_FOR_HOUSE),
    (0.19, Take.BATTERY_TO_RESERVE, Take.BATTERY_TO_RESERVE),
    (0.17, Take.BATTERY_FOR_HOUSE, Take.BATTERY_TO_RESERVE),
]


@pytest.mark.parametrize(("soc", "before", "take"), STAGES)
def test_a_battery_changes_its_place_by_its_state_of_charge_and_not_to_and_fro(
    soc: float, before: Take | None, take: Take
) -> None:
    assert battery_take(soc, 0.20, before) is take


@given(st.permutations(HOUSE), st.sampled_from(Preference))
def test_the_order_of_a_list_decides_nothing(house: list[Participant], preference: Preference) -> None:
    assert surplus_order(preference, house, PRICES) == surplus_order(preference, HOUSE, PRICES)
    assert giving_order(preference, house, PRICES) == giving_order(preference, HOUSE, PRICES)


@given(
    st.decimals("-0.5", "0.9", places=3), st.decimals("-0.5", "0.9", places=3), st.sampled_from(Preference)
)
def test_every_device_takes_in_one_place_and_the_site_exports_and_curtails(
    buys: Decimal, sells: Decimal, preference: Preference
) -> None:
    prices = Prices(import_per_kwh=buys, export_per_kwh=sells)
    places = [merit.device_id for place in surplus_order(preference, HOUSE, prices) for merit in place]
    assert sorted(places) == sorted([*(one.device_id for one in HOUSE), SITE_ID, SITE_ID])


@pytest.mark.parametrize(
    ("discount", "places"),
    [("0.07", [["car", "half"]]), ("0.05", [["car", "half"]]), ("0.0499", [["car"], ["half"]])],
)
def test_uses_whose_worth_differs_by_no_more_than_a_cent_are_equal(
    discount: str, places: list[list[str]]
) -> None:
    prices = replace(PRICES, car_discount=Decimal(discount))
    order = surplus_order(Preference.EARN, (CAR, battery("half")), prices)
    assert names(order)[:-2] == places
