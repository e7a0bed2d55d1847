"""A month's statement as a page that can be printed, in the language of the home."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from .core.settlement.month import COURSES

_NOTHING: Final = "\N{EN DASH}"
_STYLE: Final = (
    "body{font-family:sans-serif;max-width:60em;margin:2em auto}table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #999;padding:.3em .6em;text-align:right}"
    "td:first-child,th:first-child{text-align:left}small{word-break:break-all}"
)


def statement_page(statement: Mapping[str, Any], home: str, language: str, texts: Mapping[str, str]) -> str:
    """Return the page; ``texts`` are those of ``common`` that begin with ``statement_``, without that."""
    currency = statement["currency"]
    title = f"{texts['title']} {statement['month']}: {home}"
    sums = statement["sums"]
    days = _table(
        [texts[name] for name in ("day", "known", "imported", "exported", "cost", *COURSES, "given_up")],
        (
            [
                day["date"],
                _percent(day["known"]),
                _kwh(day["import_wh"]),
                _kwh(day["export_wh"]),
                _money(day["cost"], currency),
                *(_money(day["saved"][name], currency) for name in COURSES),
                _given_up(day),
            ]
            for day in statement["days"]
        ),
        [
            texts["sum"],
            "",
            _kwh(sums["import_wh"]),
            _kwh(sums["export_wh"]),
            _money(sums["cost"], currency),
            *(_money(sums["saved"][name], currency) for name in COURSES),
            _given_up(sums),
        ],
    )
    events = _table(
        [
            texts[name]
            for name in (
                "event",
                "start",
                "known",
                "used",
                "delivered",
                "kept",
                "paid",
                "taken_back",
                "cost",
                "given_up",
            )
        ],
        (
            [
                event["name"] or event["id"],
                event["start"][:16].replace("T", " "),
                _percent(event["known"]),
                _kwh(event["used_wh"]),
                _kwh(event["delivered_wh"]),
                _percent(event["kept_share"]),
                _money(event["paid"], event["currency"]),
                _kwh(event["rebound_wh"]),
                _money(event["rebound_cost"], event["rebound_currency"]),
                _given_up(event),
            ]
            for event in statement["events"]
        ),
        [
            texts["sum"],
            *[""] * 5,
            _money(sums["paid"], currency),
            "",
            _money(sums["rebound_cost"], currency),
            "",
        ],
    )
    return (
        f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1><h2>{escape(texts['days'])}</h2>"
        f"<p>{escape(texts['saved_note'])}</p>{days}<h2>{escape(texts['events'])}</h2>{events}"
        f"<p>{escape(texts['receipt_note'])}</p></html>\n"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], foot: Iterable[str]) -> str:
    heads = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(_row(row) for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody><tfoot>{_row(foot)}</tfoot></table>"


def _row(cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<td>{escape(each)}</td>" for each in cells) + "</tr>"


def _kwh(energy_wh: int | None) -> str:
    return _NOTHING if energy_wh is None else f"{energy_wh / 1000:.3f} kWh"


def _money(amount: str | None, currency: str | None) -> str:
    return _NOTHING if amount is None else f"{amount} {currency}"


def _given_up(row: Mapping[str, Any]) -> str:
    """Return for how many minutes it was not as wished, and what cars lacked at their hours."""
    unmet_s, lacked_wh = row["unmet_s"], row["lacked_wh"]
    if unmet_s is None:
        return _NOTHING
    return f"{round(unmet_s / 60)} min" + (f", {_kwh(lacked_wh)}" if lacked_wh else "")


def _percent(share: str | None) -> str:
    return _NOTHING if share is None else f"{float(share):.0%}"
