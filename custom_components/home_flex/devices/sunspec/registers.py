"""Values in registers: types, "not implemented" sentinels and scale factors.

Source: SunSpec Device Information Model Specification, sections on data types and scale factors. Registers
are 16 bit, the most significant first.
"""

import math
import struct
from collections.abc import Sequence

from .points import Point, PointType

# Format, and the value that says "not implemented"; a NaN says so for float32.
_INTEGERS = {
    PointType.INT16: (">h", -0x8000),
    PointType.UINT16: (">H", 0xFFFF),
    PointType.INT32: (">i", -0x8000_0000),
    PointType.UINT32: (">I", 0xFFFF_FFFF),
    PointType.UINT64: (">Q", 0xFFFF_FFFF_FFFF_FFFF),
    PointType.ACC32: (">I", 0),
    PointType.ENUM16: (">H", 0xFFFF),
    PointType.BITFIELD16: (">H", 0xFFFF),
    PointType.SCALE_FACTOR: (">h", -0x8000),
    PointType.COUNT: (">H", 0xFFFF),
}
_LARGEST_SCALE_FACTOR = 10


def decode_number(point_type: PointType, words: Sequence[int]) -> float | None:
    """Return the unscaled number in ``words``, an int but for float32; None when not implemented."""
    data = struct.pack(f">{len(words)}H", *words)
    if point_type is PointType.FLOAT32:
        value: float = struct.unpack(">f", data)[0]
        return value if math.isfinite(value) else None
    code, not_implemented = _INTEGERS[point_type]
    number: int = struct.unpack(code, data)[0]
    if number == not_implemented:
        return None
    if point_type is PointType.SCALE_FACTOR and abs(number) > _LARGEST_SCALE_FACTOR:
        return None
    return number


def decode_string(words: Sequence[int]) -> str:
    """Return the text in ``words``, without padding; what is not printable is left out."""
    text = struct.pack(f">{len(words)}H", *words).split(b"\0", 1)[0].decode("utf-8", errors="ignore")
    return "".join(character for character in text if character.isprintable()).strip()


def encode(point: Point, number: int) -> list[int]:
    """Return the registers of an unscaled integer; raises OverflowError when it does not fit."""
    code, _ = _INTEGERS[point.type]
    try:
        data = struct.pack(code, number)
    except struct.error as err:
        raise OverflowError(f"{number} does not fit {point.type}") from err
    return list(struct.unpack(f">{len(data) // 2}H", data))


def largest(point: Point) -> int:
    """Return the largest unsigned number that is not the sentinel."""
    return _INTEGERS[point.type][1] - 1
