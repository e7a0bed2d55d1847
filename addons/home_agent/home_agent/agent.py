"""Puts the agent's parts together and runs their loops until it is told to end."""

import asyncio
from dataclasses import asdict
from typing import Any

import aiohttp
from aiohttp import web
from home_common.http_server import listen

from .backup.keeper import BackupKeeper
from .backup.source import BackupSource
from .backup.store import BackupStore
from .chargers import charger_passwords
from .commands.desk import CommandDesk
from .commands.envelope import Authority
from .commands.handlers import Handlers
from .commands.ledger import Ledger
from .defaults import AgentSettings
from .diagnostics.collect import Diagnostics
from .factory_erase import FactoryErase
from .heartbeat.pulse import Parts, Pulse
from .home.watch import HomeWatch
from .mqtt import MqttLine
from .probes import Probes
from .supervisor import Supervisor
from .update_lock import LockKeeper, UpdateLock
from .watchdog.actor import Watchdog
from .web.access import Access
from .web.owner import OwnerHandover
from .web.server import WebServer

_NOTES_IN_BUNDLE = 500
_SHUTDOWN_S = 3.0


class Agent:
    """One home's agent."""

    def __init__(self, settings: AgentSettings, session: aiohttp.ClientSession) -> None:
        """Wire the parts; nothing runs yet, and files are only read."""
        supervisor = Supervisor(session, settings.supervisor) if settings.supervisor else None
        self._settings = settings
        self._line = MqttLine(
            host=settings.mqtt_host,
            port=settings.mqtt_port,
            root=settings.root,
            credentials=settings.credentials,
        )
        self._home = HomeWatch(session, settings.home_assistant_url, settings.owner, self._on_change)
        self._backup = self._make_backup(session)
        self._watchdog = Watchdog(settings.data / "watchdog.json", supervisor)
        self._access = Access(
            session=session,
            home_assistant_url=settings.home_assistant_url,
            operator_secret=settings.operator_secret,
        )
        self._pulse = Pulse(
            Parts(
                settings=settings,
                probes=Probes(session, settings, self._line, supervisor),
                home=self._home,
                line=self._line,
                supervisor=supervisor,
                lock=LockKeeper(UpdateLock(settings.lock_file), settings.data / "update_lock.json"),
                watchdog=self._watchdog,
                backup=self._backup,
                agent_auth_failures=lambda: self._access.failures,
                may_tell=lambda: not self._erase.began,
            )
        )
        self._ledger = Ledger(settings.data)
        self._diagnostics = Diagnostics(
            session=session,
            settings=settings,
            home=self._home,
            supervisor=supervisor,
            own=self._own_documents,
        )
        self._erase = FactoryErase(
            home_id=settings.home_id,
            data=settings.data,
            line=self._line,
            supervisor=supervisor,
            dispatch_active=lambda: self._pulse.dispatch_active,
        )
        handlers = Handlers(
            beat_now=self._pulse.beat_now,
            backup=self._backup,
            diagnostics=self._diagnostics,
            supervisor=supervisor,
            erase=self._erase,
        )
        self._desk = CommandDesk(
            self._ledger,
            handlers.table(),
            self._line.publish,
            Authority(home=settings.home_id, operator_key=settings.operator_key),
        )

    async def run(self, until: asyncio.Event) -> None:
        """Run until ``until`` is set, then end in order."""
        async with asyncio.TaskGroup() as group:
            loops = [
                group.create_task(self._line.run(self._desk.take), name="mqtt"),
                group.create_task(self._home.run(), name="home"),
                group.create_task(self._pulse.run(), name="pulse"),
                group.create_task(self._serve(), name="web"),
            ]
            if self._backup is not None:
                loops.append(group.create_task(self._backup.run(), name="backup"))
            await until.wait()
            for loop in loops:
                loop.cancel()
        await self._desk.close()

    async def _serve(self) -> None:
        server = WebServer(
            access=self._access,
            owner=OwnerHandover(self._settings.owner, self._settings.data / "owner_handed_over"),
            chargers=lambda: charger_passwords(self._settings.owner),
            ledger=self._ledger,
            diagnostics=self._diagnostics,
            beat=lambda: self._pulse.latest,
            alive=lambda: self._pulse.alive,
        )
        runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        listening = None
        try:
            listening = await listen(runner, self._settings.http_host, self._settings.http_port)
            await asyncio.Event().wait()
        finally:
            if listening is not None:
                listening.close()
            await runner.cleanup()

    def _make_backup(self, session: aiohttp.ClientSession) -> BackupKeeper | None:
        settings = self._settings.backup
        if settings is None:
            return None
        return BackupKeeper(
            home_id=self._settings.home_id,
            settings=settings,
            source=BackupSource(session, self._home),
            store=BackupStore(session, settings.url),
            path=self._settings.data / "backup.json",
            may_begin=lambda: self._home.view.reachable and not self._pulse.dispatch_active,
        )

    def _on_change(self) -> None:
        self._pulse.changed()

    def _own_documents(self) -> dict[str, Any]:
        return {
            "heartbeat": self._pulse.latest,
            "watchdog": asdict(self._watchdog.memory),
            "audit": self._ledger.notes(_NOTES_IN_BUNDLE),
        }
