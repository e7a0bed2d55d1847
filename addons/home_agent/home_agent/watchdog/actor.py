"""Does what the watchdog decided, through the Supervisor."""

import logging
from datetime import datetime
from pathlib import Path

from ..supervisor import Supervisor, SupervisorError
from .decision import Action, Memory, Observation, Reboot, Restart, decide
from .memory import load, store

_LOGGER = logging.getLogger(__name__)


class Watchdog:
    """Looks, remembers, acts. Without a Supervisor it only says what it would do."""

    def __init__(self, path: Path, supervisor: Supervisor | None) -> None:
        """Remember in the file ``path``."""
        self.latest: tuple[datetime, Action] | None = None
        self._path = path
        self._supervisor = supervisor
        self._memory: Memory = load(path)

    @property
    def memory(self) -> Memory:
        """What it remembers."""
        return self._memory

    async def look(self, seen: Observation, now: datetime) -> Action:
        """Decide and act; what is about to be done is on disk before it is done."""
        before = self._memory
        action, self._memory = decide(seen, before)
        if self._memory != before:
            try:
                store(self._path, self._memory)
            except OSError as error:
                _LOGGER.warning("The watchdog cannot remember (%s) and does nothing", error.strerror)
                return None
        if action is not None:
            self.latest = (now, action)
            await self._act(action)
        return action

    async def _act(self, action: Restart | Reboot) -> None:
        if self._supervisor is None:
            _LOGGER.warning("The watchdog would now do this, but there is no Supervisor: %s", action)
            return
        _LOGGER.warning("The watchdog acts: %s", action)
        try:
            if isinstance(action, Restart):
                await self._supervisor.restart_service(action.service)
            else:
                await self._supervisor.reboot()
        except SupervisorError as error:
            _LOGGER.warning("%s", error)
