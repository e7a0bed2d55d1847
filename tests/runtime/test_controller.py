"""The site at run time: whatever happens to disk and clock, each second is decided."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.home_flex.core.control.dimming import Dimming
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.model import DeviceKind, MeterReading
from custom_components.home_flex.core.wishes import pause, resume
from custom_components.home_flex.core.wishes.changes import with_device
from custom_components.home_flex.history.store import Batch, HistoryStore
from custom_components.home_flex.runtime.home_settings import Heard
from custom_components.home_flex.runtime.view import RequestError, view_as_dict

from .running_house import House, running
from .service_home import document, event, message


class HangingStore(HistoryStore):
    """A real store whose disk, when it hangs, neither takes nor refuses anything."""

    hangs = False

    async def write(self, batch: Batch) -> None:
        while self.hangs:  # noqa: ASYNC110 # what hangs tells nobody when it goes on
            await asyncio.sleep(0.01)
        await super().write(batch)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[HangingStore]:
    store = await HangingStore.open(tmp_path / "home.sqlite")
    assert isinstance(store, HangingStore)
    yield store
    store.hangs = False
    await store.close()


@pytest.fixture
async def house(store: HangingStore) -> AsyncIterator[House]:
    async with running(House(store)) as house:
        yield house
        store.hangs = False


async def test_an_event_runs_from_start_to_hand_back_and_new_ones_are_taken_while_the_disk_hangs(
    house: House, store: HangingStore
) -> None:
    house.controller.events.receive(event(start_s=5, length_s=20))
    await house.run(2)
    await house.journal.durable()
    store.hangs = True
    await house.run(16)
    assert house.status() is EventStatus.STARTED
    assert house.grid_w <= 2100
    house.controller.events.receive(event("e2", start_s=40, length_s=20))
    await house.run(12)
    assert house.status() is EventStatus.SUCCEEDED
    assert house.battery.power_w is None
    await house.run(25)
    assert house.status("e2") is EventStatus.STARTED
    assert house.grid_w <= 2100
    assert await told(house, "settlement") == 0
    store.hangs = False
    await house.journal.durable()
    assert await told(house, "settlement") == 1


async def told(house: House, name: str) -> int:
    """Return how many reports of a name are ready to be sent."""
    reports = await house.journal.pending_reports(99)
    return sum(f'"reportName": "{name}"'.encode() in report.payload for report in reports)


async def test_the_main_fuse_is_guarded_while_the_disk_hangs(house: House, store: HangingStore) -> None:
    await house.run(3)
    store.hangs = True
    house.load_w = 20_000.0
    await house.run(20)
    assert house.grid_w <= 3 * 25 * 230


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, -172_800.0])
async def test_a_clock_that_steps_is_said_once_told_and_asked_about(
    house: House, caplog: pytest.LogCaptureFixture, step_s: float
) -> None:
    caplog.set_level(logging.WARNING)
    await house.run(3)
    house.clock.wall_error_s = step_s
    await house.run(3)
    assert house.asked_again == 1
    assert house.views[-1].clock_step_s == pytest.approx(step_s)
    assert [record for record in caplog.records if "clock" in record.message] == caplog.records[:1]
    house.clock.wall_error_s = 0.0
    await house.run(3)
    assert house.asked_again == 2
    house.clock.seconds += 3600
    await house.run(1)
    assert house.views[-1].clock_step_s is None


async def test_a_running_event_outlives_a_clock_that_is_an_hour_ahead_for_less_than_a_minute(
    house: House,
) -> None:
    house.controller.events.receive(event(start_s=5, length_s=300))
    await house.run(10)
    house.clock.wall_error_s = 3600
    await house.run(30)
    house.clock.wall_error_s = 0
    await house.run(30)
    assert house.status() is EventStatus.STARTED


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, -172_800.0])
async def test_a_limit_in_force_is_kept_while_a_step_of_the_clock_is_fresh(
    house: House, step_s: float
) -> None:
    house.controller.events.receive(event(start_s=5, length_s=300))
    await house.run(10)
    assert house.grid_w <= 2100
    house.clock.wall_error_s = step_s
    for _ in range(30):
        await house.run(1)
        assert house.grid_w <= 2100
    house.clock.wall_error_s = 0
    await house.run(65)
    assert house.grid_w <= 2100
    await house.run(300)
    assert house.status() is EventStatus.SUCCEEDED
    assert house.battery.power_w is None


async def test_a_wish_with_an_end_outlives_a_clock_that_is_ahead_for_less_than_a_minute(house: House) -> None:
    until = house.clock() + timedelta(seconds=200)
    await house.controller.requests.change_wishes(lambda wishes: pause(wishes, until))
    house.clock.wall_error_s = 172_800
    await house.run(30)
    house.clock.wall_error_s = 0
    await house.run(100)
    assert house.controller.wishes.wishes.site.paused
    await house.run(100)
    assert not house.controller.wishes.wishes.site.paused


async def test_an_event_ends_when_a_clock_that_stepped_has_run_evenly_for_a_minute(house: House) -> None:
    house.controller.events.receive(event(start_s=5, length_s=300))
    await house.run(10)
    house.clock.wall_error_s = 3600
    await house.run(62)
    assert house.status() is EventStatus.SUCCEEDED


async def test_many_long_events_leave_the_status_small_and_say_how_many_there_are(house: House) -> None:
    intervals = [{"id": n, "payloads": [{"type": "SIMPLE", "values": [1]}]} for n in range(200)]
    for number in range(100):
        house.controller.events.receive(
            event(f"e{number}", start_s=3600 + number, length_s=60, intervals=intervals)
        )
    await house.run(1)
    status = view_as_dict(house.controller.view())
    known = status["records_known"]
    assert known == len(house.controller.events.book.records)
    assert 30 < known < 100
    assert len(str(status)) < 200_000
    assert status["records"][0]["event"]["event_id"] == "e0"
    house.controller.events.receive(message("create", document("limit", programID="grid")))
    assert house.status("limit") is EventStatus.ACCEPTED
    assert view_as_dict(house.controller.view())["records_known"] == known + 1


async def test_leaving_one_event_is_kept_over_the_switch(house: House) -> None:
    house.controller.events.receive(event(start_s=5, length_s=300))
    await house.run(1)
    await house.controller.requests.opt_out("e1")
    await house.controller.requests.set_participating(False)
    await house.controller.requests.set_participating(True)
    await house.run(20)
    assert house.grid_w == 3000


async def test_a_pause_leaves_the_events_for_good_also_those_that_come_while_it_lasts(house: House) -> None:
    house.controller.events.receive(event(start_s=5, length_s=300))
    await house.run(12)
    assert house.grid_w <= 2100
    await house.controller.requests.change_wishes(pause)
    house.controller.events.receive(event("e2", start_s=30, length_s=300))
    await house.run(3)
    records = house.controller.events.book.records
    assert records["e1"].opted_out
    assert records["e2"].opted_out
    with pytest.raises(RequestError, match="paused"):
        await house.controller.requests.opt_in("e1")
    await house.controller.requests.change_wishes(resume)
    await house.controller.requests.set_participating(True)
    await house.run(40)
    assert house.grid_w == 3000
    await house.controller.requests.opt_in(None)
    await house.run(10)
    assert house.grid_w <= 2100


async def test_a_pause_leaves_the_residents_own_event_for_good_and_hands_the_battery_back(
    house: House,
) -> None:
    event_id = await house.controller.requests.dispatch(import_limit_w=2000, duration=timedelta(minutes=10))
    await house.run(10)
    assert house.grid_w <= 2100
    await house.controller.requests.change_wishes(pause)
    await house.run(10)
    assert house.controller.events.book.records[event_id].opted_out
    assert house.battery.power_w is None
    view = house.controller.view()
    assert (view.import_limit_w, view.limit_owner) == (None, None)
    await house.controller.requests.change_wishes(resume)
    await house.run(20)
    assert house.grid_w == 3000
    await house.controller.requests.opt_in(event_id)
    await house.run(10)
    assert house.grid_w <= 2100


@pytest.mark.parametrize("pause_s", [None, 120])
async def test_while_everything_is_paused_nothing_can_be_dispatched(
    house: House, pause_s: int | None
) -> None:
    until = None if pause_s is None else house.clock() + timedelta(seconds=pause_s)
    await house.controller.requests.change_wishes(lambda wishes: pause(wishes, until))
    with pytest.raises(RequestError, match="paused"):
        await house.controller.requests.dispatch(import_limit_w=2000, duration=timedelta(minutes=10))
    assert not house.controller.events.book.records


async def test_what_is_dispatched_for_after_the_pause_begins_after_it(house: House) -> None:
    until = house.clock() + timedelta(seconds=30)
    await house.controller.requests.change_wishes(lambda wishes: pause(wishes, until))
    await house.controller.requests.dispatch(import_limit_w=2000, start=until, duration=timedelta(minutes=10))
    await house.run(28)
    assert house.grid_w == 3000
    await house.run(15)
    assert house.grid_w <= 2100


async def test_an_own_event_whose_time_comes_while_paused_does_not_begin(house: House) -> None:
    later = house.clock() + timedelta(seconds=20)
    event_id = await house.controller.requests.dispatch(
        import_limit_w=2000, start=later, duration=timedelta(minutes=10)
    )
    await house.controller.requests.change_wishes(pause)
    await house.run(10)
    assert not house.controller.events.book.records[event_id].opted_out
    await house.run(20)
    assert house.controller.events.book.records[event_id].opted_out
    await house.controller.requests.change_wishes(resume)
    await house.run(20)
    assert house.grid_w == 3000


async def test_a_pause_does_not_leave_the_grid_operators_events(house: House) -> None:
    house.controller.events.receive(message("create", document("limit", programID="grid", start_s=1)))
    await house.controller.requests.change_wishes(pause)
    await house.run(10)
    assert not house.controller.events.book.records["limit"].opted_out
    assert house.grid_w <= 2100


async def test_a_dimmed_group_draws_no_more_than_its_floor_and_is_free_again_after(house: House) -> None:
    house.load_w = 500.0
    house.controller.events.receive(event(start_s=1, length_s=300, payload=("DISPATCH_SETPOINT", 9.0)))
    await house.run(10)
    own_limit_w = house.battery.power_w
    assert own_limit_w == pytest.approx(4800, abs=150)
    await house.controller.requests.dim_group("dimmed", Dimming())
    await house.run(10)
    assert house.battery.power_w == pytest.approx(4200, abs=1)
    (view,) = house.controller.view().groups
    assert (view.limit_w, view.below_floor) == (4200.0, False)
    await house.controller.requests.dim_group("dimmed", None)
    await house.run(10)
    assert house.battery.power_w == own_limit_w


@pytest.mark.parametrize(
    ("payload", "before_w", "battery_w"),
    [
        (("DISPATCH_SETPOINT", 2.0), 0.0, 2000.0),
        (("DISPATCH_SETPOINT_RELATIVE", -1.5), 0.0, -1500.0),
        (("IMPORT_CAPACITY_LIMIT", 1.0), 3000.0, 0.0),
        (("EXPORT_CAPACITY_LIMIT", 1.0), -3000.0, -500.0),
    ],
)
async def test_an_event_of_a_group_is_kept_by_its_devices_and_reported_of_them(
    house: House, payload: tuple[str, float], before_w: float, battery_w: float
) -> None:
    house.load_w, house.own_w = 500.0, before_w
    await house.run(65)
    at_s = house.clock.seconds
    told_of = document(
        start_s=at_s + 5, length_s=60, modified_s=at_s, payload=payload, targets=["home-1", "own"]
    )
    house.controller.events.receive(message("create", told_of))
    await house.run(20)
    assert house.battery_w == pytest.approx(battery_w, abs=1)
    view = house.controller.view()
    assert (view.import_limit_w, view.export_limit_w, view.limit_owner) == (None, None, None)
    await house.run(50)
    record = house.controller.events.book.records["e1"]
    assert record.status is EventStatus.SUCCEEDED
    assert record.baseline_w == pytest.approx(before_w)
    assert record.tally.energy_wh == pytest.approx(battery_w / 60, abs=abs(battery_w - before_w) / 600)
    assert 0.9 < record.tally.kept_s / record.tally.watched_s <= 1.0


async def test_an_event_of_a_group_that_it_does_not_keep_is_not_said_to_be_kept(house: House) -> None:
    house.own_w = 3000.0
    await house.controller.requests.change_wishes(
        lambda wishes: with_device(wishes, DeviceKind.BATTERY, managed=False)
    )
    limit = document(start_s=5, length_s=60, payload=("IMPORT_CAPACITY_LIMIT", 1.0), targets=["own"])
    house.controller.events.receive(message("create", limit))
    await house.run(70)
    record = house.controller.events.book.records["e1"]
    assert record.tally.covered_s > 50
    # The second in which it begins is counted as before it.
    assert record.tally.kept_s <= 1.0


async def test_an_entity_dims_a_group_while_it_is_on(house: House) -> None:
    house.load_w = 500.0
    house.controller.events.receive(event(start_s=1, length_s=300, payload=("DISPATCH_SETPOINT", 9.0)))
    house.heard = Heard(signals={"dimmed": True})
    await house.run(10)
    assert house.battery.power_w == pytest.approx(4200, abs=1)


async def test_a_device_is_not_disturbed_in_its_times(house: House) -> None:
    house.heard = Heard(quiet=frozenset({DeviceKind.BATTERY}))
    house.controller.events.receive(event(start_s=1, length_s=300))
    await house.run(10)
    assert house.battery.power_w is None
    house.heard = Heard()
    await house.run(10)
    assert house.grid_w <= 2100


async def test_a_reading_that_cannot_be_true_moves_nothing_and_is_said_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.controller.events.receive(event(start_s=2, length_s=600))
    await house.run(30)
    held_w = house.battery.power_w
    assert held_w is not None
    for _ in range(5):
        house.meter.publish(MeterReading(time=house.clock(), power_w=-60_000.0))
        await house.run(1)
    assert house.battery.power_w == held_w
    assert caplog.text.count("cannot be true") == 1


async def test_a_meter_that_tells_only_what_cannot_be_true_is_lost_and_comes_back(house: House) -> None:
    await house.run(5)
    meter = house.controller.slots[DeviceKind.GRID_METER]
    for _ in range(40):
        house.clock.seconds += 1
        house.meter.publish(MeterReading(time=house.clock(), power_w=-60_000.0))
    assert (meter.reading, meter.link_reason) == (None, "incredible")
    await house.run(1)
    assert (meter.reading is not None, meter.link_reason) == (True, None)


async def test_a_device_that_is_kept_out_of_an_event_is_not_moved_by_it(house: House) -> None:
    house.controller.events.receive(event(start_s=5, length_s=60))
    await house.controller.requests.spare("e1", DeviceKind.BATTERY, spared=True)
    await house.run(20)
    assert house.status() is EventStatus.STARTED
    assert house.battery.power_w is None
    await house.controller.requests.spare("e1", DeviceKind.BATTERY, spared=False)
    await house.run(10)
    assert house.battery.power_w is not None
    assert house.grid_w <= 2100
    await house.controller.requests.spare("e1", DeviceKind.BATTERY, spared=True)
    await house.run(10)
    assert house.battery.power_w is None


async def test_what_cannot_be_joined_partly_or_kept_out_says_so(house: House) -> None:
    house.controller.events.receive(event(start_s=300, length_s=60))
    for ask, reason in (
        (house.controller.requests.join_partly("e1"), "not_priced"),
        (house.controller.requests.join_partly("gone"), "unknown_event"),
        (house.controller.requests.spare("e1", "toaster", spared=True), "unknown_device"),
        (house.controller.requests.spare("gone", DeviceKind.BATTERY, spared=True), "unknown_event"),
    ):
        with pytest.raises(RequestError) as refused:
            await ask
        assert refused.value.reason == reason
