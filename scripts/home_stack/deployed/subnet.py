"""The home's inner network, moved to other addresses: balena's Compose files know no variables."""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # stubs are not locked

from ..processes import StackError

_PREFIX = 24


def prefix(text: str) -> str:
    """Return how every address of the network in a Compose file's text begins, with its last dot.

    Raises StackError when it is no network of 256 addresses.
    """
    return _beginning(_pool(text)["subnet"])


def moved(text: str, to: str) -> str:
    """Return a Compose file's text with the network ``to``, such as ``10.77.5.0/24``. Raises StackError."""
    before, after = prefix(text), _beginning(to)
    if not IPv4Network(to).is_private:
        raise StackError(f"{to} belongs to somebody in the Internet: take one of 10.0.0.0/8 or 172.16.0.0/12")
    return text.replace(before, after)


def move(file: Path, to: str) -> int:
    """Move the network of a Compose file; return how many places changed. Raises StackError."""
    text = file.read_text(encoding="utf-8")
    new = moved(text, to)
    file.write_text(new, encoding="utf-8")
    return sum(old != line for old, line in zip(text.splitlines(), new.splitlines(), strict=True))


def _pool(text: str) -> dict[str, Any]:
    (network,) = yaml.safe_load(text)["networks"].values()
    (pool,) = network["ipam"]["config"]
    return dict(pool)


def _beginning(network: str) -> str:
    try:
        parsed = IPv4Network(network)
    except ValueError as error:
        raise StackError(f"{network} is no network: {error}") from None
    if parsed.prefixlen != _PREFIX:
        raise StackError(f"{network} must be a network of 256 addresses, such as 10.77.5.0/24")
    return str(parsed.network_address).removesuffix("0")
