"""``python -m community_hub.ingest``: runs the ingest service.

It speaks plain HTTP, on the loopback address unless told otherwise: the reverse proxy in front of it has the
certificate, and homes refuse to replicate to anything but https.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import sys
import urllib.parse
from pathlib import Path

from home_common.http_server import serve

from .central import Central, InfluxCentral, VictoriaCentral
from .service import Ingest
from .tokens import HomeTokens

_LEAST_TOKEN_CHARACTERS = 16
_TURN_S = 0.0005


def main() -> int:
    """Run until a signal ends it. Returns 1 when it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = _parser().parse_args()
    try:
        service = Ingest(tokens=HomeTokens(options.tokens), central=_central(options))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"ingest: {error}\n")
        return 1
    # Threads check what homes send; who only asks waits for each of them so long at each turn of the loop.
    sys.setswitchinterval(_TURN_S)
    with contextlib.suppress(KeyboardInterrupt):
        # aiohttp would unpack bodies itself; ours is bounded and answers as replication needs.
        asyncio.run(serve(service.application(), options.host, options.port, auto_decompress=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    environ = os.environ
    parser = argparse.ArgumentParser(
        prog="ingest", description="Take measurements of homes, each with its token."
    )
    parser.add_argument("--host", default=environ.get("INGEST_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(environ.get("INGEST_PORT", "8096")))
    parser.add_argument(
        "--tokens", type=Path, default=Path(environ.get("INGEST_TOKENS", "/data/ingest_tokens.json"))
    )
    parser.add_argument(
        "--central-kind",
        choices=("influxdb", "victoria_metrics"),
        default=environ.get("CENTRAL_KIND", "influxdb"),
    )
    parser.add_argument("--central-url", default=environ.get("CENTRAL_URL", "http://127.0.0.1:8086"))
    parser.add_argument("--central-org", default=environ.get("CENTRAL_ORG", "community"))
    parser.add_argument("--central-bucket", default=environ.get("CENTRAL_BUCKET", "homes"))
    parser.add_argument(
        "--central-token-file",
        type=Path,
        default=Path(environ.get("CENTRAL_TOKEN_FILE", "/credentials/central_token")),
    )
    return parser


def _central(options: argparse.Namespace) -> Central:
    url = options.central_url.rstrip("/")
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("the address of the store must begin with http or https")
    if options.central_kind == "victoria_metrics":
        return VictoriaCentral(url=url)
    token = options.central_token_file.read_text().strip()
    if len(token) < _LEAST_TOKEN_CHARACTERS:
        raise ValueError(f"the store's token in {options.central_token_file} is too weak")
    return InfluxCentral(url=url, org=options.central_org, bucket=options.central_bucket, token=token)


if __name__ == "__main__":
    sys.exit(main())
