"""The follower that knows the weather's odds takes the sun, and stops where going on would buy too much."""

import pytest

from scripts.home_stack.control_bench.clouds import Sun, sky
from scripts.home_stack.control_bench.knowing import Drive, Taken, best, taken, together
from scripts.home_stack.control_bench.references import perfect_charge_w

HOUR_S = 3600
HOUSE_W = 400.0


def _drive(sun: Sun, name: str, *, hidden: bool = False) -> Drive:
    surplus_w = [max(0.0, sun.power_w(second + 1.0) - HOUSE_W) for second in range(HOUR_S)]
    return Drive(
        sky=name, sun=sun, surplus_w=surplus_w, phases=3, max_a=16.0, wakes_s=20.0, late_s=3.0, hidden=hidden
    )


def _followed_wh(drive: Drive) -> float:
    return sum(perfect_charge_w(surplus_w, 3, 16.0) for surplus_w in drive.surplus_w) / HOUR_S


def test_under_a_lasting_sun_it_takes_nearly_all_and_buys_nothing() -> None:
    drive = _drive(Sun(8000.0), "c20")
    bought_least = best(taken(drive), _followed_wh(drive))
    assert bought_least.solar_wh >= 0.9 * _followed_wh(drive)
    assert bought_least.grid_share == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("hidden", [False, True])
def test_under_clouds_it_buys_less_than_one_that_never_stops(*, hidden: bool) -> None:
    drive = _drive(sky("c10", peak_w=8000.0, seed=1, length_s=HOUR_S), "c10", hidden=hidden)
    bought_least = best(taken(drive), _followed_wh(drive))
    charged_w = [max(6.0 * 690.0, perfect_charge_w(surplus_w, 3, 16.0)) for surplus_w in drive.surplus_w]
    bought_w = [max(0.0, drawn - sun) for drawn, sun in zip(charged_w, drive.surplus_w, strict=True)]
    assert bought_least.grid_share < sum(bought_w) / sum(charged_w)


def test_of_several_skies_the_cheapest_price_is_taken_that_leaves_enough_sun_in_all() -> None:
    dear, cheap = Taken(solar_wh=10.0, charged_wh=20.0), Taken(solar_wh=5.0, charged_wh=5.0)
    clear = Taken(solar_wh=90.0, charged_wh=90.0)
    skies = together([(dear, cheap), (clear, clear)])

    assert best(skies, 100.0) == Taken(solar_wh=95.0, charged_wh=95.0)
    assert best(skies, 110.0) == Taken(solar_wh=100.0, charged_wh=110.0)
