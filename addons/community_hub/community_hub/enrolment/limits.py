"""Who asks, and how many attempts one of them has."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_MOST_ADDRESSES: Final = 10_000
# What a provider gives to one customer (RFC 6177): who has it has all addresses in it.
_ONE_CUSTOMER_BITS: Final = 64

type Network = IPv4Network | IPv6Network


def visitor(peer: str | None, forwarded_for: str | None, proxies: Sequence[Network]) -> str:
    """Return who asks, as one key for all the addresses that one customer of a provider has.

    It is the peer, or what a proxy of ours wrote down last (``X-Forwarded-For``): what stands before that, or
    comes from anybody else, is the visitor's own claim.
    """
    address = _address(peer or "")
    if address is None:
        return "unknown"
    if any(address in network for network in proxies):
        address = _address((forwarded_for or "").rpartition(",")[2]) or address
    if isinstance(address, IPv6Address):
        if (mapped := address.ipv4_mapped) is not None:
            return str(mapped)
        return str(ip_network((address.packed, _ONE_CUSTOMER_BITS), strict=False))
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None


class AddressLimit:
    """Grants each address ``attempts`` within any window of ``window_s`` seconds.

    Forgets the oldest addresses first.
    """

    def __init__(
        self, attempts: int = 30, window_s: float = 60, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nobody has tried yet."""
        self._attempts = attempts
        self._window_s = window_s
        self._clock = clock
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Count an attempt and return 0, or return after how many whole seconds the address may try again."""
        now = self._clock()
        tried = self._tried.setdefault(address, deque())
        self._tried.move_to_end(address)
        if len(self._tried) > _MOST_ADDRESSES:
            self._tried.popitem(last=False)
        while tried and tried[0] <= now - self._window_s:
            tried.popleft()
        if len(tried) >= self._attempts:
            return max(1, math.ceil(tried[0] + self._window_s - now))
        tried.append(now)
        return 0
