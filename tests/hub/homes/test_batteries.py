"""How a home's batteries do: read for as long as the resident shares it, by its newest word, and noted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from custom_components.home_flex.core.events.battery_report import SharedBattery, battery_report

from ..flexibility.communities import Flexible, flexible
from ..running import Running, made, problem
from ..test_flexctl_hub import Flexctl, listening

PATH: Final = "/api/v1/homes/home-1/battery"
CELLAR: Final = SharedBattery(
    name="Cellar", capacity_wh=10_000, measured_wh=8_700, measured_error=0.01, cycles=36.0
)


async def tell(
    here: Flexible,
    *batteries: SharedBattery,
    days: float = 30,
    changed: Callable[[dict[str, Any]], Any] = lambda _: None,
) -> None:
    """Let home-1 tell how its batteries do, shared for so many days."""
    now = here.hub.clock()
    report: Any = battery_report(batteries, now + timedelta(days=days), ven_id="home-1", at=now)
    changed(report["object"])
    await here.take("home-1", report)


async def batteries(here: Flexible) -> Any:
    answer = await here.household.get(PATH)
    assert answer.status_code == 200, answer.text
    return answer.json()["batteries"]


async def test_the_operator_reads_what_is_shared_with_what_is_known_and_how(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await tell(here, CELLAR, SharedBattery(name="Attic", known_share=0.0))

    told = (await here.operator.get(PATH)).json()

    assert told["shared_until"].startswith("2026-12-29")
    attic, cellar = told["batteries"]
    assert (cellar["measured_capacity_kwh"], cellar["state_of_health"]) == (8.7, 0.87)
    assert (cellar["known_by"], cellar["cycles"]) == ("discharged_energy_by_charge_level", 36.0)
    assert (cellar["round_trip"], cellar["followed_share"]) == (None, None)
    assert {name: value for name, value in attic.items() if value is not None} == {
        "name": "Attic",
        "known_share": 0.0,
    }
    (act,) = await here.acts("battery.read")
    assert act["object"] == "home-1"
    export = (await here.household.get("/api/v1/account/export")).json()
    assert [each["ven_id"] for each in export["read_by_others"]] == ["home-1"]
    assert export["batteries"][0]["batteries"] == told["batteries"]


async def test_nobody_but_the_household_reads_what_is_not_shared_or_no_more(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    stranger = await hub.person(here.operator, "household", "Stefan")
    aggregator = await hub.person(here.operator, "aggregator", "Agnes")
    assert problem(await here.operator.get(PATH)) == (403, "no-consent")
    assert await batteries(here) == []
    await tell(here, CELLAR, days=0.5)
    for path in (PATH, PATH.replace("home-1", "home-9")):
        # A household is not told whether there is another's home.
        assert problem(await stranger.get(path)) == (403, "not-allowed")
    assert problem(await aggregator.get(PATH)) == (403, "not-allowed")
    assert problem(await hub.visitor().get(PATH))[0] == 401
    hub.clock.go_on(hours=11)
    assert (await here.operator.get(PATH)).status_code == 200

    hub.clock.go_on(hours=2)

    assert problem(await here.operator.get(PATH)) == (403, "no-consent")
    assert len(await batteries(here)) == 1
    assert len(await here.acts("battery.read")) == 1


async def test_a_home_takes_it_back_at_once_and_an_older_word_changes_nothing(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    hub.clock.go_on(minutes=10)
    await tell(here, days=0)
    hub.clock.go_on(minutes=-5)
    await tell(here, CELLAR)
    hub.clock.go_on(minutes=10)

    assert problem(await here.operator.get(PATH)) == (403, "no-consent")
    assert await batteries(here) == []


def first_battery(report: dict[str, Any], **values: Any) -> None:
    payloads = report["resources"][1]["intervals"][0]["payloads"]
    payloads[:] = [{"type": kind, "values": [value]} for kind, value in values.items()]


@pytest.mark.parametrize(
    ("values", "known"),
    [
        ({"STORAGE_ROUND_TRIP": 1.2, "STORAGE_CYCLES": 3}, {"cycles": 3.0}),
        ({"STORAGE_CYCLES": -1}, {}),
        ({"STORAGE_CYCLES": "many", "SINCE": "long ago"}, {}),
        ({"STORAGE_CYCLES": True, "SINCE": 7}, {}),
        ({"STORAGE_MEASURED_CAPACITY": 8.0}, {"measured_capacity_kwh": 8.0}),
        ({"STORAGE_MEASURED_CAPACITY": 8.0, "STORAGE_USABLE_CAPACITY": 0}, {"capacity_kwh": 0.0}),
    ],
)
async def test_what_cannot_be_is_not_known(
    hub: Running, values: dict[str, Any], known: dict[str, Any]
) -> None:
    here = await flexible(hub, "home-1")

    await tell(here, CELLAR, changed=lambda report: first_battery(report, **values))

    (found,) = await batteries(here)
    assert found.items() >= (known | {"name": "Cellar"}).items()
    assert found["state_of_health"] is found["known_by"] is found["round_trip"] is found["since"] is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report["resources"].pop(0),
        lambda report: report["resources"][0]["intervals"].clear(),
        lambda report: report["resources"][0].update(resourceName=7),
        lambda report: report["resources"][0]["intervals"][0]["payloads"][0].update(values=["soon"]),
        lambda report: report["resources"][0]["intervals"][0]["payloads"][0].update(values=[]),
        lambda report: report.update(eventID="event-1"),
    ],
)
async def test_a_report_that_does_not_say_until_when_shares_nothing(
    hub: Running, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    here = await flexible(hub, "home-1")

    await tell(here, CELLAR, changed=spoil)

    assert problem(await here.operator.get(PATH)) == (403, "no-consent")


async def test_names_that_cannot_be_shown_and_more_than_a_home_has_are_left_out(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    many = [SharedBattery(name=f"Battery {number:02}", known_share=0.0) for number in range(40)]

    await tell(here, SharedBattery(name="\x00", known_share=0.0), *many)

    assert [each["name"] for each in await batteries(here)] == [
        f"Battery {number:02}" for number in range(31)
    ]


async def test_nobody_shares_for_ever(hub: Running) -> None:
    here = await flexible(hub, "home-1")

    await tell(here, CELLAR, days=10_000)

    assert (await here.operator.get(PATH)).json()["shared_until"].startswith("2027-12-01")


async def test_it_is_read_on_the_command_line(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = await flexible(hub, "home-1")
    await tell(here, CELLAR)
    rights = {"name": "c", "scopes": ["energy:read"], "lifetime_s": 86_400}
    token = await made(here.operator, "/api/v1/tokens", rights)

    async with listening(hub) as url:
        told = await Flexctl(url, token["token"], monkeypatch, capsys).json("battery", "home-1")

    assert [each["state_of_health"] for each in told["batteries"]] == [0.87]
