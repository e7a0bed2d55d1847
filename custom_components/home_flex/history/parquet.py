"""A Parquet file of whole numbers, with the standard library: a time column, and columns that may have holes.

After the format's own documents (github.com/apache/parquet-format: README.md, Encodings.md, thrift): one
data page v1 for each column of a row group, plain, gzip, holes as definition levels; the footer in Thrift's
compact protocol. What a home needs of it is this much; pyarrow would be 170 MB on a small computer.
"""

import gzip
import struct
from collections.abc import Mapping, Sequence
from typing import BinaryIO, Final

_MAGIC: Final = b"PAR1"
_CREATED_BY: Final = "Home Flex"
# Numbers of parquet.thrift.
_INT64, _REQUIRED, _OPTIONAL, _TIMESTAMP_MILLIS = 2, 0, 1, 9
_PLAIN, _RLE, _GZIP, _DATA_PAGE = 0, 3, 2, 0

type Column = Sequence[int | None]


class ParquetWriter:
    """Writes rows in groups to a binary file. ``close`` writes the footer; without it the file is none.

    ``time`` names the first column, of milliseconds of the UTC epoch without holes; ``names`` the others.
    """

    def __init__(self, file: BinaryIO, time: str, names: Sequence[str]) -> None:
        """Begin the file."""
        self._file = file
        self._names = (time, *names)
        self._groups: list[bytes] = []
        self._rows = 0
        self._at = 0
        self._put(_MAGIC)

    def write(self, times_s: Sequence[int], columns: Mapping[str, Column]) -> None:
        """Add a group of rows: when each is (seconds of the UTC epoch), and its columns by name.

        Raises ValueError for columns of another length, KeyError for one that is missing.
        """
        time, *others = self._names
        every: dict[str, Column] = {time: [1000 * time_s for time_s in times_s]}
        every.update((name, columns[name]) for name in others)
        if any(len(column) != len(times_s) for column in every.values()):
            raise ValueError("Columns of a table are of one length")
        first, chunks = self._at, []
        for name, column in every.items():
            chunks.append(self._chunk(name, column, has_holes=name != time))
        rows = len(times_s)
        self._groups.append(_struct((1, _list(12, chunks)), (2, _i64(self._at - first)), (3, _i64(rows))))
        self._rows += rows

    def close(self) -> None:
        """End the file with its footer."""
        time, *others = self._names
        schema = [
            _struct((4, _text("home")), (5, _i32(len(self._names)))),
            _struct((1, _i32(_INT64)), (3, _i32(_REQUIRED)), (4, _text(time)), (6, _i32(_TIMESTAMP_MILLIS))),
            *(_struct((1, _i32(_INT64)), (3, _i32(_OPTIONAL)), (4, _text(name))) for name in others),
        ]
        footer = _struct(
            (1, _i32(1)),
            (2, _list(12, schema)),
            (3, _i64(self._rows)),
            (4, _list(12, self._groups)),
            (6, _text(_CREATED_BY)),
        )
        self._put(footer + struct.pack("<I", len(footer)) + _MAGIC)

    def _chunk(self, name: str, column: Column, *, has_holes: bool) -> bytes:
        """Write one column of a group; return what the footer says of it."""
        values = [value for value in column if value is not None]
        plain = (_levels(column) if has_holes else b"") + struct.pack(f"<{len(values)}q", *values)
        packed = gzip.compress(plain, mtime=0)
        page = _struct(
            (1, _i32(_DATA_PAGE)),
            (2, _i32(len(plain))),
            (3, _i32(len(packed))),
            (5, (12, _struct((1, _i32(len(column))), (2, _i32(_PLAIN)), (3, _i32(_RLE)), (4, _i32(_RLE))))),
        )
        at = self._at
        self._put(page + packed)
        metadata = _struct(
            (1, _i32(_INT64)),
            (2, _list(5, [_zigzag(_PLAIN), _zigzag(_RLE)])),
            (3, _list(8, [_bytes(name)])),
            (4, _i32(_GZIP)),
            (5, _i64(len(column))),
            (6, _i64(len(page) + len(plain))),
            (7, _i64(len(page) + len(packed))),
            (9, _i64(at)),
        )
        return _struct((2, _i64(at)), (3, (12, metadata)))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


def _levels(column: Column) -> bytes:
    """Return which values are there, one bit each, the first the lowest: one run, with its length."""
    groups = -(-len(column) // 8)
    bits = sum(1 << at for at, value in enumerate(column) if value is not None)
    run = _varint(groups << 1 | 1) + bits.to_bytes(groups, "little")
    return struct.pack("<I", len(run)) + run


# Thrift's compact protocol: a field is its type and its bytes.
type _Field = tuple[int, bytes]


def _struct(*fields: tuple[int, _Field]) -> bytes:
    """Return a struct of fields in the order of their ids; none is more than 15 after the one before."""
    parts, before = [], 0
    for number, (kind, data) in fields:
        parts.append(bytes([number - before << 4 | kind]) + data)
        before = number
    return b"".join(parts) + b"\0"


def _list(kind: int, items: Sequence[bytes]) -> _Field:
    head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + _varint(len(items))
    return 9, head + b"".join(items)


def _i32(value: int) -> _Field:
    return 5, _zigzag(value)


def _i64(value: int) -> _Field:
    return 6, _zigzag(value)


def _text(value: str) -> _Field:
    return 8, _bytes(value)


def _bytes(value: str) -> bytes:
    data = value.encode()
    return _varint(len(data)) + data


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
