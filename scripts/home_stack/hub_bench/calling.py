"""A need that is met from what thousands of homes told: chosen, written and let out as the hub does it.

Each home has told a day of half-hours: five points of power in each, at prices of its own, and energy enough
for all of them. Four hours of quarter-hours are needed, a quarter of what is offered, on 50 feeders that may
give 40 % of what their homes offer.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Final, Self

import numpy as np
from community_hub.accounts.sealing import Vault
from community_hub.flexibility.calls_in_parts import hurry
from community_hub.flexibility.dispatching import announce, chosen
from community_hub.flexibility.needs import NewDispatch
from community_hub.flexibility.standing import keep_offers
from community_hub.hub import Hub
from community_hub.openadr.issuing import Issuing
from community_hub.settings import Settings
from community_hub.store import Store, new_id, utc_now
from community_hub.store.tables import Consent, Dispatch
from community_hub.wire.mqtt5 import Message
from community_hub.wire.reports import Report, read
from sqlalchemy import insert

from custom_components.home_flex.core.events.forecast_report import (
    ExpectedInterval,
    Priced,
    forecast_report,
)

from .home import PREFIX

FEEDERS: Final = 50
_HALF_HOUR: Final = timedelta(minutes=30)
_HALF_HOURS: Final = 48
_POINTS: Final = 5
_MOST_STEP_W: Final = 1000
_ENOUGH_WH: Final = 1e6
_AT_ONCE: Final = 500
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Calling:
    """Homes that consent to a programme and have told what they offer, and a need that a part of it meets."""

    issuing: Issuing
    need: NewDispatch

    @classmethod
    async def of(cls, store: Store, ven_ids: list[str]) -> Self:
        """Let homes consent and tell."""
        now = utc_now()
        settings = Settings(database="", public_url="http://hub.example", secret=new_id(), mqtt_url="mqtt:")
        issuing = Issuing(hub=Hub(settings=settings, store=store, vault=Vault(settings.secret)), tell=())
        async with store.writing() as session:
            program_id = (await issuing.program(session, {"programName": "evening"})).id
        random = np.random.default_rng(1)
        for some in batched(ven_ids, _AT_ONCE, strict=False):
            async with store.writing() as session:
                await session.execute(insert(Consent), [_consent(each, program_id, now) for each in some])
                forecasts = [_forecast(each, now, random) for each in some]
                await keep_offers(store, session, forecasts, now)
        need = NewDispatch(
            program_id=program_id,
            start=_hour(now) + timedelta(hours=2),
            duration_minutes=240,
            interval_minutes=15,
            need_kw=len(ven_ids) * _POINTS * _MOST_STEP_W / 2 / 4 / 1000,
            feeder_caps_kw={
                f"feeder-{number}": len(ven_ids) / FEEDERS * _POINTS * _MOST_STEP_W / 2 * 0.4 / 1000
                for number in range(FEEDERS)
            },
            shaped=False,
        )
        return cls(issuing=issuing, need=need)

    async def call(self) -> tuple[str, int]:
        """Choose and write, as the hub's route does; return the dispatch's id and how many homes it calls."""
        async with self.issuing.hub.store.writing() as session:
            wanted = self.need.wanted(utc_now())
            choice = await chosen(session, utc_now(), wanted)
            made = await announce(session, self.issuing, wanted, choice, actor="bench")
        await hurry(self.issuing, made.id)
        return made.id, int(choice.called_w.any(axis=1).sum())

    async def call_off(self, dispatch_id: str) -> None:
        """Cancel without a word to the homes, so that the same ones can be called again."""
        async with self.issuing.hub.store.writing() as session:
            (await session.get_one(Dispatch, dispatch_id)).cancelled_at = utc_now()


def _consent(ven_id: str, program_id: str, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "ven_id": ven_id,
        "program_id": program_id,
        "devices": [],
        "valid_from": now - _DAY,
        "valid_until": now + _DAY,
        "text": "Yes.",
        "text_hash": "",
        "agreed_by": "bench",
        "agreed_how": "bench",
        "agreed_at": now,
    }


def _forecast(ven_id: str, now: datetime, random: np.random.Generator) -> Report:
    """Return a home's forecast as the hub's intake reads it."""
    prices = np.sort(random.integers(20_000, 700_000, _POINTS)) / 1e6
    powers_w = random.integers(1, _MOST_STEP_W, (_HALF_HOURS, _POINTS)).cumsum(axis=1)
    intervals = [
        ExpectedInterval(
            start=_hour(now) + number * _HALF_HOUR,
            end=_hour(now) + (number + 1) * _HALF_HOUR,
            baseline_w=1000.0,
            up_w=float(powers_w[number, -1]),
            up=Priced(
                points=tuple(zip(powers_w[number].tolist(), prices.tolist(), strict=True)),
                energy_wh=_ENOUGH_WH,
            ),
        )
        for number in range(_HALF_HOURS)
    ]
    payload = json.dumps(forecast_report(intervals, None, ven_id=ven_id, at=now)).encode()
    return read(Message(f"{PREFIX}/vens/{ven_id}/reports/create", payload, 1), now)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
