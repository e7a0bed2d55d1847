"""Decides what to do about failing services. Pure: health and memory in, an action and a new memory out.

What is outside of the home is no input: a line that is down can never restart anything. All times are the
gateway's uptime, so that setting the clock changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
BETWEEN_REBOOTS_S: Final = 24 * 3600.0
# What reboots did not mend they never will.
MOST_REBOOTS: Final = 3
# Control goes on without it: no gateway is rebooted for its sake.
NEVER_REBOOTED_FOR: Final = frozenset({"influxdb"})
# A service is trusted again after so long without a fault; one good look is no recovery.
FORGOTTEN_AFTER_S: Final = 24 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """The home at one moment.

    ``failing`` are the services that do not work; ``dispatch_active`` is None when nobody knows. While
    ``restoring`` Home Assistant replaces its files by those of a backup: cut off, it is no home at all.
    """

    uptime_s: float
    boot_id: str
    failing: frozenset[str]
    dispatch_active: bool | None
    restoring: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A service that fails since ``since_s``; restarted ``restarts`` times, last at ``restarted_s``.

    ``well_since_s`` is set when it failed before and does not now.
    """

    since_s: float
    restarts: int = 0
    restarted_s: float | None = None
    well_since_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What is remembered of one run of the gateway, also over restarts of the agent.

    ``reboot_asked_s`` is when a reboot was last asked for, which an update lock may have refused; ``reboots``
    are those that were asked for because of each service, and outlive them.
    """

    boot_id: str = ""
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    reboot_asked_s: float | None = None
    reboots: Mapping[str, int] = field(default_factory=dict)


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
        memory = Memory(boot_id=seen.boot_id, reboots=memory.reboots)
    if seen.restoring:
        seen = replace(seen, failing=seen.failing - {"home_assistant"})
    troubles = _troubles(seen, memory.troubles)
    reboots = {
        service: count
        for service, count in memory.reboots.items()
        if service in troubles or seen.uptime_s < FORGOTTEN_AFTER_S
    }
    memory = replace(memory, troubles=troubles, reboots=reboots)
    for service, trouble in troubles.items():
        if trouble.well_since_s is not None:
            continue
        if _may_reboot(service, trouble, seen, memory):
            counted = {**reboots, service: reboots.get(service, 0) + 1}
            return Reboot(service=service), replace(memory, reboot_asked_s=seen.uptime_s, reboots=counted)
        if _is_due(service, trouble, seen.uptime_s):
            done = replace(trouble, restarts=trouble.restarts + 1, restarted_s=seen.uptime_s)
            return Restart(service=service), replace(memory, troubles={**troubles, service: done})
        if seen.uptime_s - (trouble.restarted_s or trouble.since_s) < LEAST_BETWEEN_RESTARTS_S:
            # What comes later in the order may fail only because of this one.
            break
    return None, memory


def _troubles(seen: Observation, known: Mapping[str, Trouble]) -> dict[str, Trouble]:
    """Return what fails, and what did not long ago: its restarts count on when it fails again."""
    troubles = {}
    for service in ORDER:
        before = known.get(service)
        if service in seen.failing:
            if before is None:
                before = Trouble(since_s=seen.uptime_s)
            elif before.well_since_s is not None:
                before = replace(before, since_s=seen.uptime_s, well_since_s=None)
            troubles[service] = before
        elif before is not None and before.restarts:
            well_since_s = seen.uptime_s if before.well_since_s is None else before.well_since_s
            if seen.uptime_s - well_since_s < FORGOTTEN_AFTER_S:
                troubles[service] = replace(before, well_since_s=well_since_s)
    return troubles


def _is_due(service: str, trouble: Trouble, uptime_s: float) -> bool:
    if uptime_s - trouble.since_s < PATIENCE_S[service]:
        return False
    return trouble.restarted_s is None or uptime_s - trouble.restarted_s >= _pause_s(trouble.restarts)


def _pause_s(restarts: int) -> float:
    """Return how long a service gets after its latest restart: twice as long each time."""
    return min(LEAST_BETWEEN_RESTARTS_S * 2.0 ** min(restarts - 1, 10), MOST_BETWEEN_RESTARTS_S)


def _may_reboot(service: str, trouble: Trouble, seen: Observation, memory: Memory) -> bool:
    """Whether restarts were in vain and a reboot is allowed.

    A gateway that runs for less than a day is not rebooted, whoever rebooted it: that holds also when the
    memory is lost. Whether there is a dispatch nobody knows while Home Assistant is down; when it stays down
    in spite of restarts, it carries none out.
    """
    if seen.restoring or service in NEVER_REBOOTED_FOR or memory.reboots.get(service, 0) >= MOST_REBOOTS:
        return False
    if not _is_in_vain(trouble):
        return False
    if seen.dispatch_active or (seen.dispatch_active is None and service != "home_assistant"):
        return False
    if seen.uptime_s - (trouble.restarted_s or 0.0) < _pause_s(trouble.restarts):
        return False
    if seen.uptime_s < BETWEEN_REBOOTS_S:
        return False
    asked_s = memory.reboot_asked_s
    return asked_s is None or seen.uptime_s - asked_s >= BETWEEN_REBOOTS_S


def _is_in_vain(trouble: Trouble) -> bool:
    """Whether several restarts did not even bring it back for one look."""
    if trouble.restarts < RESTARTS_BEFORE_REBOOT or trouble.restarted_s is None:
        return False
    return trouble.since_s <= trouble.restarted_s
