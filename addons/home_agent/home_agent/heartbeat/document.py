"""The heartbeat's document (schema.json beside this file). Pure; nothing personal is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from .. import VERSION
from ..access_point import AccessPoint
from ..backup.keeper import BackupRecord
from ..home.view import HomeView
from ..machine import Machine
from ..probes import Findings
from ..watchdog.decision import Action
from .problems import is_healthy

DOCUMENT_VERSION: Final = 1
HEALTHY: Final = "ok"
_MOST_TAG_CHARACTERS: Final = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """Everything a heartbeat tells."""

    home_id: str
    at: datetime
    host_os: str | None
    device_type: str | None
    machine: Machine
    clock_jump_s: float
    found: Findings
    view: HomeView
    mqtt_connected: bool
    bridge_connected: bool | None
    messages_waiting: int
    messages_kept: int | None
    update_lock_held: bool
    watchdog: tuple[datetime, Action] | None
    restarts: int
    backup: BackupRecord | None
    backup_configured: bool
    home_assistant_auth_failures: int | None
    agent_auth_failures: int
    access_point: AccessPoint | None
    problems: tuple[str, ...]


def document(beat: Beat) -> dict[str, Any]:
    """Return the heartbeat as JSON types."""
    return {
        "version": DOCUMENT_VERSION,
        "home": beat.home_id,
        "at": beat.at.isoformat(),
        "healthy": is_healthy(beat.problems),
        "problems": list(beat.problems),
        "release": beat.found.release,
        "versions": {
            "agent": VERSION,
            "home_assistant": beat.view.version,
            "home_flex": beat.view.home_flex_version,
            "host_os": beat.host_os,
            "supervisor": beat.found.supervisor_version,
            "device_type": beat.device_type,
        },
        "machine": _machine(beat),
        "services": {name: "ok" if works else "failing" for name, works in beat.found.services.items()},
        "queues": _queues(beat),
        "devices": [
            {"id": device.device_id, "kind": device.kind, "linked": device.linked}
            for device in beat.view.devices
        ],
        "aggregator_connected": beat.view.aggregator_connected,
        "dispatch": {
            "state": beat.view.dispatch.state.value,
            "event_id": beat.view.dispatch.event_id,
            "ends": _time(beat.view.dispatch.ends),
        },
        "update_lock_held": beat.update_lock_held,
        "watchdog": {
            "restarts": beat.restarts,
            "latest": _action(beat.watchdog) if beat.watchdog else None,
        },
        "backup": {
            "configured": beat.backup_configured,
            "latest_at": _time(beat.backup.at) if beat.backup else None,
            "latest_bytes": beat.backup.size if beat.backup else None,
            "latest_name": beat.backup.name if beat.backup else None,
        },
        "auth_failures": {
            "home_assistant": beat.home_assistant_auth_failures,
            "agent": beat.agent_auth_failures,
        },
        "access_point": None
        if beat.access_point is None
        else {"state": beat.access_point.state, "reason": beat.access_point.reason},
    }


def tags(told: Mapping[str, Any]) -> dict[str, str]:
    """Return balena's device tags for a heartbeat: what the fleet tool's rollouts and status look at."""
    serious = [name for name in told["problems"] if not is_healthy((name,))]
    access_point = told["access_point"]
    return {
        "heartbeat_at": told["at"],
        "health": ",".join(serious)[:_MOST_TAG_CHARACTERS] if serious else HEALTHY,
        "access_point": "unknown"
        if access_point is None
        else f"{access_point['state']}: {access_point['reason']}"[:_MOST_TAG_CHARACTERS],
    }


def essence(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part whose change is worth a heartbeat at once."""
    names = (
        *("problems", "release", "versions", "services", "devices", "dispatch", "update_lock_held"),
        "access_point",
    )
    return {name: told[name] for name in names}


def _machine(beat: Beat) -> dict[str, Any]:
    machine = beat.machine
    return {
        "uptime_s": round(machine.uptime_s),
        "temperature_c": machine.temperature_c,
        "under_voltage": machine.under_voltage,
        "disk_used": None if machine.disk_used is None else round(machine.disk_used, 3),
        "disk_free_bytes": machine.disk_free_bytes,
        "memory_total_bytes": machine.memory_total_bytes,
        "memory_available_bytes": machine.memory_available_bytes,
        "clock_synchronized": machine.clock_synchronized,
        "clock_jump_s": round(beat.clock_jump_s, 1),
    }


def _queues(beat: Beat) -> dict[str, Any]:
    influxdb = beat.found.influxdb or {}
    replication, gaps = influxdb.get("replication"), influxdb.get("gaps")
    return {
        "mqtt_connected": beat.mqtt_connected,
        "bridge_connected": beat.bridge_connected,
        "messages_waiting": beat.messages_waiting,
        "messages_kept": beat.messages_kept,
        "measurements_waiting": beat.view.measurements_waiting,
        "measurements_dropped": beat.view.measurements_dropped,
        "replication": {name: replication.get(name) for name in _REPLICATION}
        if isinstance(replication, dict)
        else None,
        "missing_hours": len(gaps.get("missing_hours", [])) if isinstance(gaps, dict) else None,
    }


_REPLICATION: Final = (
    "configured",
    "remaining_bytes",
    "queue_bytes",
    "most_bytes",
    "not_shorter_since",
    "latest_response_code",
    "points_not_queued",
    "bytes_dropped",
)


def _action(done: tuple[datetime, Action]) -> dict[str, Any]:
    at, action = done
    kind = type(action).__name__.lower()
    return {"at": at.isoformat(), "action": kind, "service": action.service if action else None}


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
