"""Looks at the whole home again and again, and tells: at its time, and at once when something changed."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..access_point import read as read_access_point
from ..backup.keeper import BackupKeeper
from ..defaults import AgentSettings
from ..home.view import DispatchState
from ..home.watch import HomeWatch
from ..machine import Machine, look
from ..mqtt import MqttLine
from ..probes import Findings, Probes
from ..supervisor import Supervisor, SupervisorError
from ..update_lock import LockKeeper
from ..watchdog.actor import Watchdog
from ..watchdog.decision import Observation
from .document import Beat, document, essence, tags
from .problems import problems

_LOGGER = logging.getLogger(__name__)

TOPIC: Final = "agent/heartbeat"
_STUCK_AFTER_LOOKS: Final = 10
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """The parts that are looked at, and those that are told."""

    settings: AgentSettings
    probes: Probes
    home: HomeWatch
    line: MqttLine
    supervisor: Supervisor | None
    lock: LockKeeper
    watchdog: Watchdog
    backup: BackupKeeper | None
    agent_auth_failures: Callable[[], int]
    may_tell: Callable[[], bool]


class Pulse:
    """The one loop that looks, decides about lock and watchdog, and tells."""

    def __init__(self, parts: Parts) -> None:
        """Nothing runs yet."""
        self.latest: dict[str, Any] | None = None
        self._parts = parts
        self._settings = parts.settings
        self._home = parts.home
        self._line = parts.line
        self._lock = parts.lock
        self._watchdog = parts.watchdog
        self._changed = asyncio.Event()
        self._asked = False
        self._looked_s = time.monotonic()
        self._told_s: float | None = None
        self._essence: dict[str, Any] = {}
        self._clock_offset_s = time.time() - time.monotonic()
        self._counted = _RefusedLogIns()

    @property
    def alive(self) -> bool:
        """Whether the loop still turns."""
        return time.monotonic() - self._looked_s < max(60.0, _STUCK_AFTER_LOOKS * self._settings.probe_s)

    @property
    def dispatch_active(self) -> bool:
        """Whether the home works for the grid now, as far as is known."""
        dispatch = self._home.view.dispatch
        if dispatch.ends is not None and datetime.now(UTC) >= dispatch.ends:
            return False
        return dispatch.state is DispatchState.RUNNING

    def _known_dispatch(self) -> bool | None:
        """Return whether the home works for the grid; None when Home Flex is there and has not told yet."""
        view = self._home.view
        if view.dispatch.state is DispatchState.UNKNOWN and view.home_flex_set_up is not False:
            return None
        if self.dispatch_active and view.dispatch.ends is None and not view.reachable:
            # Seen last before Home Assistant went away: nobody knows how long that was true.
            return None
        return self.dispatch_active

    @property
    def _restoring(self) -> bool:
        backup = self._parts.backup
        return backup is not None and backup.restoring

    def changed(self) -> None:
        """Look again soon."""
        self._changed.set()

    def beat_now(self) -> None:
        """Look again soon, and tell whatever is found."""
        self._asked = True
        self._changed.set()

    async def run(self) -> None:
        """Look and tell until cancelled; the lock is given back at the end."""
        try:
            while True:
                await self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.probe_s):
                        await self._changed.wait()
                self._changed.clear()
        finally:
            self._lock.release()

    async def _look(self) -> None:
        settings, now = self._settings, datetime.now(UTC)
        machine = await asyncio.to_thread(look, proc=settings.proc, sys=settings.sys, disk=settings.data)
        self._tend_lock(machine, now)
        found = await self._parts.probes.look()
        self._looked_s = time.monotonic()
        await self._watchdog.look(
            Observation(
                uptime_s=machine.uptime_s,
                boot_id=machine.boot_id or "",
                failing=frozenset(name for name, works in found.services.items() if not works),
                dispatch_active=self._known_dispatch(),
                restoring=self._restoring,
            ),
            now,
        )
        # A restart by force may have broken the lock.
        self._tend_lock(machine, now)
        self.latest = document(await self._beat(now, machine, found))
        await self._tell(self.latest)

    def _tend_lock(self, machine: Machine, now: datetime) -> None:
        dispatch, boot_id = self._home.view.dispatch, machine.boot_id or ""
        self._lock.tend(
            dispatch, uptime_s=machine.uptime_s, boot_id=boot_id, now=now, restoring=self._restoring
        )

    async def _beat(self, now: datetime, machine: Machine, found: Findings) -> Beat:
        view, backup, acted = self._home.view, self._parts.backup, self._watchdog.latest
        if view.measurements_waiting is None:
            view = replace(view, measurements_waiting=await self._home.measurements_waiting())
        failures = await self._home.auth_failures()
        agent_failures = self._parts.agent_auth_failures()
        clock_jump_s = time.time() - time.monotonic() - self._clock_offset_s
        return Beat(
            home_id=self._settings.home_id,
            at=now,
            host_os=self._settings.host_os,
            device_type=self._settings.device_type,
            machine=machine,
            clock_jump_s=clock_jump_s,
            found=found,
            view=view,
            mqtt_connected=self._line.connected,
            bridge_connected=self._line.bridge_connected,
            messages_waiting=self._line.waiting,
            messages_kept=self._line.kept_by_broker,
            update_lock_held=self._lock.held,
            watchdog=acted,
            restarts=sum(trouble.restarts for trouble in self._watchdog.memory.troubles.values()),
            backup=backup.latest if backup else None,
            backup_configured=backup is not None,
            home_assistant_auth_failures=failures,
            agent_auth_failures=agent_failures,
            access_point=await asyncio.to_thread(read_access_point, self._settings.access_point),
            problems=problems(
                view,
                machine,
                found,
                clock_jump_s=clock_jump_s,
                backup_overdue=backup is not None and backup.is_overdue(now),
                log_ins_refused=self._counted.refused_more(failures or 0, agent_failures),
                watchdog_acted=acted is not None and now - acted[0] < _DAY,
                bridge_connected=self._line.bridge_connected,
            ),
        )

    async def _tell(self, told: dict[str, Any]) -> None:
        """Publish a heartbeat when its time has come, when it is asked for, or when it tells news."""
        now_s = time.monotonic()
        since_s = self._settings.heartbeat_s if self._told_s is None else now_s - self._told_s
        is_news = essence(told) != self._essence
        is_time = self._asked or since_s >= self._settings.heartbeat_s or is_news
        if not is_time or not self._parts.may_tell():
            return
        self._asked, self._told_s, self._essence = False, now_s, essence(told)
        self._clock_offset_s = time.time() - time.monotonic()
        self._counted.told()
        await self._line.publish_retained(TOPIC, json.dumps(told, separators=(",", ":")).encode())
        if self._parts.supervisor is not None:
            try:
                await self._parts.supervisor.set_tags(tags(told))
            except SupervisorError as error:
                _LOGGER.info("%s", error)


class _RefusedLogIns:
    """Tells whether more log-ins were refused than when the last heartbeat was told."""

    def __init__(self) -> None:
        self._told = self._latest = (0, 0)

    def refused_more(self, home_assistant: int, agent: int) -> bool:
        self._latest = (home_assistant, agent)
        return home_assistant > self._told[0] or agent > self._told[1]

    def told(self) -> None:
        self._told = self._latest
