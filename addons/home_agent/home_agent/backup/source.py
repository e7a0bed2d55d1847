"""Backups as Home Assistant makes, gives and takes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from ..home.link import HomeAssistantError
from ..home.watch import HomeWatch

# Backups we made, so that we delete no others.
NAME: Final = "Home agent"
_LOCAL: Final = "backup.local"
_MAKE_TIMEOUT_S: Final = 3600.0
_RESTORE_TIMEOUT_S: Final = 3600.0
_LOOK_EVERY_S: Final = 2.0
# Home Assistant gives its parts some minutes to end.
_ENDS_WITHIN_S: Final = 300.0
_GONE_LOOK_EVERY_S: Final = 0.5
_TIMEOUT = aiohttp.ClientTimeout(total=12 * 3600, sock_connect=30, sock_read=300)
_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalBackup:
    """A backup that lies in the home."""

    backup_id: str
    date: str
    size: int


class BackupSource:
    """Home Assistant's backup component."""

    def __init__(self, session: aiohttp.ClientSession, home: HomeWatch) -> None:
        """Use the connection of ``home``."""
        self._session = session
        self._home = home

    async def make(self, *, with_database: bool) -> LocalBackup:
        """Let Home Assistant make a backup of itself. Raises HomeAssistantError."""
        known = {backup.backup_id for backup in await self._ours()}
        await self._home.command(
            "backup/generate", agent_ids=[_LOCAL], name=NAME, include_database=with_database
        )
        reason: Any = "it does not say when it is done"
        with suppress(TimeoutError):
            async with asyncio.timeout(_MAKE_TIMEOUT_S):
                while True:
                    info = await self._home.command("backup/info")
                    made = [backup for backup in _ours(info) if backup.backup_id not in known]
                    if made and info.get("state") == "idle":
                        return made[0]
                    event = info.get("last_action_event") or {}
                    if info.get("state") == "idle" and event.get("state") == "failed":
                        reason = event.get("reason")
                        break
                    await asyncio.sleep(_LOOK_EVERY_S)
        raise HomeAssistantError(f"Home Assistant made no backup: {reason}")

    async def delete(self) -> None:
        """Delete the backups of ours that lie in the home. Raises HomeAssistantError."""
        for backup in await self._ours():
            await self._home.command("backup/delete", backup_id=backup.backup_id)

    async def read(self, backup: LocalBackup) -> AsyncIterator[bytes]:
        """Yield a backup's bytes. Raises HomeAssistantError."""
        path = f"/api/backup/download/{backup.backup_id}"
        async with self._request("GET", path, params={"agent_id": _LOCAL}) as answer:
            async for piece in answer.content.iter_chunked(_PIECE_BYTES):
                yield piece

    async def restore(self, content: AsyncIterator[bytes], *, with_database: bool) -> None:
        """Give Home Assistant a backup; return when it has become that home. Raises HomeAssistantError."""
        form = aiohttp.MultipartWriter("form-data")
        part = form.append(content, {"Content-Type": "application/x-tar"})
        part.set_content_disposition("form-data", name="file", filename="home.tar")
        async with self._request(
            "POST", "/api/backup/upload", params={"agent_id": _LOCAL}, data=form
        ) as answer:
            backup_id = (await answer.json())["backup_id"]
        try:
            await self._home.command(
                "backup/restore", backup_id=backup_id, agent_id=_LOCAL, restore_database=with_database
            )
        except HomeAssistantError as error:
            if error.code is not None:
                raise
            # It ends without an answer in order to restore; what counts is what it says when it is back.
        else:
            await self._gone()
        await self._restored()
        # It came with the backup's own name, and has done its service.
        with suppress(HomeAssistantError):
            await self.delete()

    async def _gone(self) -> None:
        """Wait until Home Assistant, which took the backup, ends: until then "completed" says no more."""
        with suppress(TimeoutError, HomeAssistantError):
            async with asyncio.timeout(_ENDS_WITHIN_S):
                while True:
                    await self._home.command("backup/info")
                    await asyncio.sleep(_GONE_LOOK_EVERY_S)

    async def _restored(self) -> None:
        """Wait until Home Assistant, back again, says how the restore went. Raises HomeAssistantError."""
        reason: Any = "it does not say how the restore went"
        with suppress(TimeoutError):
            async with asyncio.timeout(_RESTORE_TIMEOUT_S):
                while (event := await self._restore_event()).get("state") != "failed":
                    if event.get("state") == "completed":
                        return
                    await asyncio.sleep(_LOOK_EVERY_S)
                reason = event.get("reason")
        raise HomeAssistantError(f"Home Assistant did not become the home of the backup: {reason}")

    async def _restore_event(self) -> dict[str, Any]:
        """Return what Home Assistant last told of a restore; empty while it tells nothing."""
        with suppress(HomeAssistantError):
            event = (await self._home.command("backup/info")).get("last_action_event") or {}
            if event.get("manager_state") == "restore_backup":
                return dict(event)
        return {}

    async def _ours(self) -> list[LocalBackup]:
        return _ours(await self._home.command("backup/info"))

    @asynccontextmanager
    async def _request(self, method: str, path: str, **more: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        token = await asyncio.to_thread(self._home.token)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with self._session.request(
                method, f"{self._home.url}{path}", headers=headers, timeout=_TIMEOUT, **more
            ) as answer:
                if answer.status >= 400:
                    raise HomeAssistantError(f"Home Assistant refused {method} {path}: {answer.status}")
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise HomeAssistantError(f"Home Assistant does not answer {method} {path}") from error


def _ours(info: dict[str, Any]) -> list[LocalBackup]:
    return [
        LocalBackup(backup_id=row["backup_id"], date=row["date"], size=row["agents"][_LOCAL]["size"])
        for row in info.get("backups", [])
        if row.get("name") == NAME and _LOCAL in row.get("agents", {})
    ]
