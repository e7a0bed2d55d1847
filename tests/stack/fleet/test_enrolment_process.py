"""The enrolment service as the process it is."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession
from community_hub.enrolment.authority import FleetAuthority, new_private_key, signing_request

from scripts.home_stack.processes import free_port, python_path

HUB = Path(__file__).parents[3] / "addons" / "community_hub"
TOKEN = "operator-token-0123456789"
CODE = "bado-kilu-mena-soru"
HOME = "home-0001"


async def launch(folder: Path, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "community_hub.enrolment", "--database", folder / "enrolment.sqlite"),
        *("--authority", folder / "authority", "--operator-token-file", folder / "token"),
        *("--broker", "mqtt.example.org:8883"),
        *options,
        env={**os.environ, "PYTHONPATH": python_path("addons/community_hub")},
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the service until the block ends; gives the process and its address."""
    port = free_port()
    process = await launch(folder, "--port", str(port))
    try:
        url = f"http://127.0.0.1:{port}"
        async with ClientSession() as session, asyncio.timeout(20):
            while not await _answers(session, url):
                assert process.returncode is None
                await asyncio.sleep(0.02)
        yield process, url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _answers(session: ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health") as response:
            return response.status == 200
    except ClientConnectionError:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an authority and the operator's token."""
    FleetAuthority.create("Test fleet", now=datetime.now(UTC)).save(tmp_path / "authority")
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    return tmp_path


async def redeem(session: ClientSession, url: str) -> int:
    csr = signing_request(HOME, new_private_key())
    async with session.post(f"{url}/redeem", json={"ven_id": HOME, "code": CODE, "csr": csr}) as response:
        return response.status


async def test_a_code_that_was_used_stays_used_when_the_service_is_killed(folder: Path) -> None:
    admission = {"code": CODE, "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    async with ClientSession() as session:
        async with service(folder) as (process, url):
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with session.put(f"{url}/enrolments/{HOME}", json=admission, headers=headers) as response:
                assert response.status == 200
            assert await redeem(session, url) == 200
            process.send_signal(signal.SIGKILL)
            await process.wait()
        async with service(folder) as (_, url):
            assert await redeem(session, url) == 403


async def test_it_ends_when_it_is_asked_to(folder: Path) -> None:
    async with service(folder) as (process, _):
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) in {0, -signal.SIGTERM}


@pytest.mark.parametrize(
    ("token", "options", "complaint"),
    [
        ("aaaaaaaaaaaaaaaaaaaaaaa", (), "too weak"),
        ("short", (), "too weak"),
        (TOKEN, ("--host", "0.0.0.0"), "loopback address only"),  # noqa: S104 # that is what is refused
    ],
)
async def test_it_does_not_start_with_a_weak_token_or_without_encryption_on_the_network(
    folder: Path, token: str, options: tuple[str, ...], complaint: str
) -> None:
    (folder / "token").write_text(token)
    process = await launch(folder, *options)
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert complaint in errors.decode()
    assert token not in errors.decode()
