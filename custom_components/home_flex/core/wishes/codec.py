"""The wishes as a document that is kept: versioned, and read tolerantly.

Reading never raises. A row that is not known (of a newer release) is kept and written back where it was; a
value that cannot be is set aside, takes the cautious value where there is one, else the default, and is
written back until the resident changes the wish. Both are told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import fields as rows
from .model import BatteryWishes, ChargerWishes, DeviceWishes, SiteWishes, Wishes

VERSION = 1

_BY_DEVICE: Mapping[str, type[Any]] = {
    "devices": DeviceWishes,
    "batteries": BatteryWishes,
    "chargers": ChargerWishes,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A row that was not understood: where it is, what it says, and the value that is used meanwhile."""

    path: tuple[str, ...]
    raw: Any
    known: bool = False
    used: Any = None

    @property
    def name(self) -> str:
        """Return the row's place as a person can read it."""
        return ".".join(self.path) or "document"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """The wishes that were read, and what was not understood."""

    wishes: Wishes
    unread: tuple[Unread, ...] = ()


def decode(document: object) -> Kept:
    """Return what a document holds; None is one that was never written."""
    if document is None:
        return Kept(wishes=Wishes())
    if not isinstance(document, Mapping):
        site = rows.cautious(SiteWishes)
        return Kept(wishes=Wishes(site=site), unread=(Unread(path=(), raw=document, known=True, used=site),))
    unread = [
        Unread(path=(str(key),), raw=value)
        for key, value in document.items()
        if key not in {"version", "site", *_BY_DEVICE}
    ]
    site = _section(SiteWishes, document.get("site", {}), ("site",), unread)
    by_device = {
        name: _devices(kind, document.get(name, {}), name, unread) for name, kind in _BY_DEVICE.items()
    }
    return Kept(wishes=Wishes(site=site, **by_device), unread=tuple(unread))


def encode(kept: Kept) -> dict[str, Any]:
    """Return the document to keep: JSON values."""
    wishes = kept.wishes
    document: dict[str, Any] = {"version": VERSION, "site": rows.to_document(wishes.site)}
    for name in _BY_DEVICE:
        document[name] = {
            device_id: rows.to_document(each) for device_id, each in getattr(wishes, name).items()
        }
    for row in still_unread(kept):
        _put(document, row)
    return document


def still_unread(kept: Kept) -> Iterator[Unread]:
    """Yield what is not understood and not replaced by a wish of the resident's since."""
    for row in kept.unread:
        if not row.known or _value_at(kept.wishes, row.path) == row.used:
            yield row


def _devices[T](kind: type[T], raw: object, name: str, unread: list[Unread]) -> dict[str, T]:
    if not isinstance(raw, Mapping):
        unread.append(Unread(path=(name,), raw=raw, known=True, used={}))
        return {}
    return {str(each): _section(kind, value, (name, str(each)), unread) for each, value in raw.items()}


def _section[T](kind: type[T], raw: object, path: tuple[str, ...], unread: list[Unread]) -> T:
    if not isinstance(raw, Mapping):
        cautious = rows.cautious(kind)
        unread.append(Unread(path=path, raw=raw, known=True, used=cautious))
        return cautious
    known = rows.FIELDS[kind]
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if (row := known.get(key)) is None:
            unread.append(Unread(path=(*path, str(key)), raw=value))
            continue
        if row.section is not None:
            values[key] = _section(row.section, value, (*path, key), unread)
            continue
        try:
            values[key] = row.read(value)
        except rows.READ_ERRORS:
            values[key] = row.instead(kind, key, value)
            unread.append(Unread(path=(*path, key), raw=value, known=True, used=values[key]))
    return kind(**values)


def _value_at(wishes: Wishes, path: tuple[str, ...]) -> object:
    """Return what the wishes say where ``path`` leads; a place that is gone differs from any value."""
    value: Any = wishes if path else wishes.site
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif value is not None:
            value = getattr(value, step)
    return value


def _put(document: dict[str, Any], row: Unread) -> None:
    if not row.path:
        document["set_aside"] = row.raw
        return
    place: Any = document
    for step in row.path[:-1]:
        place = place.setdefault(step, {})
    place[row.path[-1]] = row.raw
