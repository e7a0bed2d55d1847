"""Taxes and fees as a formula: what the resident pays for what the exchange tells."""

from dataclasses import dataclass, replace
from decimal import Decimal

from .signal import Signal


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceFormula:
    """``(value x factor + addition_per_kwh) x (1 + vat_share)``.

    ``factor`` is what the supplier takes of or adds to the price, 1 for nothing; ``addition_per_kwh`` sums
    its margin, the grid's fee and taxes, below 0 for what is taken off an export price; ``vat_share`` is 0.21
    for 21 %, and on export mostly 0. Raises ValueError for a VAT below 0 or above 1 and for no numbers.
    """

    factor: Decimal = Decimal(1)
    addition_per_kwh: Decimal = Decimal(0)
    vat_share: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Raise for what no bill has."""
        if not all(value.is_finite() for value in (self.factor, self.addition_per_kwh, self.vat_share)):
            raise ValueError("A formula is made of numbers")
        if not 0 <= self.vat_share <= 1:
            raise ValueError(f"A VAT of {self.vat_share} is none: it is a share, 0.21 for 21 %")

    def apply(self, value: Decimal) -> Decimal:
        """Return what is paid for one kWh."""
        return (value * self.factor + self.addition_per_kwh) * (1 + self.vat_share)


def with_formula(signal: Signal, formula: PriceFormula) -> Signal:
    """Return a signal with taxes and fees on it."""
    slots = tuple(replace(slot, value=formula.apply(slot.value)) for slot in signal.slots)
    return replace(signal, slots=slots)
