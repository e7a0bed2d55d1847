"""The service where events arrive: in force at once, durable before it is told, reported once, measured."""

import logging
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.aggregator.link import Incoming
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.events.schedule import commands_at
from custom_components.home_flex.core.model import Scope, ScopeKind
from custom_components.home_flex.runtime.event_meter import Sample

from .service_home import START, Home, document, event, message, payloads

RELATIVE = ("DISPATCH_SETPOINT_RELATIVE", -1.5)


async def test_an_event_is_acknowledged_and_durable(home: Home) -> None:
    home.events.receive(event())
    (report,) = await home.reports("acknowledgement")
    assert payloads(report)["INSTRUCTION_STATUS"] == ["ACCEPTED"]
    assert set(await home.store.load_records()) == {"e1"}


async def test_a_repeated_delivery_is_reported_once_even_across_a_restart(home: Home) -> None:
    home.events.receive(event())
    home.events.receive(event())
    await home.restart()
    home.events.receive(event())
    assert len(await home.reports("acknowledgement")) == 1
    assert home.told == [(None, EventStatus.ACCEPTED)]


async def test_an_event_goes_on_after_a_restart_in_its_middle_and_is_settled_once(home: Home) -> None:
    home.events.receive(event())
    home.at(61)
    await home.restart()
    home.at(120)
    home.at(661)
    home.at(725)
    assert [status for _, status in home.told] == [
        EventStatus.ACCEPTED,
        EventStatus.STARTED,
        EventStatus.SUCCEEDED,
    ]
    assert len(await home.reports("settlement")) == 1


async def test_a_refused_message_is_answered_and_changes_nothing(home: Home) -> None:
    home.events.receive(event(intervals=[]))
    home.events.receive(Incoming("create", b"\xff not json"))
    reports = await home.reports("refusal")
    assert {payloads(report)["REASON"][0] for report in reports} == {"too_many_intervals", "not_json"}
    assert not home.events.book.records


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"start_s": -900}, "in_the_past"),
        ({"start_s": 32 * 86_400}, "too_far_ahead"),
        ({"payload": ("DISPATCH_SETPOINT", -500.0)}, "not_possible"),
    ],
)
async def test_an_event_that_cannot_be_taken_is_answered_and_not_kept(
    home: Home, changes: dict[str, Any], reason: str
) -> None:
    home.events.receive(event(**changes))
    (report,) = await home.reports("refusal")
    assert payloads(report)["ACK"] == [False]
    assert payloads(report)["INSTRUCTION_STATUS"] == ["REJECTED"]
    assert payloads(report)["REASON"][0] == reason
    assert not home.events.book.records


async def test_a_late_copy_of_an_event_that_is_over_is_not_answered_again(home: Home) -> None:
    home.events.receive(event())
    home.at(60)
    home.at(660)
    home.events.receive(event())
    assert await home.reports("refusal") == []
    assert home.record().status is EventStatus.SUCCEEDED


async def test_a_newer_version_of_an_ended_event_is_refused_with_how_it_ended(home: Home) -> None:
    home.events.receive(event())
    home.at(60)
    home.at(660)
    home.events.receive(message("update", document(length_s=3600, modified_s=600)))
    home.at(725)
    (report,) = await home.reports("refusal")
    assert payloads(report)["REASON"][0] == "already_ended"
    assert payloads(report)["INSTRUCTION_STATUS"] == ["SUCCEEDED"]
    assert len(await home.reports("settlement")) == 1


async def test_a_newer_version_that_is_over_ends_a_running_event_at_once(home: Home) -> None:
    home.events.receive(event())
    home.at(120)
    home.events.receive(message("update", document(length_s=30, modified_s=110)))
    assert home.record().status is EventStatus.SUCCEEDED
    assert commands_at(home.events.book, home.clock()) == ()
    home.at(185)
    assert len(await home.reports("settlement")) == 1


