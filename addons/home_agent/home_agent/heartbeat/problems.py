"""Names what is wrong with a home. Pure; the names are stable, for people and for the fleet tool."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..home.view import HomeView
from ..machine import Machine
from ..probes import Findings

HOT_C: Final = 80.0
DISK_FULL: Final = 0.9
LEAST_MEMORY_BYTES: Final = 64 * 1024 * 1024
CLOCK_JUMP_S: Final = 5.0
_NO_NAME: Final = re.compile(r"[^a-z0-9_]")

# A home with one of these is still in order: they ask for a look, and stop no rollout. Faults of bridge and
# replication are none of them: a release that cuts the line to the centre has to stop.
WARNINGS: Final = frozenset(
    {
        "hot",
        "under_voltage",
        "clock_not_synchronized",
        "clock_jumped",
        "backup_overdue",
        "log_ins_refused",
        "watchdog_acted",
    }
)


def problems(
    view: HomeView,
    machine: Machine,
    found: Findings,
    *,
    clock_jump_s: float,
    backup_overdue: bool,
    log_ins_refused: bool,
    watchdog_acted: bool,
    bridge_connected: bool | None,
) -> tuple[str, ...]:
    """Return the names of what is wrong, in a fixed order."""
    others = {
        "clock_jumped": abs(clock_jump_s) >= CLOCK_JUMP_S,
        "backup_overdue": backup_overdue,
        "log_ins_refused": log_ins_refused,
        "watchdog_acted": watchdog_acted,
        "bridge_down": bridge_connected is False,
    }
    return (
        *(f"{service}_down" for service, works in found.services.items() if not works),
        *_of_home(view),
        *_of_store(found.influxdb),
        *_of_machine(machine),
        *(name for name, is_so in others.items() if is_so),
    )


def is_healthy(names: tuple[str, ...]) -> bool:
    """Whether a home with these problems is in order."""
    return WARNINGS.issuperset(names)


def _of_home(view: HomeView) -> Iterator[str]:
    if not view.reachable:
        yield "home_assistant_unreachable"
        return
    if view.home_flex_set_up is False:
        yield "home_flex_missing"
    yield from sorted({f"{device.kind}_link_down" for device in view.devices if not device.linked})
    if view.aggregator_connected is False:
        yield "aggregator_disconnected"
    if view.store_connected is False:
        yield "measurements_waiting"
    if view.measurements_dropped:
        yield "measurements_dropped"


def _of_store(influxdb: Mapping[str, Any] | None) -> Iterator[str]:
    told = (influxdb or {}).get("problems")
    for name in told if isinstance(told, list) else ():
        # "influxdb_down" is known from the probe.
        if isinstance(name, str) and name and name != "influxdb_down":
            yield _NO_NAME.sub("_", name.lower())[:64]


def _of_machine(machine: Machine) -> Iterator[str]:
    if machine.temperature_c is not None and machine.temperature_c >= HOT_C:
        yield "hot"
    if machine.under_voltage:
        yield "under_voltage"
    if machine.disk_used is not None and machine.disk_used >= DISK_FULL:
        yield "disk_full"
    if machine.memory_available_bytes is not None and machine.memory_available_bytes < LEAST_MEMORY_BYTES:
        yield "memory_full"
    if machine.clock_synchronized is False:
        yield "clock_not_synchronized"
