"""A month's statement: what its days and events came to, in sum, from their receipts and nothing else."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from .canonical import Json
from .receipt import Receipt

METHOD: Final = "month/1"
# What a day is laid beside, see ``day_receipt``.
COURSES: Final = ("without_event", "without_battery", "without_sun", "without_plan", "flat_tariff")


def month_statement(
    month: str, currency: str, days: Iterable[Receipt], events: Iterable[Receipt], zone: tzinfo
) -> dict[str, Json]:
    """Return the statement of a month (``YYYY-MM``): its days, its events, and their sums.

    Days are of the month that their own date names, and those of others are left out: where the time zone
    was changed they begin before or after midnight here. Money as texts of whole cents: the sum of the days
    is the sum of what they show. Days of another currency are named and not summed, and what an event paid or
    cost in another stands in its row and in no sum. Each row names its receipt by its digest.
    """
    its_days = (each for each in days if _date(each).startswith(month))
    listed = sorted(its_days, key=_date)
    told = [day_row(each) for each in listed if _of(each)["currency"] == currency]
    others: list[Json] = [_date(each) for each in listed if _of(each)["currency"] != currency]
    rows = [
        event_row(each, zone) for each in sorted(events, key=lambda each: str(_of(each)["event"]["start"]))
    ]
    return {
        "method": METHOD,
        "month": month,
        "currency": currency,
        "days": told,
        "other_currency": others,
        "events": rows,
        "sums": {
            "cost": money_sum(told, "cost"),
            "saved": {name: money_sum([row["saved"] for row in told], name) for name in COURSES},
            "paid": money_sum([row for row in rows if row["currency"] == currency], "paid"),
            "rebound_cost": money_sum(
                [row for row in rows if row["rebound_currency"] == currency], "rebound_cost"
            ),
            "import_wh": _total(told, "import_wh"),
            "export_wh": _total(told, "export_wh"),
            "production_wh": _total(told, "production_wh"),
            "unmet_s": _total(told, "unmet_s"),
            "lacked_wh": _total(told, "lacked_wh"),
        },
    }


def _of(receipt: Receipt) -> Mapping[str, Any]:
    return receipt.document


def _date(receipt: Receipt) -> str:
    return str(_of(receipt)["day"]["date"])


def day_row(receipt: Receipt) -> dict[str, Any]:
    """Return what a day came to, from its receipt; what it would have come to otherwise under ``saved``."""
    document = _of(receipt)
    results = document["results"]
    happened = results["happened"] or {}
    others = results["otherwise"]
    return {
        "date": document["day"]["date"],
        "known": results["known"],
        **{
            name: happened.get(name)
            for name in ("import_wh", "export_wh", "production_wh", "cost", "carbon_g")
        },
        "saved": {name: (others.get(name) or {}).get("saved") for name in COURSES},
        **_given_up(results),
        "receipt": receipt.digest,
    }


def event_row(receipt: Receipt, zone: tzinfo) -> dict[str, Any]:
    """Return what an event came to, from its receipt."""
    document = _of(receipt)
    event, results = document["event"], document["results"]
    baseline = results["baselines"][results["rule"]]
    limit, rebound, terms = results["limit"] or {}, results.get("rebound") or {}, document["terms"] or {}
    return {
        "id": event["id"],
        "name": event["name"],
        "start": datetime.fromisoformat(event["start"]).astimezone(zone).isoformat(),
        "status": event["status"],
        "known": results["known"],
        "rule": results["rule"],
        "used_wh": results["used_wh"],
        "delivered_wh": baseline.get("delivered_wh"),
        "kept_share": limit.get("kept_share"),
        "paid": results["paid"],
        "currency": terms.get("currency"),
        "rebound_wh": rebound.get("energy_wh"),
        "rebound_cost": rebound.get("cost"),
        "rebound_currency": rebound.get("currency"),
        **_given_up(results),
        "receipt": receipt.digest,
    }


def _given_up(results: Mapping[str, Any]) -> dict[str, int | None]:
    """Return for how long it was not as wished, and what cars lacked; None where it is not known."""
    told = results.get("given_up") or {}
    return {name: told.get(name) for name in ("unmet_s", "lacked_wh")}


def money_sum(rows: Iterable[Mapping[str, Any]], name: str) -> str | None:
    """Return the sum of the money that is known, None where none is."""
    known = [Decimal(row[name]) for row in rows if row[name] is not None]
    return str(sum(known, Decimal(0))) if known else None


def _total(rows: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(row[name] or 0 for row in rows)
