"""A community whose homes tell what they offer and answer what they are called for, as homes do."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from community_hub.store.tables import OutgoingMessage
from community_hub.wire.intake import Intake
from community_hub.wire.leading import Leading
from community_hub.wire.mqtt5 import Message
from sqlalchemy import select

from custom_components.home_flex.core.events.forecast_report import (
    ExpectedInterval,
    Priced,
    Storage,
    forecast_report,
)

from ..running import Running, made, person_id

HALF_HOUR: Final = timedelta(minutes=30)
PREFIX: Final = "home_flex"


@dataclass
class Flexible:
    """An operator, a household that owns all homes, and homes that consent to a programme."""

    hub: Running
    operator: httpx.AsyncClient
    household: httpx.AsyncClient
    program_id: str
    _reports: int = field(default=0)

    async def join(self, ven_id: str, *, feeder: str = "north", consents: bool = True, **home: Any) -> None:
        """Let a home join."""
        owner_id = await person_id(self.household)
        body = {"ven_id": ven_id, "name": ven_id.title(), "owner_id": owner_id, "feeder": feeder} | home
        await made(self.operator, "/api/v1/homes", body)
        if consents:
            await self.consent(ven_id, self.program_id)

    async def consent(self, ven_id: str, program_id: str, **changed: Any) -> Any:
        until = (self.hub.clock() + timedelta(days=100)).isoformat()
        agreement = {"program_id": program_id, "devices": [], "valid_until": until, "text": "Yes."} | changed
        return await made(self.household, f"/api/v1/homes/{ven_id}/consents", agreement)

    async def offer(
        self,
        ven_id: str,
        up_kw: float,
        *,
        price: float | None = None,
        baseline_kw: float | Sequence[float] = 2.0,
        down_kw: float = 0.0,
        hours: int = 12,
        ago: timedelta = timedelta(0),
        changed: Callable[[dict[str, Any]], Any] = lambda _: None,
    ) -> None:
        """Let a home report what it offers in each half-hour of the next hours; ``changed`` is given each."""
        now = self.hub.clock() - ago
        count = 2 * hours
        baselines = [baseline_kw] * count if isinstance(baseline_kw, float) else list(baseline_kw)
        intervals = [
            ExpectedInterval(
                start=now + number * HALF_HOUR,
                end=now + (number + 1) * HALF_HOUR,
                baseline_w=1000 * baselines[number],
                up_w=1000 * up_kw,
                down_w=1000 * down_kw,
                up=None if price is None else Priced(points=((1000 * up_kw, price),), energy_wh=500 * up_kw),
            )
            for number in range(count)
        ]
        storage = Storage(stored_wh=4000, capacity_wh=10_000, charge_w=5000, discharge_w=5000)
        report: Any = forecast_report(intervals, storage, ven_id=ven_id, at=now)
        for told in report["object"]["resources"][0]["intervals"]:
            changed(told)
        await self.take(ven_id, report)

    async def say(
        self,
        ven_id: str,
        event_id: str,
        name: str,
        values: Mapping[str, Any],
        *,
        period: Mapping[str, str] | None = None,
    ) -> None:
        """Let a home report on an event, of a time where that is said."""
        payloads = [{"type": kind, "values": [value]} for kind, value in values.items()]
        site: dict[str, Any] = {"resourceName": "SITE", "intervals": [{"id": 0, "payloads": payloads}]}
        if period is not None:
            site["intervalPeriod"] = period
        await self.take(ven_id, self.report(ven_id, event_id, name, [site]))

    def report(
        self, ven_id: str, event_id: str, name: str, resources: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return a report of a home, made now."""
        self._reports += 1
        at = self.hub.clock().isoformat()
        report = {
            "id": f"report-{self._reports}",
            "objectType": "REPORT",
            "createdDateTime": at,
            "modificationDateTime": at,
            "clientID": ven_id,
            "clientName": ven_id,
            "eventID": event_id,
            "reportName": name,
            "payloadDescriptors": [],
            "resources": list(resources),
        }
        return {"objectType": "REPORT", "operation": "CREATE", "object": report}

    async def take(self, ven_id: str, report: Mapping[str, Any]) -> None:
        """Let the hub's intake take a report as it comes from the broker."""
        leading = Leading(store=self.hub.store, holder="worker-1", lease_s=0)
        await leading.wait()
        intake = Intake(store=self.hub.store, leading=leading, prefix=PREFIX, clock=self.hub.clock)
        payload = json.dumps(report).encode()
        await intake.take([Message(f"{PREFIX}/vens/{ven_id}/reports/create", payload, 1, ())])

    def need(self, need_kw: float | list[float], **changed: Any) -> dict[str, Any]:
        """Return a need of an hour that begins in half an hour."""
        return {
            "program_id": self.program_id,
            "start": (self.hub.clock() + HALF_HOUR).isoformat(),
            "duration_minutes": 30,
            "need_kw": need_kw,
            "shaped": False,
        } | changed

    async def dispatch(self, need_kw: float | list[float], **changed: Any) -> Any:
        return await made(self.operator, "/api/v1/dispatches", self.need(need_kw, **changed))

    async def homes_of(self, dispatch_id: str, state: str = "called") -> dict[str, Any]:
        answer = await self.operator.get(f"/api/v1/dispatches/{dispatch_id}/homes", params={"state": state})
        assert answer.status_code == 200, answer.text
        return {row["ven_id"]: row for row in answer.json()}

    async def told(self, since: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Return the events that are to go out over the broker: (topic, event)."""
        return [(topic, told["object"]) for topic, told in await self._outgoing(since) if "/events/" in topic]

    async def told_invitations(self, since: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Return the invitations that are to go out over the broker: (venID, invitation)."""
        told = await self._outgoing(since)
        return [(topic.split("/")[0], each) for topic, each in told if "/invitations/" in topic]

    async def _outgoing(self, since: int) -> list[tuple[str, dict[str, Any]]]:
        query = select(OutgoingMessage).where(OutgoingMessage.number > since).order_by(OutgoingMessage.number)
        async with self.hub.store.reading() as session:
            rows = list(await session.scalars(query))
        return [(row.topic.removeprefix(f"{PREFIX}/vens/"), json.loads(row.payload)) for row in rows]

    async def acts(self, act: str) -> list[dict[str, Any]]:
        """Return what the audit log holds of an act."""
        answer = await self.operator.get("/api/v1/audit", params={"limit": 1000})
        return [entry for entry in answer.json() if entry["act"] == act]

    async def went_on(self, until: datetime) -> None:
        """Let the clock stand at a time."""
        self.hub.clock.now = until


async def flexible(hub: Running, *homes: str) -> Flexible:
    """Return a community with these homes, which consent to a programme of an aggregator."""
    operator = await hub.operator()
    household = await hub.person(operator, "household")
    program = await made(operator, "/api/v1/programs", {"name": "evening"})
    here = Flexible(hub, operator, household, program["id"])
    for ven_id in homes:
        await here.join(ven_id)
    return here
