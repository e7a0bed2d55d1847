"""Brings a sealed backup out of the home every week, and one back into it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from home_common.files import read_json, write_json

from ..defaults import BackupSettings
from ..home.link import HomeAssistantError
from .cipher import seal, sealed_size, unseal
from .source import BackupSource, LocalBackup
from .store import BackupStore, StoreError

_LOGGER = logging.getLogger(__name__)

OVERDUE_AFTER: Final = timedelta(days=4)
_LOOK_EVERY_S = 600.0
# Each attempt writes a whole backup to the memory card.
_AFTER_A_FAILURE_S = 3600.0


class BackupError(Exception):
    """A backup could not be made or brought away; the message holds no address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupRecord:
    """The latest backup that arrived."""

    at: datetime
    name: str
    size: int


class BackupKeeper:
    """Makes, seals and uploads backups; one at a time."""

    def __init__(
        self,
        *,
        home_id: str,
        settings: BackupSettings,
        source: BackupSource,
        store: BackupStore,
        path: Path,
        may_begin: Callable[[], bool],
    ) -> None:
        """Remember the latest in the file ``path``; begin by itself only while ``may_begin``."""
        self._home_id = home_id
        self._settings = settings
        self._source = source
        self._store = store
        self._path = path
        self._may_begin = may_begin
        self._busy = asyncio.Lock()
        self.restoring = False
        stored = read_json(path)
        self.latest = _record(stored)
        self._waiting_since = _moment(stored.get("waiting_since"))

    def is_due(self, now: datetime) -> bool:
        """Whether the next one should be made; a clock that was set back makes none wait."""
        every = timedelta(days=self._settings.every_days)
        return self.latest is None or not timedelta() <= now - self.latest.at < every

    def is_overdue(self, now: datetime) -> bool:
        """Whether the latest is so old, or the first so long awaited, that somebody should look.

        One of a day to come was dated by a clock that was wrong: nobody knows how old it is.
        """
        since = self.latest.at if self.latest is not None else self._waiting_since
        every = timedelta(days=self._settings.every_days)
        return since is not None and not -OVERDUE_AFTER <= now - since <= every + OVERDUE_AFTER

    async def run(self) -> None:
        """Make the due ones until cancelled."""
        if self.latest is None and self._waiting_since is None:
            self._waiting_since = datetime.now(UTC)
            await self._keep({"waiting_since": self._waiting_since.isoformat()})
        while True:
            pause_s = _LOOK_EVERY_S
            if self.is_due(datetime.now(UTC)) and self._may_begin():
                try:
                    await self.back_up()
                except BackupError as error:
                    _LOGGER.warning("No backup: %s", error)
                    pause_s = _AFTER_A_FAILURE_S
            await asyncio.sleep(pause_s)

    async def back_up(self) -> BackupRecord:
        """Make one and bring it away. Raises BackupError."""
        async with self._busy:
            try:
                backup = await self._source.make(with_database=self._settings.with_database)
                record = await self._bring_away(backup)
            except (HomeAssistantError, StoreError) as error:
                raise BackupError(str(error)) from error
            finally:
                # Arrived or not, it does not stay: the memory card is small.
                with suppress(HomeAssistantError):
                    await self._source.delete()
            self.latest = record
            await self._keep(_stored(record))
            _LOGGER.info("Brought a backup of %d bytes away", record.size)
            return record

    async def restore(self, name: str) -> None:
        """Let Home Assistant become the home of a backup. Raises BackupError, SealError.

        Home Assistant gets the backup only after the whole of it has proved to be what was sealed.
        """
        async with self._busy:
            try:
                async for _ in self.read(name):
                    pass
                self.restoring = True
                await self._source.restore(self.read(name), with_database=self._settings.with_database)
            except (HomeAssistantError, StoreError) as error:
                raise BackupError(str(error)) from error
            finally:
                self.restoring = False

    def read(self, name: str) -> AsyncIterator[bytes]:
        """Yield a backup from the folder, opened; raises StoreError and SealError on the way."""
        return unseal(self._store.get(name), self._settings.key)

    async def _keep(self, document: dict[str, Any]) -> None:
        """Remember over a restart; a full disk must not end the agent."""
        try:
            await asyncio.to_thread(write_json, self._path, document)
        except OSError as error:
            _LOGGER.warning("The latest backup cannot be remembered: %s", error.strerror)

    async def _bring_away(self, backup: LocalBackup) -> BackupRecord:
        now = datetime.now(UTC)
        name = f"{self._home_id}-{now:%Y%m%dT%H%M%SZ}.hfb"
        size = sealed_size(backup.size)

        def content() -> AsyncIterator[bytes]:
            return seal(self._source.read(backup), self._settings.key)

        await self._store.put(name, content, size)
        return BackupRecord(at=now, name=name, size=size)


def _stored(record: BackupRecord) -> dict[str, Any]:
    return {"at": record.at.isoformat(), "name": record.name, "size": record.size}


def _record(stored: dict[str, Any]) -> BackupRecord | None:
    at = _moment(stored.get("at"))
    try:
        return BackupRecord(at=at, name=str(stored["name"]), size=int(stored["size"])) if at else None
    except KeyError, TypeError, ValueError:
        return None


def _moment(text: Any) -> datetime | None:
    """Return a moment with its offset from UTC; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except TypeError, ValueError:
        return None
    return moment if moment.tzinfo is not None else None
