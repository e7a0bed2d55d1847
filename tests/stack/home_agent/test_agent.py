"""The agent's heartbeat and what it does by itself: the real entry point before the real broker."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from home_agent.heartbeat import document
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it has no types
from wifi_ap.decision import State, Status
from wifi_ap.keeper import tell

from tests.stack.mosquitto.brokers import eventually

from .agent_process import Operator, Stack
from .fake_home_assistant import EVENT, PV_POWER
from .fake_supervisor import RELEASE

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMA = Draft202012Validator(json.loads(Path(document.__file__).with_name("schema.json").read_text()))


async def test_the_heartbeat_arrives_valid_with_all_that_was_found(operator: Operator) -> None:
    beat = await operator.beat(lambda beat: beat["devices"] and beat["healthy"])
    SCHEMA.validate(beat)
    assert beat["services"] == dict.fromkeys(("mosquitto", "influxdb", "home_assistant", "nginx"), "ok")
    assert beat["release"] == RELEASE
    assert beat["versions"]["home_assistant"] == "2026.11.0"
    assert beat["versions"]["supervisor"] == "17.8.3"
    assert [(device["kind"], device["linked"]) for device in beat["devices"]] == [("pv", True)]
    assert beat["queues"]["mqtt_connected"] is True
    assert 0 < beat["machine"]["disk_used"] < 1
    assert datetime.now(UTC) - datetime.fromisoformat(beat["at"]) < timedelta(minutes=5)


async def test_the_heartbeat_is_retained_with_quality_of_service_1(stack: Stack) -> None:
    async with Operator.of(stack.broker) as latecomer:
        await latecomer.beat()
        first = latecomer.said[0]
        assert first.retain
        assert first.qos == 1


async def test_an_access_point_that_cannot_be_on_says_why_at_once(stack: Stack, operator: Operator) -> None:
    tell(stack.agent.access_point, Status(state=State.DISABLED, reason="connect a network cable"))
    beat = await operator.beat(lambda beat: beat["access_point"] is not None)
    assert beat["access_point"] == {"state": "disabled", "reason": "connect a network cable"}
    (stack.agent.access_point / "status.json").unlink()
    await operator.beat(lambda beat: beat["access_point"] is None)


async def test_the_heartbeat_becomes_tags_for_the_fleet_tool(stack: Stack, operator: Operator) -> None:
    beat = await operator.beat(lambda beat: beat["healthy"])
    await eventually(
        lambda: (
            stack.supervisor.tags == {"heartbeat_at": beat["at"], "health": "ok", "access_point": "unknown"}
        ),
        lambda: f"{stack.supervisor.tags} is not of {beat['at']}",
    )


async def test_a_fault_and_its_end_are_told_at_once_and_not_five_minutes_later(
    stack: Stack, operator: Operator
) -> None:
    await stack.home_assistant.show(PV_POWER, "unavailable")
    beat = await operator.beat(lambda beat: "pv_link_down" in beat["problems"])
    assert beat["healthy"] is False
    await eventually(lambda: stack.supervisor.tags["health"] == "pv_link_down", lambda: "no such tag")
    stack.store["problems"] = ["replication_blocked"]
    await operator.beat(lambda beat: "replication_blocked" in beat["problems"])
    stack.store["problems"] = []
    await stack.home_assistant.show(PV_POWER, "-900")
    await operator.beat(lambda beat: beat["healthy"])


async def test_a_bridge_that_is_down_is_told(stack: Stack, operator: Operator) -> None:
    topic = f"{stack.broker.topics}/bridge/state"
    await operator.client.publish(topic, "0", qos=1, retain=True)
    await operator.beat(lambda beat: "bridge_down" in beat["problems"] and not beat["healthy"])
    await operator.client.publish(topic, "1", qos=1, retain=True)
    await operator.beat(lambda beat: beat["queues"]["bridge_connected"] is True and beat["healthy"])


async def test_the_update_lock_is_held_from_the_begin_of_an_event_to_its_end(
    stack: Stack, operator: Operator
) -> None:
    ends = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    await stack.home_assistant.show(EVENT, "running", event_id="event-7", ends=ends)
    beat = await operator.beat(lambda beat: beat["update_lock_held"])
    assert beat["dispatch"] == {
        "state": "running",
        "event_id": "event-7",
        "ends": datetime.fromisoformat(ends).isoformat(),
    }
    assert stack.agent.lock_file.exists()
    await stack.home_assistant.show(EVENT, "idle")
    await operator.beat(lambda beat: not beat["update_lock_held"])
    assert not stack.agent.lock_file.exists()


async def test_a_forced_restart_in_an_event_leaves_the_lock_where_it_was(
    stack: Stack, operator: Operator
) -> None:
    await stack.home_assistant.show(EVENT, "running")
    await operator.beat(lambda beat: beat["update_lock_held"])
    answer = await operator.ask("restart_service", arguments={"service": "nginx"})
    assert answer["status"] == "DONE"
    assert stack.supervisor.restarted == ["nginx"]
    await eventually(stack.agent.lock_file.exists, lambda: "The lock was not taken again")
    await stack.home_assistant.show(EVENT, "idle")
    await eventually(lambda: not stack.agent.lock_file.exists(), lambda: "The lock stays")


async def test_while_the_broker_is_away_the_agent_goes_on_and_the_latest_heartbeat_follows(
    stack: Stack,
) -> None:
    await stack.broker.kill()
    await asyncio.sleep(1)
    await stack.home_assistant.show(PV_POWER, "unavailable")
    await stack.broker.start()
    async with Operator.of(stack.broker) as operator:
        await operator.beat(lambda beat: "pv_link_down" in beat["problems"])
        await stack.home_assistant.show(PV_POWER, "-900")
        await operator.beat(lambda beat: beat["healthy"])


async def test_told_to_end_it_ends_in_order_and_leaves_no_lock(stack: Stack, operator: Operator) -> None:
    await stack.home_assistant.show(EVENT, "running")
    await eventually(stack.agent.lock_file.exists, lambda: "There is no lock")
    async with asyncio.timeout(10):
        await stack.agent.stop()
    assert not stack.agent.lock_file.exists()
    assert "Traceback" not in stack.agent.log()
    await stack.agent.start()
    await eventually(stack.agent.lock_file.exists, lambda: "The next agent takes no lock")


async def test_a_killed_agents_lock_is_taken_over_by_the_next_one_which_frees_it_at_the_end(
    stack: Stack,
) -> None:
    await stack.home_assistant.show(EVENT, "running")
    await eventually(stack.agent.lock_file.exists, lambda: "There is no lock")
    await stack.agent.kill()
    assert stack.agent.lock_file.exists()
    await stack.home_assistant.show(EVENT, "idle")
    await stack.agent.start()
    await eventually(lambda: not stack.agent.lock_file.exists(), lambda: "The lock stays")


async def test_the_health_check_of_its_container_says_whether_it_works(stack: Stack) -> None:
    assert await stack.agent.run("health") is not None
    assert (await stack.agent.run("secret")).splitlines()[-1] == stack.agent.settings["OPERATOR_SECRET"]
