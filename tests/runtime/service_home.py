"""An event service with a journal on a real store, that can be restarted, and a clock that is set by hand."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from custom_components.home_flex.aggregator.link import Incoming
from custom_components.home_flex.core.events.model import EventRecord, EventStatus
from custom_components.home_flex.core.events.outcome import StatusChanged
from custom_components.home_flex.core.events.possible import SiteEnvelope
from custom_components.home_flex.core.model import SITE, MeterReading
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.event_inbox import EventInbox
from custom_components.home_flex.runtime.event_meter import DeviceNow, Sample
from custom_components.home_flex.runtime.event_service import EventService
from custom_components.home_flex.runtime.event_settlement import Past, Settlement
from custom_components.home_flex.runtime.journal import Journal

START = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


class Clock:
    """A wall clock and a monotonic one; ``wall_error_s`` is how wrong the wall clock is."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wall_error_s = 0.0

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self.seconds + self.wall_error_s)

    def monotonic_s(self) -> float:
        return 1000.0 + self.seconds


class Home:
    """An event service that can be restarted."""

    def __init__(self, path: Path, ven_id: str = "home-1") -> None:
        self.path = path
        self.ven_id: str | None = ven_id
        self.clock = Clock()
        self.asked_again = 0
        self.group_ids: frozenset[str] = frozenset()
        self.registers: tuple[float, float] | None = None
        self.past: Past | None = None
        self._counted_s, self._counted_w = 0.0, 0.0
        self.told: list[tuple[EventStatus | None, EventStatus]] = []
        self.store: HistoryStore
        self.journal: Journal
        self.events: EventService
        self._writing: asyncio.Task[None]

    async def start(self) -> None:
        self.store = await HistoryStore.open(self.path, clock=self.clock)
        self.journal = Journal(self.store)
        self.events = EventService(
            journal=self.journal,
            ven_id=self.ven_id,
            inbox=EventInbox(
                ven_id=self.ven_id or "",
                grid_operator_programs=frozenset({"grid"}),
                group_ids=self.group_ids,
                clock=self.clock,
            ),
            clock=self.clock,
            monotonic_s=self.clock.monotonic_s,
            on_status=self._tell,
            envelope=lambda: SiteEnvelope(low_w=-17_250, high_w=17_250, storage_wh=10_000),
            ask_again=self._ask_again,
            settlement=Settlement(home="home", most_w=18_975, past=self.past),
        )
        await self.events.load()
        self._writing = asyncio.create_task(self.journal.run())

    async def stop(self) -> None:
        self._writing.cancel()
        await asyncio.wait([self._writing])
        await self.journal.close()
        await self.store.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def at(self, seconds: float) -> None:
        self.clock.seconds = seconds
        self.events.advance()

    def measure(self, power_w: float, devices: Sequence[DeviceNow] = ()) -> None:
        """Let the meter tell its power, and its registers when it has any."""
        if self.registers is not None:
            passed_s = self.clock.seconds - self._counted_s
            imported, exported = self.registers
            energy_wh = self._counted_w * passed_s / 3600
            self.registers = imported + max(energy_wh, 0.0), exported + max(-energy_wh, 0.0)
        self._counted_s, self._counted_w = self.clock.seconds, power_w
        import_wh, export_wh = self.registers or (None, None)
        reading = MeterReading(
            time=self.clock(), power_w=power_w, energy_import_wh=import_wh, energy_export_wh=export_wh
        )
        self.events.sample(SITE, Sample.of_meter(reading, devices))

    def record(self, event_id: str = "e1") -> EventRecord:
        return self.events.book.records[event_id]

    def answer(self, *documents: Any, correlation: str | None = None) -> None:
        """Answer the home's request for its open events."""
        told = {"correlation": correlation or self.events.ask(), "events": list(documents)}
        self.events.receive(Incoming("response", json.dumps(told).encode()))

    async def reports(self, name: str) -> list[dict[str, Any]]:
        await self.journal.durable()
        waiting = [json.loads(report.payload)["object"] for report in await self.store.pending_reports(100)]
        return [report for report in waiting if report["reportName"] == name]

    def _ask_again(self) -> None:
        self.asked_again += 1

    def _tell(self, outcome: StatusChanged) -> None:
        self.told.append((outcome.previous, outcome.record.status))


def document(
    event_id: str = "e1",
    *,
    start_s: float = 60,
    length_s: int = 600,
    modified_s: float = 0,
    payload: tuple[str, float] = ("IMPORT_CAPACITY_LIMIT", 2.0),
    **changes: Any,
) -> dict[str, Any]:
    """Return an OpenADR event object."""
    return {
        "id": event_id,
        "objectType": "EVENT",
        "createdDateTime": START.isoformat(),
        "modificationDateTime": (START + timedelta(seconds=modified_s)).isoformat(),
        "programID": "flexibility",
        "intervalPeriod": {
            "start": (START + timedelta(seconds=start_s)).isoformat(),
            "duration": f"PT{length_s}S",
        },
        "intervals": [{"id": 0, "payloads": [{"type": payload[0], "values": [payload[1]]}]}],
    } | changes


def message(kind: str, value: dict[str, Any]) -> Incoming:
    notification = {"objectType": "EVENT", "operation": kind.upper(), "object": value}
    return Incoming(kind, json.dumps(notification).encode())  # type: ignore[arg-type] # the caller's kind


def event(event_id: str = "e1", **changes: Any) -> Incoming:
    return message("create", document(event_id, **changes))


def payloads(report: dict[str, Any]) -> dict[str, Any]:
    return {item["type"]: item["values"] for item in report["resources"][0]["intervals"][0]["payloads"]}
