"""Reads a batch of homes from CSV or JSON.

JSON: a list of ``{"ven_id", "device_uuid", "address", "record"}``. CSV: the columns ``ven_id``,
``device_uuid``, ``address``, ``devices`` (JSON), and ``site.…`` and ``location.…`` for the fields of the
provisioning record. What the record lacks comes from ``[enrolment.record]`` of the configuration; the whole
is checked by the code that reads it in the home.
"""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from community_hub.enrolment.authority import AuthorityError, require_ven_id
from home_common.identity import network_name
from home_common.settings import SettingsError
from home_start.fields import RecordError
from home_start.record import parse

_UUID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{62}|")
_NUMBERS: Final = frozenset(
    {
        "site.main_fuse_a",
        "site.phases",
        "site.ocpp_port",
        "location.latitude",
        "location.longitude",
        "location.elevation",
    }
)
_PRICES: Final = frozenset({"site.import_price", "site.export_price"})
_COLUMNS: Final = frozenset({"ven_id", "device_uuid", "address", "record", "devices"})


class BatchError(Exception):
    """The batch cannot be enrolled; the message names the home and the field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchHome:
    """A home to enrol: ``record`` is its provisioning record as JSON text."""

    ven_id: str
    device_uuid: str  # empty for a home without balena
    address: str
    record: str


def read_batch(path: Path, defaults: Mapping[str, Any]) -> list[BatchHome]:
    """Return the checked homes of a file.

    Raises BatchError; nothing of a batch is enrolled when one line is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = _json_rows(text) if path.suffix == ".json" else _csv_rows(text)
    except UnicodeDecodeError as error:
        raise BatchError(f"{path}: save it as UTF-8; byte {error.start} is of another encoding") from error
    except RecursionError as error:
        raise BatchError(f"{path}: brackets within brackets without an end") from error
    except (OSError, ValueError, BatchError) as error:
        raise BatchError(f"{path}: {error}") from error
    if not rows:
        raise BatchError(f"{path}: there is no home in it")
    homes = {where: _home(row, defaults, where) for where, row in rows.items()}
    for field in ("ven_id", "device_uuid"):
        first: dict[str, str] = {}
        for where, home in homes.items():
            # A home's name in its network, and a folder on some disks, know no capitals.
            name = getattr(home, field).casefold()
            if name and (before := first.setdefault(name, where)) != where:
                raise BatchError(f"{field} {name} appears twice: {before} and {where}")
    return list(homes.values())


def _home(row: Mapping[str, Any], defaults: Mapping[str, Any], where: str) -> BatchHome:
    uuid = str(row.get("device_uuid") or "").lower()
    ven_id = str(row.get("ven_id") or uuid)
    try:
        if unknown := set(row) - _COLUMNS:
            raise BatchError(f"{where} ({ven_id[:64]}): nobody knows the field {min(map(str, unknown))}")
        require_ven_id(ven_id)
        network_name(ven_id)
        if not _UUID.fullmatch(uuid):
            raise BatchError(f"{where} ({ven_id}): device_uuid has 32 or 62 hexadecimal digits")
        text = json.dumps(_record(row.get("record") or {}, defaults), separators=(",", ":"), sort_keys=True)
        parse(text)
    except (AuthorityError, RecordError, SettingsError, TypeError, AttributeError) as error:
        raise BatchError(f"{where} ({ven_id[:64]}): {error}") from error
    return BatchHome(ven_id=ven_id, device_uuid=uuid, address=str(row.get("address") or ""), record=text)


def _record(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the home's fields over the defaults, group by group."""
    groups = {group: {**defaults.get(group, {}), **given.get(group, {})} for group in ("site", "location")}
    return {"version": 1, "devices": [], **defaults, **given, **groups}


def _json_rows(text: str) -> dict[str, dict[str, Any]]:
    rows = json.loads(text)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BatchError("expected a list of homes")
    return {f"home {number}": row for number, row in enumerate(rows, start=1)}


def _csv_rows(text: str) -> dict[str, dict[str, Any]]:
    """Read a table; cells are divided by commas or, as European spreadsheets write them, by semicolons.

    Lines without anything in their cells, which spreadsheets leave at the end, are no homes.
    """
    header = text.partition("\n")[0]
    divider = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(io.StringIO(text), strict=True, delimiter=divider)
    try:
        reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
        columns = Counter(reader.fieldnames)
        if twice := [column for column, count in columns.items() if count > 1]:
            raise BatchError(f"line 1: column {twice[0]} is there twice")
        return {
            f"line {reader.line_num}": _csv_row(row, reader.line_num) for row in reader if _says_a_thing(row)
        }
    except csv.Error as error:
        raise BatchError(f"line {reader.line_num + 1}: {error}") from error


def _says_a_thing(row: Mapping[str | None, Any]) -> bool:
    return any(cell.strip() if isinstance(cell, str) else cell for cell in row.values())


def _csv_row(row: Mapping[str | None, Any], line: int) -> dict[str, Any]:
    where = f"line {line} ({row.get('ven_id') or row.get('device_uuid') or 'without a name'})"
    if None in row or None in row.values():
        raise BatchError(f"{where}: more or fewer cells than there are columns")
    nested: dict[str, Any] = {}
    record: dict[str, Any] = {}
    for column, value in row.items():
        if column is None:
            continue
        cell = value.strip()
        group, _, field = column.partition(".")
        if not cell:
            continue
        if field and group in {"site", "location"}:
            record.setdefault(group, {})[field] = _field(cell, where, column)
        elif column == "devices":
            record["devices"] = _devices(cell, where)
        else:
            nested[column] = cell
    return {**nested, "record": record}


def _field(cell: str, where: str, column: str) -> float | str:
    if column in _NUMBERS:
        return _number(cell, where, column)
    return cell.replace(",", ".", 1) if column in _PRICES else cell


def _number(cell: str, where: str, column: str) -> float:
    """Read a number as people write it, with a decimal comma too."""
    try:
        number = float(cell.replace(",", ".", 1))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BatchError(f"{where}, column {column}: not a number, such as 25 or 52.09")
    return int(number) if number.is_integer() else number


def _devices(cell: str, where: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise BatchError(f"{where}, column devices: not JSON ({error})") from error
