"""The registers of one poll, and the values in them."""

from collections.abc import Iterable, Mapping

from modbus_connection import ModbusUnit

from ..driver import DeviceError
from .discovery import SunSpecDevice
from .models import MODELS, Point, PointName, Role
from .registers import decode_number
from .requests import MAX_READ_REGISTERS, read

type Span = tuple[int, int]
"""First register and number of registers."""


class Snapshot:
    """What a device's registers held at one poll."""

    def __init__(self, device: SunSpecDevice, words: Mapping[int, int]) -> None:
        """Keep the words by register address."""
        self.device = device
        self._words = words

    def has(self, model: int) -> bool:
        """Whether the device has a model."""
        return model in self.device.model_addresses

    def address(self, name: PointName) -> int:
        """Return the first register of a point."""
        model, point = name
        return self.device.model_addresses[model] + MODELS[model][point].offset

    def words(self, first: PointName, last: PointName) -> list[int]:
        """Return the registers from the start of one point to the end of another."""
        end = self.address(last) + MODELS[last[0]][last[1]].registers
        return [self._words[address] for address in range(self.address(first), end)]

    def number(self, name: PointName) -> float | None:
        """Return the number of a point as coded, without its scale; None when it is not implemented."""
        return decode_number(MODELS[name[0]][name[1]].type, self.words(name, name))

    def scale(self, name: PointName) -> float | None:
        """Return what one unit of a point is worth; None when its scale factor is not implemented."""
        model, point = name
        factor = MODELS[model][point].scale_factor
        if factor is None:
            return 1.0
        exponent = self.number((model, factor))
        return None if exponent is None else 10.0**exponent

    def value(self, name: PointName) -> float | None:
        """Return a point in its unit; None when it, or its scale factor, is not implemented."""
        number, scale = self.number(name), self.scale(name)
        if number is None or scale is None:
            return None
        # Dividing by the inverse keeps 235 tenths at 23.5.
        return number * scale if scale >= 1.0 else number / round(1.0 / scale)

    def first(self, role: Role) -> float | None:
        """Return the value of the first model that tells the quantity."""
        values = (self.value(name) for name in role if self.has(name[0]))
        return next((value for value in values if value is not None), None)

    def positive(self, role: Role) -> float | None:
        """Return the first value above zero: a rating of zero is one that was never filled in."""
        values = (self.value(name) for name in role if self.has(name[0]))
        return next((value for value in values if value is not None and value > 0), None)

    def require(self, role: Role) -> float:
        """Return the value of a quantity, or raise DeviceError ``missing_value``."""
        return _required(self.first(role), role)

    def require_positive(self, role: Role) -> float:
        """Return a value above zero, or raise DeviceError ``missing_value``."""
        return _required(self.positive(role), role)


def plan_reads(device: SunSpecDevice, models: Iterable[int]) -> list[Span]:
    """Return the fewest reads of at most 125 registers that hold all points of the models the device has."""
    extents = sorted(
        _extent(device.model_addresses[model], MODELS[model].values())
        for model in models
        if model in device.model_addresses
    )
    spans: list[Span] = []
    for start, end in extents:
        if spans and end - spans[-1][0] <= MAX_READ_REGISTERS:
            spans[-1] = (spans[-1][0], end - spans[-1][0])
        else:
            spans.append((start, end - start))
    return spans


async def take_snapshot(unit: ModbusUnit, device: SunSpecDevice, spans: Iterable[Span]) -> Snapshot:
    """Read the registers of ``spans``. Raises DeviceError as ``requests.read``."""
    words: dict[int, int] = {}
    for address, count in spans:
        words.update(enumerate(await read(unit, address, count), start=address))
    return Snapshot(device, words)


def _extent(address: int, points: Iterable[Point]) -> Span:
    points = list(points)
    start = min(point.offset for point in points)
    return address + start, address + max(point.offset + point.registers for point in points)


def _required(value: float | None, role: Role) -> float:
    if value is None:
        raise DeviceError("missing_value", f"the device does not tell {role[0][1]}")
    return value
