"""The hub's figures as Prometheus reads them, who may read them, and the dashboard that is made of them."""

import json
import re
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ..flexibility.communities import flexible
from ..running import Running, made, problem

DASHBOARD: Final = Path("addons/community_hub/grafana/hub.json")
# Names of figures in an expression: what is neither a function nor within quotes, brackets or a label list.
_NAMES: Final = re.compile(r"\b(?:home_flex_hub|process)_[a-z0-9_]+")
SCRAPER: Final = {"name": "Prometheus", "scopes": ["metrics:read"], "lifetime_s": 3600}


async def scraper(hub: Running, operator: httpx.AsyncClient) -> httpx.AsyncClient:
    return hub.visitor((await made(operator, "/api/v1/tokens", SCRAPER))["token"])


async def figures(scraping: httpx.AsyncClient) -> dict[str, dict[str, float]]:
    """Return by name the samples, by their labels' values."""
    answer = await scraping.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[" ".join(sample.labels.values())] = sample.value
    return found


async def test_the_figures_of_the_community_are_those_of_its_database(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    await here.join("home-3", consents=False)
    for ven_id in ("home-1", "home-2"):
        await here.offer(ven_id, 2.0)
    await here.take("home-1", {"objectType": "nothing"})
    await here.dispatch(1.0)

    told = await figures(await scraper(hub, here.operator))

    assert told["home_flex_hub_homes"] == {"active": 3}
    assert told["home_flex_hub_homes_heard"] == {"": 2}
    assert told["home_flex_hub_consents_in_force"] == {"": 2}
    assert sum(told["home_flex_hub_reports_refused_total"].values()) == 1
    assert told["home_flex_hub_outbox_waiting"] == {"": 1}
    assert told["home_flex_hub_outbox_first_expires_seconds"] == {"": 3600}
    assert told["home_flex_hub_dispatches_running"] == {"": 0}
    hub.clock.go_on(minutes=40)
    assert (await figures(await scraper(hub, here.operator)))["home_flex_hub_dispatches_running"] == {"": 1}


async def test_requests_are_counted_by_route_and_what_is_no_route_under_one_name(hub: Running) -> None:
    operator = await hub.operator()
    for path in ("/api/v1/homes", "/guessed/1", "/guessed/2"):
        await operator.get(path)

    answered = (await figures(await scraper(hub, operator)))["home_flex_hub_http_requests_total"]

    assert answered["GET /api/v1/homes 200"] == 1
    assert answered["GET none 404"] == 2
    assert not any("guessed" in labels for labels in answered)


@pytest.mark.parametrize("scopes", [None, ["home:read"]])
async def test_nobody_reads_them_without_a_token_for_them(hub: Running, scopes: list[str] | None) -> None:
    operator = await hub.operator()
    visitor = hub.visitor()
    if scopes is not None:
        token = await made(operator, "/api/v1/tokens", SCRAPER | {"scopes": scopes})
        visitor = hub.visitor(token["token"])

    answer = await visitor.get("/metrics")

    assert problem(answer)[0] == (401 if scopes is None else 403)
    household = await hub.person(operator, "household")
    assert problem(await household.get("/metrics")) == (403, "not-allowed")


async def test_the_dashboard_shows_figures_that_there_are_and_every_figure_of_the_community(
    hub: Running,
) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    await here.take("home-1", {"objectType": "nothing"})
    await here.dispatch(1.0)
    told = (await figures(await scraper(hub, here.operator))).keys()

    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text())
    shown = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in _NAMES.findall(target["expr"])
    }

    assert shown <= told
    of_the_community = {name for name in told if name.startswith("home_flex_hub") and "_http_" not in name}
    assert {name for name in of_the_community if not name.endswith("_created")} <= shown
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in dashboard["panels"])
