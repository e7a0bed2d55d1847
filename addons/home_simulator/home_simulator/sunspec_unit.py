"""The registers of one SunSpec device: a chain of models from base 40000, and what may be written."""

from collections.abc import Mapping
from dataclasses import dataclass

from .sunspec_models import MODELS, Point, Value, decode, encode

BASE_ADDRESS = 40000
_MARKER = [0x5375, 0x6E53]  # "SunS"
_END = [0xFFFF, 0]

type PointId = tuple[int, str]
"""Model id and point name."""


class IllegalAddressError(Exception):
    """A write touches a register that cannot be written, or half of a wide point."""


class IllegalValueError(Exception):
    """A write brings a value out of range."""


@dataclass(frozen=True, slots=True)
class _Place:
    point_id: PointId
    point: Point
    address: int


class SunSpecUnit:
    """Holds raw values (scale factors applied) by model and point, and shows them as registers.

    ``writable`` gives the range of raw values each writable point takes.
    """

    def __init__(
        self,
        models: tuple[int, ...],
        values: Mapping[PointId, Value],
        writable: Mapping[PointId, tuple[int, int]],
    ) -> None:
        """Lay the models out one after the other."""
        self.values: dict[PointId, Value] = dict(values)
        self._writable = writable
        self._places: list[_Place] = []
        self._headers: dict[int, list[int]] = {}
        address = BASE_ADDRESS + len(_MARKER)
        for model in models:
            self._headers[address] = [model, sum(point.size for point in MODELS[model])]
            address += 2
            for point in MODELS[model]:
                self._places.append(_Place((model, point.name), point, address))
                address += point.size
        self._by_address = {place.address: place for place in self._places}
        self.size = address + len(_END) - BASE_ADDRESS

    def registers(self) -> list[int]:
        """All registers from BASE_ADDRESS, marker and end included."""
        registers = [0] * self.size
        registers[: len(_MARKER)] = _MARKER
        registers[-len(_END) :] = _END
        for address, header in self._headers.items():
            registers[address - BASE_ADDRESS : address - BASE_ADDRESS + 2] = header
        for place in self._places:
            offset = place.address - BASE_ADDRESS
            registers[offset : offset + place.point.size] = encode(
                place.point, self.values.get(place.point_id)
            )
        return registers

    def number(self, model: int, name: str) -> int:
        """Return a numeric point's raw value; 0 when it was never set."""
        return int(self.values.get((model, name), 0))

    def write(self, address: int, registers: list[int]) -> set[PointId]:
        """Store whole writable points, all or none, and say which.

        Raises IllegalAddressError or IllegalValueError.
        """
        written: dict[PointId, int] = {}
        offset = 0
        while offset < len(registers):
            place = self._by_address.get(address + offset)
            if place is None or place.point_id not in self._writable:
                raise IllegalAddressError
            piece = registers[offset : offset + place.point.size]
            if len(piece) < place.point.size:
                raise IllegalAddressError
            value = decode(place.point, piece)
            low, high = self._writable[place.point_id]
            if not low <= value <= high:
                raise IllegalValueError
            written[place.point_id] = value
            offset += place.point.size
        self.values.update(written)
        return set(written)
