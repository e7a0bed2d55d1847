"""How a device lets itself be read: one request a model, and smaller ones where it refuses that."""

from collections.abc import Iterable

from ..driver import DeviceError
from .requests import MAX_READ_REGISTERS, Read

# Devices were seen to refuse more than 64 registers, more than 32, and to cross what they hold together.
_SMALLEST = 16
# Some say to a request that they do not like that they failed.
REFUSALS = frozenset({"read_refused", "asleep"})

type Span = tuple[int, int]
"""First register and number of registers."""


class Reads:
    """The requests that read some registers; those that are refused are halved, and stay so."""

    def __init__(self, spans: Iterable[Span]) -> None:
        """Begin with one request for each span, as far as the protocol allows."""
        self._spans = [
            (first, min(MAX_READ_REGISTERS, address + count - first))
            for address, count in spans
            for first in range(address, address + count, MAX_READ_REGISTERS)
        ]

    async def take(self, read: Read) -> dict[int, int]:
        """Return the registers by address. Raises DeviceError as ``requests.read``."""
        words: dict[int, int] = {}
        granted: list[Span] = []
        pending = list(self._spans)
        while pending:
            address, count = pending.pop(0)
            try:
                got = await read(address, count)
            except DeviceError as err:
                if err.reason not in REFUSALS or count <= _SMALLEST:
                    raise
                half = count // 2
                pending[:0] = [(address, half), (address + half, count - half)]
                continue
            words.update(enumerate(got, start=address))
            granted.append((address, count))
        self._spans = granted
        return words
