"""A month's statement is the sum of its receipts."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

from custom_components.home_flex.core.settlement.day_receipt import DayAccount, Quarter, day_document
from custom_components.home_flex.core.settlement.month import month_statement
from custom_components.home_flex.core.settlement.rebound import After
from custom_components.home_flex.core.settlement.receipt import Receipt, receipt

from .days_of import TODAY, asked, past
from .days_of import day as day_of
from .test_receipt import ACCOUNT


def day(date: str, import_wh: int, currency: str = "EUR") -> Receipt:
    quarter = Quarter(
        import_wh=import_wh, export_wh=0, import_price=Decimal("0.30"), export_price=Decimal("0.10")
    )
    bounds = {"date": date, "start": f"{date}T00:00:00Z", "end": f"{date}T23:00:00Z"}
    account = DayAccount(home="home", day=bounds, currency=currency, quarters=(quarter,))
    return Receipt(document=day_document(account), inputs={})


def statement(*days: Receipt) -> Any:
    return month_statement("2026-11", "EUR", days, [receipt(ACCOUNT)], UTC)


def test_the_sum_of_a_month_is_that_of_what_its_days_show() -> None:
    # 0.3015 twice is shown as 0.30 twice.
    found = statement(day("2026-11-02", 1005), day("2026-11-01", 1005))
    assert [row["date"] for row in found["days"]] == ["2026-11-01", "2026-11-02"]
    assert [row["cost"] for row in found["days"]] == ["0.30", "0.30"]
    assert found["sums"]["cost"] == "0.60"
    assert found["sums"]["import_wh"] == 2010


def test_an_event_stands_in_it_with_its_receipt() -> None:
    (row,) = statement()["events"]
    assert row["paid"] == "0.48"
    assert row["delivered_wh"] == 1200
    assert row["receipt"] == receipt(ACCOUNT).digest
    assert statement()["sums"]["paid"] == "0.48"
    assert statement()["sums"]["cost"] is None


def test_what_an_event_paid_in_another_currency_stands_in_its_row_and_in_no_sum() -> None:
    found: Any = month_statement("2026-11", "SEK", [], [receipt(ACCOUNT)], UTC)
    (row,) = found["events"]
    assert (row["paid"], row["currency"], found["sums"]["paid"]) == ("0.48", "EUR", None)


def test_what_the_home_took_back_stands_beside_what_was_paid() -> None:
    # 400 Wh more in four hours of which each had 1,500 Wh, at 0.30.
    known = replace(
        asked(day_of(TODAY, [*[1500] * 20, 1900, *[1500] * 3]), past([1500] * 40)), first=20, last=24
    )
    price, nothing = (Decimal("0.30"),) * 4, (None,) * 4
    after = After(asked=known, currency="EUR", import_prices=price, export_prices=price, carbon=nothing)
    found: Any = month_statement("2026-11", "EUR", [], [receipt(replace(ACCOUNT, after=after))], UTC)
    (row,) = found["events"]
    assert (row["rebound_wh"], row["rebound_cost"], found["sums"]["rebound_cost"]) == (400, "0.12", "0.12")


def test_a_day_of_another_currency_is_named_and_not_summed() -> None:
    found = statement(day("2026-11-01", 1000), day("2026-11-02", 1000, "SEK"))
    assert found["other_currency"] == ["2026-11-02"]
    assert found["sums"]["cost"] == "0.30"


def test_a_day_of_another_month_is_left_out() -> None:
    found = statement(day("2026-10-31", 1000), day("2026-11-01", 1000), day("2026-12-01", 1000))
    assert [row["date"] for row in found["days"]] == ["2026-11-01"]
    assert found["sums"]["import_wh"] == 1000
