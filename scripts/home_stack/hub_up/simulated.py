"""A simulated home: what it draws, what it offers, and how it answers an event.

Most deliver what they are asked for but for a few percent. Some leave in the middle, and one lies: it goes on
as before and reports that it delivered all of it.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from ..hub_bench.home import Home
from .asked import Asked
from .receipts import event_receipt, keep
from .reports import Interval, report

NO_EVENT: Final = "none"
SLOT: Final = timedelta(minutes=30)
SLOTS: Final = 24
FORECAST_EACH: Final = timedelta(seconds=15)
MEASURED_EACH: Final = timedelta(seconds=2)
OPTS_OUT_AFTER: Final = timedelta(seconds=8)


class Character(StrEnum):
    """How a home behaves."""

    STEADY = "steady"
    OPTS_OUT = "opts_out"
    LIES = "lies"


@dataclass(kw_only=True)
class Running:
    """An event that a home was told of, and what its meter counted since it began."""

    asked: Asked
    share: float
    state: str = "ACCEPTED"
    has_left: bool = False
    used_wh: float = 0.0
    usual_wh: float = 0.0
    counted_at: datetime | None = None
    measured_at: datetime | None = None


@dataclass(kw_only=True)
class SimulatedHome:
    """One home. Powers in W at its meter, positive = consumption; ``less_w`` and ``more_w`` are offered."""

    ven_id: str
    name: str
    feeder: str
    postcode: str
    usual_w: float
    less_w: float
    more_w: float
    price_micro: int
    battery_wh: float = 0.0
    character: Character = Character.STEADY
    events: dict[str, Running] = field(default_factory=dict)
    forecast_at: datetime | None = None
    receipts: Path | None = None

    def hear(self, line: Home, told: dict[str, Any], now: datetime) -> None:
        """Take a notification of an event."""
        event = told["object"]
        if told["operation"] == "DELETE":
            if (gone := self.events.pop(event["id"], None)) is not None:
                self._say(line, gone, "status", now, {"INSTRUCTION_STATUS": "REVOKED"})
            return
        try:
            asked = Asked.of(event)
        except (KeyError, TypeError, ValueError) as error:
            values = {
                "ACK": False,
                "INSTRUCTION_STATUS": "REJECTED",
                "REASON": ["malformed", str(error)],
            }
            line.report(report(self.ven_id, event["id"], "refusal", now, [(now, timedelta(0), values)]))
            return
        running = Running(asked=asked, share=random.Random(event["id"]).uniform(0.93, 1.04))  # noqa: S311 # a weather, no secret
        self.events[asked.event_id] = running
        self._say(line, running, "acknowledgement", now, {"ACK": True, "INSTRUCTION_STATUS": "ACCEPTED"})

    def go_on(self, line: Home, now: datetime) -> None:
        """Let time pass: forecasts, events that begin, are measured, and end."""
        if self.forecast_at is None or now - self.forecast_at >= FORECAST_EACH:
            self.forecast_at = now
            line.report(report(self.ven_id, NO_EVENT, "forecast", now, list(self._forecast(now))))
        for running in list(self.events.values()):
            self._go_on(line, running, now)

    def power_w(self, now: datetime) -> float:
        """Return what the home draws."""
        power = self.usual_w + 60 * random.Random(f"{self.ven_id} {now:%H%M%S}").uniform(-1, 1)  # noqa: S311 # a weather, no secret
        if self.character is Character.LIES:
            return power
        for running in self.events.values():
            stretch = running.asked.at(now)
            if stretch is None or running.has_left or running.state != "STARTED":
                continue
            power += (stretch.change_w or 0.0) * running.share
            if stretch.limit_w is not None:
                power = min(power, stretch.limit_w)
        return power

    def _go_on(self, line: Home, running: Running, now: datetime) -> None:
        asked = running.asked
        if running.state == "ACCEPTED" and now >= asked.start:
            running.state, running.counted_at = "STARTED", now
            self._say(line, running, "status", now, self._state(running))
        if running.state != "STARTED":
            return
        self._count(running, min(now, asked.end))
        leaves = self.character is Character.OPTS_OUT and now >= asked.start + OPTS_OUT_AFTER
        if leaves and not running.has_left and now < asked.end:
            running.has_left = True
            self._say(line, running, "status", now, self._state(running))
        if now >= asked.end:
            running.state = "ABORTED" if running.has_left else "SUCCEEDED"
            self._say(line, running, "status", now, self._state(running))
            self._say(line, running, "settlement", now, self._settled(running))
            del self.events[asked.event_id]
        elif running.measured_at is None or now - running.measured_at >= MEASURED_EACH:
            running.measured_at = now
            self._say(line, running, "measurement", now, self._measured(running, now))

    def _count(self, running: Running, until: datetime) -> None:
        assert running.counted_at is not None  # noqa: S101 # it began
        hours = max((until - running.counted_at).total_seconds(), 0.0) / 3600
        running.used_wh += self.power_w(until - timedelta(milliseconds=1)) * hours
        running.usual_wh += self.usual_w * hours
        running.counted_at = until

    def _claimed_wh(self, running: Running, until: datetime) -> float:
        """Return what the home says it used less (negative) or more than usual."""
        if self.character is not Character.LIES:
            return running.used_wh - running.usual_wh
        seconds = (
            (each.change_w or 0.0) * (min(until, each.end) - each.start).total_seconds()
            for each in running.asked.stretches
            if each.start < until
        )
        return sum(seconds) / 3600

    def _measured(self, running: Running, now: datetime) -> dict[str, Any]:
        return {
            "DEMAND": _kilo(self.power_w(now)),
            "USAGE": _kilo(running.used_wh),
            "INSTRUCTION_STATUS": running.state,
            "BASELINE": _kilo(self.usual_w),
            "DELTA_USAGE": _kilo(self._claimed_wh(running, now)),
        }

    def _settled(self, running: Running) -> dict[str, Any]:
        used_wh, usual_wh = round(running.used_wh), round(running.usual_wh)
        delta_wh = used_wh - usual_wh
        told = {
            "INSTRUCTION_STATUS": running.state,
            "USAGE": _kilo(used_wh),
            "BASELINE": _kilo(self.usual_w),
            "DELTA_USAGE": _kilo(delta_wh),
            "COVERAGE": 1.0,
            "BASELINE_RULE": "as_dispatched",
        }
        if self.character is Character.LIES:
            return told | {"DELTA_USAGE": _kilo(round(self._claimed_wh(running, running.asked.end)))}
        found = event_receipt(
            self.ven_id,
            {"id": running.asked.event_id, "state": running.state},
            length=running.asked.end - running.asked.start,
            used_wh=used_wh,
            usual_wh=usual_wh,
            asks_less=running.asked.asks_less,
        )
        if self.receipts is not None:
            keep(found, self.receipts / self.ven_id, running.asked.event_id)
        return told | {"RECEIPT": found.digest}

    def _state(self, running: Running) -> dict[str, Any]:
        is_running = running.state == "STARTED"
        operating = {
            (True, True): "RUNNING_OPTED_OUT",
            (True, False): "RUNNING_CURTAILED",
            (False, True): "IDLE_OPTED_OUT",
            (False, False): "NORMAL",
        }[is_running, running.has_left]
        return {"INSTRUCTION_STATUS": running.state, "OPERATING_STATE": operating}

    def _say(self, line: Home, running: Running, name: str, now: datetime, values: dict[str, Any]) -> None:
        start = min(running.asked.start, now)
        interval = (start, min(now, running.asked.end) - start, values)
        line.report(report(self.ven_id, running.asked.event_id, name, now, [interval]))

    def _curve(self, most_w: float) -> list[float]:
        """Return power in all (kW) and its price a kWh, by turns: the last third costs half as much again."""
        price = self.price_micro / 1_000_000
        return [_kilo(most_w * 2 / 3), round(price, 3), _kilo(most_w), round(price * 1.5, 3)]

    def _forecast(self, now: datetime) -> list[Interval]:
        first = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        told = {
            "BASELINE": _kilo(self.usual_w),
            "UP_REGULATION_AVAILABLE": _kilo(self.less_w),
            "DOWN_REGULATION_AVAILABLE": _kilo(self.more_w),
            "UP_REGULATION_CURVE": self._curve(self.less_w),
            "DOWN_REGULATION_CURVE": self._curve(self.more_w),
        }
        storage = (
            {"STORAGE_CHARGE_LEVEL": 0.6, "STORAGE_USABLE_CAPACITY": _kilo(self.battery_wh)}
            if self.battery_wh
            else {}
        )
        return [
            (first + number * SLOT, SLOT, told | (storage if number == 0 else {})) for number in range(SLOTS)
        ]


def community(number: int, receipts: Path | None = None) -> list[SimulatedHome]:
    """Return so many homes on two feeders; a seventh of them leaves events, and the fourth lies.

    ``receipts``: where each keeps its own.
    """
    homes = []
    for index in range(1, number + 1):
        weather = random.Random(index)  # noqa: S311 # the same each time
        less_w = weather.uniform(1200, 3600)
        character = (
            Character.LIES if index == 4 else Character.OPTS_OUT if index % 7 == 3 else Character.STEADY
        )
        homes.append(
            SimulatedHome(
                ven_id=f"home-{index}",
                name=f"Elm Street {index}",
                feeder=f"feeder-{1 + index % 2}",
                postcode=f"{1010 + index % 3}",
                usual_w=less_w + weather.uniform(300, 1500),
                less_w=less_w,
                more_w=weather.uniform(1000, 3000),
                price_micro=weather.randrange(50_000, 400_000, 5_000),
                battery_wh=weather.choice((0.0, 5000.0, 10_000.0)),
                character=character,
                receipts=receipts,
            )
        )
    return homes


def _kilo(value: float) -> float:
    return round(value / 1000, 6)
