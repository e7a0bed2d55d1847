"""What each kind of command does."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ..backup.cipher import SealError
from ..backup.keeper import BackupError, BackupKeeper
from ..diagnostics.collect import Diagnostics
from ..factory_erase import EraseError, FactoryErase
from ..supervisor import Supervisor, SupervisorError
from .desk import Handler, HandlerError

# The broker takes 256 KiB; base64 makes four bytes of three.
MOST_BUNDLE_BYTES: Final = 180 * 1024


class Handlers:
    """The parts of the agent that commands reach."""

    def __init__(
        self,
        *,
        beat_now: Callable[[], None],
        backup: BackupKeeper | None,
        diagnostics: Diagnostics,
        supervisor: Supervisor | None,
        erase: FactoryErase,
    ) -> None:
        """Take them."""
        self._beat_now = beat_now
        self._backup = backup
        self._diagnostics = diagnostics
        self._supervisor = supervisor
        self._erase = erase

    def table(self) -> Mapping[str, Handler]:
        """Return the handler of each kind."""
        return {
            "heartbeat": self._heartbeat,
            "backup": _told(self._back_up),
            "diagnostics": self._bundle,
            "restart_service": _told(self._restart),
            "restore": _told(self._restore),
            "factory_erase": _told(self._factory_erase),
        }

    async def _heartbeat(self, _arguments: Mapping[str, str]) -> dict[str, Any]:
        self._beat_now()
        return {}

    async def _back_up(self, _arguments: Mapping[str, str]) -> dict[str, Any]:
        record = await self._keeper().back_up()
        self._beat_now()
        return {"name": record.name, "bytes": record.size}

    async def _restore(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        await self._keeper().restore(arguments["name"])
        return {}

    async def _bundle(self, _arguments: Mapping[str, str]) -> dict[str, Any]:
        content = await self._diagnostics.bundle()
        if len(content) > MOST_BUNDLE_BYTES:
            raise HandlerError("The bundle is too large for a message: fetch it from the status page")
        return {"zip_base64": base64.b64encode(content).decode()}

    async def _restart(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        if self._supervisor is None:
            raise HandlerError("There is no Supervisor")
        await self._supervisor.restart_service(arguments["service"])
        return {}

    async def _factory_erase(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        if "code" not in arguments:
            return {"code": self._erase.request()}
        is_dry = arguments.get("dry_run") == "true"
        return {"dry_run": is_dry, "steps": await self._erase.confirm(arguments["code"], dry_run=is_dry)}

    def _keeper(self) -> BackupKeeper:
        if self._backup is None:
            raise HandlerError("No folder of backups is set up")
        return self._backup


def _told(handler: Callable[[Mapping[str, str]], Awaitable[dict[str, Any]]]) -> Handler:
    """Turn the parts' errors, whose messages hold no secret, into the command's answer."""

    async def handle(arguments: Mapping[str, str]) -> dict[str, Any]:
        try:
            return await handler(arguments)
        except (BackupError, EraseError, SealError, SupervisorError) as error:
            raise HandlerError(str(error)) from error

    return handle
