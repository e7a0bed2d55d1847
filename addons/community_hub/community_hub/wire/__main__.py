"""``python -m community_hub.wire``: takes homes' reports in and lets events out, until a signal ends it.

Any number of them may run on one database: one works, the others wait to take over. It signs in to the broker
as ``hub.ingest`` and as ``hub.dispatch``, over TLS; without it on the loopback address only.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import ssl
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from home_common import settings as common
from sqlalchemy.exc import SQLAlchemyError

from ..garbage import collect_seldom
from ..store import DatabaseError, new_id, open_store, utc_now
from .intake import TELL_EACH_S
from .leading import LEASE_S, Leading
from .session import Broker
from .worker import Account, Worker

_DEFAULTS: Final[Mapping[str, str]] = {
    "HUB_DATABASE": "sqlite:////data/hub.sqlite",
    "HUB_MQTT_PREFIX": "home_flex",
    "HUB_INGEST_PASSWORD": "",
    "HUB_DISPATCH_PASSWORD": "",
}
_SECRETS: Final = (Path("/credentials"), Path("/run/secrets"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal ends it. Returns 1 when it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = _parser().parse_args(arguments)
    collect_seldom()
    try:
        found = common.Settings.load(_DEFAULTS, secrets=_SECRETS)
        broker = _broker(options)
        asyncio.run(_run(options, found, broker))
    except (common.SettingsError, DatabaseError, SQLAlchemyError, OSError, ValueError) as error:
        sys.stderr.write(f"hub wire: {error}\n")
        return 1
    return 0


async def _run(options: argparse.Namespace, found: common.Settings, broker: Broker) -> None:
    store = await open_store(options.database or found.text("HUB_DATABASE"))
    worker = Worker(
        store=store,
        broker=broker,
        prefix=found.text("HUB_MQTT_PREFIX"),
        leading=Leading(store=store, holder=f"{os.getpid()}-{new_id()}", lease_s=options.lease_seconds),
        clock=utc_now,
        tell_each_s=options.tell_seconds,
        reads=_account("hub.ingest", found.optional("HUB_INGEST_PASSWORD")),
        writes=_account("hub.dispatch", found.optional("HUB_DISPATCH_PASSWORD")),
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(worker.run())
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, working.cancel)
            with contextlib.suppress(asyncio.CancelledError):
                await working
    finally:
        await store.close()


def _account(username: str, password: str | None) -> Account:
    return Account() if password is None else Account(username=username, password=password)


def _broker(options: argparse.Namespace) -> Broker:
    host, _, port = options.broker.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("--broker is not HOST:PORT")
    if options.plain:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError("without TLS the broker is on the loopback address only")
        return Broker(host=host, port=int(port))
    return Broker(host=host, port=int(port), context=ssl.create_default_context(cafile=options.broker_ca))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub wire", description="Speak with homes over the broker.")
    parser.add_argument("--database", metavar="URL", help="sqlite:///PATH or postgresql://…")
    parser.add_argument("--broker", required=True, metavar="HOST:PORT", help="the hub's own door to it")
    parser.add_argument("--broker-ca", type=Path, help="who signed its certificate; none: a public authority")
    parser.add_argument("--plain", action="store_true", help="without TLS, on this machine")
    parser.add_argument(
        "--lease-seconds",
        type=float,
        default=LEASE_S,
        help="how long a worker that says nothing keeps the line; the same for all",
    )
    parser.add_argument(
        "--tell-seconds",
        type=float,
        default=TELL_EACH_S,
        help="how often homes are told which reports are there",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
