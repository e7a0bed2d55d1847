"""What is durable of events and of what the resident said of them comes back after a restart."""

import sqlite3

import pytest

from custom_components.home_flex.core.events.consent import JoinRule, Programme
from custom_components.home_flex.core.events.outcome import StatusReason

from .service_home import Home, event


async def test_what_an_event_pays_outlives_a_restart(home: Home) -> None:
    limit = {"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}
    home.events.receive(event(intervals=[{"id": 0, "payloads": [{"type": "PRICE", "values": [0.3]}, limit]}]))
    await home.restart()
    assert home.record().event.intervals[0].pays_per_kwh == 0.3


async def test_what_was_said_of_a_programme_outlives_a_restart(home: Home) -> None:
    home.events.agree("program-1", Programme(rule=JoinRule.ASK, pays_per_kwh=0.25))
    await home.restart()
    assert home.events.programmes == {"program-1": Programme(rule=JoinRule.ASK, pays_per_kwh=0.25)}
    home.events.receive(event(programID="program-1"))
    assert (home.record().opted_out, home.record().reason) == (True, StatusReason.NOT_ANSWERED)


async def test_a_yes_to_an_event_that_asks_outlives_a_restart(home: Home) -> None:
    home.events.agree("program-1", Programme(rule=JoinRule.ASK))
    home.events.receive(event(programID="program-1"))
    home.events.opt_in("e1")
    await home.restart()
    assert not home.record().opted_out


@pytest.mark.parametrize("kept", [["rubbish"], "rubbish", 5])
async def test_rules_that_cannot_be_read_let_the_home_take_part_in_nothing(home: Home, kept: object) -> None:
    home.journal.put_setting("programmes", kept)
    await home.restart()
    home.events.receive(event(programID="program-1"))
    assert home.record().opted_out


async def test_of_a_programme_whose_rule_cannot_be_read_the_resident_is_asked(home: Home) -> None:
    home.journal.put_setting("programmes", {"program-1": {"rule": "sometimes", "pays_per_kwh": "much"}})
    await home.restart()
    assert home.events.programmes == {"program-1": Programme(rule=JoinRule.ASK)}


async def test_one_bad_record_is_set_aside_and_the_others_go_on(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    home.events.receive(event("good"))
    home.journal.put_events({"bad": '{"event": "of another kind"}'})
    await home.restart()
    assert set(home.events.book.records) == {"good"}
    assert home.events.records_set_aside == 1
    assert "set aside" in caplog.text
    await home.restart()
    assert home.events.records_set_aside == 0
    connection = sqlite3.connect(home.path)
    assert connection.execute("SELECT record FROM record_set_aside").fetchall() == [
        ('{"event": "of another kind"}',)
    ]
    connection.close()
