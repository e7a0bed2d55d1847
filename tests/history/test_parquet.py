"""A Parquet file, read back by the format's documents: every value, every hole, and a footer that adds up."""

import gzip
import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.history.parquet import Column, ParquetWriter


class Thrift:
    """Reads Thrift's compact protocol: structs as dictionaries by the ids of their fields."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
            shift += 7

    def zigzag(self) -> int:
        value = self.varint()
        return value >> 1 if value % 2 == 0 else -(value + 1 >> 1)

    def value(self, kind: int) -> Any:
        match kind:
            case 5 | 6:
                return self.zigzag()
            case 8:
                size = self.varint()
                self.at += size
                return self.data[self.at - size : self.at]
            case 9:
                head = self.data[self.at]
                self.at += 1
                count = head >> 4 if head >> 4 != 15 else self.varint()
                return [self.value(head & 15) for _ in range(count)]
            case 12:
                return self.struct()
        raise AssertionError(f"Nobody writes type {kind}")

    def struct(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        number = 0
        while head := self.data[self.at]:
            self.at += 1
            number += head >> 4
            found[number] = self.value(head & 15)
        self.at += 1
        return found


def read(data: bytes) -> dict[str, list[int | None]]:
    """Return the columns of a file."""
    assert data[:4] == data[-4:] == b"PAR1"
    (size,) = struct.unpack("<I", data[-8:-4])
    footer = Thrift(data[-8 - size : -8]).struct()
    root, *schema = footer[2]
    assert root[5] == len(schema)
    columns: dict[str, list[int | None]] = {each[4].decode(): [] for each in schema}
    optional = {each[4].decode(): each[3] == 1 for each in schema}
    for group in footer[4]:
        for chunk in group[1]:
            told = chunk[3]
            name = told[3][0].decode()
            page = Thrift(data, told[9])
            header = page.struct()
            plain = gzip.decompress(data[page.at : page.at + header[3]])
            assert (told[1], told[4], len(plain)) == (2, 2, header[2])
            columns[name] += values(plain, header[5][1], is_optional=optional[name])
            assert header[5][1] == told[5] == group[3]
            assert told[7] == page.at + header[3] - told[9]
    assert {len(column) for column in columns.values()} == {footer[3]}
    return columns


def values(plain: bytes, count: int, *, is_optional: bool) -> list[int | None]:
    if not is_optional:
        return list(struct.unpack(f"<{count}q", plain))
    (size,) = struct.unpack("<I", plain[:4])
    run = Thrift(plain[: 4 + size], 4)
    head = run.varint()
    assert head & 1, "a bit-packed run"
    bits = int.from_bytes(plain[run.at : 4 + size], "little")
    found = iter(struct.unpack(f"<{(len(plain) - 4 - size) // 8}q", plain[4 + size :]))
    return [next(found) if bits >> at & 1 else None for at in range(count)]


@given(
    groups=st.lists(
        st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=40),
        max_size=20,
    )
)
def test_what_is_written_is_read_back(groups: list[Column]) -> None:
    file = io.BytesIO()
    writer = ParquetWriter(file, "start", ["Grid meter import.1 (Wh)", "mark"])
    for number, column in enumerate(groups):
        times_s = [100_000 * number + at for at in range(len(column))]
        writer.write(times_s, {"Grid meter import.1 (Wh)": column, "mark": [0] * len(column)})
    writer.close()

    columns = read(file.getvalue())

    assert columns["Grid meter import.1 (Wh)"] == [value for column in groups for value in column]
    assert columns["start"] == [
        1_000 * (100_000 * number + at) for number, column in enumerate(groups) for at in range(len(column))
    ]


def test_columns_of_different_lengths_are_no_table() -> None:
    writer = ParquetWriter(io.BytesIO(), "start", ["a"])

    with pytest.raises(ValueError, match="one length"):
        writer.write([1, 2], {"a": [1]})
