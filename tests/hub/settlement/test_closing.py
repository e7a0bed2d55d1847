"""A dispatch is settled once, by what meters counted, and a household reckons its own line again."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from community_hub.accounts import housekeeping
from community_hub.core import receipt_from
from community_hub.flexctl.__main__ import main
from community_hub.settlement.dispatch_line import faults_of, line_of
from community_hub.store.tables import SettlementLine
from sqlalchemy import select

from custom_components.home_flex.core.settlement.receipt import Receipt, receipt
from custom_components.home_flex.core.settlement.verify import bundle_of
from tests.core.settlement.test_receipt import ACCOUNT

from ..flexibility.communities import Flexible, flexible
from ..running import PASSWORD, Running, made, problem

DELIVERED_WH = 1200
HALF_AN_HOUR = {"start": "2026-11-29T12:30:00Z", "duration": "PT1800.000S"}


async def over(hub: Running, *homes: str) -> tuple[Flexible, Any, dict[str, Any]]:
    """Return a dispatch of these homes that is over, at 0.40 a kWh."""
    here = await flexible(hub, *homes)
    for ven_id in homes:
        await here.offer(ven_id, 2.0)
    dispatch = await here.dispatch(2.0 * len(homes), price_per_kwh="0.40", duration_minutes=30)
    called = await here.homes_of(dispatch["id"])
    hub.clock.go_on(hours=1, minutes=1)
    return here, dispatch, called


def receipt_of(event_id: str) -> Receipt:
    """Return a home's receipt on an event of which 1.2 kWh came."""
    return receipt(replace(ACCOUNT, event={**ACCOUNT.event, "id": event_id}))


async def tell(here: Flexible, called: dict[str, Any], ven_id: str, kwh: float = 1.2, **more: Any) -> None:
    """Let a home report what its half an hour came to: 3 kWh were expected, and ``kwh`` less were used."""
    values = {
        "INSTRUCTION_STATUS": "SUCCEEDED",
        "BASELINE": 6.0,
        "USAGE": 3.0 - kwh,
        "DELTA_USAGE": -kwh,
        "BASELINE_RULE": "ten_working_days",
        "RECEIPT": receipt_of(called[ven_id]["event_id"]).digest,
    }
    await here.say(ven_id, called[ven_id]["event_id"], "settlement", values | more, period=HALF_AN_HOUR)


async def settle(here: Flexible, dispatch: Any) -> Any:
    return await made(here.operator, "/api/v1/settlements", {"dispatch_id": dispatch["id"]})


async def settled(hub: Running) -> tuple[Flexible, dict[str, Any], Any]:
    """Return the settlement of a dispatch of home-1, which told what came."""
    here, dispatch, called = await over(hub, "home-1")
    await tell(here, called, "home-1")
    return here, called, await settle(here, dispatch)


async def lines_of(here: Flexible, settlement: Any) -> dict[str, Any]:
    rows = (await here.operator.get(f"/api/v1/settlements/{settlement['id']}/lines")).json()
    return {row["ven_id"]: row for row in rows}


async def test_what_came_is_paid_at_the_price_of_the_dispatch(hub: Running) -> None:
    here, dispatch, called = await over(hub, "home-1", "home-2")
    await tell(here, called, "home-1")
    await tell(here, called, "home-2", kwh=-0.5)

    settlement = await settle(here, dispatch)

    assert (settlement["amount"], settlement["currency"]) == ("0.48", "EUR")
    lines = await lines_of(here, settlement)
    assert {ven_id: (row["delivered_kwh"], row["amount"]) for ven_id, row in lines.items()} == {
        "home-1": (1.2, "0.48"),
        "home-2": (-0.5, "0.00"),
    }
    assert lines["home-1"]["agreed_kwh"] == 1.0


