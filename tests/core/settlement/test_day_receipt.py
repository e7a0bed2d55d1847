"""What a day came to, and what it would have come to otherwise: hand-computed, reckoned again anywhere."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.settlement.day_receipt import (
    DayAccount,
    Quarter,
    day_document,
    day_results,
)
from custom_components.home_flex.core.settlement.receipt import Receipt
from custom_components.home_flex.core.settlement.rerun import Battery
from custom_components.home_flex.core.settlement.verify import bundle_of, receipt_from, verify

PRICES: dict[str, Any] = {
    "import_price": Decimal("0.30"),
    "export_price": Decimal("0.10"),
    "carbon": Decimal(200),
}
BATTERY = Battery(
    stored_wh=5000,
    lowest_wh=500,
    highest_wh=10_000,
    most_in_w=5000,
    most_out_w=5000,
    charging_per_mille=1000,
    discharging_per_mille=1000,
)
# Bought at 0.15 at night, and sold at 0.30 in the evening: 4 kWh for 0.60, of which 3.24 came back for 0.972.
NIGHT = Quarter(
    import_wh=4000,
    export_wh=0,
    charge_wh=4000,
    import_price=Decimal("0.15"),
    export_price=Decimal("0.10"),
)
EVENING = Quarter(
    import_wh=0,
    export_wh=3240,
    discharge_wh=3240,
    import_price=Decimal("0.45"),
    export_price=Decimal("0.30"),
)
DAY = {"date": "2026-11-25", "start": "2026-11-24T23:00:00Z", "end": "2026-11-25T23:00:00Z"}


def account(*quarters: Quarter, **more: Any) -> DayAccount:
    return DayAccount(home="home", day=DAY, currency="EUR", quarters=quarters, **more)


def results(*quarters: Quarter, **more: Any) -> Any:
    return day_results(account(*quarters, **more))


def test_a_day_costs_what_was_imported_less_what_was_exported() -> None:
    found = results(
        Quarter(import_wh=2000, export_wh=0, **PRICES), Quarter(import_wh=0, export_wh=500, **PRICES)
    )
    # 2 kWh at 0.30 less 0.5 kWh at 0.10; 2 kWh at 200 g.
    assert found["happened"]["cost"] == "0.55"
    assert found["happened"]["carbon_g"] == "400"


def test_a_battery_that_bought_at_night_and_sold_in_the_evening_is_worth_the_difference() -> None:
    found = results(NIGHT, EVENING)
    assert found["happened"]["cost"] == "-0.37"
    assert found["otherwise"]["without_battery"]["cost"] == "0.00"
    assert found["otherwise"]["without_battery"]["saved"] == "0.37"


def test_to_empty_the_battery_is_no_profit() -> None:
    emptied = Quarter(import_wh=0, export_wh=0, discharge_wh=1000, **PRICES)
    found = results(emptied, battery=BATTERY, stored_wh=4000)
    # 1 kWh less in the battery is worth the 0.30 that it spared.
    assert found["happened"]["cost"] == "0.30"
    assert found["otherwise"]["without_battery"]["saved"] == "0.00"


def test_sun_and_battery_are_worth_what_they_are_one_after_the_other() -> None:
    noon = Quarter(import_wh=0, export_wh=1000, production_wh=3000, charge_wh=1500, **PRICES)
    evening = Quarter(import_wh=0, export_wh=0, discharge_wh=1500, **PRICES)
    found = results(noon, evening)
    # The house takes 0.5 and 1.5 kWh: 0.60 with nothing, 0.45 - 0.25 with sun, -0.10 with both.
    assert found["otherwise"]["without_sun"]["cost"] == "0.60"
    assert found["otherwise"]["without_battery"]["cost"] == "0.20"
    assert found["happened"]["cost"] == "-0.10"


def test_without_the_plan_the_battery_covers_the_house() -> None:
    found = results(Quarter(import_wh=1000, export_wh=0, **PRICES), battery=BATTERY, stored_wh=5000)
    # It would have given the 1 kWh, and would hold that less.
    without = found["otherwise"]["without_plan"]
    assert (without["import_wh"], without["cost"], without["saved"]) == (0, "0.30", "0.00")


def test_without_the_event_its_baseline_would_have_been_drawn() -> None:
    found = results(Quarter(import_wh=500, export_wh=0, event_wh=1000, **PRICES), events=("ab" * 32,))
    assert found["otherwise"]["without_event"]["saved"] == "0.30"
    assert results(Quarter(import_wh=500, export_wh=0, **PRICES))["otherwise"]["without_event"] is None


def test_a_flat_tariff_takes_the_mean_price() -> None:
    cheap = Quarter(import_wh=3000, export_wh=0, import_price=Decimal("0.10"))
    dear = Quarter(import_wh=1000, export_wh=0, import_price=Decimal("0.30"))
    found = results(cheap, dear)
    assert found["happened"]["cost"] == "0.60"
    assert found["otherwise"]["flat_tariff"] == {"cost": "0.80", "saved": "0.20"}


def test_what_is_not_known_is_left_out_and_told() -> None:
    known = Quarter(import_wh=1000, export_wh=0, **PRICES)
    found = results(known, replace(known, import_wh=None), replace(known, import_price=None), known)
    assert found["known"] == "0.5000"
    assert found["happened"]["import_wh"] == 2000
    assert results(replace(known, import_wh=None))["happened"] is None
    assert results(replace(known, carbon=None))["happened"]["carbon_g"] is None


WH = st.integers(0, 5000)
QUARTERS = st.builds(
    Quarter,
    import_wh=WH,
    export_wh=WH,
    production_wh=WH,
    charge_wh=WH,
    discharge_wh=WH,
    event_wh=st.integers(-2000, 2000),
    import_price=st.decimals("-1", "1", places=5),
    export_price=st.decimals("-1", "1", places=5),
    carbon=st.none() | st.decimals("0", "900", places=1),
)


@given(st.lists(QUARTERS, min_size=1, max_size=12))
def test_no_change_gives_back_the_bill_and_a_receipt_holds_anywhere(quarters: list[Quarter]) -> None:
    found = day_document(account(*(replace(each, event_wh=0) for each in quarters), events=("00" * 32,)))
    whole: Any = found["results"]
    assert whole["otherwise"]["without_event"]["saved"] == "0.00"
    receipt = Receipt(document=found, inputs={})
    kept = receipt_from(json.loads(json.dumps(bundle_of(receipt))))
    assert verify(kept, receipt.digest) == []


@given(st.lists(QUARTERS, min_size=1, max_size=8))
def test_import_and_production_are_what_was_used_exported_and_stored(quarters: list[Quarter]) -> None:
    for each in quarters:
        parts = (each.import_wh, each.production_wh, each.export_wh, each.charge_wh, each.discharge_wh)
        imported, produced, exported, charged, discharged = (part or 0 for part in parts)
        used = imported - exported + produced - charged + discharged
        found = results(each)["otherwise"]["without_sun"]
        assert found["import_wh"] - found["export_wh"] == used


def test_each_altered_digit_of_a_day_is_found() -> None:
    receipt = Receipt(
        document=day_document(account(NIGHT, EVENING, battery=BATTERY, stored_wh=5100, events=("a1" * 32,))),
        inputs={},
    )
    text = json.dumps(receipt.document)
    for match in re.finditer(r"\d", text):
        altered = text[: match.start()] + str((int(match.group()) + 1) % 10) + text[match.end() :]
        try:
            document = json.loads(altered)
        except ValueError:
            continue
        assert verify(Receipt(document=document, inputs={}), receipt.digest)


@pytest.mark.parametrize("method", ["day/0", "event/2", "x"])
def test_a_method_that_is_not_known_is_refused(method: str) -> None:
    document = {**day_document(account(NIGHT)), "method": method}
    assert verify(Receipt(document=document, inputs={}))[0].startswith("document: the method")