async def test_an_event_moved_ahead_is_settled_for_what_it_did_and_again_at_its_end(home: Home) -> None:
    home.events.receive(event())
    home.at(60)
    home.measure(3600)
    home.clock.seconds = 70
    home.measure(3600)
    home.events.receive(message("update", document(start_s=1000, modified_s=65)))
    home.at(1000)
    home.at(1600)
    home.at(1665)
    first, second = await home.reports("settlement")
    assert payloads(first)["USAGE"] == [0.01]
    assert payloads(first)["REASON"] == ["moved"]
    assert payloads(second)["INSTRUCTION_STATUS"] == ["SUCCEEDED"]
    assert first["id"] != second["id"]


async def test_a_relative_setpoint_asks_for_the_same_after_every_restart(home: Home) -> None:
    home.events.receive(event(payload=RELATIVE))
    home.clock.seconds = 59
    home.measure(3000)
    home.at(60)
    targets = []
    for second in (61, 62, 63):
        targets += [command.target_w for command in commands_at(home.events.book, home.clock())]
        await home.restart()
        home.clock.seconds = second
        home.measure(1500.0 - second)
        home.at(second)
    assert targets == [1500.0] * 3


async def test_a_relative_setpoint_whose_start_the_meter_missed_counts_from_what_it_says_first(
    home: Home,
) -> None:
    home.events.receive(event(payload=RELATIVE))
    home.at(60)
    (command,) = commands_at(home.events.book, home.clock())
    assert command.target_w is None
    home.measure(4000)
    home.at(61)
    (command,) = commands_at(home.events.book, home.clock())
    assert command.target_w == 2500
    await home.restart()
    assert home.record().baseline_w == 4000


async def test_each_opt_out_is_reported_also_the_second(home: Home) -> None:
    home.events.receive(event())
    for seconds in (1, 2, 3):
        home.clock.seconds = seconds
        (home.events.opt_in if seconds == 2 else home.events.opt_out)("e1")
    states = [payloads(report)["OPERATING_STATE"][0] for report in await home.reports("status")]
    assert states == ["IDLE_OPTED_OUT", "NORMAL", "IDLE_OPTED_OUT"]


async def test_a_grid_operators_limit_cannot_be_left(home: Home) -> None:
    home.events.receive(event(programID="grid"))
    home.events.opt_out(None)
    assert not home.record().opted_out


@pytest.mark.parametrize("road", ["update", "delete and create", "restart", "switch", "forgotten record"])
async def test_a_no_stays_a_no(home: Home, road: str) -> None:
    home.events.receive(event())
    home.events.opt_out("e1")
    match road:
        case "update":
            home.events.receive(message("update", document(length_s=900, modified_s=1)))
        case "delete and create":
            home.events.receive(message("delete", document(modified_s=1)))
            home.events.receive(event(modified_s=2))
        case "restart":
            await home.restart()
        case "switch":
            home.events.participate(False)
            home.events.participate(True)
        case "forgotten record":
            home.journal.put_events({"e1": None})
            await home.restart()
            assert not home.events.book.records
            home.events.receive(event())
    home.at(60)
    assert commands_at(home.events.book, home.clock()) == ()


async def test_an_event_that_was_left_does_not_become_binding_by_a_newer_version(home: Home) -> None:
    home.events.receive(event())
    home.events.opt_out("e1")
    home.events.receive(message("update", document(modified_s=1, programID="grid")))
    (report,) = await home.reports("refusal")
    assert payloads(report)["REASON"][0] == "program_changed"
    home.at(60)
    assert commands_at(home.events.book, home.clock()) == ()


async def test_a_yes_of_a_home_that_takes_no_part_is_remembered(home: Home) -> None:
    home.events.participate(False)
    home.events.receive(event())
    assert home.record().opted_out
    home.events.opt_in("e1")
    await home.restart()
    home.events.receive(message("update", document(length_s=900, modified_s=1)))
    assert not home.events.participating
    assert not home.record().opted_out


async def test_open_events_told_after_a_reconnection_are_taken_once(home: Home) -> None:
    home.answer(document(), {"id": "broken"})
    home.events.receive(event())
    assert len(await home.reports("acknowledgement")) == 1
    assert len(await home.reports("refusal")) == 1


async def test_an_event_taken_back_while_the_home_was_away_does_not_run(home: Home) -> None:
    home.events.receive(event("kept"))
    home.events.receive(event("gone"))
    await home.restart()
    home.answer(document("kept"))
    home.at(60)
    assert [record.status for record in home.events.book.records.values()] == [
        EventStatus.REVOKED,
        EventStatus.STARTED,
    ]
    (report,) = [each for each in await home.reports("status") if each["eventID"] == "gone"]
    assert payloads(report)["REASON"] == ["withdrawn"]


