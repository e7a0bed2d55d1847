"""Runs Home Assistant, and beside it the bootstrap for as long as there is something to set up."""

import asyncio
import ctypes
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from home_common.settings import Settings

from .home_assistant import with_packages
from .migrations import bring_forward
from .restoring import room_to_restore
from .volume import Volume

_LOGGER = logging.getLogger(__name__)

# homeassistant.const.RESTART_EXIT_CODE: it asks to be started again.
RESTART_EXIT_CODE = 100
_BOOTSTRAP_PAUSE_S = 30.0
# The bootstrap ends so when there is nothing to wait for at hand, but something left for another hour.
TRY_LATER = 75
_LATER_S = 3600.0
_PR_SET_PDEATHSIG = 1

# The memory allocator of Home Assistant's own image, and how that image tunes it.
_JEMALLOC = Path("/usr/local/lib/libjemalloc.so.2")
_MALLOC_CONF = "background_thread:true,metadata_thp:auto,dirty_decay_ms:20000,muzzy_decay_ms:20000"
_TRIAL_S = 60.0


async def supervise(settings: Settings) -> int:
    """Run Home Assistant until it ends by itself or is told to; return the status to exit with.

    Raises VolumeError when it restored a volume that cannot be brought forward.
    """
    supervisor = _Supervisor(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.end)
    while True:
        status = await supervisor.run_once()
        if status != RESTART_EXIT_CODE or supervisor.ending:
            # As a shell tells it: 128 and the number of the signal that ended it.
            return status if status >= 0 else 128 - status
        _LOGGER.info("Home Assistant asked to be started again")
        # It may have restored a backup: of an older release, or of the gateway that was here before.
        await asyncio.to_thread(bring_forward, Volume(settings.path("CONFIG_FOLDER")), settings)


class _Supervisor:
    def __init__(self, settings: Settings) -> None:
        self.ending = False
        self._folder = settings.path("CONFIG_FOLDER")
        options = shlex.split(settings.optional("HOME_ASSISTANT_OPTIONS") or "")
        program = f"{__package__}.home_assistant"
        self._command = [sys.executable, "-m", program, "--config", str(self._folder), *options]
        self._home_assistant: asyncio.subprocess.Process | None = None
        self._bootstrap: asyncio.Task[None] | None = None

    def end(self) -> None:
        """Tell Home Assistant to end in order."""
        self.ending = True
        if self._bootstrap is not None:
            self._bootstrap.cancel()
        if self._home_assistant is not None and self._home_assistant.returncode is None:
            self._home_assistant.terminate()

    async def run_once(self) -> int:
        """Start Home Assistant, wait for its end, and return its status."""
        known = await asyncio.to_thread(_environment_of_home_assistant, os.environ)
        environment = with_packages(known, self._folder)
        environment |= await asyncio.to_thread(room_to_restore, self._folder)
        self._home_assistant = await asyncio.create_subprocess_exec(
            *self._command, env=environment, preexec_fn=_end_with_parent
        )
        if self.ending:
            self._home_assistant.terminate()
        self._bootstrap = asyncio.create_task(_bootstrap())
        try:
            return await self._home_assistant.wait()
        finally:
            self._bootstrap.cancel()
            with suppress(asyncio.CancelledError):
                await self._bootstrap


async def _bootstrap() -> None:
    """Let a process of its own set the home up: its memory is free again when it is done."""
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __package__ or "", "bootstrap", preexec_fn=_end_with_parent
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
        if status == 0:
            return
        if status != TRY_LATER:
            _LOGGER.warning("Setting the home up was interrupted; it goes on in %d s", _BOOTSTRAP_PAUSE_S)
        await asyncio.sleep(_LATER_S if status == TRY_LATER else _BOOTSTRAP_PAUSE_S)


def _environment_of_home_assistant(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what Home Assistant may know of our environment: no record with a charger's password.

    What it logs is in its container's log too, which the engine bounds; its file on the card has no bound.
    """
    kept = {"HA_DISABLE_LOG_FILE": "true"} | {
        name: value for name, value in environment.items() if name != "HOME_RECORD"
    }
    return kept | _allocator(kept)


def _allocator(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what has a program use jemalloc; nothing where it ends each program that it is loaded into.

    It does so on a kernel whose memory pages are larger than those it was built for. Blocks for a moment.
    """
    if not _JEMALLOC.exists() or "DISABLE_JEMALLOC" in environment:
        return {}
    wanted = {"LD_PRELOAD": str(_JEMALLOC), "MALLOC_CONF": _MALLOC_CONF}
    trial = [sys.executable, "-I", "-S", "-c", ""]
    try:
        subprocess.run(trial, env={**environment, **wanted}, check=True, timeout=_TRIAL_S)  # noqa: S603 # our own
    except (OSError, subprocess.SubprocessError) as error:
        _LOGGER.warning("Home Assistant runs without jemalloc, which does not run here: %s", error)
        return {}
    return wanted


def _end_with_parent() -> None:
    """Ask the kernel to end this process with ours: a stray Home Assistant would hold the volume's lock."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
