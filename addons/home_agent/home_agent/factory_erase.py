"""Makes a home forget everything, in two steps: ask for a code, then give it.

What is done, in this order: the community is told, so that it revokes what the home could still prove; the
agent's own data goes; the Supervisor empties every volume and starts the services as on their first day.
"""

import asyncio
import json
import logging
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path
from typing import Final

from .mqtt import MqttLine
from .supervisor import Supervisor, SupervisorError

_LOGGER = logging.getLogger(__name__)

CODE_LASTS_S: Final = 300.0
# The bridge gets so long to bring the request for revocation out of the home.
_DELIVERY_S: Final = 10.0


class EraseError(Exception):
    """Nothing was erased; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """The code that confirms an erasure, and until when (monotonic seconds)."""

    code: str
    until_s: float


class FactoryErase:
    """Erases once it is asked twice."""

    def __init__(
        self,
        *,
        home_id: str,
        data: Path,
        line: MqttLine,
        supervisor: Supervisor | None,
        dispatch_active: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        delivery_s: float = _DELIVERY_S,
    ) -> None:
        """Erase ``data`` and what the Supervisor holds, never while ``dispatch_active``."""
        self.began = False
        self._home_id = home_id
        self._data = data
        self._line = line
        self._supervisor = supervisor
        self._dispatch_active = dispatch_active
        self._clock = clock
        self._delivery_s = delivery_s
        self._confirmation: Confirmation | None = None

    def request(self) -> str:
        """Return the code to confirm with; an earlier one is void. Raises EraseError."""
        self._refuse_during_dispatch()
        self._confirmation = Confirmation(
            code=f"{secrets.randbelow(10**8):08d}", until_s=self._clock() + CODE_LASTS_S
        )
        return self._confirmation.code

    async def confirm(self, code: str, *, dry_run: bool = False) -> list[str]:
        """Erase and return what was done; with ``dry_run`` return what would be. Raises EraseError.

        A code works once, also a wrong one: who guesses has to ask anew each time.
        """
        wanted, self._confirmation = self._confirmation, None
        if wanted is None or self._clock() > wanted.until_s or not compare_digest(wanted.code, code):
            raise EraseError("The code is wrong or too old: ask for another one")
        self._refuse_during_dispatch()
        if dry_run:
            return self._plan()
        # From here on the home tells nothing of itself any more.
        self.began = True
        await self._tell_community()
        await asyncio.to_thread(_empty, self._data)
        if self._supervisor is not None:
            try:
                await self._supervisor.purge()
            except SupervisorError as error:
                self.began = False
                raise EraseError(f"The agent's data is gone, the other volumes are not: {error}") from error
        _LOGGER.warning("The home was erased")
        return self._plan()

    def _refuse_during_dispatch(self) -> None:
        if self._dispatch_active():
            raise EraseError("The home works for the grid at this moment: wait for the end of the event")

    def _plan(self) -> list[str]:
        volumes = "every volume of the home" if self._supervisor else "nothing else: there is no Supervisor"
        return [
            "revocation of the home's credentials requested",
            "the agent's data deleted",
            f"the Supervisor empties {volumes}",
        ]

    async def _tell_community(self) -> None:
        at = datetime.now(UTC).isoformat()
        document = {"version": 1, "home": self._home_id, "at": at, "reason": "factory_erase"}
        await self._line.publish("agent/revocation", json.dumps(document).encode())
        await self._line.publish_retained("agent/heartbeat", b"")
        if self._supervisor is not None:
            # The second way out: the Supervisor keeps a tag until the line is back.
            with suppress(SupervisorError):
                await self._supervisor.set_tags({"erase_requested": at, "health": "erased"})
        if self._line.connected and self._line.bridge_connected:
            await asyncio.sleep(self._delivery_s)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
