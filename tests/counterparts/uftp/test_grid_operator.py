"""Our aggregator and the grid operator of shapeshifter-uftp, each with a socket of its own.

The homes are the mock of the conversation's own tests; plain HTTP on loopback stands in for what ends TLS.
"""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from community_hub.grid.sending import GridSender
from community_hub.store import open_store
from community_hub.store.tables import GridOperator
from community_hub.web.posting import Posting

from ...hub.grid.samples import OURS, POINT, THEIR_KEYS, THEIRS
from ...hub.grid.test_conversation import KEYS, Grid, grid_of
from ...hub.running import made
from ..programs import FOLDER, program, running

PYTHON = FOLDER.parent / "vtn-clients" / "bin" / "python"
SCRIPT = Path(__file__).with_name("grid_operator.py")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@asynccontextmanager
async def listening(grid: Grid, theirs: int) -> AsyncIterator[int]:
    """Let the hub listen, and post to a port of this machine."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(grid.running.app, host="127.0.0.1", port=port, lifespan="off"))
    async with grid.running.store.writing() as session:
        operator = await session.get_one(GridOperator, THEIRS)
        operator.endpoint = f"http://127.0.0.1:{theirs}/shapeshifter/api/v3/message"
    sender = GridSender(hub=grid.running.hub, keys=KEYS, posting=Posting(is_allowed=lambda _: True))
    tasks = [asyncio.create_task(server.serve()), asyncio.create_task(sender.run())]
    try:
        yield port
    finally:
        server.should_exit = True
        tasks[1].cancel()
        await tasks[0]
        with suppress(asyncio.CancelledError):
            await tasks[1]


async def test_flexibility_is_asked_for_offered_ordered_and_settled(tmp_path: Path) -> None:
    python = program(PYTHON)
    store = await open_store(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    grid = await grid_of(store)
    theirs = free_port()
    keys = (base64.b64encode(THEIR_KEYS.signing).decode(), base64.b64encode(KEYS.public).decode())
    async with listening(grid, theirs) as ours:
        url = f"http://127.0.0.1:{ours}"
        arguments = (url, OURS, str(theirs), *keys, "2026-11-30", "69")
        async with running(python, str(SCRIPT), *arguments) as told:
            await told.until(lambda: bool(told.all("FlexSettlementResponse")))
            path = f"/api/v1/grid/operators/{THEIRS}/prognoses?day=2026-11-30&point={POINT}"
            await made(grid.operator, path, None)
            await told.until(lambda: bool(told.all("D-Prognosis")))

    assert told.all("FlexRequestResponse") == ["Accepted"]
    assert told.all("FlexOffer") == [[["2.5000", -4_000], ["0.5000", -2_000]]]
    assert told.all("FlexOrderResponse") == [["Accepted", None]]
    assert told.all("FlexSettlementResponse") == [["Accepted"]]
    assert told.all("D-Prognosis") == [96]
    assert [order.need.power_w for _, _, order in grid.homes.ordered] == [dict.fromkeys(range(69, 73), 4_000)]
    await store.close()
