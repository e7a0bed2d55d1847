"""What a home claims is paid as far as its own meter bears it out."""

from typing import Any

import pytest

from ..flexibility.communities import Flexible
from ..running import Running
from .test_closing import HALF_AN_HOUR, lines_of, over, settle, tell


async def test_a_home_that_reports_much_and_whose_meter_shows_nothing_is_found_and_not_paid(
    hub: Running,
) -> None:
    here, dispatch, called = await over(hub, "liar", "honest")
    await tell(here, called, "honest")
    report = {"BASELINE": 3.6, "USAGE": 1.8, "COVERAGE": 1.0}
    # The meter counted half an hour at the baseline: 3.6 kW are 1.8 kWh.
    await tell(here, called, "liar", kwh=5.0, **report)

    settlement = await settle(here, dispatch)

    line = (await lines_of(here, settlement))["liar"]
    assert (line["state"], line["told_kwh"], line["delivered_kwh"], line["amount"]) == (
        "contradicted",
        5.0,
        0.0,
        "0.00",
    )
    assert settlement["counts"]["contradicted"] == 1


@pytest.mark.parametrize(
    ("told", "period"),
    [
        ({"USAGE": None}, HALF_AN_HOUR),
        ({"BASELINE": None}, HALF_AN_HOUR),
        ({}, None),
        # Of a night in which the home used nothing.
        ({}, HALF_AN_HOUR | {"start": "2026-11-29T02:00:00Z"}),
        # Of more than its event.
        ({"BASELINE": 1.2}, HALF_AN_HOUR | {"duration": "PT9000S"}),
    ],
)
async def test_a_claim_that_no_meter_bears_out_in_the_time_of_its_event_is_told_and_not_paid(
    hub: Running, told: dict[str, Any], period: dict[str, str] | None
) -> None:
    here, dispatch, called = await over(hub, "home-1")
    values = {"INSTRUCTION_STATUS": "SUCCEEDED", "BASELINE": 6.0, "USAGE": 1.8, "DELTA_USAGE": -1.2} | told
    known = {kind: value for kind, value in values.items() if value is not None}
    await here.say("home-1", called["home-1"]["event_id"], "settlement", known, period=period)
    await metered(here, "home-1", 1.5, 1.5)

    settlement = await settle(here, dispatch)

    line = (await lines_of(here, settlement))["home-1"]
    assert (line["state"], line["told_kwh"], line["delivered_kwh"], line["amount"]) == (
        "contradicted",
        1.2,
        0.0,
        "0.00",
    )


@pytest.mark.parametrize(
    ("kwh", "state", "paid"),
    [(1.9, "settled", "0.76"), (8.6, "settled", "3.44"), (5000.0, "contradicted", "0.40")],
)
async def test_no_more_is_believed_than_a_connection_carries(
    hub: Running, kwh: float, state: str, paid: str
) -> None:
    here, dispatch, called = await over(hub, "home-1")
    await tell(here, called, "home-1", kwh=kwh, BASELINE=2 * kwh, USAGE=0.0)

    line = (await lines_of(here, await settle(here, dispatch)))["home-1"]

    assert (line["state"], line["told_kwh"], line["amount"]) == (state, kwh, paid)


async def metered(here: Flexible, ven_id: str, *kwh: float, quality: str = "OK") -> None:
    """Let a home's meter tell the quarter-hours from 12:30 on."""
    intervals = [
        {
            "id": number,
            "payloads": [
                {"type": "USAGE", "values": [each]},
                {"type": "DATA_QUALITY", "values": [quality]},
            ],
        }
        for number, each in enumerate(kwh)
    ]
    period = {"start": "2026-11-29T12:30:00Z", "duration": "PT15M"}
    site = {"resourceName": "SITE", "intervalPeriod": period, "intervals": intervals}
    await here.take(ven_id, here.report(ven_id, "none", "metering", [site]))


async def test_a_home_that_misstates_its_use_is_found_by_the_quarter_hours_of_its_meter(hub: Running) -> None:
    here, dispatch, called = await over(hub, "liar", "honest")
    for ven_id in ("liar", "honest"):
        # A use that bears the claim out: 6 kW for half an hour, less 1.8 kWh, are 1.2 kWh.
        await tell(here, called, ven_id, kwh=1.2, BASELINE=6.0, USAGE=1.8, COVERAGE=1.0)
    await metered(here, "liar", 1.4, 1.4)
    await metered(here, "honest", 0.9, 0.9)

    settlement = await settle(here, dispatch)

    lines = await lines_of(here, settlement)
    assert {ven_id: (row["state"], row["delivered_kwh"], row["amount"]) for ven_id, row in lines.items()} == {
        "liar": ("contradicted", 0.2, "0.08"),
        "honest": ("settled", 1.2, "0.48"),
    }


@pytest.mark.parametrize(("kwh", "quality"), [((1.4,), "OK"), ((1.4, 1.4), "ESTIMATED")])
async def test_quarter_hours_that_are_not_all_measured_contradict_nobody(
    hub: Running, kwh: tuple[float, ...], quality: str
) -> None:
    here, dispatch, called = await over(hub, "home-1")
    await tell(here, called, "home-1", kwh=1.2, BASELINE=6.0, USAGE=1.8, COVERAGE=1.0)
    await metered(here, "home-1", *kwh, quality=quality)

    settlement = await settle(here, dispatch)

    assert (await lines_of(here, settlement))["home-1"]["state"] == "settled"
