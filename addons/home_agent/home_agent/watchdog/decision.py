"""Decides what to do about failing services. Pure: health and memory in, an action and a new memory out.

What is outside of the home is no input: a line that is down can never restart anything. Times within one run
of the gateway are its uptime, so that setting the clock changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

# In the order in which they depend on each other: what others need comes first.
ORDER: Final[tuple[str, ...]] = ("mosquitto", "influxdb", "home_assistant", "nginx")
# How long a service may fail before it is restarted; Home Assistant starts slowly on a memory card.
PATIENCE_S: Final[Mapping[str, float]] = {
    "mosquitto": 180.0,
    "influxdb": 300.0,
    "home_assistant": 900.0,
    "nginx": 180.0,
}
LEAST_BETWEEN_RESTARTS_S: Final = 900.0
MOST_BETWEEN_RESTARTS_S: Final = 6 * 3600.0
# So many restarts of one service in vain, and the gateway itself may be at fault.
RESTARTS_BEFORE_REBOOT: Final = 3
BETWEEN_REBOOTS: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """The home at one moment. ``failing`` are the services that do not work."""

    now: datetime
    uptime_s: float
    boot_id: str
    failing: frozenset[str]
    dispatch_active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A service that fails since ``since_s``; restarted ``restarts`` times, last at ``restarted_s``."""

    since_s: float
    restarts: int = 0
    restarted_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What is remembered from one look to the next, also over restarts of agent and gateway."""

    boot_id: str = ""
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    rebooted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Restart:
    """Restart a service."""

    service: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reboot:
    """Reboot the gateway, because of a service."""

    service: str


type Action = Restart | Reboot | None


def decide(seen: Observation, memory: Memory) -> tuple[Action, Memory]:
    """Return the one thing to do now, and what to remember once it is done."""
    if memory.boot_id != seen.boot_id:
        memory = replace(memory, boot_id=seen.boot_id, troubles={})
    troubles = {
        service: memory.troubles.get(service, Trouble(since_s=seen.uptime_s))
        for service in ORDER
        if service in seen.failing
    }
    memory = replace(memory, troubles=troubles)
    for service, trouble in troubles.items():
        if _may_reboot(trouble, seen, memory.rebooted_at):
            return Reboot(service=service), replace(memory, rebooted_at=seen.now)
        if _is_due(service, trouble, seen.uptime_s):
            done = replace(trouble, restarts=trouble.restarts + 1, restarted_s=seen.uptime_s)
            return Restart(service=service), replace(memory, troubles={**troubles, service: done})
        if seen.uptime_s - (trouble.restarted_s or trouble.since_s) < LEAST_BETWEEN_RESTARTS_S:
            # What comes later in the order may fail only because of this one.
            break
    return None, memory


def _is_due(service: str, trouble: Trouble, uptime_s: float) -> bool:
    if trouble.restarted_s is None:
        return uptime_s - trouble.since_s >= PATIENCE_S[service]
    return uptime_s - trouble.restarted_s >= _pause_s(trouble.restarts)


def _pause_s(restarts: int) -> float:
    """Return how long a service gets after its latest restart: twice as long each time."""
    return min(LEAST_BETWEEN_RESTARTS_S * 2.0 ** min(restarts - 1, 10), MOST_BETWEEN_RESTARTS_S)


def _may_reboot(trouble: Trouble, seen: Observation, rebooted_at: datetime | None) -> bool:
    """Whether restarts were in vain and a reboot is allowed.

    A gateway that runs for less than a day is not rebooted, whoever rebooted it: that holds also when the
    memory is lost or the clock was wrong. A time of the last reboot that lies ahead counts as recent.
    """
    if seen.dispatch_active or trouble.restarts < RESTARTS_BEFORE_REBOOT or trouble.restarted_s is None:
        return False
    if seen.uptime_s - trouble.restarted_s < _pause_s(trouble.restarts):
        return False
    if seen.uptime_s < BETWEEN_REBOOTS.total_seconds():
        return False
    return rebooted_at is None or seen.now - rebooted_at >= BETWEEN_REBOOTS
