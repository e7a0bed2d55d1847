"""What a SunSpec point is: where it stands in its model, and how it is coded."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PointType(StrEnum):
    """Types of the points in use, named as the specification names them."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    UINT64 = "uint64"
    ACC32 = "acc32"
    FLOAT32 = "float32"
    ENUM16 = "enum16"
    BITFIELD16 = "bitfield16"
    SCALE_FACTOR = "sunssf"
    COUNT = "count"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Point:
    """Where a value stands in its model, how it is coded, and the point that holds its power of ten.

    A point of a repeating group stands where the group's first has it; ``stride`` is from one to the next.
    """

    offset: int
    type: PointType
    scale_factor: str | None = None
    registers: int = 1
    stride: int = 0


type Model = Mapping[str, Point]
type PointName = tuple[int, str]
