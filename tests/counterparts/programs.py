"""Programs of others, started as processes: ``scripts/setup`` puts them into ``.cache/counterparts``."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".cache" / "counterparts"
MODULES = FOLDER / "node" / "node_modules"
TEST_OCPP = FOLDER / "python" / "bin" / "test-ocpp"
_LONGEST_S = 60.0


def node() -> str:
    """Return Node's program: the machine's, or the one that was put beside the packages."""
    own = FOLDER / "python" / "bin" / "node"
    found = shutil.which("node") or (str(own) if own.exists() else None)
    if found is None or not MODULES.is_dir():
        pytest.skip("Node and its packages are not there: run scripts/setup")
    return found


def program(path: Path) -> str:
    """Return a program's path; the test is skipped where it could not be had."""
    if not path.exists():
        pytest.skip(f"{path.name} is not there: run scripts/setup")
    return str(path)


@dataclass
class Told:
    """What a process prints: a JSON object a line; what is none is left in ``text``."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    has_ended: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def all(self, what: str) -> list[Any]:
        return [line["detail"] for line in self.lines if line["what"] == what]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                assert not self.has_ended, self.text
                self._news.clear()
                await self._news.wait()

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            text = line.decode(errors="replace").strip()
            try:
                told = json.loads(text)
            except ValueError:
                told = None
            if isinstance(told, dict) and "what" in told:
                self.lines.append(told)
            else:
                self.text.append(text)
            self._news.set()
        self.has_ended = True
        self._news.set()


@asynccontextmanager
async def running(
    *command: str,
    cwd: Path = HERE,
    env: Mapping[str, str] | None = None,
    longest_s: float = _LONGEST_S,
) -> AsyncIterator[Told]:
    """Run a program until it ends, or the test is over."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, "NODE_PATH": str(MODULES), **(env or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = Told(process)
    reading = asyncio.create_task(told.read(), name="counterpart")
    try:
        async with asyncio.timeout(longest_s):
            yield told
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def output(
    *command: str,
    cwd: Path = HERE,
    env: Mapping[str, str] | None = None,
    longest_s: float = _LONGEST_S,
) -> tuple[int, str]:
    """Run a program to its end; return its code, and what it printed."""
    async with running(*command, cwd=cwd, env=env, longest_s=longest_s) as told:
        code = await told.process.wait()
    return code, "\n".join(told.text)
