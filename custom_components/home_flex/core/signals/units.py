"""Units that prices and carbon intensities are told in, and what they are per kWh."""

import re
from decimal import Decimal
from typing import Final, NamedTuple

from .signal import SignalError, SignalKind

CARBON_UNIT: Final = "g/kWh"


class UnitFactor(NamedTuple):
    """The unit that a value has once it is multiplied by ``factor``."""

    unit: str
    factor: Decimal


class _Money(NamedTuple):
    """A word for money: which currency, empty for the site's own, and how many of the word make one."""

    currency: str
    parts: int = 1


_MONEY: Final = {
    "€": _Money("EUR"),
    "euro": _Money("EUR"),
    "euros": _Money("EUR"),
    "c€": _Money("EUR", 100),
    "ct€": _Money("EUR", 100),
    "€c": _Money("EUR", 100),
    "€ct": _Money("EUR", 100),
    "eurocent": _Money("EUR", 100),
    "eurocents": _Money("EUR", 100),
    "£": _Money("GBP"),
    "p": _Money("GBP", 100),
    "pence": _Money("GBP", 100),
    "$": _Money(""),
    "zł": _Money("PLN"),
    "gr": _Money("PLN", 100),
    "kč": _Money("CZK"),
    "ft": _Money("HUF"),
    "lei": _Money("RON"),
    "rp": _Money("CHF", 100),
    "kr": _Money(""),
    "øre": _Money("", 100),
    "öre": _Money("", 100),
    "ore": _Money("", 100),
    "ct": _Money("", 100),
    "cts": _Money("", 100),
    "c": _Money("", 100),
    "¢": _Money("", 100),
    "cent": _Money("", 100),
    "cents": _Money("", 100),
    "snt": _Money("EUR", 100),
}
_ENERGY: Final = {"kwh": Decimal(1), "mwh": Decimal(1000), "wh": Decimal(1) / 1000}
_MASS_G: Final = {"g": Decimal(1), "kg": Decimal(1000), "t": Decimal(1_000_000), "mg": Decimal(1) / 1000}
_CURRENCY: Final = re.compile(r"[a-z]{3}")
_CARBON: Final = re.compile(r"^(mg|kg|g|t)\s*(?:co[2₂])?\s*[-_ ]?(?:eq|e)?$")


def unit_of(kind: SignalKind, currency: str) -> str:
    """Return the unit of a kind of signal at a site that reckons in a currency: "EUR/kWh", "g/kWh"."""
    return CARBON_UNIT if kind is SignalKind.CARBON_INTENSITY else f"{currency}/kWh"


def unit_factor(kind: SignalKind, unit: object, currency: str) -> UnitFactor:
    """Return what makes values of a unit per kWh, in the site's currency or in g.

    ``unit`` is what an entity tells, which may be anything. Raises SignalError ``unit_missing``,
    ``unit_unknown`` (unit) or ``other_currency`` (unit, currency).
    """
    if not isinstance(unit, str) or not unit.strip():
        raise SignalError("unit_missing")
    amount, _, energy = unit.strip().casefold().partition("/")
    per = _ENERGY.get(energy.strip())
    if per is None:
        raise SignalError("unit_unknown", unit=unit)
    if kind is SignalKind.CARBON_INTENSITY:
        mass = _CARBON.match(amount.strip())
        if mass is None:
            raise SignalError("unit_unknown", unit=unit)
        return UnitFactor(CARBON_UNIT, _MASS_G[mass[1]] / per)
    money = _money(amount.strip(), unit)
    if (money.currency or currency) != currency:
        raise SignalError("other_currency", unit=unit, currency=currency)
    return UnitFactor(f"{currency}/kWh", 1 / (money.parts * per))


def _money(word: str, unit: str) -> _Money:
    known = _MONEY.get(word)
    if known is not None:
        return known
    if _CURRENCY.fullmatch(word):
        return _Money(word.upper())
    raise SignalError("unit_unknown", unit=unit)
