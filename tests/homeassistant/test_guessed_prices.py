"""Prices beyond those published, from what the recorder kept; it needs one of its own."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.components.recorder.common import (  # type: ignore[import-untyped] # has no types
    async_wait_recording_done,
)

from custom_components.home_flex.core.signals import SignalKind

from .conftest import StartSite
from .house import until
from .prices import ENTITY, publish, this_hour
from .test_site_prices import IMPORT, ahead, tariff


@pytest.fixture
def enable_custom_integrations(recorder_mock: Any, hass: HomeAssistant) -> None:
    """Start the recorder, which must be there before Home Assistant is, and let Home Flex be found."""
    hass.data.pop(DATA_CUSTOM_COMPONENTS)


async def test_what_is_not_published_is_guessed_from_what_was_recorded(
    hass: HomeAssistant, start_site: StartSite
) -> None:
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.ARITHMETIC,
        has_sum=False,
        name=None,
        source="recorder",
        statistic_id=IMPORT,
        unit_class=None,
        unit_of_measurement="EUR/kWh",
    )
    past = [this_hour() - timedelta(hours=hours) for hours in range(1, 24 * 7)]
    async_import_statistics(hass, metadata, [StatisticData(start=hour, mean=0.42) for hour in past])
    await async_wait_recording_done(hass)
    publish(hass, hours=10)
    entry = await start_site(tariff(entity=ENTITY))
    prices = entry.runtime_data.prices
    await until(lambda: prices.current(SignalKind.IMPORT_PRICE) is not None)
    await prices.async_refresh()
    signal = ahead(entry)
    assert signal.known_until == this_hour() + timedelta(hours=10)
    guessed = [slot for slot in signal.slots if slot.guessed]
    # Later hours have those of the first ten, which are published, among their past.
    of_today = [slot for slot in guessed if slot.start < this_hour() + timedelta(hours=24)]
    assert {round(float(slot.value), 4) for slot in of_today} == {0.42}
    assert guessed[-1].end == this_hour() + timedelta(hours=48)
