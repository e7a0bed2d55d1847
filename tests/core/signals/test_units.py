"""Units of prices and of carbon intensity."""

from decimal import Decimal

import pytest

from custom_components.home_flex.core.signals import SignalKind, UnitFactor, unit_factor


@pytest.mark.parametrize(
    ("unit", "currency", "told", "per_kwh"),
    [
        ("EUR/kWh", "EUR", "0.3", "0.3"),
        ("€/kWh", "EUR", "0.3", "0.3"),
        ("EUR/MWh", "EUR", "300", "0.3"),
        ("ct/kWh", "EUR", "30", "0.3"),
        ("c€/kWh", "EUR", "30", "0.3"),
        ("Eurocent/kWh", "EUR", "30", "0.3"),
        ("Euros/kWh", "EUR", "0.3", "0.3"),
        ("c/kWh", "AUD", "30", "0.3"),
        ("¢/kWh", "USD", "30", "0.3"),
        ("p/kWh", "GBP", "30", "0.3"),
        ("öre/kWh", "SEK", "30", "0.3"),
        ("øre/kWh", "NOK", "30", "0.3"),
        ("kr/kWh", "DKK", "0.3", "0.3"),
        ("snt/kWh", "EUR", "30", "0.3"),
        ("$/kWh", "NZD", "0.3", "0.3"),
    ],
)
def test_a_price_comes_out_per_kwh_in_the_sites_currency(
    unit: str, currency: str, told: str, per_kwh: str
) -> None:
    found = unit_factor(SignalKind.IMPORT_PRICE, unit, currency)
    assert found.unit == f"{currency}/kWh"
    assert Decimal(told) * found.factor == Decimal(per_kwh)


@pytest.mark.parametrize(
    ("unit", "told", "grams"),
    [
        ("gCO2eq/kWh", 250, 250),
        ("gCO₂eq/kWh", 250, 250),
        ("g/kWh", 250, 250),
        ("gCO2/kWh", 250, 250),
        ("kg/kWh", 1, 1000),
        ("kgCO2eq/MWh", 250, 250),
        ("tCO2/MWh", 1, 1000),
    ],
)
def test_carbon_comes_out_in_grams_per_kwh(unit: str, told: int, grams: int) -> None:
    found = unit_factor(SignalKind.CARBON_INTENSITY, unit, "EUR")
    assert found == UnitFactor("g/kWh", found.factor)
    assert told * found.factor == grams
