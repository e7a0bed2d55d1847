"""What the agent tells of a restore that Home Assistant could not end."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from home_agent.backup.source import BackupSource
from home_agent.home.link import HomeAssistantError


class Restoring:
    """The agent's way to a Home Assistant that takes a backup, ends, and is back with how it went."""

    def __init__(self, url: str, event: dict[str, Any]) -> None:
        self.url = url
        self._event = event

    def token(self) -> str:
        return "token"

    async def command(self, kind: str, **_fields: Any) -> Any:
        if kind == "backup/restore":
            raise HomeAssistantError("Home Assistant closed the connection")
        return {"last_action_event": {"manager_state": "restore_backup", **self._event}, "backups": []}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Serve what takes an upload."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"backup_id": "b1"})

    application = web.Application()
    application.router.add_post("/api/backup/upload", take)
    async with TestServer(application) as server:
        yield f"http://127.0.0.1:{server.port}"


async def content() -> AsyncIterator[bytes]:
    yield b"a backup"


async def test_why_a_restore_failed_is_told_as_home_assistant_says_it(url: str) -> None:
    event = {"state": "failed", "reason": "[Errno 28] No space left on device"}
    async with aiohttp.ClientSession() as session:
        source = BackupSource(session, Restoring(url, event))  # type: ignore[arg-type] # all that it needs
        with pytest.raises(HomeAssistantError, match="No space left on device"):
            await source.restore(content(), with_database=False)


async def test_a_restore_that_ended_well_is_no_error(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        source = BackupSource(session, Restoring(url, {"state": "completed"}))  # type: ignore[arg-type] # see above
        await source.restore(content(), with_database=False)
