"""The console's files, as built from frontend/src/console, under a policy that lets in nothing else."""

from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ..web import Problem

SITE: Final = Path(__file__).parent / "site"
PATH: Final = "/console"
# Lit alone makes elements from text; nothing is framed, sent elsewhere or taken from elsewhere.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What has its hash in its name never changes.
_KEPT: Final = "public, max-age=31536000, immutable"
_ASKED_AGAIN: Final = "no-cache"


class _Files(StaticFiles):
    async def check_config(self) -> None:
        if not (SITE / "index.html").is_file():
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "no-console", "The console is not built: run scripts/setup."
            )

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        response.headers["Cache-Control"] = _KEPT if path.startswith("assets/") else _ASKED_AGAIN
        return response


def install_console(app: FastAPI) -> None:
    """Let an application serve the console, and send who comes to its address there."""
    app.mount(PATH, _Files(directory=SITE, html=True, check_dir=False), name="console")

    @app.get("/", include_in_schema=False)
    async def begin() -> RedirectResponse:
        return RedirectResponse(f"{PATH}/", HTTPStatus.TEMPORARY_REDIRECT)
