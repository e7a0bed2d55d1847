"""What an event says that a kWh of it pays: understood in one unit and one money, or left out."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.events.prices import currency_of, paid_at, price_per_kwh

from .samples import MINUTE, make_event


@pytest.mark.parametrize(
    ("values", "unit", "price"),
    [
        ([0.25], None, 0.25),
        ([0.25], "KWH", 0.25),
        ([-2], "KWH", -2.0),
        ([1_000_000], None, 1e6),
        ([-1_000_000], None, -1e6),
        ([1_000_000.1], None, None),
        ([-1_000_000.1], None, None),
        ([float("nan")], None, None),
        ([True], None, None),
        (["0.25"], None, None),
        ([0.25], "KW", None),
        ([0.25, 0.3], None, None),
        ([], None, None),
        (0.25, None, None),
        (None, None, None),
    ],
)
def test_a_price_is_one_number_of_what_a_kilowatt_hour_costs(
    values: object, unit: str | None, price: float | None
) -> None:
    found = price_per_kwh(values, unit)
    assert (found, type(found)) == (price, type(price))


EURO = {"payloadType": "PRICE", "currency": "EUR"}


@pytest.mark.parametrize(
    ("descriptors", "currency"),
    [
        ([EURO], "EUR"),
        ([{"payloadType": "IMPORT_CAPACITY_LIMIT", "currency": "USD"}, EURO], "EUR"),
        (["PRICE", EURO], "EUR"),
        ([EURO | {"currency": "euro"}, EURO], "EUR"),
        ([EURO | {"currency": "EUROS"}], None),
        ([EURO | {"currency": 978}], None),
        ([{"payloadType": "PRICE"}], None),
        ([], None),
        (None, None),
        ({"payloadType": "PRICE", "currency": "EUR"}, None),
    ],
)
def test_the_currency_is_that_of_the_price(descriptors: Any, currency: str | None) -> None:
    assert currency_of(descriptors) == currency


EVENT = make_event()


@pytest.mark.parametrize(
    ("time", "paid"),
    [
        (EVENT.start - timedelta(seconds=1), None),
        (EVENT.start, 0.2),
        (EVENT.end - timedelta(seconds=1), 0.2),
        (EVENT.end, 0.4),
        (EVENT.end + MINUTE, None),
    ],
    ids=["before", "from its start", "to the end of an interval", "in the next", "afterwards"],
)
def test_each_interval_pays_its_own_price_while_it_runs(time: datetime, paid: float | None) -> None:
    (first,) = EVENT.intervals
    intervals = (
        replace(first, pays_per_kwh=0.2),
        replace(first, start=first.end, end=first.end + MINUTE, pays_per_kwh=0.4),
    )
    event = replace(EVENT, intervals=intervals, currency="EUR")
    assert paid_at(event, time, currency="EUR", agreed_per_kwh=0.1) == paid
