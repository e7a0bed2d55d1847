"""Commands from the operator: read strictly, obeyed at most once, always answered."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from home_agent.commands.desk import CommandDesk
from home_agent.commands.envelope import CLOCKS_MAY_DIFFER, KINDS, LONGEST_VALIDITY, Authority
from home_agent.commands.ledger import MOST_REMEMBERED, Ledger
from home_common.signed_command import public_text, sign

from .agent_process import OPERATOR_KEY, Operator, Stack, envelope

pytestmark = pytest.mark.asyncio(loop_scope="module")

FUTURE_S = CLOCKS_MAY_DIFFER.total_seconds() + 60
WEEK_S = LONGEST_VALIDITY.total_seconds()


async def test_a_commanded_heartbeat_comes_and_the_command_is_answered(operator: Operator) -> None:
    await operator.beat()
    before = len(operator.documents("heartbeat"))
    answer = await operator.ask("heartbeat")
    assert answer["status"] == "DONE"
    assert answer["command"] == "heartbeat"
    await operator.beat(lambda _: len(operator.documents("heartbeat")) > before)


@pytest.mark.parametrize(
    ("kind", "times", "changes", "reason"),
    [
        ("open_the_door", {}, {}, "unknown_command"),
        ("heartbeat", {"age_s": 700, "lasts_s": 600}, {}, "expired"),
        ("heartbeat", {"age_s": -FUTURE_S}, {}, "from_the_future"),
        ("heartbeat", {"lasts_s": WEEK_S + 1}, {}, "invalid_validity"),
        ("heartbeat", {"lasts_s": -1}, {}, "invalid_validity"),
        ("heartbeat", {}, {"valid_until": "2099-01-01T00:00:00"}, "invalid_valid_until"),
        ("heartbeat", {}, {"issued_at": None}, "invalid_issued_at"),
        ("heartbeat", {}, {"force": True}, "unknown_field"),
        ("heartbeat", {}, {"arguments": {"now": "yes"}}, "invalid_arguments"),
        ("restart_service", {}, {}, "invalid_arguments"),
        ("restart_service", {}, {"arguments": {"service": "home_agent"}}, "invalid_arguments"),
        ("restart_service", {}, {"arguments": {"service": "nginx; reboot"}}, "invalid_arguments"),
        ("restore", {}, {"arguments": {"name": "../../etc/passwd"}}, "invalid_arguments"),
        ("factory_erase", {}, {"arguments": {"code": 12345678}}, "invalid_arguments"),
    ],
)
async def test_a_command_that_is_not_right_is_refused_and_answered(
    stack: Stack, operator: Operator, kind: str, times: dict[str, float], changes: dict[str, Any], reason: str
) -> None:
    document = {**envelope(**times), **changes}
    await operator.send(kind, json.dumps(document))
    answer = await operator.answer(document["id"])
    assert (answer["status"], answer["reason"]) == ("REFUSED", reason)
    assert stack.supervisor.restarted == []


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 4000, "not_json"),
        (b"[]", "not_an_object"),
        (b'{"id": "short"}', "invalid_id"),
        (json.dumps({**envelope(), "id": ["a" * 10]}).encode(), "invalid_id"),
        (b" " * 5000, "too_large"),
    ],
)
async def test_what_is_no_command_is_refused_and_answered_without_an_id(
    operator: Operator, payload: bytes, reason: str
) -> None:
    await operator.send("heartbeat", payload)
    answer = await operator.answer(None)
    assert (answer["status"], answer["reason"]) == ("REFUSED", reason)


async def test_a_command_sent_twice_is_done_once_and_answered_twice_the_same(
    stack: Stack, operator: Operator
) -> None:
    stack.supervisor.restarted.clear()
    document = json.dumps({**envelope(), "arguments": {"service": "influxdb"}})
    await operator.send("restart_service", document)
    first = await operator.answer(json.loads(document)["id"])
    await operator.send("restart_service", document)
    second = await operator.answer(first["id"], times=2)
    assert first == second
    assert first["status"] == "DONE"
    assert stack.supervisor.restarted == ["influxdb"]


async def test_commands_that_arrive_while_the_agent_is_down_are_done_once(
    stack: Stack, operator: Operator
) -> None:
    stack.supervisor.restarted.clear()
    before = await operator.command("restart_service", arguments={"service": "mosquitto"})
    known = await operator.answer(before)
    await stack.agent.kill()
    later = await operator.command("restart_service", arguments={"service": "nginx"})
    late = await operator.command("restart_service", arguments={"service": "nginx"}, **envelope(age_s=700))
    await stack.agent.start()
    assert (await operator.answer(later))["status"] == "DONE"
    assert (await operator.answer(late))["reason"] == "expired"
    assert stack.supervisor.restarted == ["mosquitto", "nginx"]
    # What was done before the power cut is known after it.
    replayed = await operator.ask(
        "restart_service",
        arguments={"service": "mosquitto"},
        id=before,
        valid_until=(datetime.now(UTC) + timedelta(minutes=9)).isoformat(),
    )
    assert replayed == known
    assert stack.supervisor.restarted == ["mosquitto", "nginx"]


async def test_what_the_supervisor_refuses_is_answered_as_failed(stack: Stack, operator: Operator) -> None:
    stack.supervisor.broken = True
    answer = await operator.ask("restart_service", arguments={"service": "nginx"})
    stack.supervisor.broken = False
    assert answer["status"] == "FAILED"
    assert answer["reason"].endswith("restart-service: 500")


async def test_without_a_folder_for_backups_none_is_made(operator: Operator) -> None:
    answer = await operator.ask("backup")
    assert (answer["status"], answer["reason"]) == ("FAILED", "No folder of backups is set up")


async def test_every_command_leaves_a_line_of_audit(stack: Stack, operator: Operator) -> None:
    done = await operator.command("heartbeat")
    refused = await operator.command("heartbeat", **envelope(age_s=700))
    for command in (done, refused):
        await operator.answer(command)
    notes = {note["id"]: note for note in Ledger(stack.agent.data).notes(50)}
    assert notes[done]["status"] == "DONE"
    assert (notes[refused]["status"], notes[refused]["reason"]) == ("REFUSED", "expired")
    assert (stack.agent.data / "audit.jsonl").stat().st_mode & 0o777 == 0o600


class Desk:
    """A desk whose handlers only count, in this process."""

    def __init__(self, folder: Path, operator_key: str | None = None) -> None:
        self.ledger = Ledger(folder)
        self.answers: list[Any] = []
        self.done = 0
        self.desk = CommandDesk(
            self.ledger,
            dict.fromkeys(KINDS, self._handle),
            self._publish,
            Authority(home="home-1", operator_key=operator_key),
        )

    async def _handle(self, _arguments: object) -> dict[str, Any]:
        self.done += 1
        return {}

    async def _publish(self, _topic: str, payload: bytes) -> None:
        self.answers.append(json.loads(payload))


async def test_a_command_that_a_power_cut_interrupted_is_not_begun_again(tmp_path: Path) -> None:
    now, document = datetime.now(UTC), envelope()
    assert Ledger(tmp_path).begin(document["id"], now + timedelta(minutes=5), now=now)
    desk = Desk(tmp_path)
    await desk.desk.take("backup", json.dumps(document).encode())
    assert desk.done == 0
    assert (desk.answers[0]["status"], desk.answers[0]["reason"]) == ("FAILED", "interrupted")


async def test_a_command_that_cannot_be_remembered_is_not_obeyed(tmp_path: Path) -> None:
    desk, document = Desk(tmp_path / "missing"), envelope()
    await desk.desk.take("backup", json.dumps(document).encode())
    assert desk.done == 0
    assert (desk.answers[0]["id"], desk.answers[0]["reason"]) == (document["id"], "disk")


async def test_memory_is_bounded_and_nothing_is_forgotten_before_it_expired(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    until = (now + timedelta(minutes=5)).isoformat()
    known = {f"command-{number}": {"until": until, "answer": None} for number in range(MOST_REMEMBERED)}
    (tmp_path / "commands.json").write_text(json.dumps(known))
    desk = Desk(tmp_path)
    await desk.desk.take("backup", json.dumps(envelope()).encode())
    assert (desk.done, desk.answers[0]["reason"]) == (0, "too_many_commands")
    later = now + timedelta(minutes=6)
    assert desk.ledger.begin("another-one", later + timedelta(minutes=1), now=later)
    assert len([number for number in range(MOST_REMEMBERED) if desk.ledger.knows(f"command-{number}")]) == 999


async def test_a_clock_that_was_wrong_for_a_while_makes_no_command_new(tmp_path: Path) -> None:
    desk, now = Desk(tmp_path), datetime.now(UTC)
    until = now + timedelta(days=7)
    assert desk.ledger.begin("still-valid", until, now=now)
    ahead = now + timedelta(days=3650)
    assert desk.ledger.begin("of-another-day", ahead + timedelta(days=1), now=ahead)
    assert desk.ledger.knows("still-valid")
    assert Ledger(tmp_path).knows("still-valid")


FINAL = [("restore", {"name": "home-1-20261115T031500Z.hfb"}), ("factory_erase", {"code": "01234567"})]


@pytest.mark.parametrize(("kind", "arguments"), FINAL)
async def test_what_cannot_be_undone_is_done_for_the_operators_signature_alone(
    tmp_path: Path, kind: str, arguments: dict[str, str]
) -> None:
    document = {**envelope(), "arguments": arguments}
    good = sign(OPERATOR_KEY, "home-1", kind, document)
    stranger = Ed25519PrivateKey.generate()
    refused = [
        document,
        {**document, "signature": ""},
        {**document, "signature": sign(stranger, "home-1", kind, document)},
        {**document, "signature": sign(OPERATOR_KEY, "home-2", kind, document)},
        {**document, "signature": sign(OPERATOR_KEY, "home-1", "backup", document)},
        {**document, "signature": good, "valid_until": envelope(lasts_s=3600)["valid_until"]},
        {**document, "signature": good, "id": envelope()["id"]},
    ]
    desk = Desk(tmp_path, public_text(OPERATOR_KEY))
    for wrong in refused:
        await desk.desk.take(kind, json.dumps(wrong).encode())
    assert [answer["reason"] for answer in desk.answers] == ["not_signed"] * len(refused)
    assert desk.done == 0
    await desk.desk.take(kind, json.dumps({**document, "signature": good}).encode())
    await desk.desk.close()
    assert desk.ledger.knows(document["id"])


@pytest.mark.parametrize(("kind", "arguments"), FINAL)
async def test_a_home_without_an_operators_key_is_neither_erased_nor_restored_by_command(
    tmp_path: Path, kind: str, arguments: dict[str, str]
) -> None:
    document = {**envelope(), "arguments": arguments}
    signed = {**document, "signature": sign(OPERATOR_KEY, "home-1", kind, document)}
    desk = Desk(tmp_path)
    await desk.desk.take(kind, json.dumps(signed).encode())
    assert (desk.answers[0]["reason"], desk.ledger.knows(document["id"])) == ("no_operator_key", False)
