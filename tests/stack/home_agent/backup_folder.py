"""The operator's folder of backups on the loopback address: PUT and GET behind a password, with bad days."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

USER = "home-of-the-drill"
PASSWORD = "password-inside-the-address"


@dataclass(kw_only=True)
class Upload:
    """One request to keep something, whatever came of it."""

    name: str
    length: int | None
    content: bytes = b""


@dataclass(kw_only=True)
class BackupFolder:
    """Keeps what is uploaded in memory."""

    files: dict[str, bytes] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    downloads: int = 0
    # What the next uploads are answered: each a status, or None when the connection breaks in the middle.
    answers_first: list[int | None] = field(default_factory=list)
    # How many bytes of a download pass before the connection breaks.
    breaks_after: int | None = None
    # Whether a download is sent on to another address.
    moved: bool = False
    url: str = ""

    async def put(self, request: web.Request) -> web.StreamResponse:
        upload = Upload(name=request.match_info["name"], length=request.content_length)
        self.uploads.append(upload)
        if not _knows(request):
            return web.Response(status=401)
        answer = self.answers_first.pop(0) if self.answers_first else 201
        if answer is None:
            upload.content = await request.content.readany()
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        upload.content = await request.read()
        if answer < 300:
            self.files[upload.name] = upload.content
        return web.Response(status=answer, headers={"Location": "/elsewhere"} if 300 <= answer < 400 else {})

    async def get(self, request: web.Request) -> web.StreamResponse:
        self.downloads += 1
        if not _knows(request):
            return web.Response(status=401)
        if self.moved:
            return web.Response(status=302, headers={"Location": str(request.url)})
        content = self.files.get(request.match_info["name"])
        if content is None:
            return web.Response(status=404)
        if self.breaks_after is None:
            return web.Response(body=content)
        response = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await response.prepare(request)
        await response.write(content[: self.breaks_after])
        assert request.transport is not None
        request.transport.abort()
        return response


def _knows(request: web.Request) -> bool:
    return request.headers.get("Authorization") == aiohttp.encode_basic_auth(USER, PASSWORD)


@asynccontextmanager
async def backup_folder() -> AsyncIterator[BackupFolder]:
    """Run a folder; its ``url`` holds the password, as an operator may write it."""
    folder = BackupFolder()
    app = web.Application(client_max_size=1024**3)
    app.router.add_put("/backups/{name}", folder.put)
    app.router.add_get("/backups/{name}", folder.get)
    server = TestServer(app)
    await server.start_server(access_log=None)
    try:
        folder.url = str(server.make_url("/backups").with_user(USER).with_password(PASSWORD))
        yield folder
    finally:
        await server.close()
