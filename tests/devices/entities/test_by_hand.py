"""Devices that no profile knows: what follows from what a person chose, and what cannot be right of it."""

from typing import Any

import pytest

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.entities.binding import Constant, EntitySource, Source
from custom_components.home_flex.devices.entities.by_hand import (
    WRITTEN,
    Direction,
    control_by_hand,
    too_little,
)
from custom_components.home_flex.devices.entities.choosing import missing, wrong_with
from custom_components.home_flex.devices.entities.orders import quantities_of
from custom_components.home_flex.devices.entities.recipe import EndsBy, Operation, Step
from custom_components.home_flex.devices.entities.templates import compiled
from tests.devices.fakes.entities import FakeEntities

SWITCH = {"switch": "switch"}


WORDS = {Operation.CHARGE: "Force charge", Operation.DISCHARGE: "Force discharge", Operation.HOLD: "Standby"}


def control(kind: DeviceKind, domains: dict[str, str], direction: Direction = Direction(words=WORDS)) -> Any:  # noqa: B008 # a frozen value
    return control_by_hand(kind, domains, least_seconds=60.0, writes_per_day=100, direction=direction)


def written(steps: tuple[Step, ...]) -> list[tuple[str, str | None, Any]]:
    return [(step.action, step.role, step.data[0].value if step.data else None) for step in steps]


@pytest.mark.parametrize(
    ("kind", "domains", "operation", "steps"),
    [
        (
            DeviceKind.BATTERY,
            {"setpoint": "input_number"},
            Operation.DISCHARGE,
            [("input_number.set_value", "setpoint", "{{ -power }}")],
        ),
        (
            DeviceKind.BATTERY,
            {"setpoint": "number", "mode": "select"},
            Operation.DISCHARGE,
            [
                ("number.set_value", "setpoint", "{{ power }}"),
                ("select.select_option", "mode", "Force discharge"),
            ],
        ),
        (
            DeviceKind.BATTERY,
            {"setpoint": "number", "mode": "input_select"},
            Operation.HOLD,
            [("input_select.select_option", "mode", "Standby")],
        ),
        (
            DeviceKind.PV,
            {"limit": "number"},
            Operation.LIMIT,
            [("number.set_value", "limit", "{{ power }}")],
        ),
        (
            DeviceKind.EV_CHARGER,
            {"limit": "number", **SWITCH},
            Operation.LIMIT,
            [("number.set_value", "limit", "{{ current }}"), ("switch.turn_on", "switch", None)],
        ),
        (
            DeviceKind.EV_CHARGER,
            {"limit": "number", **SWITCH},
            Operation.PAUSE,
            [("switch.turn_off", "switch", None)],
        ),
        (DeviceKind.EV_CHARGER, SWITCH, Operation.LIMIT, [("switch.turn_on", "switch", None)]),
        (DeviceKind.EV_CHARGER, SWITCH, Operation.PAUSE, [("switch.turn_off", "switch", None)]),
        (
            DeviceKind.SWITCHED_LOAD,
            {"switch": "light"},
            Operation.SWITCH_ON,
            [("light.turn_on", "switch", None)],
        ),
        (DeviceKind.APPLIANCE, {"start": "button"}, Operation.START, [("button.press", "start", None)]),
        (DeviceKind.APPLIANCE, {"start": "script"}, Operation.START, [("script.turn_on", "start", None)]),
        (
            DeviceKind.HEAT_PUMP,
            {"lock_switch": "switch", "advise_switch": "switch"},
            Operation.LOCK,
            [("switch.turn_off", "advise_switch", None), ("switch.turn_on", "lock_switch", None)],
        ),
        (
            DeviceKind.WATER_HEATER,
            SWITCH,
            Operation.SWITCH_OFF,
            [("switch.turn_off", "switch", None)],
        ),
    ],
)
def test_recipes_follow_from_the_entities_that_were_chosen(
    kind: DeviceKind, domains: dict[str, str], operation: Operation, steps: list[tuple[str, str, Any]]
) -> None:
    by_hand = control(kind, domains)
    assert written(by_hand.recipes[operation]) == steps
    assert quantities_of(kind, by_hand)
    for recipe in by_hand.recipes.values():
        for step in recipe:
            for field in step.data:
                compiled(str(field.value))


ONE_CURRENT = {"switch": "switch.car", "min_current": 10.0, "max_current": 10.0}


