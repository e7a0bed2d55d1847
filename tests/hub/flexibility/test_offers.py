"""What homes offer is told as a curve by price, with what of it is to be expected."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from community_hub.flexibility.direction import Direction
from community_hub.flexibility.told import read_offer

from custom_components.home_flex.core.events.forecast_report import ExpectedInterval, forecast_report

from ..running import Running, problem
from .communities import HALF_HOUR, Flexible, flexible

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


async def offering(hub: Running) -> Flexible:
    here = await flexible(hub, "cheap", "dear")
    await here.join("far", feeder="south", postcode="1000")
    await here.join("silent")
    await here.offer("cheap", 2.0, price=0.10)
    await here.offer("dear", 1.0, price=0.30)
    await here.offer("far", 3.0, price=0.30, down_kw=4.0)
    return here


async def current(here: Flexible, **asked: Any) -> Any:
    answer = await here.operator.get("/api/v1/flexibility/current", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_homes_offer_now_is_a_curve_by_price(hub: Running) -> None:
    told = await current(await offering(hub))

    assert (told["homes"], told["silent_homes"], told["power_kw"]) == (3, 1, 6.0)
    assert [(point["power_kw"], point["price_per_kwh"]) for point in told["curve"]] == [
        (2.0, "0.1"),
        (6.0, "0.3"),
    ]
    assert [(each["feeder"], each["power_kw"]) for each in told["feeders"]] == [
        ("north", 3.0),
        ("south", 3.0),
    ]
    assert [offer["ven_id"] for offer in told["offers"]] == ["cheap", "far", "dear"]
    assert (told["stored_kwh"], told["capacity_kwh"]) == (12.0, 30.0)


@pytest.mark.parametrize(
    ("asked", "power_kw"),
    [
        ({"feeder": "south"}, 3.0),
        ({"feeder": ["south", "north"]}, 6.0),
        ({"postcode": "1000"}, 3.0),
        ({"feeder": "north", "postcode": "1000"}, 0.0),
        ({"direction": "more"}, 4.0),
        ({"device_kind": "battery"}, 0.0),
    ],
)
async def test_a_group_is_asked_alone(hub: Running, asked: dict[str, Any], power_kw: float) -> None:
    assert (await current(await offering(hub), **asked))["power_kw"] == power_kw


async def test_with_a_programme_only_those_that_consent_to_it_are_told(hub: Running) -> None:
    here = await offering(hub)
    await here.join("stranger", consents=False)
    await here.offer("stranger", 9.0)

    assert (await current(here))["power_kw"] == 15.0
    assert (await current(here, program_id=here.program_id))["power_kw"] == 6.0


async def test_what_is_ahead_is_told_by_half_hour(hub: Running) -> None:
    here = await offering(hub)

    answer = await here.operator.get("/api/v1/flexibility/forecast", params={"hours": 2})

    intervals = answer.json()["intervals"]
    assert [interval["start"] for interval in intervals][:2] == [
        "2026-11-29T12:00:00Z",
        "2026-11-29T12:30:00Z",
    ]
    assert len(intervals) == 4
    assert {(each["homes"], each["power_kw"], each["baseline_kw"]) for each in intervals} == {(3, 6.0, 6.0)}


async def test_the_newest_forecast_counts_whatever_came_last(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    await here.offer("home-1", 5.0, ago=timedelta(minutes=20))

    assert (await current(here))["power_kw"] == 2.0


@pytest.mark.parametrize("payloads", [[], [{"type": [], "values": [1.0]}]])
async def test_a_forecast_that_is_none_takes_nobody_elses_offer_away(
    hub: Running, payloads: list[dict[str, Any]]
) -> None:
    here = await flexible(hub, "home-1", "broken")
    await here.offer("home-1", 2.0)
    interval = {
        "id": 0,
        "intervalPeriod": {"start": "2026-11-29T12:00:00Z", "duration": "PT30M"},
        "payloads": payloads,
    }
    at = hub.clock()
    told_ = ExpectedInterval(start=at, end=at + HALF_HOUR, baseline_w=1000.0, up_w=0.0, down_w=0.0)
    report: Any = forecast_report([told_], None, ven_id="broken", at=at)
    report["object"]["resources"][0]["intervals"] = [interval]
    await here.take("broken", report)

    assert (await current(here))["power_kw"] == 2.0
    assert (await here.dispatch(1.0))["counts"]["called"] == 1


@pytest.mark.parametrize("role", ["household", "grid_operator", "auditor"])
async def test_offers_of_homes_are_for_who_calls_them(hub: Running, role: str) -> None:
    here = await offering(hub)
    otto = await hub.person(here.operator, role, "Otto")

    assert problem(await otto.get("/api/v1/flexibility/current")) == (403, "not-allowed")


def told(**payloads: list[Any]) -> bytes:
    interval = {
        "id": 0,
        "intervalPeriod": {"start": "2026-11-29T12:00:00Z", "duration": "PT1800.000S"},
        "payloads": [
            {"type": kind, "values": values} for kind, values in ({"BASELINE": [1.0]} | payloads).items()
        ],
    }
    return json.dumps({"object": {"resources": [{"resourceName": "SITE", "intervals": [interval]}]}}).encode()


def test_a_curve_is_read_as_points_up_to_what_is_available() -> None:
    payload = told(UP_REGULATION_AVAILABLE=[2.0], UP_REGULATION_CURVE=[1.0, 0.2, 2.5, 0.1, 3.0, 0.9])
    offer = read_offer("home-1", AT, payload)

    assert offer is not None
    # No kW is cheaper than one before it, and none is beyond what is available.
    assert offer.intervals[0].sides[Direction.LESS].points == ((1000, 200_000), (2000, 200_000))


@pytest.mark.parametrize(
    "payload",
    [
        b"{",
        b"[]",
        b'{"object": {"resources": []}}',
        told(BASELINE=["much"]),
        told(BASELINE=[True]),
        told(UP_REGULATION_AVAILABLE=[1.0, 2.0]),
        told(UP_REGULATION_AVAILABLE=[1.0], UP_REGULATION_CURVE=[1.0]),
        told(UP_REGULATION_AVAILABLE=[1.0], UP_REGULATION_CURVE=["a", "b"]),
    ],
)
def test_a_forecast_that_is_none_offers_nothing(payload: bytes) -> None:
    assert read_offer("home-1", AT, payload) is None


def test_an_absurd_power_is_cut_to_what_a_home_can_have() -> None:
    offer = read_offer("home-1", AT, told(UP_REGULATION_AVAILABLE=[9999.0], DOWN_REGULATION_AVAILABLE=[-5.0]))

    assert offer is not None
    assert offer.intervals[0].sides[Direction.LESS].most_w == 1_000_000
    assert offer.intervals[0].sides[Direction.MORE].most_w == 0


@pytest.mark.parametrize("page", ["current", "forecast"])
async def test_more_kinds_of_device_than_there_are_is_refused(hub: Running, page: str) -> None:
    here = await flexible(hub)

    answer = await here.operator.get(f"/api/v1/flexibility/{page}", params={"device_kind": ["EV"] * 65})

    assert problem(answer) == (400, "invalid-request")
