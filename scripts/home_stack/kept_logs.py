"""Runs something in a folder that goes with it; where it fails its logs are kept."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from .processes import ROOT, StackError


def run_in_folder(who: str, name: str, run: Callable[[Path], Coroutine[Any, Any, int]]) -> int:
    """Run in a folder of its own, and return what it returns, 1 where it fails.

    ``who`` says so on the console, ``name`` is in the names of the folder and of where logs are kept.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"home-flex-{name}-"))
    status = 1
    try:
        status = asyncio.run(run(folder))
    except (StackError, OSError) as error:
        print(f"{who}: failed: {error}", file=sys.stderr)
    if status:
        logs = ROOT / "artifacts" / f"{name}-logs"
        logs.mkdir(parents=True, exist_ok=True)
        for log in folder.rglob("*.log"):
            shutil.copy(log, logs / log.name)
        print(f"{who}: the logs are in {os.path.relpath(logs)}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    return status
