"""A receipt is reckoned again to the same cent anywhere, and whoever alters a digit is found out."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.settlement.baselines.as_dispatched import Dispatched, Tried
from custom_components.home_flex.core.settlement.canonical import NotCanonicalError, canonical
from custom_components.home_flex.core.settlement.money import Penalty, Step, Terms
from custom_components.home_flex.core.settlement.receipt import EventAccount, Receipt, receipt
from custom_components.home_flex.core.settlement.rerun import Battery, Car, Cover, Rest, Set
from custom_components.home_flex.core.settlement.settlement import Asks, Interval
from custom_components.home_flex.core.settlement.verify import verify

from .days_of import TODAY, asked, day, past

REPOSITORY = Path(__file__).parents[3]
HOUR_MS = 3_600_000
KEPT = {"watched_ms": HOUR_MS, "kept_ms": HOUR_MS}
ACCOUNT = EventAccount(
    home="3f1c",
    event={
        "id": "event-1",
        "program": "winter",
        "name": "evening",
        "status": "SUCCEEDED",
        "start": "2026-11-25T16:00:00Z",
    },
    asks=Asks.LESS,
    intervals=(
        Interval(length_ms=HOUR_MS, covered_ms=HOUR_MS, used_wh=700, high_w=1000, **KEPT),
        Interval(
            length_ms=HOUR_MS,
            covered_ms=HOUR_MS,
            used_wh=1100,
            quarter=1,
            high_w=1000,
            watched_ms=HOUR_MS,
            kept_ms=0,
            exceeded_w_ms=100 * HOUR_MS,
            worst_w=500,
            opted_out_ms=60_000,
        ),
    ),
    asked=asked(day(TODAY, [1500] * 24), past([1500] * 40)),
    dispatched=Dispatched(
        lengths_ms=(HOUR_MS, HOUR_MS),
        rest_wh=(500, 500),
        sun_wh=(0, -100),
        cars=(Car(plugged=(True, True), allowed_wh=(2750, 2750), need_wh=3000),),
        heat_wh=((400, 300),),
        batteries=(
            (
                Battery(
                    stored_wh=5000,
                    lowest_wh=1000,
                    highest_wh=10000,
                    most_in_w=1250,
                    most_out_w=1250,
                    charging_per_mille=950,
                    discharging_per_mille=950,
                ),
                (Cover(with_cars=True), Set(energy_wh=100)),
            ),
        ),
        most_w=4312,
        tried=tuple(
            Tried(
                date=TODAY - timedelta(days=back), used_wh=700, said_wh=650, heat_wh=((400 + 10 * back, 300),)
            )
            for back in range(9, 0, -1)
        ),
        tried_ms=2 * HOUR_MS,
    ),
    rules=("ten_working_days", "last_in"),
    programme_rule="ten_working_days",
    terms=Terms(
        currency="EUR",
        per_kwh=Decimal("0.40"),
        steps=(Step(delivered_share=Decimal("0.9"), paid_share=Decimal(1)),),
        penalty=Penalty(per_kwh=Decimal("0.1"), tolerated_share=Decimal("0.1")),
        at_least=Decimal(0),
        paid_up_to_share=Decimal("1.2"),
    ),
    agreed_wh=1000,
)


def _bundle(found: Receipt) -> dict[str, Any]:
    return {"receipt": found.document, "inputs": found.inputs, "digest": found.digest}


def _from(bundle: Mapping[str, Any]) -> Receipt:
    return Receipt(document=bundle["receipt"], inputs=bundle["inputs"])


def test_a_receipt_says_what_came_and_what_it_is_worth() -> None:
    results: Any = receipt(ACCOUNT).document["results"]
    assert results["used_wh"] == 1800
    assert results["opted_out_s"] == 60
    assert results["limit"] == {"exceeded_wh": 100, "worst_w": 500, "kept_share": "0.5000"}
    assert results["baselines"]["ten_working_days"]["use_wh"] == [1500, 1500]
    assert results["baselines"]["ten_working_days"]["delivered_wh"] == 1200
    assert results["baselines"]["as_dispatched"]["half_width_wh"] > 50
    assert results["paid"] == "0.48"


def test_a_receipt_holds_after_it_was_kept_and_read() -> None:
    found = receipt(ACCOUNT)
    kept = json.loads(json.dumps(_bundle(found)))
    assert verify(_from(kept), found.digest) == []


def test_where_the_price_changes_each_interval_pays_its_own() -> None:
    # Of 1,500 Wh in each hour 700 and 1,100 were used: 0.8 kWh at 0.20 and 0.4 kWh at 1.00.
    plain = Terms(currency="EUR", per_kwh=Decimal("0.20"))
    found = receipt(replace(ACCOUNT, terms=plain, prices=(Decimal("0.20"), Decimal("1.00"))))
    results: Any = found.document["results"]
    assert results["paid"] == "0.56"
    kept = json.loads(json.dumps(_bundle(found)))
    assert verify(_from(kept), found.digest) == []


@pytest.mark.parametrize("prices", [("0.20", "-1.00"), ("0.20", "-0.40")], ids=str)
def test_what_an_event_pays_in_all_is_not_below_nothing_unless_its_programme_charges(
    prices: tuple[str, str],
) -> None:
    plain = Terms(currency="EUR", per_kwh=Decimal("0.20"))
    told = tuple(map(Decimal, prices))
    worth = Decimal("0.8") * told[0] + Decimal("0.4") * told[1]
    for charges in (False, True):
        terms = replace(plain, charges_negative=charges)
        results: Any = receipt(replace(ACCOUNT, terms=terms, prices=told)).document["results"]
        assert Decimal(results["paid"]) == (worth if charges else max(worth, Decimal(0)))


@pytest.mark.parametrize("changed", [{"dispatched": None}, {"terms": None}], ids=str)
def test_a_receipt_holds_with_less(changed: dict[str, Any]) -> None:
    found = receipt(replace(ACCOUNT, **changed))
    assert verify(found, found.digest) == []


def test_a_battery_at_rest_comes_back() -> None:
    window = ACCOUNT.dispatched
    assert window is not None
    battery, _ = window.batteries[0]
    found = receipt(replace(ACCOUNT, dispatched=replace(window, batteries=((battery, (Rest(), Cover())),))))
    assert verify(found, found.digest) == []


def test_each_altered_digit_is_found() -> None:
    found = receipt(ACCOUNT)
    inputs = dict(sorted(found.inputs.items())[:2])
    text = json.dumps({"receipt": found.document, "inputs": inputs})
    for match in re.finditer(r"\d", text):
        altered = text[: match.start()] + str((int(match.group()) + 1) % 10) + text[match.end() :]
        try:
            bundle = json.loads(altered)
        except ValueError:
            continue
        bundle["inputs"] = {**found.inputs, **bundle["inputs"]}
        assert verify(_from(bundle), found.digest), altered[max(match.start() - 40, 0) : match.end() + 10]


def test_an_altered_figure_is_named() -> None:
    bundle = json.loads(json.dumps(_bundle(receipt(ACCOUNT))))
    bundle["receipt"]["results"]["paid"] = "0.49"
    assert verify(_from(bundle)) == ["results.paid"]


def test_an_altered_reading_is_named_by_what_follows_from_it() -> None:
    bundle = json.loads(json.dumps(_bundle(receipt(ACCOUNT))))
    bundle["receipt"]["intervals"]["used_wh"][0] = 600
    assert "results.used_wh" in verify(_from(bundle))


def test_a_missing_day_is_told() -> None:
    found = receipt(ACCOUNT)
    assert verify(Receipt(document=found.document, inputs={}))[0].startswith("document: KeyError")


def test_the_order_of_keys_and_the_machine_change_nothing() -> None:
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.core.settlement.test_receipt import ACCOUNT\n"
        "from custom_components.home_flex.core.settlement.receipt import receipt\n"
        "print(receipt(ACCOUNT).digest)"
    )
    digests = {
        subprocess.run(  # noqa: S603 # our own interpreter and program
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "PATH": ""},
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
            text=True,
            timeout=120,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Australia/Lord_Howe"))
    }
    assert digests == {receipt(ACCOUNT).digest + "\n"}


@pytest.mark.parametrize(
    "value",
    [1.5, 2**53, {"ä": 1}, "\ud800", float("nan"), b"", {1: 2}, Decimal(1)],
    ids=repr,
)
def test_what_has_no_single_spelling_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonicalError):
        canonical({"value": value})


def test_a_document_that_is_nested_without_end_is_refused() -> None:
    deep: Any = 0
    for _ in range(100):
        deep = [deep]
    with pytest.raises(NotCanonicalError, match="deeply"):
        canonical(deep)


def test_the_canonical_text_is_that_of_rfc_8785() -> None:
    text = canonical({"b": [1, None, True], "a": "€\n\u000f"}).decode()
    assert text == '{"a":"€\\n\\u000f","b":[1,null,true]}'


def test_for_how_long_the_sun_was_held_back_stands_beside_the_baseline_that_estimates_it() -> None:
    assert ACCOUNT.dispatched is not None
    found = receipt(replace(ACCOUNT, dispatched=replace(ACCOUNT.dispatched, sun_held_ms=(600_400, 0))))
    held, free = (_bundle(each)["receipt"]["results"]["baselines"] for each in (found, receipt(ACCOUNT)))
    assert held["as_dispatched"]["estimated_s"] == 600
    others = [each for name, each in held.items() if name != "as_dispatched"]
    assert not any("estimated_s" in each for each in (*others, *free.values()))
    assert verify(found) == []
