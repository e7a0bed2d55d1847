"""Writing the points of one model: together where the device takes that, else one after the other.

What is not implemented is never written, not even as it was read: devices that check what they are sent
refuse the whole request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto

from modbus_connection import ModbusUnit

from ..driver import DeviceError
from .models import MODELS
from .registers import encode
from .requests import write, write_one
from .snapshot import Snapshot


class Manner(IntEnum):
    """How a device lets itself be written to; a later one is tried when it refuses."""

    TOGETHER = auto()
    ONE_BY_ONE = auto()
    FUNCTION_SIX = auto()


@dataclass(frozen=True, slots=True)
class Write:
    """One request: consecutive registers from an address."""

    address: int
    words: list[int]


class ModelWriter:
    """Writes to one unit, in the manner that it took last."""

    def __init__(self, unit: ModbusUnit) -> None:
        """Try to write together at first."""
        self._unit = unit
        self._manner = Manner.TOGETHER

    async def put(
        self, snapshot: Snapshot, model: int, numbers: Mapping[str, int], order: Sequence[str]
    ) -> None:
        """Write coded numbers, in the ``order`` of their points as far as they take several requests.

        Raises DeviceError as ``requests.write``, and OverflowError when a number does not fit.
        """
        for manner in Manner:
            if manner < self._manner:
                continue
            try:
                await self._put(manner, snapshot, model, numbers, order)
            except DeviceError as err:
                if err.reason != "write_refused" or manner is Manner.FUNCTION_SIX:
                    self._manner = Manner.TOGETHER
                    raise
            else:
                self._manner = manner
                return

    async def _put(
        self, manner: Manner, snapshot: Snapshot, model: int, numbers: Mapping[str, int], order: Sequence[str]
    ) -> None:
        if manner is Manner.TOGETHER:
            requests = together(snapshot, model, numbers, last=order[-1])
        else:
            requests = [one(snapshot, model, point, numbers[point]) for point in order]
        for request in requests:
            if manner is Manner.FUNCTION_SIX and len(request.words) == 1:
                await write_one(self._unit, request.address, request.words[0])
            else:
                await write(self._unit, request.address, request.words)


def one(snapshot: Snapshot, model: int, point: str, number: int) -> Write:
    """Return the request that writes one point."""
    return Write(snapshot.address((model, point)), encode(MODELS[model][point], number))


def together(snapshot: Snapshot, model: int, numbers: Mapping[str, int], *, last: str) -> list[Write]:
    """Return the fewest requests; that with the point ``last`` comes last.

    Points in between are written back as they were read, if they are implemented.
    """
    points = MODELS[model]
    runs: list[list[str]] = []
    for name in sorted(numbers, key=lambda name: points[name].offset):
        between = _between(snapshot, model, runs[-1][-1], name) if runs else None
        if between is None:
            runs.append([name])
        else:
            runs[-1] += [*between, name]
    runs.sort(key=lambda run: last in run)
    return [
        Write(
            snapshot.address((model, run[0])),
            [
                word
                for name in run
                for word in (
                    encode(points[name], numbers[name]) if name in numbers else snapshot.words((model, name))
                )
            ],
        )
        for run in runs
    ]


def _between(snapshot: Snapshot, model: int, left: str, right: str) -> list[str] | None:
    """Return the points from one to another; None when one of them is unknown or not implemented."""
    points = MODELS[model]
    at, end = points[left].offset + points[left].registers, points[right].offset
    by_offset = {point.offset: name for name, point in points.items()}
    names = []
    while at < end:
        name = by_offset.get(at)
        if name is None or snapshot.number((model, name)) is None:
            return None
        names.append(name)
        at += points[name].registers
    return names


def in_order(values: list[str], enable: str | None, *, first: bool) -> list[list[str]]:
    """Return the points to write, step by step: what ends an order comes first, what enables one last."""
    if enable is None:
        return [values]
    if not values:
        return [[enable]]
    return [[enable], values] if first else [[*values, enable]]
