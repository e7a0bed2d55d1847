"""A home's energy by period: read by the home, its household, and by consent the operator."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from community_hub.core import Grouping, periods
from community_hub.energy.periods import days_of, energy_by
from community_hub.store.series import Counted, folded
from community_hub.store.tables import OpenSlot
from hypothesis import given
from hypothesis import strategies as st

from ..flexibility.communities import Flexible, flexible
from ..homes.test_consents import home_as_ven
from ..running import BUSINESS_SCOPES, Running, made, problem

PATH: Final = "/api/v1/homes/home-1/energy"
MIDNIGHT: Final = datetime(2026, 11, 29, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)


async def counted(hub: Running, *net_wh: int, start: datetime = MIDNIGHT, mark: int = 0) -> None:
    """Let the meter of home-1 have told quarter-hours (import minus export) from a time on."""
    async with hub.store.writing() as session:
        session.add_all(
            OpenSlot(
                ven_id="home-1",
                start=start + number * QUARTER,
                import_wh=max(each, 0),
                export_wh=max(-each, 0),
                mark=mark,
                modified_at=start,
            )
            for number, each in enumerate(net_wh)
        )


async def read(reader: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    answer = await reader.get(PATH, params={"start": "2026-11-29T00:00:00Z"} | asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["periods"]
    return found


async def test_the_household_reads_its_home_by_hour_with_how_much_is_known(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await counted(hub, 100, 200, -50, 25)
    await counted(hub, 300, start=MIDNIGHT + timedelta(hours=1), mark=2)

    told = await read(here.household, by="hour", end="2026-11-29T03:00:00Z")

    assert [(each["import_kwh"], each["export_kwh"]) for each in told] == [
        (0.325, 0.05),
        (0.3, 0.0),
        (None, None),
    ]
    assert [each["coverage"] for each in told] == [
        {"measured": 4, "interpolated": 0, "estimated": 0, "missing": 0},
        {"measured": 0, "interpolated": 0, "estimated": 1, "missing": 3},
        {"measured": 0, "interpolated": 0, "estimated": 0, "missing": 4},
    ]


async def test_a_day_is_that_of_the_zone_also_when_the_clock_is_changed(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    await counted(hub, *[100] * 100, start=start)

    (day,) = await read(
        here.household, start=start.isoformat(), end="2026-10-25T23:00:00Z", zone="Europe/Amsterdam"
    )

    assert (day["end"], day["import_kwh"], day["coverage"]["missing"]) == ("2026-10-25T23:00:00Z", 10.0, 0)


async def test_the_home_itself_reads_its_own_and_no_other(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    business, _ = await hub.program(here.operator, *BUSINESS_SCOPES)
    home = await home_as_ven(hub, here.operator, business)
    await counted(hub, 100)

    assert (await read(home))[0]["import_kwh"] == 0.1
    other = await home.get("/api/v1/homes/home-2/energy", params={"start": "2026-11-29T00:00:00Z"})
    assert problem(other) == (404, "no-such-home")


async def consenting(here: Flexible, **changed: Any) -> str:
    """Let home-1 consent to a programme by which the operator may read; return the consent's id."""
    program = await made(here.operator, "/api/v1/programs", {"name": "figures", "reads_energy": True})
    consent = await here.consent("home-1", program["id"], **changed)
    identifier: str = consent["id"]
    return identifier


