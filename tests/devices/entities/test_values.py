"""What an entity's state means: its own unit decides, and what means nothing is never made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.entities.port import Entity, EntityState
from custom_components.home_flex.devices.entities.roles import Measure
from custom_components.home_flex.devices.entities.values import Lack, NoValue, number, read


def entity(text: str, unit: str | None = None, **attributes: object) -> Entity:
    return Entity(entity_id="sensor.one", state=EntityState(text=text, unit=unit, attributes=attributes))


@pytest.mark.parametrize(
    ("measure", "text", "unit", "value"),
    [
        (Measure.POWER_W, "136", "W", 136.0),
        (Measure.POWER_W, "-1.5", "kW", -1500.0),
        (Measure.POWER_W, "0.002", "MW", 2000.0),
        (Measure.ENERGY_WH, "12.5", "kWh", 12500.0),
        (Measure.ENERGY_WH, "3.6", "MJ", 1000.0),
        (Measure.CURRENT_A, "950", "mA", 0.95),
        (Measure.VOLTAGE_V, "0.23", "kV", 230.0),
        (Measure.SHARE, "55", "%", 0.55),
        (Measure.TEMPERATURE_C, "68", "°F", 20.0),
        (Measure.TEMPERATURE_C, "293.15", "K", 20.0),
        (Measure.COUNT, "3", None, 3.0),
        (Measure.FLAG, "on", None, True),
        (Measure.FLAG, "off", None, False),
        (None, "2", "kW", 2000.0),
        (None, "20", "%", 20.0),
        (None, "remote_control", None, "remote_control"),
    ],
)
def test_a_state_is_read_in_its_own_unit(
    measure: Measure | None, text: str, unit: str | None, value: object
) -> None:
    assert read(entity(text, unit), measure) == pytest.approx(value)


@pytest.mark.parametrize(
    ("found", "lack"),
    [
        (Entity(entity_id=None), Lack.MISSING),
        (Entity(entity_id="sensor.one", is_disabled=True), Lack.DISABLED),
        (Entity(entity_id="sensor.one"), Lack.UNAVAILABLE),
        (entity("unavailable", "W"), Lack.UNAVAILABLE),
        (entity("12", "W", restored=True), Lack.UNAVAILABLE),
        (entity("unknown", "W"), Lack.NO_VALUE),
        (entity("", "W"), Lack.NO_VALUE),
        (entity("nan", "W"), Lack.NO_VALUE),
        (entity("inf", "W"), Lack.NO_VALUE),
        (entity("1,5", "W"), Lack.NO_VALUE),
        (entity("1_000", "W"), Lack.NO_VALUE),
        (entity("1e400", "W"), Lack.NO_VALUE),
        (entity("1e306", "MW"), Lack.NO_VALUE),
        (entity("136", "VA"), Lack.WRONG_UNIT),
        (entity("136"), Lack.WRONG_UNIT),
    ],
)
def test_what_means_nothing_is_told_and_not_made_up(found: Entity, lack: Lack) -> None:
    value = read(found, Measure.POWER_W)
    assert isinstance(value, NoValue)
    assert value.lack is lack


def test_a_unit_that_is_stated_for_it_counts_only_where_the_state_has_none() -> None:
    assert read(entity("2", None), Measure.POWER_W, unit="kW") == 2000.0
    assert read(entity("2", "W"), Measure.POWER_W, unit="kW") == 2.0


def test_an_attribute_can_be_the_value() -> None:
    found = entity("heating", current_temperature=21.5)
    assert read(found, Measure.TEMPERATURE_C, attribute="current_temperature", unit="°C") == 21.5


@pytest.mark.parametrize("shown", [[1], {"b": 1}, 10**400, True], ids=["list", "mapping", "huge", "flag"])
def test_an_attribute_that_is_no_number_is_none(shown: object) -> None:
    found = read(entity("heating", a=shown), Measure.POWER_W, attribute="a", unit="W")
    assert isinstance(found, NoValue)
    assert found.lack is Lack.NO_VALUE


def test_words_of_a_status_are_those_of_the_profile_and_no_others() -> None:
    words = {"ready": "connected"}
    assert read(entity("Ready"), Measure.STATUS, words=words) == "connected"
    other = read(entity("mystery"), Measure.STATUS, words=words)
    assert isinstance(other, NoValue)
    assert other.lack is Lack.UNKNOWN_WORD


@pytest.mark.parametrize("percent", ["-1", "101"])
def test_a_state_of_charge_beyond_empty_and_full_is_none(percent: str) -> None:
    assert isinstance(read(entity(percent, "%"), Measure.SHARE), NoValue)


@given(st.text())
def test_any_text_is_a_finite_number_or_none(text: str) -> None:
    value = number(text)
    assert value is None or abs(value) < float("inf")