async def test_before_its_end_and_a_second_time_nothing_is_settled(hub: Running) -> None:
    here, dispatch, called = await over(hub, "home-1")
    hub.clock.go_on(minutes=-2)
    early = await here.operator.post("/api/v1/settlements", json={"dispatch_id": dispatch["id"]})
    hub.clock.go_on(minutes=2)
    await tell(here, called, "home-1")
    await settle(here, dispatch)
    again = await here.operator.post("/api/v1/settlements", json={"dispatch_id": dispatch["id"]})

    assert problem(early) == (409, "not-over")
    assert problem(again) == (409, "settled-already")
    assert len((await here.operator.get("/api/v1/settlements")).json()) == 1


async def test_a_home_that_told_nothing_is_waited_for_and_then_unknown_and_unpaid(hub: Running) -> None:
    here, dispatch, called = await over(hub, "home-1", "home-2")
    await tell(here, called, "home-1")

    early = await here.operator.post("/api/v1/settlements", json={"dispatch_id": dispatch["id"]})
    hub.clock.go_on(hours=1)
    settlement = await settle(here, dispatch)

    assert problem(early) == (409, "reports-missing")
    assert settlement["counts"] == {"settled": 1, "contradicted": 0, "unknown": 1, "left": 0}
    line = (await lines_of(here, settlement))["home-2"]
    assert (line["state"], line["delivered_kwh"], line["amount"]) == ("unknown", None, "0.00")


async def test_a_home_that_refused_is_not_waited_for(hub: Running) -> None:
    here, dispatch, called = await over(hub, "home-1", "home-2")
    await tell(here, called, "home-1")
    refused = {"INSTRUCTION_STATUS": "REJECTED", "REASON": "not_possible"}
    await here.say("home-2", called["home-2"]["event_id"], "refusal", refused)

    settlement = await settle(here, dispatch)

    assert (await lines_of(here, settlement))["home-2"]["state"] == "left"


async def test_a_home_that_delivered_less_before_is_expected_to_deliver_less(hub: Running) -> None:
    here, dispatch, called = await over(hub, "home-1", "home-2")
    await tell(here, called, "home-1", kwh=1.0)
    await tell(here, called, "home-2", kwh=0.0)
    await settle(here, dispatch)
    for ven_id in ("home-1", "home-2"):
        await here.offer(ven_id, 2.0)

    told = (await here.operator.get("/api/v1/flexibility/current")).json()

    share = {offer["ven_id"]: offer["proven_share"] for offer in told["offers"]}
    assert share["home-1"] > share["home-2"]
    assert told["expected_kw"] < told["power_kw"]


async def test_a_household_reckons_its_line_again_from_its_own_receipt(
    hub: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, called, settlement = await settled(hub)
    line = (await here.household.get(f"/api/v1/settlements/{settlement['id']}/lines/home-1")).json()
    files = {"line": line["statement"], "receipt": bundle_of(receipt_of(called["home-1"]["event_id"]))}
    for name, document in files.items():
        (tmp_path / name).write_text(json.dumps(document))
    arguments = ["flexctl", "verify", str(tmp_path / "line"), "--receipt", str(tmp_path / "receipt")]

    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 0
    assert "home-1, an event of 1.200 kWh: 0.48 EUR: right" in capsys.readouterr().out

    (tmp_path / "line").write_text(json.dumps(line["statement"] | {"amount": "0.40"}))
    assert main() == 1
    assert "amount is 0.40" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"delivered_wh": 1100, "amount": "0.44"}, "the receipt says 1200 Wh, the line 1100 Wh"),
        ({"amount": "0.47"}, "amount is 0.47"),
        ({"event": "another"}, "the receipt is another event's"),
        ({"asks": "more"}, "asks for less"),
        ({"baseline_rule": "high_5_of_10"}, "says nothing by this baseline"),
        ({"receipt": "0" * 64}, "digest"),
    ],
)
async def test_whatever_is_wrong_in_a_line_is_found(hub: Running, change: dict[str, Any], fault: str) -> None:
    here, called, settlement = await settled(hub)
    statement = (await lines_of(here, settlement))["home-1"]["statement"]
    found = receipt_from(bundle_of(receipt_of(called["home-1"]["event_id"])))

    assert faults_of(line_of(statement), found) == []
    assert any(fault in told for told in faults_of(line_of(statement | change), found))