async def test_the_operator_reads_by_a_consent_alone_and_each_reading_is_noted(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await counted(hub, 100, start=hub.clock())
    now = hub.clock().isoformat()
    hub.clock.go_on(hours=1)
    refused = await here.operator.get(PATH, params={"start": now})
    # The home's consent to be called is none to read its meter.
    assert problem(refused) == (403, "no-consent")

    consent_id = await consenting(here, valid_from=now)

    assert (await read(here.operator, start=now))[0]["import_kwh"] == 0.1
    (act,) = await here.acts("energy.read")
    assert act["object"] == "home-1"
    assert act["details"] == {
        "consent_id": consent_id,
        "start": "2026-11-29T12:00:00+00:00",
        "end": "2026-11-29T13:00:00+00:00",
        "by": "day",
    }
    (seen,) = (await here.household.get("/api/v1/account/export")).json()["read_by_others"]
    assert (seen["ven_id"], seen["details"]["consent_id"]) == ("home-1", consent_id)


@pytest.mark.parametrize("case", ["before it began", "with some devices", "when it has ended"])
async def test_a_consent_lets_nobody_read(hub: Running, case: str) -> None:
    here = await flexible(hub, "home-1")
    start = hub.clock()
    hub.clock.go_on(hours=1)
    earlier, devices = (hub.clock() if case == "before it began" else start), []
    if case == "with some devices":
        devices = ["battery"]
    consent_id = await consenting(here, valid_from=earlier.isoformat(), devices=devices)
    if case == "when it has ended":
        await here.household.post(f"/api/v1/consents/{consent_id}/end")

    answer = await here.operator.get(PATH, params={"start": start.isoformat()})

    assert problem(answer) == (403, "no-consent")
    assert await here.acts("energy.read") == []


@pytest.mark.parametrize("role", ["aggregator", "grid_operator", "auditor", "household"])
async def test_nobody_else_reads_a_home(hub: Running, role: str) -> None:
    here = await flexible(hub, "home-1")
    await consenting(here)
    other = await hub.person(here.operator, role, "Otto")

    answer = await other.get(PATH, params={"start": "2026-11-29T00:00:00Z"})

    assert problem(answer) == ((404, "no-such-home") if role == "household" else (403, "not-allowed"))


@pytest.mark.parametrize(
    ("asked", "slug"),
    [
        ({"end": "2026-11-28T00:00:00Z"}, "no-such-range"),
        ({"start": "2026-12-29T00:00:00Z"}, "no-such-range"),
        ({"start": "2026-01-01T00:00:00Z", "by": "15min"}, "no-such-range"),
        ({"start": "1926-01-01T00:00:00Z"}, "too-long"),
        ({"zone": "Europe/Nowhere"}, "invalid-request"),
        ({"zone": "../../etc/passwd"}, "invalid-request"),
        ({"by": "century"}, "invalid-request"),
        ({"start": "2026-11-29"}, "invalid-request"),
    ],
)
async def test_what_cannot_be_told_is_refused(hub: Running, asked: dict[str, str], slug: str) -> None:
    here = await flexible(hub, "home-1")

    answer = await here.household.get(PATH, params={"start": "2026-11-29T00:00:00Z"} | asked)

    assert problem(answer) == (400, slug)


@given(
    known=st.dictionaries(st.integers(0, 191), st.integers(0, 5_000), max_size=60),
    grouping=st.sampled_from([Grouping.HOUR, Grouping.DAY, Grouping.MONTH, Grouping.TOTAL]),
    first=st.integers(0, 100),
    length=st.integers(1, 91),
)
def test_the_periods_of_a_range_hold_each_quarter_hour_once(
    known: dict[int, int], grouping: Grouping, first: int, length: int
) -> None:
    days = {
        (MIDNIGHT + timedelta(days=day)).date(): folded(
            None, [Counted(quarter % 96, wh, 0) for quarter, wh in known.items() if quarter // 96 == day]
        )
        for day in range(2)
    }
    start = MIDNIGHT + first * QUARTER
    asked = periods(start, start + length * QUARTER, grouping, UTC)

    found = energy_by(asked, days)

    within = [wh for quarter, wh in known.items() if first <= quarter < first + length]
    assert sum(each.import_wh or 0 for each in found) == sum(within)
    assert sum(each.coverage.get("measured", 0) for each in found) == len(within)
    assert sum(sum(each.coverage.values()) for each in found) == length
    assert days_of(asked)[0] == start.date()
