"""The resident's merit as places: who moves first, and how far."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from custom_components.home_flex.core.control.merit import Preference, Prices, Take
from custom_components.home_flex.core.control.order import Place, Stop, order_in, slowed_first
from custom_components.home_flex.core.control.state import ControlMemory, SiteState
from custom_components.home_flex.core.control.stores import SharingMemory

from .house import SITE
from .parts import battery, car, order, sun

HOME = (car("late", priority=9), battery("full", soc=0.9), sun(), car("early", priority=1), battery("half"))
HOUSE, CAR, EARN = Preference.HOUSE_FIRST, Preference.CAR_FIRST, Preference.EARN


def told(places: Sequence[Place]) -> list[str]:
    return [f"{place.role} {' '.join(place.device_ids)}: {place.stop}" for place in places]


SLOWED, PAUSED = "consumer late early: smallest", "consumer late early: range"
STORES_STOP, STORES_GIVE = "store half full: idle", "store half full: range"
DOWN = {
    HOUSE: ["producer sun: range", SLOWED, STORES_STOP, STORES_GIVE, PAUSED],
    CAR: ["producer sun: range", STORES_STOP, STORES_GIVE, SLOWED, PAUSED],
    EARN: ["producer sun: range", STORES_STOP, STORES_GIVE, SLOWED, PAUSED],
}
UP = {
    HOUSE: [
        "store full half: idle",
        "store half: range",
        "consumer early late: range",
        "store full: range",
        "producer sun: range",
    ],
    CAR: [
        "store full half: idle",
        "consumer early late: range",
        "store full half: range",
        "producer sun: range",
    ],
    EARN: [
        "store full half: idle",
        "consumer early late: range",
        "store full half: range",
        "producer sun: range",
    ],
}


@pytest.mark.parametrize("preference", Preference)
def test_who_gives_first_is_the_residents_choice_and_a_car_is_paused_last(preference: Preference) -> None:
    assert told(order(*HOME, preference=preference).down) == DOWN[preference]


@pytest.mark.parametrize("preference", Preference)
def test_who_takes_first_is_the_residents_choice_and_the_sun_is_curtailed_last(
    preference: Preference,
) -> None:
    assert told(order(*HOME, preference=preference).up) == UP[preference]


@pytest.mark.parametrize("preference", Preference)
def test_the_order_of_the_list_is_nothing(preference: Preference) -> None:
    assert order(*HOME, preference=preference) == order(*HOME[::-1], preference=preference)


def test_prices_decide_when_the_resident_wants_to_earn() -> None:
    now = Prices(import_per_kwh=Decimal("0.02"), export_per_kwh=Decimal("0.08"))
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=(), preference=EARN, prices=now)
    found, _ = order_in(state, ControlMemory(), (battery(), car(), sun()), 0.0)
    # Storing loses a cent and more: curtailing comes before it, and before the export that it would displace.
    assert told(found.up) == [
        "store battery: idle",
        "consumer car: range",
        "producer sun: range",
        "store battery: range",
    ]


def test_who_wants_to_earn_at_unknown_prices_gets_the_order_without_prices() -> None:
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=(), preference=EARN)
    found, _ = order_in(state, ControlMemory(), (battery(), car(), sun()), 0.0)
    without, _ = order_in(replace(state, preference=CAR), ControlMemory(), (battery(), car(), sun()), 0.0)
    assert (told(found.up), told(found.down)) == (told(without.up), told(without.down))


def test_before_the_fuse_consumers_are_slowed_first_and_all_else_stays_in_its_order() -> None:
    found = slowed_first(order(*HOME, preference=CAR).down)
    assert told(found) == [SLOWED, "producer sun: range", STORES_STOP, STORES_GIVE, PAUSED]


def test_the_memory_of_sharing_and_the_time_are_handed_on() -> None:
    memory = ControlMemory(sharing=SharingMemory(sign=-1, alone="battery"))
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=())
    found, _ = order_in(state, memory, (battery(),), 17.0)
    assert (found.sharing, found.now_s) == (memory.sharing, 17)


def test_a_battery_keeps_the_stage_it_has_reached_until_it_falls_clearly_below() -> None:
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=())
    reached = ControlMemory(stages={"battery": Take.BATTERY_TO_FULL})
    for soc, memory, take in [
        (0.79, ControlMemory(), Take.BATTERY_FOR_HOUSE),
        (0.79, reached, Take.BATTERY_TO_FULL),
        (0.77, reached, Take.BATTERY_FOR_HOUSE),
    ]:
        _, stages = order_in(state, memory, (battery(soc=soc), car(), sun()), 0.0)
        assert stages == {"battery": take}


def test_a_home_without_devices_has_no_one_to_move() -> None:
    found = order()
    assert not any(place.device_ids for place in (*found.down, *found.up))
    assert {place.stop for place in found.down} == {Stop.RANGE}
