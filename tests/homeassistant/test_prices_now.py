"""What a kWh costs now, as the preference to earn goes by it."""

from decimal import Decimal

from homeassistant.core import HomeAssistant

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.control.merit import Prices
from custom_components.home_flex.core.signals import SignalKind
from custom_components.home_flex.home_parts import PricesNow


async def test_the_prices_of_the_tariffs_are_looked_up_now_and_then_and_unknown_ones_are_none(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    del hass
    prices, seconds = site.runtime_data.prices, [0.0]
    now = PricesNow(prices, lambda: seconds[0])

    assert now() == Prices(import_per_kwh=Decimal("0.3"), export_per_kwh=Decimal("0.05"))

    prices.tariffs.contracts.pop(SignalKind.EXPORT_PRICE)  # type: ignore[attr-defined] # a tariff that ended
    assert now() is not None
    seconds[0] = 31.0
    assert now() is None
