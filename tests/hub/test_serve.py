"""``scripts/hub serve`` as a process."""

import asyncio
import os
import re
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme
from community_hub.serve import Where, listener_at, main

from .running import PASSWORD, made, problem

ROOT = Path(__file__).parents[2]
_PATHS = ("addons/community_hub", "packages", "packages/home_flex_core")


def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


@asynccontextmanager
async def serving(folder: Path, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str, str]]:
    """Give the process, its address, and the code it printed; kill it when the test has not ended it."""
    number = port()
    command = ("-m", "community_hub.serve", "--port", str(number), *options)
    environment = os.environ | {
        "PYTHONPATH": ":".join(str(ROOT / path) for path in _PATHS),
        "HUB_DATABASE": f"sqlite:///{folder / 'hub.sqlite'}",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        lines = []
        while True:
            lines.append((await process.stdout.readline()).decode())
            assert lines[-1], lines
            if "running on" in lines[-1]:
                break
        found = re.search(r"good for a day: (\S+)", "".join(lines))
        address = re.search(r"running on (https?://127\.0\.0\.1:\d+)", lines[-1])
        assert address, lines
        yield process, address[1], found[1] if found else ""
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    process.send_signal(signal.SIGTERM)
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_it_starts_on_a_file_that_only_its_owner_reads_and_ends_in_order(tmp_path: Path) -> None:
    async with serving(tmp_path) as (process, url, _):
        async with httpx.AsyncClient(base_url=url) as visitor:
            assert (await visitor.get("/health")).json() == {"status": "ok"}
        code, printed = await ended(process)

    assert (code, "Traceback" in printed) == (0, False), printed
    assert modes(tmp_path) == {"hub.sqlite": 0o600, "hub.secret": 0o600}


@pytest.mark.parametrize("is_tls", [False, True])
async def test_a_crowd_that_asks_nothing_shuts_nobody_out(tmp_path: Path, is_tls: bool) -> None:
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    options: tuple[str, ...] = ()
    if is_tls:
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
        options = tuple(f"--tls-{name}={tmp_path / 'server.pem'}" for name in ("certificate", "key"))
    async with serving(tmp_path, *options) as (_, url, _), AsyncExitStack() as crowd:
        for _ in range(250):
            _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            crowd.callback(writer.close)
        async with httpx.AsyncClient(base_url=url, verify=trust) as visitor:
            assert (await visitor.get("/health")).json() == {"status": "ok"}
    assert url.startswith("https" if is_tls else "http:")


async def test_each_start_without_an_operator_prints_another_code(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, _, first):
        pass
    body = {"password": PASSWORD, "email": "o@b", "name": "Olga"}
    async with serving(tmp_path) as (_, url, second), httpx.AsyncClient(base_url=url) as visitor:
        answer = await visitor.post("/api/v1/codes/redeem", json=body | {"code": first})
        assert problem(answer) == (403, "code-refused")
        await made(visitor, "/api/v1/codes/redeem", body | {"code": second})
    async with serving(tmp_path) as (_, _, third):
        pass

    assert first != second
    assert third == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--host", "192.0.2.1"), "loopback address only"),
        (("--database", "mysql://host/hub"), "HUB_SECRET"),
        (("--database", "postgresql://nobody@127.0.0.1:1/hub"), "HUB_SECRET"),
    ],
)
def test_what_cannot_be_served_is_said(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HUB_DATABASE", f"sqlite:///{tmp_path / 'hub.sqlite'}")

    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_what_connects_is_told_the_whole_answer_at_once() -> None:
    where = Where(host="127.0.0.1", port=0, certificate=None, key=None)
    with listener_at(where) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
