"""What of control is written down: who holds which device, and what was learned, by the wall clock."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.charging import ChargerMemory, ChargingMemory
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.document import decode, encode, is_in_hand
from custom_components.home_flex.core.control.memory import Actuator, ChargePlan, DeviceMemory, Response
from custom_components.home_flex.core.control.reserve import ReserveMemory, ReserveState
from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.core.model import Owner

from .sights import order

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
AT = int(NOW.timestamp())


def test_all_that_is_worth_keeping_is_written_as_json() -> None:
    memory = ControlMemory(
        devices={
            "battery": DeviceMemory(
                taken=Owner.AGGREGATOR, reason="limit", source_id="event", is_standing=True
            ),
            "owed": DeviceMemory(actuator=Actuator(owes=True), response=Response(report_s=(2.0,))),
            "pv": DeviceMemory(response=Response(full_s=(3.0, 4.0), is_late=True)),
            "free": DeviceMemory(),
        },
        reserves={
            "battery": ReserveMemory(state=ReserveState.BELOW, holding=True, fast=True, restores_s=(40.4,)),
            "other": ReserveMemory(),
        },
        charging=ChargingMemory(
            chargers={
                "car": ChargerMemory(contactor=Contactor(closings=(10.0, 70.6)), sessions_w=(3680.4,)),
                "new": ChargerMemory(),
            }
        ),
        charge_plans={("event", "battery"): ChargePlan(state_of_charge=0.4, target_wh=8.0, power_w=2.0)},
    )
    assert encode(memory, 100.0, NOW) == {
        "version": 1,
        "kept": AT,
        "taken": {
            "battery": {"owner": "AGGREGATOR", "reason": "limit", "source_id": "event", "standing": True},
            "owed": {"owner": None, "reason": "", "source_id": None, "standing": False},
        },
        "learned": {
            "owed": {"full_s": [], "report_s": [2.0], "late": False},
            "pv": {"full_s": [3.0, 4.0], "report_s": [], "late": True},
        },
        "reserves": {
            "battery": {"state": "below", "holding": True, "fast": True, "restores": [AT - 60]},
        },
        "closings": {"car": [AT - 90, AT - 29]},
        "sessions_w": {"car": [3680]},
        "charge_plans": [
            {
                "source_id": "event",
                "device_id": "battery",
                "state_of_charge": 0.4,
                "target_wh": 8.0,
                "power_w": 2.0,
            }
        ],
    }


@pytest.mark.parametrize(
    ("memory", "in_hand"),
    [
        (DeviceMemory(), False),
        (DeviceMemory(taken=Owner.PLAN), True),
        (DeviceMemory(orders=(order(1.0, 500.0),)), True),
        (DeviceMemory(orders=(order(1.0, 500.0), order(2.0, None))), False),
        (DeviceMemory(actuator=Actuator(owes=True)), True),
        (DeviceMemory(actuator=Actuator(release_s=0.0)), True),
    ],
)
def test_a_device_is_in_hand_until_it_is_proven_to_be_by_itself(
    memory: DeviceMemory, *, in_hand: bool
) -> None:
    assert is_in_hand(memory) is in_hand


def test_a_late_answer_alone_is_worth_keeping() -> None:
    late = ControlMemory(devices={"car": DeviceMemory(response=Response(is_late=True))})
    assert set(encode(late, 0.0, NOW)["learned"]) == {"car"}


TAKEN = {"owner": "RESIDENT", "reason": 3, "source_id": 7, "standing": True}
ROWS = [
    (TAKEN, DeviceMemory(taken=Owner.RESIDENT, reason="3", source_id="7", bound_s=5.0, is_standing=True)),
    (
        {"owner": "PLAN", "reason": "plan", "source_id": None, "standing": "yes"},
        DeviceMemory(taken=Owner.PLAN, reason="plan", bound_s=5.0),
    ),
    ({"owner": "PLAN", "reason": "plan"}, DeviceMemory(taken=Owner.PLAN, reason="plan", bound_s=5.0)),
    ({"owner": None}, DeviceMemory()),
]


@pytest.mark.parametrize(("row", "memory"), ROWS)
def test_who_held_a_device_is_read_tolerantly(row: dict[str, object], memory: DeviceMemory) -> None:
    owed = replace(memory, actuator=Actuator(owes=True))
    assert decode({"taken": {"battery": row}}, 5.0, NOW).devices == {"battery": owed}


@pytest.mark.parametrize(
    ("row", "memory"),
    [
        (
            {"state": "at", "holding": True, "fast": True, "restores": [AT - 60]},
            ReserveMemory(state=ReserveState.AT, holding=True, fast=True, restores_s=(-55.0,)),
        ),
        ({"state": "at", "holding": 1, "fast": 1}, ReserveMemory(state=ReserveState.AT)),
        ({"state": "at", "holding": False}, ReserveMemory(state=ReserveState.AT)),
    ],
)
def test_a_reserve_is_read_tolerantly(row: dict[str, object], memory: ReserveMemory) -> None:
    assert decode({"reserves": {"battery": row}}, 5.0, NOW).reserves == {"battery": memory}


def test_closings_are_sorted_and_each_charger_is_read_by_itself() -> None:
    document = {"closings": {"a": [AT, AT - 60]}, "sessions_w": {"b": [7000]}}
    chargers = decode(document, 5.0, NOW).charging.chargers
    assert chargers == {
        "a": ChargerMemory(contactor=Contactor(closings=(-55.0, 5.0))),
        "b": ChargerMemory(sessions_w=(7000.0,)),
    }


@pytest.mark.parametrize(
    ("answer_s", "is_believed"), [(0.0, True), (300.0, True), (300.1, False), (-0.1, False)]
)
def test_no_device_answers_after_more_than_five_minutes(answer_s: float, *, is_believed: bool) -> None:
    for name in ("full_s", "report_s"):
        row = {"full_s": [], "report_s": [], name: [answer_s], "late": True}
        assert bool(decode({"kept": AT, "learned": {"car": row}}, 5.0, NOW).devices) is is_believed


@pytest.mark.parametrize(("late", "is_late"), [(True, True), (1, False), (None, False)])
def test_that_an_answer_came_late_is_believed_where_it_is_said(late: object, *, is_late: bool) -> None:
    row = {"full_s": [3.0], "report_s": [], "late": late}
    found = decode({"kept": AT, "learned": {"car": row}}, 5.0, NOW).devices["car"]
    assert found.response == Response(full_s=(3.0,), is_late=is_late)


def test_one_bad_plan_takes_no_other_with_it() -> None:
    good = {"source_id": 3, "device_id": "b", "state_of_charge": 0.5, "target_wh": 1, "power_w": 2}
    document = {"charge_plans": [{**good, "power_w": float("inf")}, good]}
    assert decode(document, 5.0, NOW).charge_plans == {
        ("3", "b"): ChargePlan(state_of_charge=0.5, target_wh=1.0, power_w=2.0)
    }