async def test_a_running_event_that_is_no_longer_open_ends(home: Home) -> None:
    home.events.receive(event())
    home.at(60)
    home.answer()
    assert home.record().status is EventStatus.REVOKED
    home.at(125)
    assert len(await home.reports("settlement")) == 1


@pytest.mark.parametrize(
    "payload", [b"", b'{"correlation": "CORRELATION", "events": [', b'{"correlation": "CORRELATION"}', b"[]"]
)
async def test_a_list_that_cannot_be_read_takes_nothing_back(home: Home, payload: bytes) -> None:
    home.events.receive(event())
    home.events.receive(Incoming("response", payload.replace(b"CORRELATION", home.events.ask().encode())))
    assert home.record().status is EventStatus.ACCEPTED
    assert len(await home.reports("refusal")) == 1


async def test_a_list_with_a_refused_event_does_not_take_that_one_back(home: Home) -> None:
    home.events.receive(event("refused"))
    home.events.receive(event("gone"))
    home.answer(document("refused", modified_s=1, intervals=[]))
    assert home.record("refused").status is EventStatus.ACCEPTED
    assert home.record("gone").status is EventStatus.REVOKED


async def test_a_list_with_an_event_that_has_no_id_takes_nothing_back(home: Home) -> None:
    home.events.receive(event())
    home.answer({"objectType": "EVENT"})
    assert home.record().status is EventStatus.ACCEPTED


async def test_what_is_heard_of_after_the_home_asked_is_not_taken_back_by_the_answer(home: Home) -> None:
    home.events.receive(event("before"))
    asked = home.events.ask()
    home.events.receive(event("after"))
    home.answer(correlation=asked)
    assert home.record("before").status is EventStatus.REVOKED
    assert home.record("after").status is EventStatus.ACCEPTED


async def test_what_a_list_leaves_out_and_a_queue_brought_late_is_asked_about_and_goes_with_the_next(
    home: Home,
) -> None:
    asked = home.events.ask()
    home.events.receive(event("queued"))
    home.answer(correlation=asked)
    assert home.asked_again == 1
    home.answer()
    assert home.record("queued").status is EventStatus.REVOKED
    asked = home.events.ask()
    home.events.receive(event("listed"))
    home.answer(document("listed"), correlation=asked)
    assert home.asked_again == 1


async def test_a_list_that_was_not_asked_for_or_comes_late_is_ignored(home: Home) -> None:
    home.answer(document("new"), correlation="made up")
    assert not home.events.book.records
    home.events.receive(event())
    old = home.events.ask()
    home.events.ask()
    home.answer(correlation=old)
    assert home.record().status is EventStatus.ACCEPTED


async def test_an_answer_that_comes_twice_is_taken_once(home: Home) -> None:
    asked = home.events.ask()
    home.answer(document("first"), correlation=asked)
    home.answer(document("second"), correlation=asked)
    assert set(home.events.book.records) == {"first"}


async def test_each_home_starts_at_a_time_of_its_own_and_at_the_same_after_a_restart(tmp_path: Path) -> None:
    period = {
        "start": (START + timedelta(seconds=60)).isoformat(),
        "duration": "PT10M",
        "randomizeStart": "PT10M",
    }
    starts = []
    for number in range(20):
        home = Home(tmp_path / f"{number}.sqlite", f"home-{number}")
        await home.start()
        home.events.receive(event(intervalPeriod=period))
        start = home.record().event.start
        await home.restart()
        home.events.receive(message("update", document(modified_s=1, intervalPeriod=period)))
        assert home.record().event.start == start
        starts.append(start)
        await home.stop()
    assert len(set(starts)) == 20
    assert max(starts) - min(starts) > timedelta(minutes=5)
    expected = random.Random("home-7\ne1").random() * timedelta(minutes=10)  # noqa: S311 # no secret
    assert starts[7] == START + timedelta(seconds=60) + expected


