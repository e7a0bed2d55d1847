"""The command of the hub's page does what it says: an event, a home that lies, a line that holds."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from scripts.home_stack.central_files import MOSQUITTO
from scripts.home_stack.processes import ROOT

_LONGEST_S = 600

pytestmark = [
    pytest.mark.timeout(_LONGEST_S + 60),
    pytest.mark.skipif(not (MOSQUITTO / "mosquitto").exists(), reason="Mosquitto 2.1: run scripts/setup"),
]


@pytest.fixture
def room() -> Iterator[Path]:
    """Yield a folder for what the command puts aside, and see it go; its path is short, for its sockets."""
    with TemporaryDirectory(prefix="hub") as folder:
        yield Path(folder)
        assert list(Path(folder).iterdir()) == []


async def test_the_centre_runs_a_round_unattended_and_leaves_nothing_behind(room: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "hub"),
        "up",
        "--check",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"TMPDIR": str(room)},
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _LONGEST_S)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
    told = said.decode()
    assert process.returncode == 0, told
    figures: Any = json.loads(told.splitlines()[-1])
    assert (figures["homes"], figures["verified"]) == (20, "right")
    assert figures["contradicted"] == ["home-4"]
    assert figures["delivered_share"] >= 0.75
