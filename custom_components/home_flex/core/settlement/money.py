"""What a programme pays for what was delivered: its rule as data, exact, rounded once at the end."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from typing import Final

_WH_A_KWH: Final = 1000
# Enough for any product of watt-hours, prices and hours without a digit lost.
_DIGITS: Final = 60


class Rounding(StrEnum):
    """How money is rounded to its smallest unit."""

    HALF_UP = ROUND_HALF_UP
    HALF_EVEN = ROUND_HALF_EVEN


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """From ``delivered_share`` of what was agreed on, ``paid_share`` of the availability is paid."""

    delivered_share: Decimal
    paid_share: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Penalty:
    """What a missing kWh costs, beyond ``tolerated_share`` of what was agreed."""

    per_kwh: Decimal
    tolerated_share: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The money rule of a programme.

    ``per_kwh`` is paid for what was delivered, up to ``paid_up_to_share`` of what was agreed (None: all). A
    negative delivery is charged at the same price when ``charges_negative``, else it counts as none.
    ``per_kw_hour`` is paid for having been available, by the steps that the delivered share reaches.
    ``at_least`` bounds the result from below (None: nothing does). ``places`` of the currency, rounded
    once.
    """

    currency: str
    per_kwh: Decimal
    paid_up_to_share: Decimal | None = None
    charges_negative: bool = False
    per_kw_hour: Decimal = Decimal(0)
    steps: tuple[Step, ...] = ()
    penalty: Penalty | None = None
    at_least: Decimal | None = None
    places: int = 2
    rounding: Rounding = Rounding.HALF_UP


@dataclass(frozen=True, kw_only=True, slots=True)
class Paid:
    """What an event is worth, each part exact and ``total`` rounded; in the currency of the terms."""

    energy: Decimal
    availability: Decimal
    penalty: Decimal
    total: Decimal


def pay(
    terms: Terms,
    *,
    delivered_wh: int,
    agreed_wh: int,
    agreed_w: int = 0,
    length_s: int = 0,
    worth: Decimal | None = None,
) -> Paid:
    """Return what is paid for an event in which ``agreed_wh`` was agreed and ``delivered_wh`` came.

    ``agreed_w`` was held available for ``length_s``. ``worth``: what the energy is worth, interval by
    interval, where its price changes; it takes the place of ``per_kwh``, and has no cap. An energy that is
    not known is not paid: there is no call for it. Raises ValueError for an agreed energy below zero.
    """
    if agreed_wh < 0:
        raise ValueError("what was agreed is told in the direction that was asked for, and is at least 0 Wh")
    with localcontext(prec=_DIGITS):
        energy = _kwh(_counted_wh(terms, delivered_wh, agreed_wh)) * terms.per_kwh
        if worth is not None:
            energy = worth if terms.charges_negative else max(worth, Decimal(0))
        availability = _availability(terms, delivered_wh, agreed_wh, agreed_w * length_s)
        penalty = _penalty(terms, delivered_wh, agreed_wh)
        total = energy + availability - penalty
        if terms.at_least is not None:
            total = max(total, terms.at_least)
        unit = Decimal(1).scaleb(-terms.places)
        return Paid(
            energy=energy,
            availability=availability,
            penalty=penalty,
            total=total.quantize(unit, rounding=terms.rounding),
        )


def _counted_wh(terms: Terms, delivered_wh: int, agreed_wh: int) -> Decimal:
    counted_wh = Decimal(delivered_wh)
    if terms.paid_up_to_share is not None:
        counted_wh = min(counted_wh, agreed_wh * terms.paid_up_to_share)
    return counted_wh if terms.charges_negative else max(counted_wh, Decimal(0))


def _availability(terms: Terms, delivered_wh: int, agreed_wh: int, agreed_ws: int) -> Decimal:
    full = _kwh(Decimal(agreed_ws)) / 3600 * terms.per_kw_hour
    if not terms.steps:
        return full
    reached = [step.paid_share for step in terms.steps if delivered_wh >= step.delivered_share * agreed_wh]
    return full * max(reached, default=Decimal(0))


def _penalty(terms: Terms, delivered_wh: int, agreed_wh: int) -> Decimal:
    if terms.penalty is None:
        return Decimal(0)
    tolerated_wh = agreed_wh * (1 - terms.penalty.tolerated_share)
    return _kwh(max(tolerated_wh - delivered_wh, Decimal(0))) * terms.penalty.per_kwh


def _kwh(energy_wh: Decimal) -> Decimal:
    return energy_wh / _WH_A_KWH