async def test_a_reward_beside_a_limit_does_not_refuse_the_event_and_is_named(home: Home) -> None:
    limit = {"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}
    home.events.receive(
        event(intervals=[{"id": 0, "payloads": [{"type": "X_REWARD", "values": [3]}, limit]}])
    )
    (report,) = await home.reports("acknowledgement")
    assert payloads(report)["ACK"] == [True]
    assert "X_REWARD" in payloads(report)["REASON"][1]
    await home.restart()
    assert home.record().event.left_out == ("X_REWARD",)


async def test_thousands_of_bad_messages_make_one_line_each_kind_and_hour(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(300):
        home.events.receive(Incoming("create", b"rubbish"))
        home.events.receive(event(intervals=[]))
    assert len(caplog.records) == 2
    home.clock.seconds = 3600
    home.events.receive(Incoming("create", b"rubbish"))
    assert len(caplog.records) == 3
    assert "299 more" in caplog.text


@pytest.mark.parametrize("error_s", [3600.0, -3600.0, -172_800.0])
async def test_a_wrong_clock_neither_adds_nor_hides_energy(home: Home, error_s: float) -> None:
    home.events.receive(event(length_s=100))
    home.clock.seconds = 60
    home.measure(3600)
    home.at(60)
    home.clock.wall_error_s = error_s
    home.events.clock_stepped()
    for second in range(61, 81):
        home.clock.seconds = second
        home.measure(3600)
        home.events.advance(may_end=False)
    home.clock.wall_error_s = 0.0
    home.events.clock_stepped()
    for second in range(81, 101):
        home.clock.seconds = second
        home.measure(3600)
        home.events.advance()
    assert home.record().status is EventStatus.STARTED
    # The first sample after each step has none before it to be measured from.
    # Nothing is placed by a clock that is wrong; the first word after it brings what came meanwhile.
    assert home.record().tally.covered_s == 40
    assert home.record().tally.energy_wh == pytest.approx(40.0)


async def test_the_next_moment_of_an_event_is_waited_for_no_longer(home: Home) -> None:
    assert home.events.due_in_s(1.0) == 1.0
    home.events.receive(event(start_s=60.25))
    home.at(60)
    assert home.events.due_in_s(1.0) == pytest.approx(0.25)
    home.at(61)
    assert home.events.due_in_s(1.0) == 1.0


async def test_an_event_of_a_group_outlives_a_restart_and_ends_when_the_group_is_gone(home: Home) -> None:
    home.group_ids = frozenset({"cellar"})
    await home.restart()
    home.events.receive(event(targets=["cellar"]))
    home.at(60)
    await home.restart()
    assert [command.scope.id for command in commands_at(home.events.book, home.clock())] == ["cellar"]
    home.group_ids = frozenset()
    await home.restart()
    assert (home.record().status, home.record().reason) == (EventStatus.ABORTED, "group_gone")
    home.at(125)
    (report,) = await home.reports("settlement")
    assert payloads(report)["REASON"] == ["group_gone"]


async def test_a_group_s_event_is_measured_where_the_group_is(home: Home) -> None:
    home.group_ids = frozenset({"cellar"})
    await home.restart()
    cellar = Scope(ScopeKind.GROUP, "cellar")
    home.events.receive(event("site", length_s=100))
    home.events.receive(event("group", length_s=100, targets=["cellar"]))
    for second in range(1, 162):
        home.clock.seconds = second
        power_w = 3600 if second <= 60 else 1800
        home.measure(7200)
        home.events.sample(cellar, Sample(power_w=power_w, counted_w=power_w))
        home.events.advance()
    (demand,) = [each for each in await home.reports("measurement") if each["eventID"] == "group"]
    assert payloads(demand)["DEMAND"] == [1.8]
    settled = {each["eventID"]: each for each in await home.reports("settlement")}
    assert settled["site"]["resources"][0]["resourceName"] == "SITE"
    assert payloads(settled["site"])["USAGE"] == [0.2]
    assert payloads(settled["site"])["KEPT_SHARE"] == [0.0]
    assert settled["group"]["resources"][0]["resourceName"] == "cellar"
    assert payloads(settled["group"])["USAGE"] == [0.05]
    assert payloads(settled["group"])["KEPT_SHARE"] == [1.0]
