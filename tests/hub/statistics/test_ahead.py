"""The community's coming day: what homes expect, summed up by the rules of all that is published, once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pytest
from community_hub.arrays import Real
from community_hub.statistics.ahead import publish_ahead
from community_hub.statistics.publishing import PATIENCE, publish_days
from community_hub.store.series import Counted, folded
from community_hub.store.tables import MeteredDay, PublishedNumber
from sqlalchemy import select

from ..flexibility.communities import Flexible, flexible
from ..running import Running, made, problem
from ..test_flexctl_hub import Flexctl, listening

FORECAST: Final = "/api/v1/community/forecast"
# In the month after the one in which the homes joined and their meters told something.
NOW: Final = datetime(2026, 12, 4, 11, 30, tzinfo=UTC)
HALF_HOURS: Final = 24


def without_noise(count: int) -> Real:
    return np.full(count, 0.5)


async def community(hub: Running, homes: int = 15, *, feeder: str = "north") -> Flexible:
    """Return a community in its second month."""
    names = [f"home-{number:02}" for number in range(homes)]
    here = await flexible(hub)
    for name in names:
        await here.join(name, feeder=feeder)
    await metered(hub, names, date(2026, 11, 29), 100)
    hub.clock.now = NOW
    return here


async def metered(hub: Running, names: Sequence[str], day: date, wh: int) -> None:
    series = folded(None, [Counted(quarter, wh, 0) for quarter in range(96)])
    async with hub.store.writing() as session:
        session.add_all(
            [MeteredDay(ven_id=name, day=day, series=series, changed_at=hub.clock()) for name in names]
        )


async def expect(here: Flexible, numbers: range, **how: Any) -> None:
    for number in numbers:
        await here.offer(f"home-{number:02}", 0.0, **({"baseline_kw": 1.0, "hours": 12} | how))


async def published(hub: Running, figure: str = "import_ahead") -> list[tuple[datetime, int]]:
    query = select(PublishedNumber).where(PublishedNumber.figure == figure).order_by(PublishedNumber.start)
    async with hub.store.reading() as session:
        return [(each.start, each.energy_wh) for each in await session.scalars(query)]


async def test_the_hours_that_every_home_has_told_are_published_as_one_sum(hub: Running) -> None:
    here = await community(hub)
    # In each half-hour from 11:30 on all draw 1 kW, in the second hour of them give 2 kW instead.
    await expect(here, range(15), baseline_kw=[1.0, 1.0, 1.0, -2.0, -2.0, *[1.0] * (HALF_HOURS - 5)])

    await publish_ahead(hub.store, hub.clock(), without_noise)

    expected = dict(await published(hub))
    assert (min(expected), max(expected)) == (NOW.replace(hour=12, minute=0), NOW.replace(hour=22, minute=0))
    hours = [expected[NOW.replace(hour=hour, minute=0)] for hour in (12, 13, 14)]
    assert hours == [15_000, 0, 15_000]
    given = dict(await published(hub, "export_ahead"))
    assert [given[NOW.replace(hour=hour, minute=0)] for hour in (12, 13, 14)] == [0, 30_000, 0]


@pytest.mark.parametrize(
    "case", ["one silent", "one too old", "one absurd", "one of a shorter day", "one stands out", "fourteen"]
)
async def test_of_too_few_and_where_one_is_not_known_or_stands_out_nothing_is_published(
    hub: Running, case: str
) -> None:
    here = await community(hub, 14 if case == "fourteen" else 15)
    await expect(here, range(14))
    match case:
        case "one too old":
            await expect(here, range(14, 15), ago=timedelta(hours=3), hours=20)
        case "one absurd":
            await expect(here, range(14, 15), baseline_kw=1e6)
        case "one of a shorter day":
            await expect(here, range(14, 15), hours=1, baseline_kw=[1.0, 1.0])
        case "one stands out":
            await expect(here, range(14, 15), baseline_kw=90.0)

    await publish_ahead(hub.store, hub.clock(), without_noise)

    assert await published(hub) == await published(hub, "export_ahead") == []


async def test_what_was_published_stays_and_the_next_hour_adds_what_is_new(hub: Running) -> None:
    here = await community(hub)
    await expect(here, range(15))
    await publish_ahead(hub.store, hub.clock(), without_noise)
    first = await published(hub)
    hub.clock.go_on(hours=1)
    await expect(here, range(15), baseline_kw=2.0)

    await publish_ahead(hub.store, hub.clock(), without_noise)

    then = await published(hub)
    assert then[: len(first)] == first
    assert [energy_wh for _, energy_wh in then[len(first) :]] == [30_000]


async def test_a_feeder_that_differs_from_all_by_few_homes_is_held_back_here_too(hub: Running) -> None:
    here = await community(hub, 15)
    for number in range(15, 19):
        hub.clock.now = datetime(2026, 11, 29, 12, tzinfo=UTC)
        await here.join(f"home-{number:02}", feeder="south")
    await metered(hub, [f"home-{number:02}" for number in range(15, 19)], date(2026, 11, 29), 100)
    hub.clock.now = NOW
    await expect(here, range(19))

    await publish_ahead(hub.store, hub.clock(), without_noise)

    async with hub.store.reading() as session:
        cohorts = set(await session.scalars(select(PublishedNumber.cohort_id)))
    assert cohorts == {"community"}


async def test_everybody_of_the_community_reads_it_and_later_beside_what_was_counted(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = await community(hub)
    await expect(here, range(15))
    await publish_ahead(hub.store, hub.clock(), without_noise)
    household = await hub.signed_in("hanna@hub.example")
    asked = {"start": NOW.replace(minute=0).isoformat(), "end": (NOW + timedelta(hours=3)).isoformat()}

    answer = await household.get(FORECAST, params=asked)

    slots = answer.json()["slots"]
    assert [each["import_kwh"] for each in slots] == [15.0, 15.0, 15.0]
    assert {each["counted_import_kwh"] for each in slots} == {None}
    assert "home-" not in answer.text
    await metered(hub, [f"home-{number:02}" for number in range(15)], NOW.date(), 300)
    hub.clock.now = datetime(2026, 12, 5, tzinfo=UTC) + PATIENCE
    await publish_days(hub.store, hub.clock(), without_noise)
    here_again = await hub.signed_in("hanna@hub.example")
    slots = (await here_again.get(FORECAST, params=asked)).json()["slots"]
    assert [(each["import_kwh"], each["counted_import_kwh"]) for each in slots] == [(15.0, 18.0)] * 3


async def test_it_is_read_on_the_command_line_and_a_range_that_is_none_is_refused(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = await community(hub)
    await expect(here, range(15))
    await publish_ahead(hub.store, hub.clock(), without_noise)
    operator = await hub.signed_in("olga@hub.example")
    rights = {"name": "c", "scopes": ["statistics:read"], "lifetime_s": 86_400}
    token = await made(operator, "/api/v1/tokens", rights)

    async with listening(hub) as url:
        told = await Flexctl(url, token["token"], monkeypatch, capsys).json("community-forecast")
        north = await Flexctl(url, token["token"], monkeypatch, capsys).json(
            "community-forecast", "--cohort", "feeder-north"
        )
    refused = await operator.get(FORECAST, params={"start": NOW.isoformat(), "end": "2027-02-01T00:00:00Z"})

    assert [each["import_kwh"] for each in told["slots"]] == [15.0] * 11
    assert north["slots"] == []
    assert problem(refused) == (400, "no-such-range")
