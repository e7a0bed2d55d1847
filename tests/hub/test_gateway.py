"""nginx in front of the hub: the file as an operator takes it, with a real nginx and a real hub."""

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from .running import problem
from .test_serve import port, serving

FILE: Final = Path(__file__).parents[2] / "addons/community_hub/gateway/hub.conf"
NGINX: Final = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin")
STARTS_S: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Where it listens, and whom its visitors trust."""

    plain: int
    encrypted: int
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.encrypted}"

    def visitor(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, verify=self.trust, timeout=30)


@asynccontextmanager
async def before(hub: str, folder: Path) -> AsyncIterator[Gateway]:
    """Run nginx with the file in front of a hub, at ports and with a certificate of the test."""
    if NGINX is None:
        pytest.skip("nginx is not there: run scripts/setup as root")
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    for name, pem in (("fullchain.pem", own.cert_chain_pems[0]), ("privkey.pem", own.private_key_pem)):
        pem.write_to_path(folder / name)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    gateway = Gateway(plain=port(), encrypted=port(), trust=trust)
    text = FILE.read_text()
    for old, new in {
        "listen [::]:80;": "",
        "listen [::]:443 ssl;": "",
        "listen 80;": f"listen 127.0.0.1:{gateway.plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{gateway.encrypted} ssl;",
        "/etc/ssl/hub": str(folder),
        "127.0.0.1:8090": urlsplit(hub).netloc,
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "hub.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; daemon off; error_log stderr; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;"
        f" fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;"
        f" include {folder}/hub.conf; }}\n"
    )
    process = await asyncio.create_subprocess_exec(NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"))
    try:
        async with asyncio.timeout(STARTS_S):
            while not await _listens(gateway.encrypted):
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield gateway
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens(number: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", number)
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    (tmp_path / "nginx").mkdir()
    async with serving(tmp_path) as (_, url, _), before(url, tmp_path / "nginx") as found:
        yield found


async def test_the_hub_answers_behind_it_over_tls_and_to_a_websocket(gateway: Gateway) -> None:
    async with gateway.visitor() as visitor:
        answer = await visitor.get("/health", headers={"X-Correlation-ID": "abc"})
        plain = await visitor.get(f"http://127.0.0.1:{gateway.plain}/console/")
        nobody = await visitor.get("/services/status")
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"wss://127.0.0.1:{gateway.encrypted}/ws", ssl=gateway.trust):
            pass

    assert (answer.status_code, answer.headers["X-Correlation-ID"]) == (200, "abc")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert (plain.status_code, plain.headers["Location"]) == (308, "https://127.0.0.1/console/")
    assert problem(nobody) == (401, "not-signed-in")
    # The hub refused it: it was asked as a websocket.
    assert refused.value.response.status_code == 403


async def test_who_asks_too_often_is_told_so_and_passwords_are_tried_even_less_often(
    gateway: Gateway,
) -> None:
    async with gateway.visitor() as visitor:
        tries = [await visitor.post("/api/v1/sessions", json={}) for _ in range(80)]
        still = await visitor.get("/health")
        asked = [await asyncio.gather(*(visitor.get("/health") for _ in range(200))) for _ in range(3)]

    refused = [answer for answer in tries if answer.status_code == 429]
    assert problem(refused[0]) == (429, "too-often")
    assert refused[0].headers["Retry-After"] == "10"
    assert problem(tries[0]) == (400, "invalid-request")
    assert still.status_code == 200
    assert {answer.status_code for some in asked for answer in some} == {200, 429}


async def test_a_large_body_is_refused_before_the_hub_and_so_is_what_nobody_answers(tmp_path: Path) -> None:
    (tmp_path / "nginx").mkdir()
    async with (
        before(f"http://127.0.0.1:{port()}", tmp_path / "nginx") as gateway,
        gateway.visitor() as visitor,
    ):
        large = await visitor.post("/api/v1/sessions", content=b" " * 2_000_000)
        away = await visitor.get("/health")

    assert problem(large) == (413, "too-large")
    assert problem(away) == (503, "away")
