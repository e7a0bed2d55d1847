"""What control remembers over a restart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import ChargerMemory, ChargingMemory
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.document import VERSION, decode, encode
from custom_components.home_flex.core.control.memory import ChargePlan, DeviceMemory, Hunting, Response, Shown
from custom_components.home_flex.core.control.reserve import ReserveMemory, ReserveState
from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.core.events.model import PayloadType
from custom_components.home_flex.core.model import Owner

from .house import SITE, House, command

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MEMORY = ControlMemory(
    devices={
        "battery": DeviceMemory(
            taken=Owner.AGGREGATOR, reason="import_capacity_limit", source_id="event", bound_s=90.0
        ),
        "pv": DeviceMemory(),
    },
    reserves={
        "battery": ReserveMemory(state=ReserveState.RESTORING, holding=True, fast=True, restores_s=(40.0,))
    },
    charging=ChargingMemory(
        chargers={
            "car": ChargerMemory(contactor=Contactor(closings=(10.0, 70.0)), sessions_w=(3680.0, 11040.0))
        }
    ),
    charge_plans={("event", "battery"): ChargePlan(state_of_charge=0.4, target_wh=8000.0, power_w=2000.0)},
)


def after_a_restart(memory: ControlMemory) -> ControlMemory:
    """Return what is read ten minutes later, by a monotonic clock that began anew."""
    return decode(encode(memory, 100.0, NOW), 5.0, NOW + timedelta(seconds=600))


def test_who_holds_a_device_is_kept_and_it_is_owed_a_hand_back() -> None:
    devices = after_a_restart(MEMORY).devices

    assert set(devices) == {"battery"}
    held = devices["battery"]
    assert (held.taken, held.reason, held.source_id, held.bound_s) == (
        Owner.AGGREGATOR,
        "import_capacity_limit",
        "event",
        5.0,
    )
    assert held.actuator.owes


def test_instants_are_kept_by_the_wall_clock() -> None:
    memory = after_a_restart(MEMORY)

    assert memory.charging.chargers["car"].contactor.closings == (-685.0, -625.0)
    assert memory.reserves["battery"].restores_s == (-655.0,)


def test_reserves_and_powers_towards_a_charge_are_kept() -> None:
    memory = after_a_restart(MEMORY)

    assert memory.reserves["battery"].state is ReserveState.RESTORING
    assert memory.reserves["battery"].holding
    assert memory.charge_plans == MEMORY.charge_plans


def test_what_the_last_cars_took_is_kept_with_and_without_closings() -> None:
    alone = ControlMemory(charging=ChargingMemory(chargers={"car": ChargerMemory(sessions_w=(3680.0,))}))

    assert after_a_restart(MEMORY).charging.chargers["car"].sessions_w == (3680.0, 11040.0)
    assert after_a_restart(alone).charging == alone.charging


def test_a_closing_of_a_wrong_clock_counts_as_one_of_now() -> None:
    closings = decode({"closings": {"car": [4e9]}}, 5.0, NOW).charging.chargers["car"].contactor.closings

    assert closings == (5.0,)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"version": VERSION + 1, "later": {}},
        {"taken": 3, "reserves": [], "closings": "", "charge_plans": {}},
        {"taken": {"a": {"owner": "NOBODY", "reason": ""}, "b": None, "c": {}}},
        {
            "reserves": {"a": {"state": "lost", "holding": True}},
            "closings": {"a": ["soon"], "b": [float("nan")]},
            "sessions_w": {"a": ["much"], "b": [float("inf")], "c": [], "d": [0.0], "e": 3},
        },
        {
            "charge_plans": [
                {"source_id": "e"},
                3,
                {"source_id": "e", "device_id": "b", "state_of_charge": "?"},
            ]
        },
    ],
)
def test_what_cannot_be_read_is_left_out(document: Any) -> None:
    assert decode(document, 5.0, NOW) == ControlMemory()


def test_one_bad_row_takes_no_other_with_it() -> None:
    document = encode(MEMORY, 100.0, NOW)
    document["taken"]["bad"] = {"owner": "NOBODY"}

    assert set(decode(document, 5.0, NOW).devices) == {"battery"}


@pytest.mark.parametrize("ended_s", [0.0, 0.25, 1.0, 2.0, 4.0])
def test_what_a_former_life_wrote_is_handed_back_when_nobody_asks_for_it(ended_s: float) -> None:
    """Hand-backs follow one another: a restart may come between them."""
    house = House(car_max_a=16, site=replace(SITE, main_fuse_a=63.0))
    limit = command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000)
    house.run(20, limit)
    assert house.charger.value is not None
    house.run(ended_s)
    house.memory = decode(encode(house.memory, house.time_s, NOW), house.time_s, NOW)
    for device in house.devices.values():
        device.written = device.written_s = device.changed_s = None

    house.run(10)

    assert house.charger.value is None
    assert house.battery.value is None


LEARNED = Response(full_s=(3.1, 4.2), report_s=(2.0,), is_late=True)


def restarted(memory: DeviceMemory, *, after_s: float = 600.0) -> dict[str, DeviceMemory]:
    """Return what is remembered of the devices when one of them was remembered so before."""
    document = encode(ControlMemory(devices={"battery": memory}), 100.0, NOW)
    return dict(decode(document, 5.0, NOW + timedelta(seconds=after_s)).devices)


def test_how_soon_a_device_answers_is_kept() -> None:
    assert restarted(DeviceMemory(response=LEARNED)) == {"battery": DeviceMemory(response=LEARNED)}


def test_it_is_kept_beside_who_holds_the_device() -> None:
    held = restarted(DeviceMemory(response=LEARNED, taken=Owner.AGGREGATOR, reason="event"))["battery"]

    assert (held.taken, held.response) == (Owner.AGGREGATOR, LEARNED)


def test_what_may_be_otherwise_after_a_restart_is_not_kept() -> None:
    passing = DeviceMemory(
        response=Response(against=5, mirrored=3),
        low=Shown(bound_w=1000.0),
        high=Shown(bound_w=1000.0),
        hunting=Hunting(band_w=300.0, slower=2.0),
        draws_max_w=3000.0,
        active_phases=1,
    )

    assert restarted(passing) == {}
    assert restarted(replace(passing, response=replace(passing.response, full_s=(3.0,)))) == {
        "battery": DeviceMemory(response=Response(full_s=(3.0,)))
    }


@pytest.mark.parametrize(
    ("after_s", "believed"), [(30 * 86400.0, True), (30 * 86400.0 + 1, False), (-86400, True)]
)
def test_what_was_learned_is_believed_for_a_month(after_s: float, believed: bool) -> None:
    assert bool(restarted(DeviceMemory(response=LEARNED), after_s=after_s)) is believed


@pytest.mark.parametrize(
    "row",
    [
        None,
        {},
        {"full_s": [], "report_s": None},
        {"full_s": ["soon"], "report_s": []},
        {"full_s": [float("nan")], "report_s": []},
        {"full_s": [-1.0], "report_s": []},
        {"full_s": [1e9], "report_s": []},
    ],
)
def test_an_answer_that_cannot_be_is_left_out(row: object) -> None:
    assert decode({"kept": NOW.timestamp(), "learned": {"battery": row}}, 5.0, NOW).devices == {}


def test_what_an_older_release_kept_without_a_time_teaches_nothing() -> None:
    row = {"full_s": [3.0], "report_s": [], "late": False}

    assert decode({"learned": {"battery": row}}, 5.0, NOW).devices == {}
    assert "battery" in decode({"kept": NOW.timestamp(), "learned": {"battery": row}}, 5.0, NOW).devices


def test_only_as_many_answers_are_kept_as_are_learned_from() -> None:
    row = {"full_s": [float(n) for n in range(20)], "report_s": []}
    document = {"kept": NOW.timestamp(), "learned": {"battery": row}}

    assert decode(document, 5.0, NOW).devices["battery"].response.full_s == tuple(map(float, range(13, 20)))
