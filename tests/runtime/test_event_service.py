"""The service where events arrive: durable before anything acts, reported once, measured while they run."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.aggregator.link import Incoming
from custom_components.home_flex.core.events.book import StatusChanged
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.model import MeterReading
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.event_service import EventService

START = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Home:
    """An event service on a real store that can be restarted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Clock()
        self.told: list[tuple[EventStatus | None, EventStatus]] = []
        self.store: HistoryStore
        self.events: EventService

    async def start(self) -> None:
        self.store = await HistoryStore.open(self.path, clock=self.clock)
        self.events = EventService(
            store=self.store,
            ven_id="home-1",
            grid_operator_programs=frozenset({"grid"}),
            clock=self.clock,
            on_status=self._tell,
            wake_link=lambda: None,
        )
        await self.events.load()

    async def restart(self) -> None:
        await self.store.close()
        await self.start()

    async def at(self, seconds: float) -> None:
        self.clock.now = START + timedelta(seconds=seconds)
        await self.events.advance()

    async def reports(self, name: str) -> list[dict[str, Any]]:
        waiting = [json.loads(report.payload)["object"] for report in await self.store.pending_reports(100)]
        return [report for report in waiting if report["reportName"] == name]

    def _tell(self, outcome: StatusChanged) -> None:
        self.told.append((outcome.previous, outcome.record.status))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    home = Home(tmp_path / "home.sqlite")
    await home.start()
    yield home
    await home.store.close()


def event(event_id: str = "e1", *, start_s: float = 60, length_s: int = 600, **changes: Any) -> Incoming:
    document = {
        "id": event_id,
        "objectType": "EVENT",
        "createdDateTime": START.isoformat(),
        "modificationDateTime": START.isoformat(),
        "programID": "flexibility",
        "intervalPeriod": {
            "start": (START + timedelta(seconds=start_s)).isoformat(),
            "duration": f"PT{length_s}S",
        },
        "intervals": [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]}],
    } | changes
    return Incoming(
        "create", json.dumps({"objectType": "EVENT", "operation": "CREATE", "object": document}).encode()
    )


def payloads(report: dict[str, Any]) -> dict[str, Any]:
    return {item["type"]: item["values"] for item in report["resources"][0]["intervals"][0]["payloads"]}


async def test_an_event_is_acknowledged_and_durable(home: Home) -> None:
    await home.events.receive(event())
    (report,) = await home.reports("acknowledgement")
    assert payloads(report)["INSTRUCTION_STATUS"] == ["ACCEPTED"]
    assert len(await home.store.load_records()) == 1


async def test_a_repeated_delivery_is_reported_once_even_across_a_restart(home: Home) -> None:
    await home.events.receive(event())
    await home.events.receive(event())
    await home.restart()
    await home.events.receive(event())
    assert len(await home.reports("acknowledgement")) == 1
    assert home.told == [(None, EventStatus.ACCEPTED)]


async def test_an_event_goes_on_after_a_restart_in_its_middle_and_is_settled_once(home: Home) -> None:
    await home.events.receive(event())
    await home.at(61)
    await home.restart()
    await home.at(120)
    await home.at(661)
    await home.at(700)
    assert [status for _, status in home.told] == [
        EventStatus.ACCEPTED,
        EventStatus.STARTED,
        EventStatus.SUCCEEDED,
    ]
    assert len(await home.reports("settlement")) == 1


async def test_a_refused_message_is_answered_and_changes_nothing(home: Home) -> None:
    await home.events.receive(event(intervals=[]))
    await home.events.receive(Incoming("create", b"\xff not json"))
    reports = await home.reports("refusal")
    assert {payloads(report)["REASON"][0] for report in reports} == {"too_many_intervals", "not_json"}
    assert not home.events.book.records


async def test_the_baseline_is_the_mean_of_the_minute_before_and_usage_is_what_the_meter_counted(
    home: Home,
) -> None:
    await home.events.receive(event(length_s=100))
    for second in range(60):
        home.events.sample(meter(second, 3000.0 + (1000 if second % 2 else 0)), limit_kept=None)
    await home.at(60)
    home.events.sample(meter(60, 2000), limit_kept=True)
    await home.at(61)
    for second in range(61, 161):
        home.events.sample(meter(second, 2000), limit_kept=second <= 110)
        await home.at(second)
    (report,) = await home.reports("settlement")
    values = payloads(report)
    assert values["BASELINE"] == [pytest.approx(3.5, abs=0.03)]
    assert values["USAGE"] == [pytest.approx(2.0 * 100 / 3600, abs=0.002)]
    assert values["DELTA_USAGE"] == [pytest.approx(-1.5 * 100 / 3600, abs=0.003)]
    assert values["KEPT_SHARE"] == [pytest.approx(0.5, abs=0.02)]


async def test_each_opt_out_is_reported_also_the_second(home: Home) -> None:
    await home.events.receive(event())
    for seconds in (1, 2, 3):
        home.clock.now = START + timedelta(seconds=seconds)
        await (home.events.opt_in("e1") if seconds == 2 else home.events.opt_out("e1"))
    states = [payloads(report)["OPERATING_STATE"][0] for report in await home.reports("status")]
    assert states == ["IDLE_OPTED_OUT", "NORMAL", "IDLE_OPTED_OUT"]


async def test_a_grid_operators_limit_cannot_be_left(home: Home) -> None:
    await home.events.receive(event(programID="grid"))
    await home.events.opt_out(None)
    assert not home.events.book.records["e1"].opted_out


async def test_open_events_told_after_a_reconnection_are_taken_once(home: Home) -> None:
    document = json.loads(event().payload)["object"]
    answer = json.dumps({"correlation": "c", "events": [document, {"id": "broken"}]}).encode()
    await home.events.receive(Incoming("response", answer))
    await home.events.receive(event())
    assert len(await home.reports("acknowledgement")) == 1
    assert len(await home.reports("refusal")) == 1


def meter(second: float, power_w: float) -> MeterReading:
    return MeterReading(time=START + timedelta(seconds=second), power_w=power_w)