async def test_a_receipt_is_checked_noted_and_not_kept(hub: Running) -> None:
    here, called, settlement = await settled(hub)
    path = f"/api/v1/settlements/{settlement['id']}/lines/home-1/receipt"
    bundle = bundle_of(receipt_of(called["home-1"]["event_id"]))

    right = (await here.household.post(path, json=bundle)).json()
    tampered = json.loads(json.dumps(bundle))
    tampered["receipt"]["results"]["used_wh"] = 0
    auditor = await hub.person(here.operator, "auditor", "Aude")
    wrong = (await auditor.post(path, json=tampered)).json()

    assert (right["checked"], right["faults"]) == ("right", [])
    assert wrong["checked"] == "wrong"


async def test_who_may_only_read_a_settlement_or_makes_it_marks_no_line(hub: Running) -> None:
    here, called, settlement = await settled(hub)
    path = f"/api/v1/settlements/{settlement['id']}/lines/home-1/receipt"
    bundle = bundle_of(receipt_of(called["home-1"]["event_id"]))

    async def with_scopes(*scopes: str) -> httpx.AsyncClient:
        body = {"name": "a script", "scopes": scopes, "lifetime_s": 3600}
        return hub.visitor((await made(here.household, "/api/v1/tokens", body))["token"])

    reader = await with_scopes("settlement:read")
    refused = [await each.post(path, json=bundle) for each in (reader, here.operator)]
    assert [problem(answer) for answer in refused] == [(403, "not-allowed")] * 2
    assert (await lines_of(here, settlement))["home-1"]["checked"] is None

    checker = await with_scopes("settlement:read", "settlement:check")
    assert (await checker.post(path, json=bundle)).json()["checked"] == "right"


async def test_a_household_takes_along_what_was_asked_of_it_and_settled(hub: Running) -> None:
    here, _, settlement = await settled(hub)

    taken = (await here.household.get("/api/v1/account/export")).json()

    assert [each["dispatch_id"] for each in taken["calls"]] == [settlement["dispatch_id"]]
    assert [each["amount"] for each in taken["settled"]] == ["0.48"]


async def test_a_household_sees_its_own_line_alone(hub: Running) -> None:
    here, dispatch, called = await over(hub, "home-1", "home-2")
    hugo = await hub.person(here.operator, "household", "Hugo")
    for ven_id in ("home-1", "home-2"):
        await tell(here, called, ven_id)
    settlement = await settle(here, dispatch)

    path = f"/api/v1/settlements/{settlement['id']}"
    assert len((await here.household.get(f"{path}/lines")).json()) == 2
    assert problem(await hugo.get(f"{path}/lines/home-1")) == (404, "no-such-settlement")
    assert (await hugo.get("/api/v1/settlements")).json() == []


async def test_what_was_settled_stays_under_a_pseudonym_when_a_household_has_gone(hub: Running) -> None:
    here, _, settlement = await settled(hub)
    await here.household.post("/api/v1/account/leave", json={"password": PASSWORD})
    hub.clock.go_on(days=16)
    await housekeeping.once(hub.hub)

    async with hub.store.reading() as session:
        [line] = await session.scalars(select(SettlementLine))
    assert line.amount == 48
    assert "home-1" not in json.dumps([line.ven_id, line.statement])
    operator = await hub.signed_in("olga@hub.example")
    assert settlement["digest"] == (await operator.get("/api/v1/settlements")).json()[0]["digest"]
    assert Decimal(line.statement["amount"]) == Decimal("0.48")
