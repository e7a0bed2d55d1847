"""``python -m community_hub.enrolment``: runs the enrolment service.

It speaks plain HTTP on the loopback address only, for a reverse proxy on the same host; on any other
address it needs a certificate of its own, since codes pass through it.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import logging
import os
import ssl
import sys
from pathlib import Path

from home_common.http_server import serve

from .authority import AuthorityError, FleetAuthority
from .limits import AddressLimit
from .service import EnrolmentService, HomeBroker
from .store import EnrolmentStore

_LEAST_TOKEN_CHARACTERS = 16


def main() -> int:
    """Run until a signal ends it. Returns 1 when it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = _parser().parse_args()
    try:
        token = _token(options.operator_token_file)
        tls = _tls(options)
        service = EnrolmentService(
            store=EnrolmentStore(options.database),
            authority=FleetAuthority.load(options.authority),
            operator_token=token,
            limit=AddressLimit(options.attempts_per_minute),
            broker=_broker(options),
            proxies=[ipaddress.ip_network(text) for text in options.proxy],
        )
    except (AuthorityError, OSError, ValueError) as error:
        sys.stderr.write(f"enrolment: {error}\n")
        return 1
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(service.application(), options.host, options.port, tls=tls))
    return 0


def _parser() -> argparse.ArgumentParser:
    def path(name: str, default: str) -> Path:
        return Path(os.environ.get(name, default))

    parser = argparse.ArgumentParser(
        prog="enrolment", description="Exchange one-time codes for certificates."
    )
    parser.add_argument("--database", type=Path, default=path("ENROLMENT_DATABASE", "/data/enrolment.sqlite"))
    parser.add_argument("--authority", type=Path, default=path("ENROLMENT_AUTHORITY", "/data/authority"))
    parser.add_argument(
        "--operator-token-file", type=Path, default=path("OPERATOR_TOKEN_FILE", "/credentials/operator_token")
    )
    parser.add_argument("--host", default=os.environ.get("ENROLMENT_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("ENROLMENT_PORT", "8098")))
    parser.add_argument("--broker", required=True, metavar="HOST:PORT", help="where homes connect to")
    parser.add_argument("--broker-ca", type=Path, help="who signed its certificate; none: a public authority")
    parser.add_argument("--topic-prefix", default=os.environ.get("MQTT_PREFIX", "home_flex"))
    parser.add_argument("--attempts-per-minute", type=int, default=30, help="of one network address")
    parser.add_argument(
        "--proxy",
        action="append",
        default=[],
        metavar="NETWORK",
        help="a reverse proxy that writes into X-Forwarded-For who asks, such as 127.0.0.1/32; repeatable",
    )
    parser.add_argument("--tls-certificate", type=Path)
    parser.add_argument("--tls-key", type=Path)
    return parser


def _broker(options: argparse.Namespace) -> HomeBroker:
    host, _, port = options.broker.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("--broker is not HOST:PORT")
    authority = options.broker_ca.read_text() if options.broker_ca else None
    return HomeBroker(host=host, port=int(port), prefix=options.topic_prefix, ca_certificate=authority)


def _token(path: Path) -> str:
    token = path.read_text().strip()
    if len(token) < _LEAST_TOKEN_CHARACTERS or len(set(token)) < _LEAST_TOKEN_CHARACTERS // 2:
        raise ValueError(f"the operator's token in {path} is too weak")
    return token


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if options.tls_certificate is None:
        if not ipaddress.ip_address(options.host).is_loopback:
            raise ValueError("without --tls-certificate it listens on the loopback address only")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.tls_certificate, options.tls_key)
    return context


if __name__ == "__main__":
    sys.exit(main())
