"""The command of the hub's page does what it says: an event, a home that lies, a line that holds."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from scripts.home_stack.central_files import MOSQUITTO

from . import unattended

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
    environment = {"TMPDIR": str(room)}
    _, figures = await unattended.run("hub", "up", "--check", longest_s=_LONGEST_S, environment=environment)
    assert (figures["homes"], figures["verified"]) == (20, "right")
    assert figures["contradicted"] == ["home-4"]
    assert figures["delivered_share"] >= 0.75
