"""Commands of the documents that are run unattended, and end with a line of figures."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from typing import Any

from scripts.home_stack.processes import ROOT


async def run(
    script: str, *words: str, longest_s: float, environment: Mapping[str, str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Run a script of the repository to its end; return what it said, and the figures that it ends with."""
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / script),
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | (environment or {}),
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), longest_s)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
    told = said.decode()
    assert process.returncode == 0, told
    figures: dict[str, Any] = json.loads(told.splitlines()[-1])
    return told, figures
