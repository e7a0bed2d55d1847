"""What the agent takes of a service's answer: all of it, however it arrives, and no endless one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from home_agent.mqtt import MqttLine
from home_agent.probes import Findings, Probes

from scripts.home_stack.processes import free_port

from .test_settings import told

ENDLESS = 3 * 64 * 1024


@asynccontextmanager
async def answering(pieces: Sequence[bytes]) -> AsyncIterator[str]:
    """Run a service that answers everything in pieces; give its address."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0.05)
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def found(folder: Path, pieces: Sequence[bytes]) -> Findings:
    """Return what the probes find where each service answers so."""
    async with answering(pieces) as address, aiohttp.ClientSession(trust_env=False) as session:
        settings = told(folder, {"HOME_ASSISTANT_URL": address, "INFLUXDB_HEALTH_URL": f"{address}/health"})
        line = MqttLine(host="127.0.0.1", port=1, root=settings.root, credentials=folder)
        return await Probes(session, settings, line, None).look()


async def test_a_health_page_that_arrives_in_pieces_is_read_to_its_end(tmp_path: Path) -> None:
    findings = await found(tmp_path, [b'{"influxdb": ', b'"pass", "queue', b'": 0}'])
    assert findings.services["influxdb"] is True
    assert findings.influxdb == {"influxdb": "pass", "queue": 0}


async def test_a_health_page_longer_than_any_counts_as_none(tmp_path: Path) -> None:
    findings = await found(tmp_path, [b'{"influxdb": "pass", "more": "', b"x" * ENDLESS, b'"}'])
    assert findings.services["influxdb"] is False
    assert findings.influxdb is None
