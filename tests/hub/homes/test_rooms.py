"""What it is like in rooms: kept and read for as long as the resident shares them, noted, and then gone."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from community_hub.accounts import housekeeping, own_reports
from community_hub.homes import rooms
from community_hub.store.tables import ReceivedReport, RoomQuarter, SharedRoom
from sqlalchemy import func, select

from custom_components.home_flex.core.events.room_report import RoomFigure, room_report
from custom_components.home_flex.core.events.room_report import SharedRoom as Room

from ..flexibility.communities import Flexible, flexible
from ..running import Running, made, problem
from ..test_flexctl_hub import Flexctl, listening

PATH: Final = "/api/v1/homes/home-1"
QUARTER: Final = timedelta(minutes=15)
KITCHEN: Final = {RoomFigure.TEMPERATURE: 21.5, RoomFigure.HUMIDITY: 48.0, RoomFigure.CARBON_DIOXIDE: 612.0}


async def tell(
    here: Flexible,
    means: dict[RoomFigure, float] | None = None,
    *,
    name: str = "Kitchen",
    days: float = 30,
    start: datetime | None = None,
    ago: timedelta = timedelta(0),
    changed: Callable[[dict[str, Any]], Any] = lambda _: None,
) -> None:
    """Let home-1 tell of the quarter-hour that was over then, of a room that is shared for so many days."""
    now = here.hub.clock() - ago
    room = Room(name=name, until=now + timedelta(days=days), means=KITCHEN if means is None else means)
    report: Any = room_report([room], start or now - QUARTER, ven_id="home-1", at=now)
    changed(report["object"])
    await here.take("home-1", report)


async def kept(hub: Running) -> tuple[int, int]:
    """Return how many rooms and quarter-hours of sensors the hub keeps."""
    async with hub.store.reading() as session:
        numbers = [
            await session.scalar(select(func.count()).select_from(t)) for t in (SharedRoom, RoomQuarter)
        ]
    return numbers[0] or 0, numbers[1] or 0


async def sensors(here: Flexible, **asked: Any) -> Any:
    start = (here.hub.clock() - timedelta(days=1)).isoformat()
    answer = await here.household.get(f"{PATH}/sensors", params={"start": start} | asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_operator_lists_rooms_and_their_sensors_and_each_reading_is_noted(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_reports, "_PAGE", 2)
    here = await flexible(hub, "home-1")
    await tell(here)

    (room,) = (await here.operator.get(f"{PATH}/rooms")).json()

    assert (room["name"], room["shared_until"][:10]) == ("Kitchen", "2026-12-29")
    assert [(each["sensor"], each["value"], each["unit"]) for each in room["sensors"]] == [
        ("carbon_dioxide", 612.0, "ppm"),
        ("humidity", 48.0, "%"),
        ("temperature", 21.5, "°C"),
    ]
    start = (hub.clock() - QUARTER).isoformat()
    told = (await here.operator.get(f"{PATH}/sensors", params={"start": start})).json()
    assert [(each["room"], each["sensor"], each["values"]) for each in told] == [
        ("Kitchen", "carbon_dioxide", [612.0]),
        ("Kitchen", "humidity", [48.0]),
        ("Kitchen", "temperature", [21.5]),
    ]
    acts = await here.acts("rooms.read")
    assert [(act["object"], act["details"]) for act in acts] == [("home-1", {"rooms": 1})] * 2
    export = (await here.household.get("/api/v1/account/export")).json()
    assert [each["name"] for each in export["rooms"]] == ["Kitchen"]
    assert [each["ven_id"] for each in export["read_by_others"]] == ["home-1"] * 2
    lines = (await here.household.get("/api/v1/account/export/reports")).text.splitlines()
    assert {json.loads(line)["room"]["sensor"] for line in lines if "room" in json.loads(line)} == set(
        KITCHEN
    )


async def test_an_auditor_sees_that_it_was_read_and_not_what(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await tell(here)
    await here.operator.get(f"{PATH}/rooms")
    auditor = await hub.person(here.operator, "auditor", "Anton")

    log = (await auditor.get("/api/v1/audit", params={"limit": 1000})).json()

    assert [entry["object"] for entry in log if entry["act"] == "rooms.read"] == ["home-1"]
    assert "Kitchen" not in str(log)
    assert problem(await auditor.get(f"{PATH}/rooms")) == (403, "not-allowed")


async def test_what_is_not_known_is_a_gap_and_no_number(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    for means in (
        {RoomFigure.TEMPERATURE: 20.0},
        {RoomFigure.HUMIDITY: 50.0},
        {RoomFigure.TEMPERATURE: 22.0},
    ):
        await tell(here, means)
        hub.clock.go_on(minutes=15)

    told = {each["sensor"]: each["values"] for each in await sensors(here, room="Kitchen")}

    assert told == {"temperature": [20.0, None, 22.0], "humidity": [50.0]}
    assert await sensors(here, room="Attic") == []


async def test_nobody_but_the_household_reads_what_is_not_shared(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    stranger = await hub.person(here.operator, "household", "Stefan")
    aggregator = await hub.person(here.operator, "aggregator", "Agnes")
    start = {"start": hub.clock().isoformat()}
    for path in ("rooms", "sensors"):
        assert problem(await here.operator.get(f"{PATH}/{path}", params=start)) == (403, "no-consent")
        assert (await here.household.get(f"{PATH}/{path}", params=start)).json() == []
    await tell(here)
    for path in ("rooms", "sensors"):
        for home in (PATH, PATH.replace("home-1", "home-9")):
            # A household is not told whether there is another's home.
            assert problem(await stranger.get(f"{home}/{path}", params=start)) == (403, "not-allowed")
        assert problem(await aggregator.get(f"{PATH}/{path}", params=start)) == (403, "not-allowed")
        assert problem(await hub.visitor().get(f"{PATH}/{path}", params=start))[0] == 401
    assert await here.acts("rooms.read") == []


async def test_when_it_ends_it_is_deleted_also_where_the_home_is_silent(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await tell(here, days=0.5)
    await tell(here, name="Attic")
    assert await kept(hub) == (2, 6)
    hub.clock.go_on(hours=13)
    operator = await hub.signed_in("olga@hub.example")

    assert [room["name"] for room in (await operator.get(f"{PATH}/rooms")).json()] == ["Attic"]
    await housekeeping.once(hub.hub)

    assert await kept(hub) == (2, 3)
    hub.clock.go_on(days=40)
    await housekeeping.once(hub.hub)
    assert await kept(hub) == (0, 0)


async def test_a_home_takes_it_back_at_once_and_an_older_word_brings_nothing_back(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await tell(here)
    hub.clock.go_on(minutes=30)
    await tell(here, {}, days=0)
    await tell(here, ago=QUARTER)

    assert problem(await here.operator.get(f"{PATH}/rooms")) == (403, "no-consent")
    assert await kept(hub) == (1, 0)
    async with hub.store.reading() as session:
        assert await session.scalar(select(func.count()).select_from(ReceivedReport)) == 0


async def test_with_a_home_goes_what_its_rooms_told(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await tell(here)
    leave = {"password": "a long enough password"}
    assert (await here.household.post("/api/v1/account/leave", json=leave)).status_code == 204
    hub.clock.go_on(days=15)

    await housekeeping.once(hub.hub)

    assert await kept(hub) == (0, 0)


async def test_the_same_told_again_is_kept_once(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    for _ in range(2):
        await tell(here)

    assert await kept(hub) == (1, 3)


def payloads_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = report["resources"][0]["intervals"][0]["payloads"]
    return found


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: payloads_of(report).pop(0),
        lambda report: payloads_of(report)[0].update(values=["soon"]),
        lambda report: report["resources"][0].update(resourceName=7),
        lambda report: report["resources"][0].update(resourceName="\x00"),
        lambda report: report["resources"][0].update(resourceName="x" * 129),
        lambda report: report["resources"][0]["intervals"].clear(),
        lambda report: report["resources"][0]["intervals"][0].pop("intervalPeriod"),
        lambda report: report.update(eventID="event-1"),
    ],
)
async def test_a_report_that_does_not_say_of_which_room_and_until_when_shares_nothing(
    hub: Running, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    here = await flexible(hub, "home-1")

    await tell(here, changed=spoil)

    assert await kept(hub) == (0, 0)


@pytest.mark.parametrize("value", [120.0, -60.0, True, "warm"])
async def test_a_number_that_no_room_has_is_not_kept(hub: Running, value: Any) -> None:
    here = await flexible(hub, "home-1")

    await tell(here, changed=lambda report: payloads_of(report)[1].update(values=[value]))

    assert {each["sensor"] for each in await sensors(here)} == {"humidity", "carbon_dioxide"}


@pytest.mark.parametrize("minutes", [-7.0, 60.0])
async def test_what_is_no_quarter_hour_that_is_over_is_not_kept(hub: Running, minutes: float) -> None:
    here = await flexible(hub, "home-1")

    await tell(here, start=hub.clock() + timedelta(minutes=minutes))

    assert await kept(hub) == (1, 0)


async def test_a_home_has_no_more_rooms_than_a_home_has(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "MOST_ROOMS", 2)
    here = await flexible(hub, "home-1")
    for name in ("Kitchen", "Attic", "Cellar", "Kitchen"):
        await tell(here, name=name)

    assert await kept(hub) == (2, 6)


async def test_nobody_shares_for_ever_nor_asks_for_more_than_a_month(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await tell(here, days=10_000)

    (room,) = (await here.operator.get(f"{PATH}/rooms")).json()
    assert room["shared_until"].startswith("2027-12-01")
    start = {"start": (hub.clock() - timedelta(days=33)).isoformat()}
    assert problem(await here.household.get(f"{PATH}/sensors", params=start)) == (400, "too-long")


async def test_it_is_read_on_the_command_line(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = await flexible(hub, "home-1")
    await tell(here)
    rights = {"name": "c", "scopes": ["energy:read"], "lifetime_s": 86_400}
    token = await made(here.operator, "/api/v1/tokens", rights)
    start = (hub.clock() - timedelta(hours=1)).isoformat()

    async with listening(hub) as url:
        flexctl = Flexctl(url, token["token"], monkeypatch, capsys)
        told = [
            await flexctl.json("rooms", "home-1"),
            await flexctl.json("sensors", "home-1", "--start", start),
        ]

    assert [len(told[0][0]["sensors"]), len(told[1])] == [3, 3]