@pytest.mark.parametrize(
    ("kind", "entered", "wrong"),
    [
        (DeviceKind.EV_CHARGER, ONE_CURRENT, {}),
        (DeviceKind.EV_CHARGER, ONE_CURRENT | {"min_current": 6.0}, {"switch": "switch_alone"}),
        (DeviceKind.EV_CHARGER, ONE_CURRENT | {"min_current": 6.0, "limit": "number.a"}, {}),
        (DeviceKind.EV_CHARGER, {"min_current": 6.0, "max_current": 16.0}, {}),
        (DeviceKind.HEAT_PUMP, {"advise_switch": "switch.sg"}, {"advise_switch": "advise_alone"}),
        (DeviceKind.HEAT_PUMP, {"advise_switch": "switch.sg", "lock_switch": "switch.evu"}, {}),
        (DeviceKind.SWITCHED_LOAD, {"switch": "switch.pump"}, {}),
        (DeviceKind.BATTERY, {"mode": "select.mode"}, {"mode": "mode_alone"}),
        (DeviceKind.BATTERY, {"mode": "select.mode", "setpoint": "number.power"}, {}),
    ],
)
def test_what_is_too_little_to_control_by_is_said(
    kind: DeviceKind, entered: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert too_little(kind, entered) == wrong


def test_a_setpoint_that_discharges_with_positive_numbers_is_turned() -> None:
    by_hand = control(DeviceKind.BATTERY, {"setpoint": "number"}, Direction(sign=-1))
    assert written(by_hand.recipes[Operation.CHARGE]) == [("number.set_value", "setpoint", "{{ -power }}")]
    assert written(by_hand.recipes[Operation.DISCHARGE]) == [("number.set_value", "setpoint", "{{ power }}")]


def test_a_battery_whose_mode_has_no_words_yet_cannot_be_told_a_power() -> None:
    by_hand = control(DeviceKind.BATTERY, {"setpoint": "number", "mode": "select"}, Direction())
    assert quantities_of(DeviceKind.BATTERY, by_hand) == frozenset()


def test_a_battery_is_taken_out_of_its_mode_before_its_power_is_put_back() -> None:
    by_hand = control(DeviceKind.BATTERY, {"setpoint": "number", "mode": "select"})
    assert [step.role for step in by_hand.recipes[Operation.RELEASE]] == ["mode", "setpoint"]


@pytest.mark.parametrize("kind", DeviceKind)
def test_what_is_written_is_put_back_but_for_a_start(kind: DeviceKind) -> None:
    domains = {role: choices[0] for role, choices in WRITTEN[kind].items()}
    by_hand = control(kind, domains)
    if not domains:
        assert by_hand is None
        return
    restored = set() if kind is DeviceKind.APPLIANCE else set(domains)
    assert set(by_hand.remember) == restored
    assert {step.role for step in by_hand.recipes[Operation.RELEASE]} == restored
    assert by_hand.ends.by is EndsBy.NOTHING


@pytest.mark.parametrize("kind", DeviceKind)
def test_without_anything_to_write_a_device_is_only_read(kind: DeviceKind) -> None:
    assert control(kind, {}) is None


FUSE_W = 17250.0


def battery(home: FakeEntities, power: str = "-500", unit: str = "W") -> dict[str, Source]:
    home.add("sensor.charge", "50", "%")
    return {
        "power": EntitySource(plus=(home.add("sensor.power", power, unit),)),
        "state_of_charge": EntitySource(plus=("reg:sensor.charge",)),
        "capacity": Constant(value=10000.0),
        "rated_power": Constant(value=5000.0),
    }


def test_a_rated_power_stands_for_what_a_battery_charges_and_discharges_at() -> None:
    home = FakeEntities()
    assert missing(DeviceKind.BATTERY, battery(home)) == ()
    assert wrong_with(DeviceKind.BATTERY, battery(home), home, fuse_w=FUSE_W) == {}


@pytest.mark.parametrize(
    ("power", "unit", "slug"),
    [
        ("7500", "W", None),
        ("7501", "W", "power_implausible"),
        ("-7501", "W", "power_implausible"),
        ("0.5", "kW", None),
        ("500", "kW", "power_implausible"),
        ("500", "VA", "entity_wrong_unit"),
        ("unknown", "W", "entity_no_value"),
        ("unavailable", "W", "entity_unavailable"),
    ],
)
def test_a_power_beyond_its_rating_is_in_another_unit_or_of_another_device(
    power: str, unit: str, slug: str | None
) -> None:
    home = FakeEntities()
    wrong = wrong_with(DeviceKind.BATTERY, battery(home, power, unit), home, fuse_w=FUSE_W)
    assert wrong == ({} if slug is None else {"power": slug})


def test_without_a_rating_the_main_fuse_bounds_a_power() -> None:
    home = FakeEntities()
    meter = {"power": EntitySource(plus=(home.add("sensor.power", "136", "kW"),))}
    assert wrong_with(DeviceKind.GRID_METER, meter, home, fuse_w=FUSE_W) == {"power": "power_implausible"}
    home.show("sensor.power", "136", unit="W")
    assert wrong_with(DeviceKind.GRID_METER, meter, home, fuse_w=FUSE_W) == {}


def test_what_may_be_missing_is_wrong_only_in_a_unit_that_is_none_of_it() -> None:
    home = FakeEntities()
    roles = battery(home)
    roles["energy_charged"] = EntitySource(plus=(home.add("sensor.energy", "unavailable", "kWh"),))
    assert wrong_with(DeviceKind.BATTERY, roles, home, fuse_w=FUSE_W) == {}
    home.show("sensor.energy", "12", unit="W")
    wrong = wrong_with(DeviceKind.BATTERY, roles, home, fuse_w=FUSE_W)
    assert wrong == {"energy_charged": "entity_wrong_unit"}


def test_a_load_needs_one_entity_at_least() -> None:
    roles: dict[str, Source] = {"rated_power": Constant(value=2000.0)}
    wrong = wrong_with(DeviceKind.SWITCHED_LOAD, roles, FakeEntities(), fuse_w=FUSE_W)
    assert wrong == {"power": "entities_missing"}
