"""A home of real processes, which is set up, used and looked at once more at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from scripts.home_stack.home_assistant import complaints
from scripts.home_stack.house import STEADY
from scripts.home_stack.stack import HomeStack, running_stack


@asynccontextmanager
async def fresh_home(folder: Path) -> AsyncIterator[HomeStack]:
    """Run everything, set up, and find at the end a log in which Home Flex did nothing it must not."""
    async with running_stack(folder, house_options=STEADY) as stack:
        assert not stack.broker.is_embedded, "Mosquitto is missing: run scripts/setup as root"
        yield stack
    assert complaints(stack.home_assistant.log_lines()) == []
