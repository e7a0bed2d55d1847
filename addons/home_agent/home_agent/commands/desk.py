"""Takes commands, sees that each is obeyed at most once, and answers each."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from .envelope import Authority, Command, CommandError, parse
from .ledger import Answer, Ledger

_LOGGER = logging.getLogger(__name__)

ANSWERS: Final = "agent/answers"
_MOST_UNDER_WAY: Final = 4
_LONGEST_S: Final = 4 * 3600.0

type Handler = Callable[[Mapping[str, str]], Awaitable[dict[str, Any]]]
type Publish = Callable[[str, bytes], Awaitable[None]]


class HandlerError(Exception):
    """A command was understood and could not be done; the message goes into the answer."""


class CommandDesk:
    """One desk for all commands."""

    def __init__(
        self, ledger: Ledger, handlers: Mapping[str, Handler], publish: Publish, authority: Authority
    ) -> None:
        """Obey with ``handlers`` (by kind) what ``authority`` allows, answer with ``publish``."""
        self._authority = authority
        self._ledger = ledger
        self._handlers = handlers
        self._publish = publish
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def take(self, kind: str, payload: bytes) -> None:
        """Take one command as it came."""
        now = datetime.now(UTC)
        try:
            command = parse(kind, payload, self._authority, now=now)
            if self._ledger.knows(command.id):
                await self._repeat(command)
                return
            if len(self._under_way) >= _MOST_UNDER_WAY:
                raise CommandError("busy", command_id=command.id)  # noqa: TRY301 - refused like the others
            await self._begin(command, now)
        except CommandError as error:
            await self._answer(error.command_id, kind[:64], "REFUSED", reason=error.reason)
            return
        self._under_way[command.id] = asyncio.create_task(self._obey(command))

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, command: Command, now: datetime) -> None:
        """Write the command down. Raises CommandError: what cannot be remembered is not obeyed."""
        try:
            is_begun = await asyncio.to_thread(self._ledger.begin, command.id, command.valid_until, now=now)
        except OSError as error:
            raise CommandError("disk", command_id=command.id) from error
        if not is_begun:
            raise CommandError("too_many_commands", command_id=command.id)

    async def _repeat(self, command: Command) -> None:
        if (answer := self._ledger.answer(command.id)) is not None:
            await self._publish(ANSWERS, json.dumps(answer).encode())
        elif command.id not in self._under_way:
            await self._answer(command.id, command.kind, "FAILED", reason="interrupted")

    async def _obey(self, command: Command) -> None:
        try:
            async with asyncio.timeout(_LONGEST_S):
                result = await self._handlers[command.kind](command.arguments)
        except HandlerError as error:
            answer = await self._answer(command.id, command.kind, "FAILED", reason=str(error))
        except Exception as error:  # a fault of one command must not end the desk
            _LOGGER.exception("The command %s failed", command.kind)
            answer = await self._answer(command.id, command.kind, "FAILED", reason=type(error).__name__)
        else:
            answer = await self._answer(command.id, command.kind, "DONE", result=result)
        finally:
            self._under_way.pop(command.id, None)
        try:
            await asyncio.to_thread(self._ledger.finish, command.id, answer)
        except OSError as error:
            _LOGGER.warning("An answer cannot be remembered: %s", error.strerror)

    async def _answer(self, command_id: str | None, kind: str, status: str, **more: Any) -> Answer:
        at = datetime.now(UTC).isoformat()
        answer = {"version": 1, "id": command_id, "command": kind, "status": status, "at": at, **more}
        try:
            await asyncio.to_thread(
                self._ledger.note,
                at=at,
                way="mqtt",
                id=command_id,
                command=kind,
                status=status,
                reason=more.get("reason"),
            )
        except OSError as error:
            _LOGGER.warning("A line of audit is lost: %s", error.strerror)
        await self._publish(ANSWERS, json.dumps(answer).encode())
        return answer
