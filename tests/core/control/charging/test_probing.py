"""How a car asks for sun that PV's own limit hides: a step is held until the slower loop has answered."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.charging.model import Sun
from custom_components.home_flex.core.control.charging.probing import Draw, Probe, probed


def draw(
    limit_a: float, drawn_a: float | None = None, watts_per_a: float = 230.0, since_s: float = -60.0
) -> Draw:
    return Draw(
        least_a=6.0,
        most_a=16.0,
        limit_a=limit_a,
        limit_since_s=since_s,
        drawn_a=limit_a if drawn_a is None else drawn_a,
        watts_per_a=watts_per_a,
    )


@pytest.mark.parametrize(
    ("car", "sun", "asks_a"),
    [
        (draw(0.0), Sun.SHOWN, 0.0),
        (draw(0.0), Sun.HIDDEN, 6.0),
        (draw(8.0), Sun.SHOWN, 0.0),
        # Asked for more, PV may yet give it: neither more nor less.
        (draw(8.0), Sun.ASKED, 8.0),
        # PV's limit may not be raised yet: no start.
        (draw(0.0), Sun.HELD, 0.0),
        (draw(8.0), Sun.HELD, 8.0),
        (draw(8.0), Sun.HIDDEN, 11.0),
        (draw(8.0, watts_per_a=690.0), Sun.HIDDEN, 9.0),
        # One that has not followed its limit has asked for nothing yet.
        (draw(8.0, drawn_a=6.0), Sun.HIDDEN, 8.0),
        (draw(8.0, since_s=-29.0), Sun.HIDDEN, 8.0),
        (draw(16.0), Sun.HIDDEN, 16.0),
    ],
)
def test_what_a_car_asks_for(car: Draw, sun: Sun, asks_a: float) -> None:
    assert probed(Probe(), car, sun, 6.0, 0.0)[1] == asks_a


@pytest.mark.parametrize(
    ("watts_per_a", "reached_a"), [(230.0, [9.0, 15.0, 16.0]), (690.0, [7.0, 9.0, 11.0])]
)
def test_steps_that_the_sun_carries_double_up_to_one_and_a_half_kilowatts(
    watts_per_a: float, reached_a: list[float]
) -> None:
    probe, limit_a, found = Probe(), 6.0, []
    for _ in reached_a:
        probe, limit_a = probed(probe, draw(limit_a, watts_per_a=watts_per_a), Sun.HIDDEN, 0.0, 0.0)
        found.append(limit_a)

    assert found == reached_a


def test_a_step_that_is_not_written_yet_is_asked_for_again() -> None:
    probe, asks_a = probed(Probe(), draw(8.0), Sun.HIDDEN, 8.0, 0.0)

    assert probed(probe, draw(8.0), Sun.HIDDEN, 8.0, 1.0) == (probe, asks_a)


def test_after_a_step_that_the_sun_does_not_carry_the_next_waits_ever_longer() -> None:
    probe, now_s, waits_s = Probe(), 0.0, []
    for _ in range(4):
        probe, asks_a = probed(probe, draw(8.0), Sun.HIDDEN, 8.0, now_s)
        assert asks_a == 11.0
        probe, _ = probed(probe, draw(11.0), Sun.SHOWN, 8.4, now_s)
        waits_s.append(probe.not_before_s - now_s)
        assert probed(probe, draw(8.0), Sun.HIDDEN, 8.0, probe.not_before_s - 1.0)[1] == 8.0
        now_s = probe.not_before_s

    assert waits_s == [60.0, 120.0, 240.0, 300.0]


def test_after_a_cloud_what_the_sun_carried_before_is_asked_for_at_once() -> None:
    probe, _ = probed(Probe(), draw(15.0), Sun.SHOWN, 6.0, 0.0)
    later = replace(probe, had_s=-900.0)

    assert probed(probe, draw(6.0), Sun.HIDDEN, 6.0, 60.0)[1] == 15.0
    assert probed(later, draw(6.0), Sun.HIDDEN, 6.0, 60.0)[1] == 9.0


def test_what_the_sun_does_not_carry_again_is_approached_by_steps() -> None:
    probe, _ = probed(Probe(), draw(15.0), Sun.SHOWN, 6.0, 0.0)
    probe, _ = probed(probe, draw(6.0), Sun.HIDDEN, 6.0, 60.0)
    failed, _ = probed(probe, draw(15.0), Sun.SHOWN, 7.0, 70.0)

    assert probed(failed, draw(7.0), Sun.HIDDEN, 7.0, failed.not_before_s)[1] == 10.0


def test_another_cloud_ends_the_wait_after_a_failed_step() -> None:
    failed = Probe(not_before_s=300.0, wait_s=300.0, left_a=10.0)

    clouded, _ = probed(failed, draw(10.0), Sun.SHOWN, 6.0, 10.0)

    assert probed(clouded, draw(6.0), Sun.HIDDEN, 6.0, 20.0)[1] == 10.0
