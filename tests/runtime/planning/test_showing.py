"""A plan as it is shown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.home_flex.core.planner.plan import Intent, IntentKind, Plan
from custom_components.home_flex.core.planner.reason import Reason, ReasonCode
from custom_components.home_flex.runtime.planning.showing import planned, stretches

from .plans import GRID, NOON, plan_of

COVER = Intent(kind=IntentKind.COVER_HOUSE, low_w=-5000.0, high_w=5000.0)


def changing() -> Plan:
    plan = plan_of({"battery": COVER})
    charge = Intent(kind=IntentKind.CHARGE, power_w=3000.0)
    battery = replace(
        plan.devices["battery"],
        intents=(COVER,) * 3 + (charge,) * 2 + (COVER,) * 3,
        power_w=(0.0, -600.0, 0.0, 3000.0, 1000.0, 0.0, 0.0, 0.0),
        worth_per_kwh=tuple(0.2 + index / 100 for index in range(8)),
    )
    return replace(plan, devices={"battery": battery})


def test_what_a_device_does_in_a_row_is_one_stretch() -> None:
    plan = changing()

    found = list(stretches(plan, plan.devices["battery"]))

    assert [(each.kind, each.start, each.end) for each in found] == [
        (IntentKind.COVER_HOUSE, NOON, NOON + timedelta(minutes=45)),
        (IntentKind.CHARGE, NOON + timedelta(minutes=45), NOON + timedelta(minutes=75)),
        (IntentKind.COVER_HOUSE, NOON + timedelta(minutes=75), GRID.end),
    ]
    assert [each.power_w for each in found] == pytest.approx([-200.0, 2000.0, 0.0])


def test_now_and_then_are_told_with_the_worth_of_what_is_stored() -> None:
    plan = changing()

    found = planned(
        plan, "battery", NOON + timedelta(minutes=50), list(stretches(plan, plan.devices["battery"]))
    )

    assert found is not None
    assert found.now.kind is IntentKind.CHARGE
    assert found.then is not None
    assert found.then.start == NOON + timedelta(minutes=75)
    assert found.worth_per_kwh == pytest.approx(0.23)


def test_for_what_other_reasons_a_device_goes_on_is_told_with_since_when() -> None:
    plan = changing()
    keep, cover = (
        Reason(code=code, numbers={"price": 0.3}) for code in (ReasonCode.KEEP, ReasonCode.COVER_HOUSE)
    )
    charge = Reason(code=ReasonCode.CHARGE_CHEAP)
    reasons = (keep, replace(keep, numbers={"price": 0.2}), cover, charge, charge, cover, keep, cover)
    battery = replace(plan.devices["battery"], reasons=reasons)

    does = list(stretches(plan, battery))

    assert [(each.reason, each.later_reasons) for each in does] == [
        (keep, ((NOON + timedelta(minutes=30), cover),)),
        (charge, ()),
        (cover, ((NOON + timedelta(minutes=90), keep), (NOON + timedelta(minutes=105), cover))),
    ]


def test_what_a_device_does_now_has_the_reason_of_now() -> None:
    plan = changing()
    keep, cover = Reason(code=ReasonCode.KEEP), Reason(code=ReasonCode.COVER_HOUSE)
    battery = replace(plan.devices["battery"], reasons=(keep, cover, cover) + (keep,) * 5)
    plan = replace(plan, devices={"battery": battery})

    found = planned(plan, "battery", NOON + timedelta(minutes=20), list(stretches(plan, battery)))

    assert found is not None
    assert (found.now.start, found.now.reason) == (NOON, cover)


@pytest.mark.parametrize(("device_id", "minutes"), [("car", 0), ("battery", 120), ("battery", -1)])
def test_nothing_is_told_of_an_unknown_device_or_outside_the_plan(device_id: str, minutes: int) -> None:
    plan = changing()
    does = list(stretches(plan, plan.devices["battery"]))

    assert planned(plan, device_id, NOON + timedelta(minutes=minutes), does) is None
