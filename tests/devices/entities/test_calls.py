"""From a step of a recipe to a call: in the entity's own unit, and never more than was ordered."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.entities.calls import Call, Caller
from custom_components.home_flex.devices.entities.recipe import DataField, Step
from custom_components.home_flex.devices.entities.templates import Names, RecipeError, compiled, rendered
from tests.devices.fakes.entities import FakeEntities

ORDER = {
    "power": 1500,
    "current": 10,
    "phases": 3,
    "minutes": 10,
    "seconds": 600,
    "was": Names({"mode": "auto", "limit": 2500}),
    "role": Names({"rated_power": 6000}),
}


def step(action: str, role: str | None = "target", **data: str | float) -> Step:
    fields = tuple(DataField(name=name, value=value) for name, value in data.items())
    return Step(action=action, role=role, data=fields)


def call(home: FakeEntities, entity_id: str, asked: Step, *, exact: bool = False) -> Call:
    caller = Caller(port=home, entity_of={"target": f"reg:{entity_id}"}.get)
    return caller.call(asked, ORDER, exact=exact)


def number_set(unit: str | None, value: str | float, *, exact: bool = False, **limits: Any) -> float:
    """Return what a number is set to that shows this unit."""
    home = FakeEntities()
    home.add("number.one", "0", unit, **limits)
    made = call(home, "number.one", step("number.set_value", value=value), exact=exact)
    assert made.data["entity_id"] == "number.one"
    return float(made.data["value"])


@pytest.mark.parametrize(
    ("unit", "value", "limits", "written"),
    [
        ("W", "{{ power }}", {}, 1500.0),
        ("kW", "{{ power }}", {}, 1.5),
        ("W", "{{ -power }}", {"min": -5000, "max": 5000}, -1500.0),
        ("W", "{{ power }}", {"max": 1000}, 1000.0),
        ("W", "{{ -power }}", {"min": -1000, "max": 1000}, -1000.0),
        ("W", "{{ power }}", {"step": 400}, 1200.0),
        ("kW", "{{ power }}", {"step": 0.4}, 1.2),
        ("A", "{{ current }}", {"min": 6, "max": 16, "step": 1}, 10.0),
        ("mA", "{{ current }}", {}, 10000.0),
        ("%", "{{ power / role.rated_power * 100 }}", {"min": 0, "max": 100, "step": 1}, 25.0),
        (None, "{{ minutes }}", {}, 10.0),
        ("%", 0, {}, 0.0),
    ],
)
def test_a_number_is_set_in_the_unit_that_it_shows(
    unit: str | None, value: str | float, limits: dict[str, Any], written: float
) -> None:
    assert number_set(unit, value, **limits) == pytest.approx(written)


def test_what_was_there_before_is_written_as_it_was() -> None:
    assert number_set("W", "{{ was.limit }}", exact=True, step=400, max=3000) == 2500.0


def test_a_number_that_would_have_to_be_raised_to_be_taken_is_refused() -> None:
    with pytest.raises(DeviceError) as caught:
        number_set("A", 3, min=6, max=16)
    assert caught.value.reason == "out_of_range"


@given(
    st.floats(-10000, 10000),
    st.sampled_from(["W", "kW"]),
    st.floats(0, 500),
    st.floats(-8000, 0),
    st.floats(0, 8000),
)
def test_never_more_is_written_than_was_asked(
    asked: float, unit: str, grain: float, low: float, high: float
) -> None:
    watts = {"W": 1.0, "kW": 1000.0}[unit]
    written = number_set(unit, asked, step=grain / watts, min=low / watts, max=high / watts) * watts
    assert abs(written) <= abs(asked) + 0.01
    assert written * asked >= 0
    assert low - 0.01 <= written <= high + 0.01


@pytest.mark.parametrize(
    ("asked", "shown", "value"),
    [
        (step("select.select_option", option="hold"), "select.one", "hold"),
        (step("switch.turn_on"), "switch.one", "on"),
        (step("homeassistant.turn_off"), "switch.one", "off"),
        (step("climate.set_hvac_mode", hvac_mode="heat"), "climate.one", "heat"),
        (step("water_heater.set_operation_mode", operation_mode="eco"), "water_heater.one", "eco"),
    ],
)
def test_what_an_entity_is_to_show_is_known_of_actions_that_it_shows(
    asked: Step, shown: str, value: str
) -> None:
    home = FakeEntities(actions={asked.action})
    home.add(shown, "off", options=["hold", "auto"])
    made = call(home, shown, asked)
    assert made.shows is not None
    assert made.shows.value == value


@pytest.mark.parametrize("action", ["button.press", "script.turn_on"])
def test_what_shows_nowhere_is_not_waited_for(action: str) -> None:
    home = FakeEntities(actions={action})
    entity_id = f"{action.partition('.')[0]}.one"
    home.add(entity_id, "unknown")
    assert call(home, entity_id, step(action)).shows is None


def test_an_action_on_a_device_is_given_the_device_of_a_role_s_entity() -> None:
    home = FakeEntities(actions={"huawei_solar.forcible_charge"})
    home.add("sensor.battery", "0", "W")
    fields = (
        DataField(name="power", value="{{ power }}", as_text=True),
        DataField(name="duration", value="{{ minutes }}"),
    )
    made = call(
        home,
        "sensor.battery",
        Step(action="huawei_solar.forcible_charge", device_of="target", data=fields),
    )
    assert made.data == {"power": "1500", "duration": 10, "device_id": "dev:sensor.battery"}
    assert made.shows is None


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (step("easee.set_limit"), "action_missing"),
        (step("number.set_value", value="{{ nothing }}"), "bad_recipe"),
        (step("number.set_value", value="{{ 1 / 0 }}"), "bad_recipe"),
        (step("number.set_value", value="{{ was.gone }}"), "bad_recipe"),
        (step("number.set_value", value="much"), "bad_recipe"),
        (step("number.set_value", role="other", value=1), "entity_not_chosen"),
    ],
)
def test_what_cannot_be_called_is_refused_before_anything_is(asked: Step, reason: str) -> None:
    home = FakeEntities()
    home.add("number.one", "0", "W")
    with pytest.raises(DeviceError) as caught:
        call(home, "number.one", asked)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ power }}", 1500),
        ("{{ power / 1000 }}", 1.5),
        ("{{ was.mode }}", "auto"),
        ("{{ power > 1000 }}", True),
        ("{{ 'high' if power > 1000 else 'low' }}", "high"),
        ("{{ current | round(0) | int }}", 10),
    ],
)
def test_a_template_gives_a_number_where_it_reads_as_one(text: str, value: Any) -> None:
    found = rendered(text, ORDER)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "{{ states('sensor.secret') }}",
        "{{ hass }}",
        "{{ power.__class__ }}",
        "{{ 'a' * 1000 }}",
        "{{ was.mode * 1000 }}",
        "{{ was.mode % power }}",
        "{{ '%900d' % power }}",
        "{{ power",
        "{% for one in range(9) %}{{ one }}{% endfor %}{{ lipsum() }}",
    ],
)
def test_a_template_sees_nothing_but_what_is_stated(text: str) -> None:
    with pytest.raises(RecipeError):
        rendered(text, ORDER)


def test_a_template_is_refused_when_it_is_read_and_not_only_when_it_is_used() -> None:
    with pytest.raises(RecipeError, match="states"):
        compiled("{{ states('sensor.secret') }}")
