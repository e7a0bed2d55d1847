"""The shapes in which integrations of Home Assistant tell prices ahead: one table, and how rows are found.

Rows stand in the attributes of an entity or in the answer of an action; a new integration is a row here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .signal import SignalError

_ANY = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceShape:
    """Where rows stand (``paths``: keys from the top, "*" for any one) and what is called what in them.

    ``end`` is empty where rows only tell their start. ``start`` is empty where rows are no mappings but the
    items of one, from time to value. ``unit`` is set where the shape says it, whatever the entity's is.
    """

    name: str
    paths: tuple[tuple[str, ...], ...]
    value: str
    start: str
    end: str = ""
    unit: str | None = None


def _attributes(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) for name in names)


SHAPES: Final = (
    PriceShape(
        name="Nord Pool",
        paths=_attributes("raw_today", "raw_tomorrow"),
        start="start",
        end="end",
        value="value",
    ),
    PriceShape(
        name="Energi Data Service",
        paths=_attributes("raw_today", "raw_tomorrow"),
        start="hour",
        value="price",
    ),
    PriceShape(
        name="Nord Pool template",
        paths=_attributes("raw_today", "raw_tomorrow"),
        start="start",
        value="price",
    ),
    PriceShape(
        name="ENTSO-E",
        paths=_attributes("prices_today", "prices_tomorrow"),
        start="time",
        value="price",
    ),
    PriceShape(name="ENTSO-E", paths=_attributes("prices"), start="time", value="price"),
    PriceShape(name="Frank Energie", paths=_attributes("prices"), start="from", end="till", value="price"),
    PriceShape(name="EnergyZero", paths=_attributes("prices"), start="timestamp", value="price"),
    PriceShape(name="Tibber", paths=(("prices", _ANY),), start="start_time", value="price"),
    PriceShape(name="Tibber", paths=_attributes("prices"), start="start_time", value="price"),
    PriceShape(name="Tibber", paths=_attributes("today", "tomorrow"), start="startsAt", value="total"),
    PriceShape(name="Octopus", paths=_attributes("rates"), start="start", end="end", value="value_inc_vat"),
    PriceShape(
        name="Amber", paths=_attributes("forecasts"), start="start_time", end="end_time", value="per_kwh"
    ),
    PriceShape(
        name="EPEX Spot", paths=_attributes("data"), start="start_time", end="end_time", value="price_per_kwh"
    ),
    PriceShape(
        name="EPEX Spot",
        paths=_attributes("data"),
        start="start_time",
        end="end_time",
        value="price_ct_per_kwh",
        unit="ct/kWh",
    ),
    PriceShape(
        name="EPEX Spot",
        paths=_attributes("data"),
        start="start_time",
        end="end_time",
        value="price_eur_per_mwh",
        unit="EUR/MWh",
    ),
    PriceShape(
        name="aWATTar",
        paths=_attributes("data"),
        start="start_timestamp",
        end="end_timestamp",
        value="marketprice",
        unit="EUR/MWh",
    ),
    PriceShape(name="OMIE", paths=_attributes("today_hours", "tomorrow_hours"), start="", value=""),
    PriceShape(
        name="Carbon forecast", paths=_attributes("forecast"), start="from", end="to", value="intensity"
    ),
    PriceShape(
        name="Price forecast",
        paths=_attributes("forecast", "prices"),
        start="start",
        end="end",
        value="price",
    ),
    PriceShape(name="Value forecast", paths=_attributes("forecast"), start="datetime", value="value"),
    # The answer of nordpool.get_prices_for_date: one list for each area, per MWh.
    PriceShape(name="Nord Pool", paths=((_ANY,),), start="start", end="end", value="price"),
)


def recognised(document: Mapping[str, Any]) -> tuple[PriceShape, tuple[tuple[Any, Any, Any], ...]]:
    """Return the shape of attributes or of an answer, and its rows: start, end (None: not told), value.

    Raises SignalError ``shape_unknown`` (names: the keys there are) when the table has no such shape, and
    ``several_lists`` (names) when an answer holds more than one list and none was asked for.
    """
    for shape in SHAPES:
        lists = [found for path in shape.paths for found in _found(document, path) if _fits(found[1], shape)]
        if not lists:
            continue
        if any(_ANY in path for path in shape.paths) and len(lists) > 1:
            raise SignalError("several_lists", names=", ".join(name for name, _ in lists))
        return shape, tuple(row for _, rows in lists for row in _rows(rows, shape))
    raise SignalError("shape_unknown", names=", ".join(map(str, document)) or "-")


def _found(document: Any, path: tuple[str, ...], name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what stands at a path, with the name of its last key."""
    if not path:
        yield name, document
    elif isinstance(document, Mapping):
        key, *deeper = path
        for found in document if key == _ANY else (key,):
            if found in document:
                yield from _found(document[found], tuple(deeper), str(found))


def _fits(rows: Any, shape: PriceShape) -> bool:
    if not shape.start:
        return isinstance(rows, Mapping) and bool(rows)
    if not isinstance(rows, list | tuple) or not rows or not isinstance(rows[0], Mapping):
        return False
    return all(key in rows[0] for key in (shape.start, shape.value, shape.end) if key)


def _rows(rows: Any, shape: PriceShape) -> Iterator[tuple[Any, Any, Any]]:
    if not shape.start:
        yield from ((start, None, value) for start, value in rows.items())
        return
    for row in rows:
        if isinstance(row, Mapping):
            yield row.get(shape.start), row.get(shape.end) if shape.end else None, row.get(shape.value)
