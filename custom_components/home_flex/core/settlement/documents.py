"""The inputs of a receipt as documents of whole numbers and texts, and back: what is hashed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

from .baselines.as_dispatched import Dispatched, NotMetered, Tried
from .canonical import Json
from .days import Asked, UseDay
from .money import Penalty, Rounding, Step, Terms
from .rebound import After
from .rerun import Battery, BatteryRule, Car, Cover, Rest, Set
from .settlement import Interval

_NAMED: Final[Mapping[str, BatteryRule]] = {
    "cover": Cover(),
    "cover_with_cars": Cover(with_cars=True),
    "take_only": Cover(gives=False),
    "give_only": Cover(takes=False),
    "rest": Rest(),
}
_PRICES: Final = ("import_prices", "export_prices", "carbon")
_INTERVAL: Final = tuple(each.name for each in fields(Interval))
_LIMITS: Final = frozenset({"low_w", "high_w"})


def day_document(day: UseDay) -> dict[str, Json]:
    """Return a day as a document."""
    return {
        "date": day.date.isoformat(),
        "use_wh": list(day.use_wh),
        "is_working": day.is_working,
        "held_event": day.held_event,
        "is_away": day.is_away,
    }


def day_from(document: Mapping[str, Any]) -> UseDay:
    """Return the day that a document holds. Raises KeyError, TypeError or ValueError for what is none."""
    return UseDay(
        date=date.fromisoformat(document["date"]),
        use_wh=tuple(_whole_or_none(value) for value in document["use_wh"]),
        is_working=_flag(document["is_working"]),
        held_event=_flag(document["held_event"]),
        is_away=_flag(document["is_away"]),
    )


def asked_document(asked: Asked, hash_of: Callable[[UseDay], str]) -> dict[str, Json]:
    """Return a question as a document that names its days by their hashes."""
    return {
        "today": hash_of(asked.today),
        "past": [hash_of(day) for day in asked.past],
        "first": asked.first,
        "last": asked.last,
        "interval_s": asked.interval_s,
        "disturbed": sorted(asked.disturbed),
    }


def asked_from(document: Mapping[str, Any], day_of: Callable[[str], UseDay]) -> Asked:
    """Return the question that a document holds. Raises as ``day_from``."""
    return Asked(
        today=day_of(document["today"]),
        past=tuple(day_of(name) for name in document["past"]),
        first=_whole(document["first"]),
        last=_whole(document["last"]),
        interval_s=_whole(document["interval_s"]),
        disturbed=frozenset(_whole(index) for index in document["disturbed"]),
    )


def after_document(after: After, hash_of: Callable[[UseDay], str]) -> dict[str, Json]:
    """Return what is known of the hours after an event, as ``asked_document``."""
    prices: dict[str, Json] = {
        name: [None if each is None else f"{each:f}" for each in getattr(after, name)] for name in _PRICES
    }
    return {**asked_document(after.asked, hash_of), "currency": after.currency, **prices}


def after_from(document: Mapping[str, Any], day_of: Callable[[str], UseDay]) -> After:
    """Return what a document says of the hours after an event. Raises as ``terms_from``."""
    prices = {
        name: tuple(None if each is None else Decimal(each) for each in document[name]) for name in _PRICES
    }
    return After(asked=asked_from(document, day_of), currency=document["currency"], **prices)


def interval_documents(intervals: Sequence[Interval]) -> dict[str, Json]:
    """Return the intervals of an event as columns."""
    return {name: [getattr(each, name) for each in intervals] for name in _INTERVAL}


def intervals_from(document: Mapping[str, Any]) -> tuple[Interval, ...]:
    """Return the intervals that columns hold. Raises as ``day_from``."""
    names = [name for name in _INTERVAL if name not in _LIMITS]
    rows = zip(*(document[name] for name in names), strict=True)
    return tuple(
        Interval(
            **dict(zip(names, map(_whole, row), strict=True)),
            low_w=_whole_or_none(low_w),
            high_w=_whole_or_none(high_w),
        )
        for row, low_w, high_w in zip(rows, document["low_w"], document["high_w"], strict=True)
    )


def dispatched_document(window: Dispatched) -> dict[str, Json]:
    """Return what is known of a window in which devices were steered."""
    return {
        "lengths_ms": list(window.lengths_ms),
        "rest_wh": list(window.rest_wh),
        "sun_wh": list(window.sun_wh),
        "cars": [
            {"plugged": list(car.plugged), "allowed_wh": list(car.allowed_wh), "need_wh": car.need_wh}
            for car in window.cars
        ],
        "heat_wh": [list(row) for row in window.heat_wh],
        "batteries": [
            {**_battery_document(battery), "rules": [rule_document(rule) for rule in rules]}
            for battery, rules in window.batteries
        ],
        "most_w": window.most_w,
        "tried": [
            {
                "date": each.date.isoformat(),
                "used_wh": each.used_wh,
                "said_wh": each.said_wh,
                "heat_wh": [list(row) for row in each.heat_wh],
            }
            for each in window.tried
        ],
        "tried_ms": window.tried_ms,
        "unknown": window.unknown,
        "sun_held_ms": list(window.sun_held_ms),
    }


def dispatched_from(document: Mapping[str, Any]) -> Dispatched:
    """Return the window that a document holds. Raises as ``day_from``."""
    return Dispatched(
        lengths_ms=tuple(_whole(value) for value in document["lengths_ms"]),
        rest_wh=tuple(_whole_or_none(value) for value in document["rest_wh"]),
        sun_wh=tuple(_whole_or_none(value) for value in document["sun_wh"]),
        cars=tuple(_car(car) for car in document["cars"]),
        heat_wh=_rows(document["heat_wh"]),
        batteries=tuple(
            (_battery(battery), tuple(map(rule_from, battery["rules"]))) for battery in document["batteries"]
        ),
        most_w=_whole(document["most_w"]),
        tried=tuple(
            Tried(
                date=date.fromisoformat(each["date"]),
                used_wh=_whole(each["used_wh"]),
                said_wh=_whole(each["said_wh"]),
                heat_wh=_rows(each["heat_wh"]),
            )
            for each in document.get("tried", ())
        ),
        tried_ms=_whole(document.get("tried_ms", 0)),
        unknown=None if document["unknown"] is None else NotMetered(document["unknown"]),
        sun_held_ms=tuple(_whole(value) for value in document.get("sun_held_ms", ())),
    )


def terms_document(terms: Terms) -> dict[str, Json]:
    """Return the money rule of a programme."""
    penalty = terms.penalty
    return {
        "currency": terms.currency,
        "per_kwh": str(terms.per_kwh),
        "paid_up_to_share": None if terms.paid_up_to_share is None else str(terms.paid_up_to_share),
        "charges_negative": terms.charges_negative,
        "per_kw_hour": str(terms.per_kw_hour),
        "steps": [
            {"delivered_share": str(step.delivered_share), "paid_share": str(step.paid_share)}
            for step in terms.steps
        ],
        "penalty": None
        if penalty is None
        else {"per_kwh": str(penalty.per_kwh), "tolerated_share": str(penalty.tolerated_share)},
        "at_least": None if terms.at_least is None else str(terms.at_least),
        "places": terms.places,
        "rounding": terms.rounding.name,
    }


def terms_from(document: Mapping[str, Any]) -> Terms:
    """Return the money rule that a document holds. Raises as ``day_from``, and decimal's InvalidOperation."""
    up_to, penalty, at_least = document["paid_up_to_share"], document["penalty"], document["at_least"]
    return Terms(
        currency=document["currency"],
        per_kwh=Decimal(document["per_kwh"]),
        paid_up_to_share=None if up_to is None else Decimal(up_to),
        charges_negative=_flag(document["charges_negative"]),
        per_kw_hour=Decimal(document["per_kw_hour"]),
        steps=tuple(
            Step(delivered_share=Decimal(step["delivered_share"]), paid_share=Decimal(step["paid_share"]))
            for step in document["steps"]
        ),
        penalty=None
        if penalty is None
        else Penalty(
            per_kwh=Decimal(penalty["per_kwh"]), tolerated_share=Decimal(penalty["tolerated_share"])
        ),
        at_least=None if at_least is None else Decimal(at_least),
        places=_whole(document["places"]),
        rounding=Rounding[document["rounding"]],
    )


def _battery_document(battery: Battery) -> dict[str, Json]:
    return {name: getattr(battery, name) for name in Battery.__slots__}


def _battery(document: Mapping[str, Any]) -> Battery:
    return Battery(**{name: _whole(document[name]) for name in Battery.__slots__})


def _car(document: Mapping[str, Any]) -> Car:
    return Car(
        plugged=tuple(_flag(value) for value in document["plugged"]),
        allowed_wh=tuple(_whole(value) for value in document["allowed_wh"]),
        need_wh=_whole(document["need_wh"]),
    )


def rule_document(rule: BatteryRule) -> Json:
    """Return a battery's rule: its name, or the energy that it is told."""
    if isinstance(rule, Set):
        return rule.energy_wh
    return next(name for name, each in _NAMED.items() if each == rule)


def rule_from(value: object) -> BatteryRule:
    """Return the rule that a document holds. Raises as ``day_from``."""
    return _NAMED[value] if isinstance(value, str) else Set(energy_wh=_whole(value))


def _rows(rows: Iterable[Iterable[object]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(map(_whole, row)) for row in rows)


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _whole_or_none(value: object) -> int | None:
    return None if value is None else _whole(value)


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError(f"{value!r} is neither true nor false")
    return value
