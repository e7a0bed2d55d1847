"""Home Assistant's entities as a device needs them: found under their registry ids wherever they are."""

from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.home_flex.devices.entities.port import ActionRefusedError, Entity
from custom_components.home_flex.entity_port import HomeAssistantEntities

UNIQUE_ID = "meter_power"


@pytest.fixture
def port(hass: HomeAssistant) -> HomeAssistantEntities:
    return HomeAssistantEntities(hass)


@pytest.fixture
def power(hass: HomeAssistant, entity_registry: er.EntityRegistry) -> str:
    """Put a sensor of another integration into the registry; returns its id there."""
    entry = entity_registry.async_get_or_create("sensor", "other", UNIQUE_ID, suggested_object_id="power")
    hass.states.async_set(entry.entity_id, "500", {"unit_of_measurement": "W"})
    return entry.id


def shown(entity: Entity) -> tuple[str | None, str | None]:
    return entity.entity_id, entity.state.text if entity.state is not None else None


async def test_what_is_written_is_heard_whether_it_changed_or_not(
    hass: HomeAssistant, port: HomeAssistantEntities, power: str
) -> None:
    heard: list[str] = []
    stop = port.watch([power], heard.append)
    hass.states.async_set("sensor.power", "501", {"unit_of_measurement": "W"})
    assert heard == [power]
    hass.states.async_set("sensor.power", "501", {"unit_of_measurement": "W"})
    assert heard == [power, power]
    hass.states.async_set("sensor.other", "1")
    stop()
    hass.states.async_set("sensor.power", "502", {"unit_of_measurement": "W"})
    assert heard == [power, power]


async def test_an_entity_is_heard_under_its_new_name_more_than_once(
    hass: HomeAssistant, port: HomeAssistantEntities, power: str, entity_registry: er.EntityRegistry
) -> None:
    heard: list[str] = []
    stop = port.watch([power], heard.append)
    for name in ("sensor.grid", "sensor.house"):
        entity_registry.async_update_entity(port.look(power).entity_id or "", new_entity_id=name)
        await hass.async_block_till_done()
        heard.clear()
        hass.states.async_set(name, "700")
        assert heard == [power]
        assert shown(port.look(power)) == (name, "700")
    stop()


async def test_an_entity_that_was_removed_is_nowhere_and_is_heard_again_once_it_is_back(
    hass: HomeAssistant, port: HomeAssistantEntities, power: str, entity_registry: er.EntityRegistry
) -> None:
    heard: list[str] = []
    stop = port.watch([power], heard.append)
    entity_registry.async_remove("sensor.power")
    await hass.async_block_till_done()
    assert port.look(power) == Entity(entity_id=None)
    back = entity_registry.async_get_or_create("sensor", "other", UNIQUE_ID, suggested_object_id="back")
    await hass.async_block_till_done()
    heard.clear()
    hass.states.async_set(back.entity_id, "800")
    assert heard == [power]
    assert shown(port.look(power))[1] == "800"
    stop()


async def test_a_disabled_entity_says_so(
    port: HomeAssistantEntities, power: str, entity_registry: er.EntityRegistry
) -> None:
    entity_registry.async_update_entity("sensor.power", disabled_by=er.RegistryEntryDisabler.USER)
    assert port.look(power).is_disabled


async def test_an_entity_without_an_entry_is_held_by_its_entity_id(
    hass: HomeAssistant, port: HomeAssistantEntities
) -> None:
    heard: list[str] = []
    stop = port.watch(["sensor.loose"], heard.append)
    hass.states.async_set("sensor.loose", "1")
    assert heard == ["sensor.loose"]
    assert shown(port.look("sensor.loose")) == ("sensor.loose", "1")
    assert port.look("sensor.nowhere") == Entity(entity_id=None)
    stop()


@pytest.mark.parametrize(
    ("context", "who"),
    [
        (Context(user_id="somebody"), "a user"),
        (Context(parent_id="its trigger"), "an automation or script"),
        (Context(), None),
    ],
)
async def test_who_made_an_entity_show_something_is_told_as_far_as_it_is_known(
    hass: HomeAssistant, port: HomeAssistantEntities, power: str, context: Context, who: str | None
) -> None:
    hass.states.async_set("sensor.power", "900", context=context)
    state = port.look(power).state
    assert state is not None
    assert state.changed_by == who


async def test_an_action_is_called_with_its_data_and_waited_for(
    hass: HomeAssistant, port: HomeAssistantEntities
) -> None:
    calls: list[Any] = []

    async def take(call: ServiceCall) -> None:
        calls.append(dict(call.data))

    hass.services.async_register("made_up", "charge", take)
    assert port.has_action("made_up.charge")
    await port.act("made_up.charge", {"power": 1500})
    assert calls == [{"power": 1500}]


@pytest.mark.parametrize("error", [HomeAssistantError("the device refuses"), KeyError("a bug of theirs")])
async def test_whatever_an_integration_raises_is_a_refusal(
    hass: HomeAssistant, port: HomeAssistantEntities, error: Exception
) -> None:
    async def refuse(_call: ServiceCall) -> None:
        raise error

    hass.services.async_register("made_up", "charge", refuse)
    with pytest.raises(ActionRefusedError):
        await port.act("made_up.charge", {})


async def test_an_action_that_is_not_there_is_refused(port: HomeAssistantEntities) -> None:
    assert not port.has_action("made_up.charge")
    with pytest.raises(ActionRefusedError):
        await port.act("made_up.charge", {})
