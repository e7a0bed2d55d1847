"""Reads InfluxDB's annotated CSV, and turns its rows into line protocol again."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_INTERNAL: Final = frozenset(
    {"result", "table", "_start", "_stop", "_time", "_value", "_field", "_measurement"}
)


class CsvError(Exception):
    """The answer is an error in CSV's clothes, or no annotated CSV."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: texts by column name, and the data type of each column."""

    values: Mapping[str, str]
    types: Mapping[str, str]


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of all tables. Raises CsvError when the query failed half-way."""
    types: list[str] = []
    header: list[str] = []
    for cells in csv.reader(io.StringIO(text)):
        if not any(cells):
            types, header = [], []
        elif cells[0] == "#datatype":
            types, header = cells[1:], []
        elif not header:
            header = cells[1:]
            if "error" in (header[:1] or cells[:1]):
                types = types or ["string"] * len(header)
        else:
            row = Row(
                values=dict(zip(header, cells[1:], strict=False)),
                types=dict(zip(header, types, strict=False)),
            )
            if "error" in row.values:
                raise CsvError(row.values["error"][:200])
            yield row


def hour_counts(text: str) -> dict[datetime, int]:
    """Return the counts of ``flux.count_per_hour``. Raises CsvError."""
    try:
        return {datetime.fromisoformat(row.values["_time"]): int(row.values["_value"]) for row in rows(text)}
    except KeyError, ValueError:
        raise CsvError("counts are not what was asked for") from None


def lines(text: str) -> Iterator[str]:
    """Yield one line of line protocol for each row of ``flux.points``. Raises CsvError."""
    for row in rows(text):
        try:
            yield _line(row)
        except KeyError, ValueError:
            raise CsvError("points are not what was asked for") from None


def nanoseconds(text: str) -> int:
    """Return an RFC 3339 time in UTC, with up to nine decimals, in nanoseconds since 1970."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return int(datetime.fromisoformat(whole + "+00:00").timestamp()) * 10**9 + int(
        fraction.ljust(9, "0") or 0
    )


def _line(row: Row) -> str:
    tags = sorted(
        (name, value)
        for name, value in row.values.items()
        # Columns of other tables' tags are empty here.
        if name not in _INTERNAL and value
    )
    key = "".join(
        [
            _escaped(row.values["_measurement"], ", "),
            *(f",{_tag(name)}={_tag(value)}" for name, value in tags),
        ]
    )
    value = _field(row.values["_value"], row.types["_value"])
    return f"{key} {_tag(row.values['_field'])}={value} {nanoseconds(row.values['_time'])}"


def _tag(text: str) -> str:
    return _escaped(text, ",= ")


def _escaped(text: str, special: str) -> str:
    return "".join(f"\\{letter}" if letter in special else letter for letter in text)


def _field(value: str, datatype: str) -> str:
    match datatype:
        case "double":
            return value
        case "long":
            return f"{value}i"
        case "unsignedLong":
            return f"{value}u"
        case "boolean":
            return value
        case "string":
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    raise ValueError(datatype)
