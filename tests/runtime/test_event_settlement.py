"""What came of an event is told by the meter's own registers, once, and nothing that is not known is told."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from custom_components.home_flex.core.events.model import EventStatus, Source
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.settlement.baselines import Missing
from custom_components.home_flex.core.settlement.money import Terms
from custom_components.home_flex.core.settlement.receipt import account_from, followed_up, receipt
from custom_components.home_flex.core.settlement.tally import Before
from custom_components.home_flex.core.settlement.verify import verify
from custom_components.home_flex.runtime.event_meter import DeviceNow

from .service_home import Home, event, payloads

HOUSE_W, CAR_W = 500.0, 9000.0


def car(power_w: float, *, moved_by: str | None = None, is_plugged: bool = True) -> DeviceNow:
    before = Before(
        device_id="car", kind=DeviceKind.EV_CHARGER, power_w=round(power_w), is_plugged=is_plugged
    )
    return DeviceNow(before=before, moved_by=moved_by)


def run(home: Home, until_s: int, car_w: float = 0.0, *, moved_by: str | None = None) -> None:
    """Let the house and a car draw the same each second, up to and with ``until_s``."""
    for second in range(int(home.clock.seconds) + 1, until_s + 1):
        home.clock.seconds = second
        home.measure(HOUSE_W + car_w, [car(car_w, moved_by=moved_by)])
        home.events.advance()


async def settled(home: Home, event_id: str = "e1") -> dict[str, Any]:
    (report,) = [each for each in await home.reports("settlement") if each["eventID"] == event_id]
    return payloads(report)


@pytest.fixture(autouse=True)
def with_registers(home: Home) -> None:
    home.registers = (1_000_000.0, 0.0)


async def test_a_car_that_was_held_back_delivers_what_it_would_have_drawn(home: Home) -> None:
    home.events.receive(event(length_s=120))
    run(home, 60, CAR_W)
    run(home, 181, moved_by="e1")
    values = await settled(home)
    assert values["BASELINE_RULE"] == ["as_dispatched"]
    assert values["BASELINE"] == [pytest.approx((HOUSE_W + CAR_W) / 1000, abs=0.1)]
    assert values["DELTA_USAGE"] == [pytest.approx(-CAR_W / 1000 / 30, abs=0.004)]
    assert values["COVERAGE"] == [1.0]


async def test_what_a_resident_switches_off_is_not_credited_to_the_event(home: Home) -> None:
    home.events.receive(event(length_s=120))
    for second in range(1, 182):
        home.clock.seconds = second
        home.measure(9500.0 if second <= 60 else HOUSE_W)
        home.events.advance()
    assert (await settled(home))["DELTA_USAGE"] == [0.0]


async def test_energy_is_the_registers_through_a_silent_meter_and_what_was_kept_is_unknown(
    home: Home,
) -> None:
    home.events.receive(event(length_s=60, payload=("IMPORT_CAPACITY_LIMIT", 4.0)))
    run(home, 70)
    home.clock.seconds = 110
    # For 30 of the 40 silent seconds 9.5 kW were drawn.
    assert home.registers is not None
    home.registers = (home.registers[0] + (9500 - HOUSE_W) * 30 / 3600, 0.0)
    run(home, 121)
    imported_wh = (HOUSE_W * 60 + 9000 * 30) / 3600
    values = await settled(home)
    assert values["USAGE"] == [pytest.approx(imported_wh / 1000, abs=0.001)]
    assert values["COVERAGE"] == [1.0]
    assert "KEPT_SHARE" not in values


async def test_without_registers_a_silent_minute_is_not_measured(home: Home) -> None:
    home.registers = None
    home.events.receive(event(length_s=120))
    run(home, 70)
    home.clock.seconds = 140
    run(home, 181)
    values = await settled(home)
    assert values["COVERAGE"] == [pytest.approx(49 / 120, abs=0.01)]
    assert "DELTA_USAGE" not in values


async def test_a_limit_of_an_event_that_was_left_is_not_said_to_be_kept(home: Home) -> None:
    home.events.receive(event(length_s=60))
    home.events.opt_out("e1")
    run(home, 121, CAR_W)
    values = await settled(home)
    assert values["INSTRUCTION_STATUS"] == ["ABORTED"]
    assert values["KEPT_SHARE"] == [0.0]
    assert values["OPTED_OUT"] == ["PT60S"]
    assert values["EXCEEDED_DEMAND"] == [7.5]
    assert values["EXCEEDED_USAGE"] == [0.125]


async def test_how_long_the_resident_had_left_an_event_is_told(home: Home) -> None:
    home.events.receive(event(length_s=60))
    run(home, 70)
    home.events.opt_out("e1")
    run(home, 90, CAR_W)
    home.events.opt_in("e1")
    run(home, 121)
    values = await settled(home)
    assert values["INSTRUCTION_STATUS"] == ["SUCCEEDED"]
    assert values["OPTED_OUT"] == ["PT20S"]


@pytest.mark.parametrize(
    ("kind", "value", "units"), [("CHARGE_STATE_SETPOINT", 0.1, "PERCENT"), ("SIMPLE", 1, None)]
)
async def test_what_asks_nothing_of_the_power_keeps_no_limit(
    home: Home, kind: str, value: float, units: str | None
) -> None:
    descriptor = {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": units}
    descriptors = [descriptor] if units else None
    home.events.receive(event(length_s=60, payload=(kind, value), payloadDescriptors=descriptors))
    run(home, 121)
    values = await settled(home)
    assert not {"KEPT_SHARE", "EXCEEDED_USAGE"} & set(values)


async def test_each_of_two_events_at_once_is_kept_or_not_by_itself(home: Home) -> None:
    home.events.receive(event("loose", length_s=60, payload=("IMPORT_CAPACITY_LIMIT", 5.0)))
    home.events.receive(event("tight", length_s=60, payload=("IMPORT_CAPACITY_LIMIT", 0.4)))
    run(home, 121)
    assert (await settled(home, "loose"))["KEPT_SHARE"] == [1.0]
    assert (await settled(home, "tight"))["KEPT_SHARE"] == [0.0]


async def test_of_two_equal_events_that_follow_one_another_each_is_worth_the_same(home: Home) -> None:
    home.events.receive(event("first", start_s=60, length_s=60))
    home.events.receive(event("second", start_s=120, length_s=60))
    run(home, 60, CAR_W)
    run(home, 120, moved_by="first")
    run(home, 181, moved_by="second")
    first, second = await settled(home, "first"), await settled(home, "second")
    assert first["DELTA_USAGE"] == [pytest.approx(-0.15, abs=0.004)]
    assert second["DELTA_USAGE"] == [pytest.approx(-0.15, abs=0.004)]


async def test_a_kettle_before_the_event_is_worth_nothing(home: Home) -> None:
    home.events.receive(event(length_s=60))
    for second in range(1, 122):
        home.clock.seconds = second
        home.measure(9000.0 if second <= 60 else HOUSE_W, [car(0.0, moved_by="e1" if second > 60 else None)])
        home.events.advance()
    assert (await settled(home))["DELTA_USAGE"] == [0.0]


async def test_a_car_that_ramped_up_just_before_is_worth_its_last_power(home: Home) -> None:
    home.events.receive(event(length_s=60))
    run(home, 40)
    for second in range(41, 61):
        run(home, second, min(CAR_W, (second - 40) * 600.0))
    run(home, 121, moved_by="e1")
    assert (await settled(home))["DELTA_USAGE"] == [pytest.approx(-CAR_W / 1000 / 60, abs=0.004)]


async def test_a_car_that_is_unplugged_delivers_nothing_any_more(home: Home) -> None:
    home.events.receive(event(length_s=60))
    run(home, 60, CAR_W)
    run(home, 90, moved_by="e1")
    for second in range(91, 122):
        home.clock.seconds = second
        home.measure(HOUSE_W, [car(0.0, is_plugged=False)])
        home.events.advance()
    assert (await settled(home))["DELTA_USAGE"] == [pytest.approx(-CAR_W / 1000 / 120, abs=0.004)]


async def test_a_device_whose_ways_nobody_knows_leaves_no_such_baseline(home: Home) -> None:
    home.events.receive(event(length_s=60))
    run(home, 60)
    pump = Before(device_id="pump", kind=DeviceKind.HEAT_PUMP, power_w=0)
    for second in range(61, 122):
        home.clock.seconds = second
        home.measure(HOUSE_W, [car(0.0), DeviceNow(before=pump, moved_by="e1")])
        home.events.advance()
    assert "BASELINE" not in await settled(home)


@pytest.mark.parametrize(
    ("back_s", "status", "coverage"),
    [(100, EventStatus.SUCCEEDED, 1.0), (300, EventStatus.ABORTED, 1.0)],
    ids=["back before the end", "back after the end"],
)
async def test_the_energy_of_an_event_survives_a_kill_and_one_that_was_slept_through_did_not_succeed(
    home: Home, back_s: int, status: EventStatus, coverage: float
) -> None:
    home.events.receive(event(length_s=120))
    run(home, 75)
    await home.journal.durable()
    home.clock.seconds = back_s
    await home.restart()
    run(home, 301)
    values = await settled(home)
    assert home.record().status is status
    assert values["USAGE"] == [pytest.approx(HOUSE_W * 120 / 3_600_000, abs=0.001)]
    assert values["COVERAGE"] == [coverage]
    assert "KEPT_SHARE" not in values


async def test_a_receipt_is_kept_and_holds_after_a_restart(home: Home) -> None:
    home.events.receive(event(length_s=60))
    run(home, 60, CAR_W)
    run(home, 121, moved_by="e1")
    told = await settled(home)
    await home.restart()
    (kept,) = await home.store.receipts(subject="e1")
    assert home.events.results.outcomes["e1"] == kept.document["results"]
    assert verify(kept, told["RECEIPT"][0]) == []
    results: Any = kept.document["results"]
    assert told["USAGE"] == [results["used_wh"] / 1000]
    delivered_wh = results["baselines"]["as_dispatched"]["delivered_wh"]
    assert told["DELTA_USAGE"] == [-delivered_wh / 1000]


async def test_a_receipt_that_follows_up_another_is_told_where_its_figures_are_otherwise(home: Home) -> None:
    home.events.receive(event(start_s=60, length_s=600))
    run(home, 700)
    (report,) = await home.reports("settlement")
    (first,) = await home.store.receipts(subject="e1")
    # What was taken back is no part of what the aggregator is told.
    second_one = followed_up(first, asked=None, after=Missing.NO_HISTORY, given_up=None)
    assert second_one is not None
    home.events.follow_up(second_one)
    assert await home.reports("settlement") == [report]
    (kept,) = await home.store.receipts(subject="e1")
    assert kept.digest == second_one.digest
    terms = Terms(currency="EUR", per_kwh=Decimal("0.5"))
    account = account_from(second_one)
    third = receipt(replace(account, terms=terms, replaces=second_one.digest))
    home.events.follow_up(third)
    reports = await home.reports("settlement")
    assert [payloads(each)["RECEIPT"] for each in reports] == [[first.digest], [third.digest]]
    assert len({each["id"] for each in reports}) == 2


async def test_a_running_event_tells_the_figures_of_the_receipt_so_far(home: Home) -> None:
    home.events.receive(event(length_s=120))
    run(home, 60, CAR_W)
    run(home, 121, moved_by="e1")
    newest = (await home.reports("measurement"))[-1]
    results = home.events.results.so_far["e1"]
    assert payloads(newest)["BASELINE_RULE"] == [results["rule"]]
    assert payloads(newest)["DELTA_USAGE"] == [-results["baselines"]["as_dispatched"]["delivered_wh"] / 1000]
    run(home, 200)
    assert home.events.results.so_far == {}


async def test_an_event_that_the_home_asked_for_itself_has_a_receipt_and_no_report(home: Home) -> None:
    home.events.receive(event(length_s=60))
    home.at(1)
    own = home.record()
    home.events.add(replace(own.event, event_id="own", source=Source.RESIDENT))
    run(home, 121)
    assert {each["eventID"] for each in await home.reports("settlement")} == {"e1"}
    assert len(await home.store.receipts(subject="own")) == 1


async def test_a_long_event_does_not_wear_the_memory_card(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[float] = []
    home.events.receive(event(length_s=6 * 3600))
    for minute in range(1, 330):
        home.clock.seconds = 60.0 * minute
        home.measure(HOUSE_W)
        home.events.advance()
    put = home.journal.put_events

    def noted(records: Any, *more: Any, **named: Any) -> None:
        written.extend(home.clock.seconds for _ in records)
        put(records, *more, **named)

    monkeypatch.setattr(home.journal, "put_events", noted)
    run(home, 60 * 329 + 120)
    assert len(home.record().tally.parts) > 16
    assert 1 <= len(written) <= 3
