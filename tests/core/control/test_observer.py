"""What is known of the meter and of each device: new readings, noise, age, and the windows of orders."""

from dataclasses import replace
from itertools import accumulate
from typing import Any

import pytest

from custom_components.home_flex.core.control import observer
from custom_components.home_flex.core.control.memory import (
    DeviceMemory,
    Hunting,
    Judgement,
    MeterMemory,
    Response,
    Rhythm,
    Sample,
)
from custom_components.home_flex.core.kinds.battery import Battery
from custom_components.home_flex.core.kinds.charger import Charger
from custom_components.home_flex.core.model import Owner, Setpoint

from .sights import battery, charger, reports, written

KEPT_S = 100.0
EVERY_S = Rhythm(gaps_s=(1.0,) * 9, heard_s=99.0)


def meter(*powers_w: float) -> MeterMemory:
    """Return a meter that told these, one a second."""
    found = MeterMemory()
    for second, power_w in enumerate(powers_w):
        found = observer.metered(found, power_w, float(second))
    return found


def test_each_new_reading_of_the_meter_is_kept_with_its_rhythm() -> None:
    found = meter(100.0, 200.0, 400.0)
    assert found.samples == reports((0.0, 100.0), (1.0, 200.0), (2.0, 400.0))
    assert found.rhythm == Rhythm(gaps_s=(1.0, 1.0), heard_s=2.0)


@pytest.mark.parametrize(("power_w", "heard_s"), [(None, 3.0), (700.0, 2.0), (700.0, 1.5)])
def test_no_reading_the_same_and_an_older_one_change_nothing(power_w: float | None, heard_s: float) -> None:
    known = meter(100.0, 200.0, 400.0)
    assert observer.metered(known, power_w, heard_s) is known


def test_the_meter_is_remembered_for_so_many_readings() -> None:
    assert [each.power_w for each in meter(*map(float, range(70))).samples] == [*map(float, range(6, 70))]


@pytest.mark.parametrize(
    ("powers_w", "noise_w"),
    [
        ((), 0.0),
        ((500.0,), 0.0),
        ((0.0, 9.54), 10.0),
        # A step of load in a quiet house is no noise.
        ((0.0, 9.54, 0.0, 9.54, 3009.54, 3000.0), 10.0),
        ((0.0, -9.54, 0.0), 10.0),
        ((500.0, 509.54, 500.0), 10.0),
        # A house in which all moves all the time is restless.
        ((0.0, 95.4, 0.0), 100.0),
        ((0.0, 500.0, 0.0), 100.0),
        # Only the last half minute counts.
        ((*[0.0, 90.0] * 20, *[0.0, 9.54] * 16), 10.0),
        ((*[0.0, 90.0] * 20, *[0.0] * 18), 0.0),
    ],
)
def test_the_noise_is_the_deviation_that_the_usual_change_tells(
    powers_w: tuple[float, ...], noise_w: float
) -> None:
    assert observer.noise_w(meter(*powers_w)) == pytest.approx(noise_w)


@pytest.mark.parametrize(
    ("rhythm", "age_s", "is_fresh"),
    [
        # Until its rhythm is known, half a minute.
        (Rhythm(), 30.0, True),
        (Rhythm(), 30.1, False),
        # Of one that speaks each second the least that its kind allows.
        (EVERY_S, 15.0, True),
        (EVERY_S, 15.1, False),
        # Of one that speaks each ten seconds, three in a row.
        (Rhythm(gaps_s=(10.0,) * 9, heard_s=0.0), 35.0, True),
        (Rhythm(gaps_s=(10.0,) * 9, heard_s=0.0), 35.1, False),
    ],
)
def test_a_reading_that_is_too_old_for_its_device_says_nothing(
    rhythm: Rhythm, age_s: float, is_fresh: bool
) -> None:
    seen = battery(700.0)
    found = observer.fresh_reading(seen.device, DeviceMemory(rhythm=rhythm), Battery(), 100.0 + age_s)
    assert found is (seen.reading if is_fresh else None)


def test_a_device_that_was_never_read_has_no_reading() -> None:
    device = replace(battery(0.0).device, reading=None)
    assert observer.fresh_reading(device, DeviceMemory(), Battery(), 100.0) is None


def test_a_device_that_is_set_when_it_is_first_seen_stays_in_hand() -> None:
    device = battery(0.0, written=written(-2000.0, source_id="event")).device
    assert observer.begun(device, 77.0) == DeviceMemory(
        taken=Owner.AGGREGATOR, reason="limit", source_id="event", bound_s=77.0
    )


@pytest.mark.parametrize("setpoint", [None, written(None)])
def test_a_device_that_is_not_set_when_it_is_first_seen_is_free(setpoint: Setpoint | None) -> None:
    assert observer.begun(battery(0.0, written=setpoint).device, 77.0) == DeviceMemory()


