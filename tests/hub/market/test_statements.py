"""Statements of a month of trades over HTTP: issued once, and right by ``flexctl verify``."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from community_hub.accounts import housekeeping
from community_hub.flexctl.verify import verify

from ..running import PASSWORD, Running, made, problem
from ..test_flexctl_hub import Flexctl, listening
from .test_routes import START, home_of

ORDERS = "/api/v1/market/orders"
CLEARINGS = "/api/v1/market/clearings"
STATEMENTS = "/api/v1/market/statements"
NOVEMBER = {"month": "2026-11"}


async def order(household: httpx.AsyncClient, ven_id: str, side: str, price: str, kwh: float) -> Any:
    """Place an order for the one quarter-hour of these tests."""
    body = {"ven_id": ven_id, "interval_start": START, "side": side, "price_per_kwh": price}
    return await made(household, ORDERS, body | {"quantity_kwh": kwh})


async def traded(hub: Running) -> tuple[httpx.AsyncClient, httpx.AsyncClient, httpx.AsyncClient]:
    """Let two households buy of a third of which the price ends in thousandths; return operator and two."""
    operator = await hub.operator()
    anna, bert, cleo = [
        await home_of(hub, operator, name, f"home-{n}") for n, name in enumerate(("Anna", "Bert", "Cleo"), 1)
    ]
    await order(anna, "home-1", "bid", "0.25", 0.61)
    await order(bert, "home-2", "bid", "0.301", 0.33)
    await order(cleo, "home-3", "ask", "0.152", 0.57)
    await made(operator, CLEARINGS, {"interval_start": START})
    return operator, anna, cleo


async def test_a_months_statements_add_up_to_nothing_and_each_is_right_by_the_command(
    hub: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operator, anna, _ = await traded(hub)
    hub.clock.go_on(days=3)

    issued = await made(operator, STATEMENTS, NOVEMBER)

    assert [each["ven_id"] for each in issued] == ["home-1", "home-2", "home-3"]
    assert sum(Decimal(each["amount"]) for each in issued) == 0
    assert sum(Decimal(each["exact"]) for each in issued) == 0
    assert (await anna.get(STATEMENTS)).json() == issued[:1]
    document = (await anna.get(f"{STATEMENTS}/2026-11/home-1")).json()
    file = tmp_path / "statement.json"
    file.write_text(json.dumps(document))
    assert verify(file, None, None) == 0
    assert (
        "home-1, traded in 2026-11: 0.05 (0.04824) EUR over 1 quarter-hours: right" in capsys.readouterr().out
    )
    document["quarters"][0]["filled_wh"] = dict.fromkeys(document["quarters"][0]["filled_wh"], 250)
    file.write_text(json.dumps(document))
    assert verify(file, None, None) == 1
    assert f"{START.replace('Z', '+00:00')}: filled_not_by_auction" in capsys.readouterr().out


async def test_a_day_has_a_statement_of_its_own_without_a_rounded_total(hub: Running) -> None:
    operator, anna, _ = await traded(hub)
    hub.clock.go_on(days=3)
    await made(operator, STATEMENTS, NOVEMBER)

    day = (await anna.get(f"{STATEMENTS}/2026-11/home-1?day=29")).json()
    other = (await anna.get(f"{STATEMENTS}/2026-11/home-1?day=28")).json()

    assert (day["period"], day["total"], len(day["quarters"])) == ("2026-11-29", None, 1)
    assert (other["amount_nano"], other["quarters"]) == (0, [])
    none = await anna.get(f"{STATEMENTS}/2026-11/home-1?day=31")
    assert problem(none) == (400, "no-such-day")


async def test_a_statement_is_its_households_the_operators_and_the_auditors(hub: Running) -> None:
    operator, anna, cleo = await traded(hub)
    auditor = await hub.person(operator, "auditor", "Otto")
    hub.clock.go_on(days=3)
    await made(operator, STATEMENTS, NOVEMBER)

    path = f"{STATEMENTS}/2026-11/home-1"

    assert (await auditor.get(path)).json() == (await anna.get(path)).json()
    assert problem(await cleo.get(path)) == (404, "no-such-statement")
    assert problem(await anna.post(STATEMENTS, json=NOVEMBER)) == (403, "not-allowed")


async def test_a_month_is_issued_once_and_only_when_all_of_it_is_cleared(hub: Running) -> None:
    operator = await hub.operator()
    anna = await home_of(hub, operator, "Anna", "home-1")
    await order(anna, "home-1", "bid", "0.25", 0.5)

    async def refused(month: str = "2026-11") -> tuple[int, str]:
        return problem(await operator.post(STATEMENTS, json={"month": month}))

    assert await refused() == (409, "month-not-over")
    hub.clock.go_on(days=3)
    assert await refused() == (409, "not-cleared")
    assert await refused("2026-10") == (409, "no-orders")
    assert await refused("2026-13") == (400, "invalid-request")
    await made(operator, CLEARINGS, {"interval_start": START})
    [issued] = await made(operator, STATEMENTS, NOVEMBER)
    assert (issued["amount"], await refused()) == ("0.00", (409, "issued-already"))


async def test_statements_of_others_hold_when_a_home_has_gone(hub: Running, tmp_path: Path) -> None:
    operator, anna, cleo = await traded(hub)
    hub.clock.go_on(days=3)
    await made(operator, STATEMENTS, NOVEMBER)
    before = (await anna.get(f"{STATEMENTS}/2026-11/home-1")).json()
    assert (await cleo.post("/api/v1/account/leave", json={"password": PASSWORD})).status_code == 204
    hub.clock.go_on(days=16)
    await housekeeping.once(hub.hub)

    anna = await hub.signed_in("anna@hub.example")
    operator = await hub.signed_in("olga@hub.example")

    after = (await anna.get(f"{STATEMENTS}/2026-11/home-1")).json()
    assert after == before
    names = {each["ven_id"] for each in (await operator.get(STATEMENTS)).json()}
    assert "home-3" not in names
    assert len(names) == 3
    file = tmp_path / "statement.json"
    file.write_text(json.dumps(after))
    assert verify(file, None, None) == 0


async def test_a_month_is_issued_and_read_on_the_command_line(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    operator, anna, _ = await traded(hub)
    hub.clock.go_on(days=3)
    rights = {"name": "c", "scopes": ["market:read", "market:write"], "lifetime_s": 86_400}
    token = await made(operator, "/api/v1/tokens", rights)

    async with listening(hub) as url:
        flexctl = Flexctl(url, token["token"], monkeypatch, capsys)
        issued = await flexctl.json("issue-statements", "--month", "2026-11")
        listed = await flexctl.json("statements", "--month", "2026-11")
        statement = await flexctl.json("statement", "2026-11", "home-1")

    assert listed == issued
    assert statement == (await anna.get(f"{STATEMENTS}/2026-11/home-1")).json()
