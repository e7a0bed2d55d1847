"""The power before an event: from a minute in which nothing asked anything of the home."""

import pytest

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.settlement.tally import Before
from custom_components.home_flex.runtime.event_meter import DeviceNow

from .service_home import Home, document, event, message, payloads

BEFORE_W, DURING_W, AFTER_W = 11_500.0, 3000.0, 8000.0


def run(home: Home, until_s: int, power_w: float, *, moved_by: str | None = None) -> None:
    """Let the meter tell the same each second, up to and with ``until_s``; an event may hold a battery."""
    before = Before(device_id="battery", kind=DeviceKind.BATTERY, power_w=0)
    devices = [DeviceNow(before=before, moved_by=moved_by)]
    for second in range(int(home.clock.seconds) + 1, until_s + 1):
        home.clock.seconds = second
        home.measure(power_w, devices)
        home.events.advance()


@pytest.mark.parametrize("gap_s", [0, 1, 30, 59])
async def test_of_events_that_follow_one_another_each_counts_from_the_minute_before_the_first(
    home: Home, gap_s: int
) -> None:
    home.events.receive(event("first", start_s=60, length_s=60))
    home.events.receive(event("second", start_s=120 + gap_s, length_s=60))
    run(home, 60, BEFORE_W)
    run(home, 120, DURING_W)
    run(home, 120 + gap_s, AFTER_W)
    run(home, 200 + gap_s, DURING_W)
    assert home.record("first").baseline_w == home.record("second").baseline_w == BEFORE_W
    assert home.record("first").tally.before == home.record("second").tally.before


async def test_the_home_is_not_itself_while_a_device_waits_to_be_handed_back(home: Home) -> None:
    home.events.receive(event("first", start_s=60, length_s=60))
    home.events.receive(event("second", start_s=270, length_s=60))
    home.events.receive(event("third", start_s=600, length_s=60))
    run(home, 60, BEFORE_W)
    run(home, 220, DURING_W, moved_by="first")
    run(home, 270, AFTER_W)
    assert home.record("second").baseline_w == BEFORE_W
    run(home, 600, AFTER_W)
    assert home.record("third").baseline_w == AFTER_W


async def test_a_device_that_is_held_for_good_is_the_home_as_it_is(home: Home) -> None:
    home.events.receive(event("first", start_s=60, length_s=60))
    home.events.receive(event("next", start_s=4000, length_s=60))
    run(home, 60, BEFORE_W)
    run(home, 4000, DURING_W, moved_by="first")
    assert home.record("next").baseline_w == DURING_W


async def test_a_minute_after_an_event_the_home_is_itself_again(home: Home) -> None:
    home.events.receive(event("first", start_s=60, length_s=60))
    home.events.receive(event("second", start_s=250, length_s=60))
    run(home, 60, BEFORE_W)
    run(home, 120, DURING_W)
    run(home, 250, AFTER_W)
    assert home.record("second").baseline_w == AFTER_W


async def test_an_event_between_two_words_of_the_meter_is_not_overlooked(home: Home) -> None:
    home.events.receive(event("short", start_s=62, length_s=2))
    home.events.receive(event("next", start_s=75, length_s=60))
    run(home, 60, BEFORE_W)
    home.at(62)
    home.at(64)
    home.clock.seconds = 70
    home.measure(DURING_W)
    home.at(75)
    assert home.record("next").baseline_w == BEFORE_W


async def test_events_that_overlap_count_from_the_minute_before_both(home: Home) -> None:
    home.events.receive(event("long", start_s=60, length_s=600))
    home.events.receive(event("short", start_s=300, payload=("DISPATCH_SETPOINT_RELATIVE", -1.0)))
    run(home, 60, BEFORE_W)
    run(home, 300, DURING_W)
    assert home.record("short").baseline_w == BEFORE_W


async def test_an_event_that_the_resident_left_leaves_the_home_as_it_is(home: Home) -> None:
    home.events.receive(event("left", start_s=60, length_s=600))
    home.events.opt_out("left")
    home.events.receive(event("next", start_s=300, length_s=60))
    run(home, 60, BEFORE_W)
    run(home, 300, AFTER_W)
    assert home.record("next").baseline_w == AFTER_W


@pytest.mark.parametrize(("length_s", "baseline_w"), [(3500, BEFORE_W), (3700, None)])
async def test_what_the_home_drew_an_hour_ago_is_no_baseline_and_the_receipt_leaves_it_out(
    home: Home, length_s: int, baseline_w: float | None
) -> None:
    home.events.receive(event("long", start_s=60, length_s=length_s))
    home.events.receive(event("next", start_s=60 + length_s, length_s=60))
    run(home, 60, BEFORE_W)
    run(home, 125 + length_s, DURING_W)
    assert home.record("next").baseline_w == baseline_w
    (report,) = [each for each in await home.reports("settlement") if each["eventID"] == "next"]
    assert ("BASELINE" in payloads(report)) is (baseline_w is not None)


async def test_a_meter_that_fell_silent_gives_no_baseline_from_before(home: Home) -> None:
    home.events.receive(event(start_s=200))
    run(home, 60, BEFORE_W)
    home.at(200)
    assert home.record().baseline_w is None


@pytest.mark.parametrize("payload", ["DISPATCH_SETPOINT_RELATIVE", "DISPATCH_SETPOINT"])
async def test_only_a_relative_event_that_asks_for_nothing_yet_takes_its_baseline_late(
    home: Home, payload: str
) -> None:
    home.events.receive(event(payload=(payload, -1.0)))
    home.at(60)
    run(home, 70, AFTER_W)
    assert home.record().baseline_w == (AFTER_W if "RELATIVE" in payload else None)


async def test_a_relative_event_that_also_limits_takes_none_from_its_own_minutes(home: Home) -> None:
    both = [("IMPORT_CAPACITY_LIMIT", 2.0), ("DISPATCH_SETPOINT_RELATIVE", -1.0)]
    asked = [{"type": kind, "values": [value]} for kind, value in both]
    home.events.receive(message("create", document(intervals=[{"id": 0, "payloads": asked}])))
    home.at(60)
    run(home, 70, AFTER_W)
    assert home.record().baseline_w is None
