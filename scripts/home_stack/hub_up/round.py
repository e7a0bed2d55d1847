"""One unattended round over the hub's interface: dispatch, delivery, settlement, a household verifies."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from ..api import wait_until
from ..processes import StackError
from .running import Community
from .seeding import email_of
from .simulated import Character, SimulatedHome

PASSWORD: Final = "of nobody but this round"  # noqa: S105 # it goes with the folder
MINUTES: Final = 1
NEED_SHARE: Final = 0.9
LEAST_DELIVERED: Final = 0.75
STARTS_IN: Final = timedelta(seconds=5)
PATIENCE_S: Final = 90.0

type Tell = Callable[[str], None]


async def round_of(community: Community, tell: Tell) -> dict[str, Any]:
    """Return the figures of a round. Raises StackError for what the hub refused."""
    url = community.centre.url
    async with httpx.AsyncClient(base_url=url, timeout=30) as operator:
        await _account(operator, community.first_code, "operator@example.org", name="Operator")
        need_kw = await _offered_kw(operator, community) * NEED_SHARE
        dispatch = await _dispatched(operator, community, need_kw)
        tell(f"{dispatch['counts']['called']} homes are called for {need_kw:.1f} kW")
        over = await _over(operator, dispatch["id"])
        settlement = await _asked(operator, "POST", "/settlements", {"dispatch_id": dispatch["id"]})
        lines = await _asked(operator, "GET", f"/settlements/{settlement['id']}/lines")
    worth = f"{settlement['amount']} {settlement['currency']}"
    tell(f"{settlement['delivered_kwh']:.3f} kWh were delivered, worth {worth}")
    checked = await _verified(community, settlement["id"], lines)
    needed_kwh = need_kw * MINUTES / 60
    return {
        "homes": len(community.homes),
        "called": over["counts"]["called"],
        "needed_kwh": round(needed_kwh, 3),
        "delivered_share": round(settlement["delivered_kwh"] / needed_kwh, 3),
        "settled": settlement["counts"]["settled"],
        "contradicted": [line["ven_id"] for line in lines if line["state"] == "contradicted"],
        "verified": checked,
    }


def failures(figures: dict[str, Any], homes: list[SimulatedHome]) -> list[str]:
    """Return what of a round was not as it is meant to be."""
    liars = [home.ven_id for home in homes if home.character is Character.LIES]
    return [
        failure
        for failure, has_failed in (
            (f"less than {LEAST_DELIVERED:.0%} was delivered", figures["delivered_share"] < LEAST_DELIVERED),
            (f"contradicted are not just {liars}", figures["contradicted"] != liars),
            ("a household's line does not follow from its receipt", figures["verified"] != "right"),
        )
        if has_failed
    ]


async def _account(visitor: httpx.AsyncClient, code: str, email: str, *, name: str | None = None) -> None:
    own = {} if name is None else {"email": email, "name": name}
    await _asked(visitor, "POST", "/codes/redeem", {"code": code, "password": PASSWORD} | own)
    await _asked(visitor, "POST", "/sessions", {"email": email, "password": PASSWORD})


async def _offered_kw(operator: httpx.AsyncClient, community: Community) -> float:
    async def all_offer() -> float | None:
        offers = await _asked(operator, "GET", "/flexibility/current?direction=less")
        return float(offers["power_kw"]) if offers["homes"] >= len(community.homes) else None

    return float(await wait_until(all_offer, "all homes to offer", timeout_s=PATIENCE_S, every_s=0.5))


async def _dispatched(operator: httpx.AsyncClient, community: Community, need_kw: float) -> dict[str, Any]:
    body = {
        "program_id": community.seeded.program_id,
        "name": "An unattended round",
        "start": (datetime.now(UTC) + STARTS_IN).isoformat(),
        "duration_minutes": MINUTES,
        "need_kw": round(need_kw, 3),
        "direction": "less",
        "shaped": False,
    }
    made: dict[str, Any] = await _asked(operator, "POST", "/dispatches", body)
    return made


async def _over(operator: httpx.AsyncClient, dispatch_id: str) -> dict[str, Any]:
    """Wait until an event is over and every home has told what came of it."""

    async def over() -> dict[str, Any] | None:
        found: dict[str, Any] = await _asked(operator, "GET", f"/dispatches/{dispatch_id}")
        return found if found["state"] == "over" else None

    found: dict[str, Any] = await wait_until(
        over, "the event to be over", timeout_s=MINUTES * 60 + PATIENCE_S, every_s=1
    )
    await asyncio.sleep(3)
    return found


async def _verified(community: Community, settlement_id: str, lines: list[dict[str, Any]]) -> str:
    """Let the household of a home that was settled reckon its line again from its home's receipt."""
    ven_id = next(line["ven_id"] for line in lines if line["state"] == "settled")
    home = next(home for home in community.homes if home.ven_id == ven_id)
    (kept,) = (community.receipts / ven_id).iterdir()
    receipt = json.loads(kept.read_text())
    async with httpx.AsyncClient(base_url=community.centre.url, timeout=30) as household:
        await _account(household, community.seeded.household_codes[ven_id], email_of(home))
        path = f"/settlements/{settlement_id}/lines/{ven_id}/receipt"
        line = await _asked(household, "POST", path, receipt)
    return str(line["checked"])


async def _asked(visitor: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    # The session's cookie is for TLS alone, or a browser's own machine: this client is neither.
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookies.jar)
    answer = await visitor.request(
        method, f"/api/v1{path}", json=body, headers={"Cookie": cookies} if cookies else {}
    )
    if answer.is_error:
        raise StackError(f"{method} {path} was refused: {_detail(answer)}")
    return answer.json()


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except json.JSONDecodeError, KeyError, TypeError:
        return answer.text[:200]
