"""A car under PV at its limit: nobody sees whether a cloud is over, and a start may find no sun."""

import math

import pytest

from custom_components.home_flex.core.control.charging import (
    ChargeIntent,
    ChargeMode,
    ChargerInput,
    ChargerMemory,
    ChargingMemory,
    Sun,
    Supply,
)
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.surplus import SunMemory
from custom_components.home_flex.core.control.charging.vehicle import Vehicle

from .chargers import follows, lived

LEAST_W = 4140.0
CLOUD = Supply(surplus_w=-500.0)
HIDDEN = Supply(surplus_w=0.0, sun=Sun.HIDDEN)


def remembered(
    *, on: bool, since_s: float, closings: int = 1, hidden_s: float = -300.0, carried_s: float
) -> ChargingMemory:
    return ChargingMemory(
        chargers={
            "car": ChargerMemory(
                mode=ChargeMode.SURPLUS,
                contactor=Contactor(
                    on=on, since_s=since_s, closings=tuple(since_s - 400.0 * n for n in range(closings))
                ),
                vehicle=Vehicle(drew=True, drew_now=on),
                sun=SunMemory(on=on),
                fits_since_s=since_s - 1000.0,
                hidden_s=hidden_s,
                carried_s=carried_s,
            )
        },
        at_s=0.0,
    )


def first_s(intents: list[ChargeIntent], *, on: bool) -> int:
    return next(second for second, intent in enumerate(intents) if bool(intent.current_a) is on)


OWED = {
    # Closings of this hour, when PV last hid the sun and the sun last carried it (it closed at -400 s), Wh.
    "the sun carried it": (1, -300.0, -10.0, 85.0),
    "carried as it closed": (1, -300.0, -400.0, 85.0),
    "one of two closings to find the sun with is used": (2, -300.0, -10.0, 170.0),
    "the sun has not carried it since it closed": (1, -300.0, -401.0, 63.75),
    "nor with few closings left": (3, -300.0, -401.0, 63.75),
    "the sun is seen for a quarter of an hour": (3, -1000.0, -401.0, 85.0),
    "seen, and no closing left": (4, -1000.0, -401.0, 170.0),
}


@pytest.mark.parametrize(("closings", "hidden_s", "carried_s", "owed_wh"), OWED.values(), ids=OWED)
def test_a_stop_is_put_off_where_closings_are_few_and_comes_soon_where_a_start_found_no_sun(
    closings: int, hidden_s: float, carried_s: float, owed_wh: float
) -> None:
    memory = remembered(on=True, since_s=-400.0, closings=closings, hidden_s=hidden_s, carried_s=carried_s)

    intents, _ = lived(
        lambda second, limit_a: follows(second, limit_a or (0.0 if second else 6.0)),
        lambda _: CLOUD,
        200,
        memory,
    )

    assert first_s(intents, on=False) == pytest.approx(owed_wh / LEAST_W * 3600.0, abs=1)


@pytest.mark.parametrize(
    ("closings", "carried_s", "owed_wh"), [(1, -10.0, 80.0), (1, -401.0, 60.0), (2, -10.0, 90.0)]
)
def test_what_a_stop_in_the_dark_costs_on_one_phase_is_what_the_sun_would_have_given(
    closings: int, carried_s: float, owed_wh: float
) -> None:
    memory = remembered(on=True, since_s=-400.0, closings=closings, carried_s=carried_s)

    def on_one_phase(second: float, limit_a: float | None) -> ChargerInput:
        current_a = limit_a or (0.0 if second else 6.0)
        one = {"offered_phases": (1,), "wired_phases": (1,), "power_w": 230.0 * current_a}
        return follows(second, current_a, **one)

    intents, _ = lived(on_one_phase, lambda _: CLOUD, 300, memory)

    assert first_s(intents, on=False) == pytest.approx(owed_wh / (LEAST_W / 3.0) * 3600.0, abs=1)


@pytest.mark.parametrize(("hides_until_s", "owed_wh"), [(-826.0, 85.0), (-745.0, 170.0)])
def test_pv_that_stood_at_its_limit_within_a_quarter_of_an_hour_will_again(
    hides_until_s: float, owed_wh: float
) -> None:
    memory = remembered(on=True, since_s=-400.0, closings=2, hidden_s=hides_until_s, carried_s=-10.0)

    intents, _ = lived(
        lambda second, limit_a: follows(second, limit_a or (0.0 if second else 6.0)),
        lambda _: CLOUD,
        200,
        memory,
    )

    assert first_s(intents, on=False) == pytest.approx(owed_wh / LEAST_W * 3600.0, abs=1)


@pytest.mark.parametrize(
    ("carried_s", "waits_s"), [(-100.0, 240), (-241.0, 241), (-599.0, 599), (-700.0, 600), (-math.inf, 600)]
)
def test_a_cloud_is_waited_for_as_long_again_as_the_sun_has_been_away(carried_s: float, waits_s: int) -> None:
    memory = remembered(on=False, since_s=0.0, carried_s=carried_s)

    intents, _ = lived(follows, lambda _: HIDDEN, 650, memory)

    assert first_s(intents, on=True) == waits_s


@pytest.mark.parametrize(
    ("supply", "limit_a", "is_carried"),
    [
        (HIDDEN, 6.0, True),
        (HIDDEN, 0.0, False),
        (Supply(surplus_w=LEAST_W, sun=Sun.ASKED), 6.0, False),
        (Supply(surplus_w=LEAST_W), 6.0, True),
        (Supply(surplus_w=LEAST_W - 1.0), 6.0, False),
    ],
)
def test_the_sun_carries_a_car_that_draws_where_it_is_seen_to_give_its_smallest_power(
    supply: Supply, limit_a: float, *, is_carried: bool
) -> None:
    memory = remembered(on=limit_a > 0.0, since_s=-400.0, carried_s=-50.0)

    _, after = lived(lambda second, _: follows(second, limit_a), lambda _: supply, 1, memory)

    assert after.chargers["car"].carried_s == (0.0 if is_carried else -50.0)
