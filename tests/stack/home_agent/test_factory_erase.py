"""Factory erase: in two steps, never during a dispatch; the community is told before anything goes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from home_agent.factory_erase import CODE_LASTS_S, EraseError, FactoryErase
from home_agent.mqtt import MqttLine

from tests.stack.mosquitto.brokers import eventually

from .agent_process import Operator, Stack
from .fake_home_assistant import EVENT

IN_MODULE = pytest.mark.asyncio(loop_scope="module")


@IN_MODULE
async def test_a_code_that_was_not_given_out_erases_nothing(stack: Stack, operator: Operator) -> None:
    answer = await operator.ask("factory_erase", arguments={"code": "12345678"})
    assert answer["status"] == "FAILED"
    assert "ask for another one" in answer["reason"]
    assert stack.supervisor.purges == 0


@IN_MODULE
async def test_a_rehearsal_says_what_would_be_done_and_does_nothing(stack: Stack, operator: Operator) -> None:
    (stack.agent.data / "kept").write_text("x")
    code = (await operator.ask("factory_erase"))["result"]["code"]
    answer = await operator.ask("factory_erase", arguments={"code": code, "dry_run": "true"})
    assert answer["result"]["dry_run"] is True
    assert len(answer["result"]["steps"]) == 3
    assert stack.supervisor.purges == 0
    assert (stack.agent.data / "kept").exists()
    assert operator.documents("revocation") == []


@IN_MODULE
async def test_it_is_refused_during_a_dispatch_in_both_steps(stack: Stack, operator: Operator) -> None:
    code = (await operator.ask("factory_erase"))["result"]["code"]
    ends = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    await stack.home_assistant.show(EVENT, "running", ends=ends)
    await operator.beat(lambda beat: beat["dispatch"]["state"] == "running")
    for arguments in (None, {"code": code}):
        answer = await operator.ask("factory_erase", arguments=arguments)
        assert answer["status"] == "FAILED"
        assert "works for the grid" in answer["reason"]
    await stack.home_assistant.show(EVENT, "idle")
    await operator.beat(lambda beat: beat["dispatch"]["state"] == "idle")
    assert (await operator.ask("factory_erase", arguments={"code": code}))["status"] == "FAILED"
    assert stack.supervisor.purges == 0


@IN_MODULE
async def test_with_the_code_everything_goes_and_the_community_knows(
    stack: Stack, operator: Operator
) -> None:
    (stack.agent.data / "folder").mkdir()
    (stack.agent.data / "folder" / "private").write_text("x")
    code = (await operator.ask("factory_erase"))["result"]["code"]
    answer = await operator.ask("factory_erase", arguments={"code": code})
    assert answer["status"] == "DONE"
    assert stack.supervisor.purges == 1
    revocation = operator.documents("revocation")[0]
    assert (revocation["home"], revocation["reason"]) == (stack.broker.home_id, "factory_erase")
    assert stack.supervisor.tags["health"] == "erased"
    assert "erase_requested" in stack.supervisor.tags
    # What is left is the one line about this.
    assert {path.name for path in stack.agent.data.iterdir()} <= {"audit.jsonl", "commands.json"}


@IN_MODULE
async def test_an_erased_home_says_nothing_of_itself_any_more(stack: Stack, operator: Operator) -> None:
    await operator.ask("heartbeat")
    await stack.home_assistant.show(EVENT, "announced")
    async with Operator.of(stack.broker) as latecomer:
        await latecomer.ask("heartbeat")
        looks = stack.home_assistant.looks
        await eventually(lambda: stack.home_assistant.looks >= looks + 2, lambda: "It looks no more")
        assert latecomer.documents("heartbeat") == []
    assert stack.supervisor.tags["health"] == "erased"


class Line(MqttLine):
    """A line that notes what is said before anything is erased."""

    def __init__(self, kept: Path) -> None:
        super().__init__(host="nowhere", port=1, root="t", credentials=Path("nowhere"))
        self._kept = kept
        self.said: list[Any] = []

    async def publish(self, topic: str, payload: bytes) -> None:
        self.said.append((topic, json.loads(payload), self._kept.exists()))


class Erase:
    """An erasure of a folder in this process, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.kept = folder / "kept"
        self.kept.write_text("x")
        self.now_s = 100.0
        self.line = Line(self.kept)
        self.erase = FactoryErase(
            home_id="home-1",
            data=folder,
            line=self.line,
            supervisor=None,
            dispatch_active=lambda: False,
            clock=lambda: self.now_s,
        )


async def test_a_code_is_good_for_five_minutes_and_once(tmp_path: Path) -> None:
    home = Erase(tmp_path)
    late = home.erase.request()
    home.now_s += CODE_LASTS_S + 1
    with pytest.raises(EraseError):
        await home.erase.confirm(late)
    used = home.erase.request()
    assert await home.erase.confirm(used, dry_run=True)
    with pytest.raises(EraseError):
        await home.erase.confirm(used)
    assert home.kept.exists()


async def test_who_guesses_has_to_ask_anew_each_time(tmp_path: Path) -> None:
    home = Erase(tmp_path)
    code = home.erase.request()
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for guess in (wrong, code):
        with pytest.raises(EraseError):
            await home.erase.confirm(guess)
    assert home.kept.exists()


async def test_the_community_is_told_before_anything_goes(tmp_path: Path) -> None:
    home = Erase(tmp_path)
    steps = await home.erase.confirm(home.erase.request())
    topic, document, was_there = home.line.said[0]
    assert (topic, document["home"], was_there) == ("agent/revocation", "home-1", True)
    assert not home.kept.exists()
    assert "nothing else" in steps[-1]


@IN_MODULE
async def test_what_the_supervisor_does_not_empty_is_told_and_the_home_speaks_again(
    stack: Stack, operator: Operator
) -> None:
    await stack.agent.kill()
    await stack.agent.start()
    await operator.beat()
    code = (await operator.ask("factory_erase"))["result"]["code"]
    stack.supervisor.broken = True
    answer = await operator.ask("factory_erase", arguments={"code": code})
    stack.supervisor.broken = False
    assert "the other volumes are not" in answer["reason"]
    before = len(operator.documents("heartbeat"))
    await operator.command("heartbeat")
    await eventually(lambda: len(operator.documents("heartbeat")) > before, lambda: "It stays silent")
