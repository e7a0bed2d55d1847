"""A home around the agent that lasts for the tests of a file."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.stack.mosquitto import programs

from .agent_process import Operator, Stack, stack_in


@pytest.fixture(scope="module")
def home_folder() -> Iterator[Path]:
    """Return a folder below which every user may look: the broker has no rights."""
    if programs.mosquitto() is None:
        pytest.skip("Mosquitto 2.1 is not there: run scripts/setup")
    path = Path(tempfile.mkdtemp(prefix="home-agent-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(home_folder: Path) -> AsyncIterator[Stack]:
    """Return a home with a running agent that the broker knows: before that, a command would reach nobody."""
    async with stack_in(home_folder) as stack:
        await stack.agent.start()
        async with Operator.of(stack.broker) as operator:
            await operator.beat()
        yield stack


@pytest_asyncio.fixture(loop_scope="module")
async def operator(stack: Stack) -> AsyncIterator[Operator]:
    """Return somebody who listens and commands."""
    async with Operator.of(stack.broker) as operator:
        yield operator
