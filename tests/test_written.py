"""Numbers and money are written as in the language around them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from custom_components.home_flex.written import Written

_TEXTS = Path("custom_components/home_flex/translations")


@pytest.mark.parametrize(
    ("language", "power", "price"),
    [
        ("en", "7.4\u00a0kW", "€0.16"),
        ("nl", "7,4\u00a0kW", "€\u00a00,16"),
        ("de", "7,4\u00a0kW", "0,16\u00a0€"),
        ("de-CH", "7,4\u00a0kW", "0,16\u00a0€"),
        ("fr", "7,4\u00a0kW", "0,16\u00a0€"),
        ("pt", "7,4\u00a0kW", "0,16\u00a0€"),
        ("pt-BR", "7,4\u00a0kW", "€\u00a00,16"),
        # Where there are no texts the sentence around it is English.
        ("fi", "7.4\u00a0kW", "€0.16"),
    ],
)
def test_each_language_has_its_own_marks(language: str, power: str, price: str) -> None:
    written = Written(language=language)
    assert (written.power(-7430), written.price(Decimal("0.1604"), "EUR")) == (power, price)


@pytest.mark.parametrize(
    ("currency", "price", "change"),
    [
        ("EUR", "€31.00", "+€1.25"),
        ("JPY", "¥31.00", "+¥1"),
        ("HUF", "Ft\u00a031.00", "+Ft\u00a01"),
        ("CHF", "CHF\u00a031.00", "+CHF\u00a01.25"),
        ("points", "points\u00a031.00", "+points\u00a01.25"),
    ],
)
def test_money_is_told_to_its_smallest_coin_and_a_price_finer(currency: str, price: str, change: str) -> None:
    written = Written(language="en")
    assert (written.price(Decimal(31), currency), written.change(1.25, currency)) == (price, change)


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (-0.45, "\N{MINUS SIGN}0,45\u00a0€"),
        (0.004, "0,00\u00a0€"),
        (-0.004, "0,00\u00a0€"),
        (0.31, "+0,31\u00a0€"),
    ],
)
def test_a_change_has_its_sign_and_nothing_has_none(amount: float, told: str) -> None:
    assert Written(language="de").change(amount, "EUR") == told


@pytest.mark.parametrize(
    ("watt_hours", "told"),
    [(62, "60\u00a0Wh"), (-994, "990\u00a0Wh"), (996, "1,0\u00a0kWh"), (0, "0\u00a0Wh")],
)
def test_an_energy_is_told_as_the_panel_tells_it(watt_hours: float, told: str) -> None:
    assert Written(language="de").energy(watt_hours) == told


def test_in_german_the_community_has_one_name() -> None:
    texts = json.loads((_TEXTS / "de.json").read_text(encoding="utf-8"))
    assert "energiegemeinschaft" not in json.dumps(texts, ensure_ascii=False).casefold()
