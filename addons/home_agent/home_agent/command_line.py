"""``python3 -m home_agent`` runs the agent; its other commands help by hand.

``health`` asks the running agent (for the container's health check), ``secret`` prints the operator's secret,
``open FILE`` opens a sealed backup from the standard input into a new file.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
from home_common.settings import Settings, SettingsError

from .agent import Agent
from .backup.cipher import SealError, unseal
from .defaults import DEFAULTS, AgentSettings, load

_LOGGER = logging.getLogger("home_agent")
_USAGE = "usage: python3 -m home_agent [health | secret | open FILE]\n"


def run(arguments: list[str]) -> int:
    """Perform one command and return the status to exit with."""
    logging.basicConfig(level=logging.INFO, format="home_agent: %(message)s", stream=sys.stdout)
    try:
        match arguments:
            case []:
                return asyncio.run(_run(load()))
            case ["secret"]:
                sys.stdout.write(f"{load().operator_secret}\n")
                return 0
            case ["open", file]:
                return asyncio.run(_open(Path(file)))
    except SettingsError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400 - the line says it all
        return 1
    sys.stderr.write(_USAGE)
    return 2


async def _run(settings: AgentSettings) -> int:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    async with aiohttp.ClientSession(trust_env=False) as session:
        await Agent(settings, session).run(end)
    return 0


async def _open(target: Path) -> int:
    """Open a sealed backup; what is not whole and genuine leaves no file."""
    key = Settings.load(DEFAULTS).secret("BACKUP_KEY", least_characters=32)
    unproved = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(unproved, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            async for piece in unseal(_standard_input(), key):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        unproved.rename(target)
    except (OSError, SealError) as error:
        with suppress(OSError):
            unproved.unlink()
        sys.stderr.write(f"home_agent: {error}\n")
        return 1
    return 0


async def _standard_input() -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(sys.stdin.buffer.read, 1024 * 1024):
        yield piece
