"""Each test of the reconciler runs against the fake, and against a real influxd 2.x when there is one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .servers import Server, fake_server, real_binary, real_server


@pytest.fixture
def binary() -> str:
    """Return a real influxd 2.x."""
    found = real_binary()
    if found is None:
        pytest.skip("no influxd 2.x on PATH, none named by INFLUXD")
    return found


@pytest.fixture(params=["fake", "real"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if request.param == "fake":
        with fake_server(tmp_path) as running:
            yield running
        return
    with real_server(tmp_path, request.getfixturevalue("binary")) as running:
        yield running


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Server]:
    """Return the fake, for what a real server cannot be made to do."""
    with fake_server(tmp_path) as running:
        yield running
