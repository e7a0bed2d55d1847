"""The page of a month's statement: what strangers named is text on it, and what is not known is a dash."""

from typing import Any

from custom_components.home_flex.core.settlement.month import COURSES
from custom_components.home_flex.statement_page import statement_page

NAMES = ("title", "days", "day", "known", "imported", "exported", "cost", "sum", "events", "event", "start")
MORE = ("used", "delivered", "kept", "paid", "taken_back", "given_up", "saved_note", "receipt_note")
TEXTS = {name: name for name in (*NAMES, *MORE, *COURSES)}
EVENT: dict[str, Any] = {
    "id": "e1",
    "name": "<script>alert(1)</script>",
    "start": "2026-11-25T17:00:00+01:00",
    "known": "1.0000",
    "used_wh": 250,
    "delivered_wh": None,
    "kept_share": None,
    "paid": "0.33",
    "currency": "EUR",
    "rebound_wh": 1000,
    "rebound_cost": "0.30",
    "rebound_currency": "EUR",
    "unmet_s": 2100,
    "lacked_wh": 1500,
}
STATEMENT: dict[str, Any] = {
    "month": "2026-11",
    "currency": "EUR",
    "days": [],
    "events": [EVENT],
    "sums": {
        "cost": None,
        "saved": dict.fromkeys(COURSES),
        "paid": "0.33",
        "rebound_cost": "0.30",
        "import_wh": 0,
        "export_wh": 0,
        "unmet_s": 2100,
        "lacked_wh": 0,
    },
}


def test_what_strangers_named_is_text_and_what_is_not_known_a_dash() -> None:
    page = statement_page(STATEMENT, "<b>Home", "en", TEXTS)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>Home" not in page
    assert "<td>0.250 kWh</td><td>\N{EN DASH}</td><td>\N{EN DASH}</td><td>0.33 EUR</td>" in page
    assert "<td>1.000 kWh</td><td>0.30 EUR</td><td>35 min, 1.500 kWh</td></tr>" in page
