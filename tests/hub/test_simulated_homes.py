"""The homes of ``scripts/hub``: what they do with an event, and what they say of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from home_flex_core.settlement.verify import receipt_from, verify

from scripts.home_stack.hub_bench.home import Home
from scripts.home_stack.hub_up.asked import Asked
from scripts.home_stack.hub_up.simulated import Character, SimulatedHome, community

NOW = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)
LENGTH = timedelta(seconds=30)


class Line(Home):
    """A home's connection that keeps what it is given; there is no broker."""

    def __init__(self) -> None:
        super().__init__("home-1", lambda _: None)
        self.said: list[dict[str, Any]] = []

    def report(self, payload: bytes) -> None:
        self.said.append(json.loads(payload)["object"])

    def values(self, name: str) -> dict[str, Any]:
        """Return the payloads of the last report of a name."""
        report = next(each for each in reversed(self.said) if each["reportName"] == name)
        (interval,) = report["resources"][0]["intervals"]
        return {payload["type"]: payload["values"][0] for payload in interval["payloads"]}


def home(character: Character = Character.STEADY, receipts: Path | None = None) -> SimulatedHome:
    return SimulatedHome(
        ven_id="home-1",
        name="One",
        feeder="feeder-1",
        postcode="1010",
        usual_w=3000.0,
        less_w=2000.0,
        more_w=1000.0,
        price_micro=200_000,
        character=character,
        receipts=receipts,
    )


def event(kw: float = -2.0) -> dict[str, Any]:
    period = {"start": NOW.isoformat(), "duration": "PT30S"}
    payloads = [{"type": "DISPATCH_SETPOINT_RELATIVE", "values": [kw]}]
    return {"id": "event-1", "intervals": [{"id": 0, "intervalPeriod": period, "payloads": payloads}]}


def run_through(asked: SimulatedHome) -> Line:
    line = Line()
    asked.hear(line, {"operation": "CREATE", "object": event()}, NOW - timedelta(seconds=5))
    at = NOW
    while at <= NOW + LENGTH:
        asked.go_on(line, at)
        at += timedelta(seconds=0.5)
    return line


def test_an_event_is_delivered_but_for_a_few_percent_and_settled_by_its_own_meter() -> None:
    line = run_through(home())

    settled = line.values("settlement")
    by_meter = settled["USAGE"] - settled["BASELINE"] * LENGTH.total_seconds() / 3600
    assert settled["DELTA_USAGE"] == pytest.approx(-2.0 * LENGTH.total_seconds() / 3600, rel=0.12)
    assert settled["DELTA_USAGE"] == pytest.approx(by_meter, abs=0.001)
    states = [
        each["reportName"] for each in line.said if each["reportName"] not in {"forecast", "measurement"}
    ]
    assert states == ["acknowledgement", "status", "status", "settlement"]


def test_the_home_that_lies_tells_of_a_delivery_that_its_meter_does_not_show() -> None:
    settled = run_through(home(Character.LIES)).values("settlement")

    assert settled["DELTA_USAGE"] == pytest.approx(-2.0 * LENGTH.total_seconds() / 3600, abs=0.001)
    assert settled["USAGE"] == pytest.approx(settled["BASELINE"] * LENGTH.total_seconds() / 3600, rel=0.05)


def test_a_home_that_leaves_says_so_and_draws_as_before() -> None:
    line = run_through(home(Character.OPTS_OUT))

    states = [each for each in line.said if each["reportName"] == "status"]
    assert len(states) == 3
    assert line.values("status")["OPERATING_STATE"] == "IDLE_OPTED_OUT"
    assert line.values("measurement")["DEMAND"] == pytest.approx(3.0, abs=0.1)


def test_the_receipt_that_it_keeps_is_reckoned_again_to_the_same_digest(tmp_path: Path) -> None:
    settled = run_through(home(receipts=tmp_path)).values("settlement")

    bundle = json.loads((tmp_path / "home-1" / "event-1.json").read_text())
    assert verify(receipt_from(bundle), settled["RECEIPT"]) == []
    results = bundle["receipt"]["results"]
    assert results["baselines"]["as_dispatched"]["delivered_wh"] == round(-1000 * settled["DELTA_USAGE"])


def test_what_it_cannot_read_is_refused_with_a_reason() -> None:
    line, asked = Line(), home()
    broken = event() | {"intervals": [{"id": 0, "payloads": []}]}

    asked.hear(line, {"operation": "CREATE", "object": broken}, NOW)

    assert line.values("refusal")["INSTRUCTION_STATUS"] == "REJECTED"
    assert asked.events == {}


def test_an_event_says_from_when_until_when_and_which_way() -> None:
    asked = Asked.of(event(kw=1.5))

    assert (asked.start, asked.end, asked.asks_less) == (NOW, NOW + LENGTH, False)
    assert asked.at(NOW - timedelta(seconds=1)) is None


def test_a_community_has_one_home_that_lies_and_some_that_leave() -> None:
    characters = [each.character for each in community(20)]

    assert characters.count(Character.LIES) == 1
    assert 1 < characters.count(Character.OPTS_OUT) < 5
