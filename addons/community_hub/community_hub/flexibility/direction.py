"""Which way homes are asked to move, and how powers, energies and prices are told outside of the hub."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final

from .guard import Asks

MICRO: Final = 1_000_000


class Direction(StrEnum):
    """Draw less (or give more), or draw more (or give less)."""

    LESS = "less"
    MORE = "more"

    @property
    def asks(self) -> Asks:
        """What it is to the guard."""
        return Asks(self.value)


def kilo(amount: float | None) -> float | None:
    """Return W as kW, or Wh as kWh."""
    return None if amount is None else round(amount / 1000, 6)


def kilos(amounts: Sequence[int]) -> list[float]:
    """Return several W as kW."""
    return [round(amount / 1000, 6) for amount in amounts]


def price_text(price_micro: int | None) -> str | None:
    """Return millionths of the currency as its decimal text."""
    return None if price_micro is None else f"{Decimal(price_micro) / MICRO:f}"


def price_micro(price: Decimal) -> int:
    """Return a price as millionths, to the nearest."""
    return int((price * MICRO).to_integral_value())
