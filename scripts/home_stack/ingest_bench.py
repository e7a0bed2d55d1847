"""What one hostile home costs the others at the ingest service: points a second, and p95 of a small write.

The attack runs all the time beside the honest home: bodies of 8 MB in one line, of as many points as are
looked at, and of 60,000 packed pieces, one after the other on eight connections, and 500 connections that ask
nothing. The store behind takes everything at once, so that only the service itself is measured.
"""

import asyncio
import gzip
import hashlib
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

import aiohttp
from aiohttp import web

from .processes import ManagedProcess, free_port, python_path

TARGET_P95_MS = 250.0
HONEST_POINTS = 20
BATCH_POINTS = 5_000
HALF_OPEN = 500
ATTACKERS = 8
_TOKENS = {"honest": "token-of-the-honest-home-0123456789", "hostile": "token-of-the-hostile-home-9876543210"}
_LIMIT_S = 60.0


def points(home: str, count: int) -> bytes:
    """Return so many points as a home's InfluxDB replicates them."""
    line = f"power,home={home},device=meter,kind=grid_meter power_w=%d.5 17819990000000%05d"
    return "\n".join(line % (number % 9999, number) for number in range(count)).encode()


def hostile() -> Sequence[bytes]:
    """Return bodies that cost little to send: packed already."""
    one_line = b"m,home=hostile " + b"f=1," * (2 * 1024 * 1024)
    return [gzip.compress(one_line), gzip.compress(points("hostile", 49_000)), gzip.compress(b"") * 60_000]


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[str]:
    """Run the service before a store that takes everything; gives its address."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204)

    store = web.Application(client_max_size=64 * 1024 * 1024)
    store.router.add_post("/api/v2/write", take)
    runner = web.AppRunner(store, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tokens, central = folder / "tokens.json", folder / "central_token"
    hashes = {home: [hashlib.sha256(token.encode()).hexdigest()] for home, token in _TOKENS.items()}
    tokens.write_text(json.dumps(hashes))
    central.write_text("token-of-the-store-0123456789")
    port = free_port()
    process = ManagedProcess(
        "The ingest service",
        [
            *(sys.executable, "-m", "community_hub.ingest", f"--port={port}", f"--tokens={tokens}"),
            *(f"--central-url=http://127.0.0.1:{runner.addresses[0][1]}", f"--central-token-file={central}"),
        ],
        log=folder / "log",
        environment={"PYTHONPATH": python_path("addons/community_hub")},
    )
    try:
        await process.start()
        await process.wait_for_port(port, timeout_s=30)
        yield f"http://127.0.0.1:{port}"
    finally:
        await process.stop()
        await runner.cleanup()


async def write(session: aiohttp.ClientSession, url: str, home: str, packed: bytes) -> int:
    """Write once and return the status."""
    headers = {"Authorization": f"Token {_TOKENS[home]}", "Content-Encoding": "gzip"}
    async with session.post(f"{url}/api/v2/write", data=packed, headers=headers) as answer:
        return answer.status


async def honest_ms(session: aiohttp.ClientSession, url: str, seconds: float) -> list[float]:
    """Write a few points five times a second, and return how long each took."""
    body, taken = gzip.compress(points("honest", HONEST_POINTS)), []
    end = monotonic() + seconds
    while (began := monotonic()) < end:
        if await write(session, url, "honest", body) != 204:
            raise OSError("the honest home was refused")
        taken.append((monotonic() - began) * 1000)
        await asyncio.sleep(max(0.0, 0.2 - (monotonic() - began)))
    return taken


async def points_per_second(session: aiohttp.ClientSession, url: str, seconds: float) -> float:
    """Return what one home after the other may write, alone."""
    body, written, began = gzip.compress(points("honest", BATCH_POINTS)), 0, monotonic()
    while monotonic() - began < seconds:
        await write(session, url, "honest", body)
        written += BATCH_POINTS
    return written / (monotonic() - began)


@asynccontextmanager
async def attack(session: aiohttp.ClientSession, url: str) -> AsyncIterator[None]:
    """Attack until the end of the block."""
    bodies = hostile()
    host, _, port = url.removeprefix("http://").partition(":")

    async def send() -> None:
        while True:
            for body in bodies:
                with suppress(aiohttp.ClientError):
                    await write(session, url, "hostile", body)

    async def knock() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(host, int(port))
                writer.write(b"POST /api/v2/write HTTP/1.1\r\nHost: x\r\n")
                await reader.read()
                writer.close()
            await asyncio.sleep(0.1)

    tasks = [asyncio.create_task(work()) for work in (*[send] * ATTACKERS, *[knock] * HALF_OPEN)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def bench_ingest(seconds: float) -> int:
    """Measure, print one line of JSON, and return 0 when the target is met."""
    timeout = aiohttp.ClientTimeout(total=_LIMIT_S)
    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        async with (
            service(Path(name)) as url,
            aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session,
        ):
            rate = await points_per_second(session, url, seconds / 2)
            alone = await honest_ms(session, url, seconds)
            async with attack(session, url):
                await asyncio.sleep(1)
                attacked = await honest_ms(session, url, seconds)
    figures = {
        "points_per_s": round(rate),
        "p95_ms_alone": _p95(alone),
        "p95_ms_under_attack": _p95(attacked),
    }
    print(json.dumps(figures))
    return 0 if figures["p95_ms_under_attack"] <= TARGET_P95_MS else 1


def _p95(values: Sequence[float]) -> float:
    return round(statistics.quantiles(values, n=20, method="inclusive")[18], 1)
