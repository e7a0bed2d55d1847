"""``python -m community_hub.serve``: runs the hub until a signal ends it.

It speaks plain HTTP on the loopback address only, for a reverse proxy on the same host that ends TLS; on any
other address it needs a certificate of its own.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import uvicorn
from home_common import settings as common
from home_common.connections import ConnectionGate
from home_common.secret_files import new_secret, write_secret
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.protocols.http.h11_impl import H11Protocol

from .accounts import codes
from .accounts.sealing import Vault
from .app import build
from .garbage import collect_seldom
from .hub import Hub
from .settings import DEFAULTS, Settings
from .store import DatabaseError, Store, open_store

_SQLITE: Final = "sqlite:///"
_MOST_REQUESTS: Final = 200
_IDLE_S: Final = 15
_GRACE_S: Final = 10
_BACKLOG: Final = 512
_LOG: Final = logging.getLogger(__name__)
_SECRETS: Final = (Path("/credentials"), Path("/run/secrets"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Where the hub listens; without a certificate that is this machine alone."""

    host: str
    port: int
    certificate: Path | None
    key: Path | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal ends it. Returns 1 when it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = _parser().parse_args(arguments)
    collect_seldom()
    try:
        settings = _settings(options.database)
        where = _where(options)
        asyncio.run(_serve(settings, where))
    except (common.SettingsError, DatabaseError, SQLAlchemyError, OSError, ValueError) as error:
        sys.stderr.write(f"hub: {error}\n")
        return 1
    return 0


class _Server(uvicorn.Server):
    """Ends in order at a signal, and leaves it at that: what is open is closed after it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let signals end the server, and not the process."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def _serve(settings: Settings, where: Where) -> None:
    store = await open_store(settings.database)
    try:
        hub = Hub(settings=settings, store=store, vault=Vault(settings.secret))
        await _say_first_code(store, hub)
        config = uvicorn.Config(
            build(hub),
            http=H11Protocol,
            ssl_certfile=where.certificate,
            ssl_keyfile=where.key,
            limit_concurrency=_MOST_REQUESTS,
            timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=_GRACE_S,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            log_config=None,
        )
        scheme = "http" if where.certificate is None else "https"
        _stand_before(config)
        with listener_at(where) as listener:
            _LOG.info("The hub is running on %s://%s:%d", scheme, *listener.getsockname()[:2])
            await _Server(config).serve([listener])
    finally:
        await store.close()


def listener_at(where: Where) -> socket.socket:
    """Take the port. Raises OSError.

    What it accepts does not hold the rest of an answer back until its beginning is acknowledged, which takes
    the other side 40 ms: asyncio sees to that only of sockets that name their protocol, and these do not.
    """
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    listener = socket.create_server((where.host, where.port), family=family, backlog=_BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _stand_before(config: uvicorn.Config) -> None:
    """Let each connection pass a gate, which speaks TLS in uvicorn's place.

    uvicorn waits for ever for the end of a header, and answers everybody with 503 once so many wait.
    """
    config.load()
    gate = ConnectionGate(config.http_protocol_class, tls=config.ssl, most=_MOST_REQUESTS - 1)
    config.ssl = None
    # uvicorn only calls it.
    config.http_protocol_class = cast("type[asyncio.Protocol]", gate)


async def _say_first_code(store: Store, hub: Hub) -> None:
    async with store.writing() as session:
        code = await codes.first_operator(session, hub.clock())
    if code is not None:
        sys.stdout.write(f"No operator yet. The code for the first one, good for a day: {code}\n")
        sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub serve", description="Run the community's hub.")
    parser.add_argument("--database", metavar="URL", help="sqlite:///PATH or postgresql://…")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--tls-certificate", type=Path)
    parser.add_argument("--tls-key", type=Path)
    return parser


def _where(options: argparse.Namespace) -> Where:
    if options.tls_certificate is None and not ipaddress.ip_address(options.host).is_loopback:
        raise ValueError("without --tls-certificate it listens on the loopback address only")
    return Where(
        host=options.host, port=options.port, certificate=options.tls_certificate, key=options.tls_key
    )


def _settings(database: str | None) -> Settings:
    """Read the settings. With SQLite the hub's own secret is made at the first start and kept beside it."""
    found = common.Settings.load(DEFAULTS, secrets=_SECRETS)
    url = database or found.text("HUB_DATABASE")
    if not found.optional("HUB_SECRET") and url.startswith(_SQLITE):
        secret = _kept_secret(Path(url.removeprefix(_SQLITE)))
        found = common.Settings.load({**DEFAULTS, "HUB_SECRET": secret}, secrets=_SECRETS)
    return Settings.of(found, database=url)


def _kept_secret(database: Path) -> str:
    path = database.with_suffix(".secret")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_secret(path, new_secret())
    return path.read_text()


if __name__ == "__main__":
    sys.exit(main())