def observed(memory: DeviceMemory, power_w: float = 700.0, **changes: Any) -> DeviceMemory:
    return observer.observed(
        battery(power_w, memory, **changes), Battery(), meter(0.0, 0.0), None, meter_spoke=False
    )


def test_a_new_reading_is_kept_and_tells_what_a_free_device_does_by_itself() -> None:
    known = DeviceMemory(rhythm=Rhythm(heard_s=98.0), reports=reports((98.0, 500.0)), own_w=500.0)
    found = observed(known)
    assert found.reports == reports((98.0, 500.0), (100.0, 700.0))
    assert found.rhythm == Rhythm(gaps_s=(2.0,), heard_s=100.0)
    assert found.own_w == 700.0


def test_what_a_device_does_that_is_held_says_nothing_of_its_own_ways() -> None:
    found = observed(DeviceMemory(own_w=500.0, taken=Owner.AGGREGATOR))
    assert found.reports == reports((100.0, 700.0))
    assert found.own_w == 500.0


@pytest.mark.parametrize("heard_s", [100.0, 101.0])
def test_a_reading_that_is_known_is_not_kept_again(heard_s: float) -> None:
    known = DeviceMemory(rhythm=Rhythm(heard_s=heard_s), reports=reports((98.0, 500.0)), own_w=500.0)
    found = observed(known)
    assert (found.reports, found.rhythm, found.own_w) == (known.reports, known.rhythm, 500.0)


def test_readings_are_kept_for_a_while_and_the_newest_always() -> None:
    known = DeviceMemory(reports=reports((100.0 - KEPT_S - 1.0, 1.0), (100.0 - KEPT_S, 2.0)))
    assert observed(known).reports == reports((100.0 - KEPT_S, 2.0), (100.0, 700.0))
    assert observed(known, now_s=100.0 + KEPT_S + 5.0).reports == reports((100.0, 700.0))


def test_no_more_readings_are_kept_than_so_many() -> None:
    times = accumulate([0.1] * 80, initial=91.0)
    known = DeviceMemory(reports=tuple(Sample(heard_s=at_s, power_w=at_s) for at_s in times))
    found = observed(known).reports
    assert (len(found), found[-1].power_w) == (64, 700.0)
    assert found[:-1] == known.reports[-63:]


def test_a_device_that_was_told_and_does_it_is_judged() -> None:
    told: dict[str, Any] = {"written": written(700.0), "written_s": 90.0, "changed_s": 90.0}
    found = observed(DeviceMemory(), **told)
    assert [(each.sent_s, each.value) for each in found.orders] == [(90.0, 700.0)]
    assert found.judgement is Judgement.FOLLOWED


def test_a_store_shows_its_ways_with_each_reading_of_the_meter_and_not_between() -> None:
    known = DeviceMemory(rhythm=Rhythm(heard_s=98.0))
    for spoke, covers in [(False, None), (True, True)]:
        found = observer.observed(battery(700.0, known), Battery(), meter(0.0, 10.0), None, meter_spoke=spoke)
        assert found.covers is covers


def test_a_charger_is_no_store_and_shows_no_such_ways() -> None:
    found = observer.observed(charger(700.0), Charger(), meter(0.0, 10.0), None, meter_spoke=True)
    assert found.covers is None


def test_the_swings_of_a_device_are_forgotten_in_time() -> None:
    swung = Hunting(swings_w=(900.0, -900.0), band_w=400.0, slower=2.0, until_s=99.0)
    assert observed(DeviceMemory(hunting=swung)).hunting != swung
    assert observed(DeviceMemory(hunting=replace(swung, until_s=9999.0))).hunting.slower == 2.0


@pytest.mark.parametrize(
    ("response", "slower", "window_s"),
    [
        # The prior of the kind and two periods of the meter.
        (Response(), 1.0, 14.0),
        (Response(), 2.0, 28.0),
        (Response(), 9.0, 90.0),
        # As learned: the longest, with something to spare, and a period.
        (Response(full_s=(4.0, 10.0)), 1.0, 14.5),
    ],
)
def test_the_window_of_an_order_is_learned_and_longer_after_swings(
    response: Response, slower: float, window_s: float
) -> None:
    memory = DeviceMemory(response=response, hunting=Hunting(slower=slower))
    assert observer.window_s(memory, Battery(), meter(0.0, 0.0)) == pytest.approx(window_s)


@pytest.mark.parametrize(("response", "window_s"), [(Response(), 22.0), (Response(report_s=(2.0, 4.0)), 6.7)])
def test_the_window_of_the_own_reading_follows_the_own_rhythm(response: Response, window_s: float) -> None:
    memory = DeviceMemory(response=response, rhythm=EVERY_S)
    assert observer.report_window_s(memory, Battery()) == pytest.approx(window_s)
