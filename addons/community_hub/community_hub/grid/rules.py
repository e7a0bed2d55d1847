"""What a grid operator's message asks, and why it is refused: Shapeshifter 3.1, "Message validation".

The reasons are the specification's own texts; where it has none, ours says what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from .isps import Day, IspError
from .messages import VERSION, Message

ISP_DURATION: Final = "PT15M"
# A gigawatt: no congestion point of homes has it.
MOST_W: Final = 1_000_000_000
_MAJOR: Final = VERSION.partition(".")[0]
_REQUESTED: Final = "Requested"


class Refused(Exception):  # noqa: N818 # a word of UFTP: such a message is rejected
    """A message that is rejected; its text is the RejectionReason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What was agreed with a grid operator: the market's clock and currency, and where it knows us."""

    domain: str
    zone: ZoneInfo
    currency: str
    points: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What is asked at a congestion point, by ISP: W, above 0; ``asks_less`` of consumption, else more."""

    point: str
    day: Day
    asks_less: bool
    power_w: Mapping[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is ordered of an option that was offered, by ISP, and what for. Signs as in ``Need``."""

    need: Need
    reference: str
    price: Decimal


def check_addressed(message: Message, agreement: Agreement, our_domain: str) -> None:
    """Raise Refused for a message of, or to, somebody else."""
    if message.sender_domain != agreement.domain:
        raise Refused("Mismatch SenderDomain")
    if message.recipient_domain != our_domain:
        raise Refused("Unknown RecipientDomain")
    if message.version.partition(".")[0] != _MAJOR:
        raise Refused("Invalid Message; its version is not served")


def day_of(message: Message, agreement: Agreement) -> Day:
    """Return the day that a message of a congestion point is about. Raises Refused."""
    if message.time_zone != agreement.zone.key:
        raise Refused("TimeZone rejected")
    if str(message.isp_duration) != ISP_DURATION:
        raise Refused("ISP duration rejected")
    if message.congestion_point not in agreement.points:
        raise Refused("Invalid CongestionPoint")
    return Day(date=message.period.to_date(), zone=agreement.zone)


def needs_of(request: Message, agreement: Agreement, now: datetime) -> list[Need]:
    """Return what a FlexRequest asks for from now on: at most one need for each direction.

    Raises Refused for one that has expired, is of a day that is over, or asks for both ways in one ISP.
    """
    day = day_of(request, agreement)
    if day.ends_at <= now:
        raise Refused("Period out of bounds")
    if not now < datetime.fromisoformat(request.expiration_date_time) <= day.ends_at:
        raise Refused("ExpirationDateTime out of bounds")
    found: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for part, numbers in zip(request.isps, _numbers(request.isps, day), strict=True):
        if part.disposition != _REQUESTED:
            continue
        if part.min_power < 0 < part.max_power or part.min_power > part.max_power:
            raise Refused(f"Invalid Message; ISP {part.start} asks for more and for less")
        power_w = max(abs(part.min_power), abs(part.max_power))
        if power_w > MOST_W:
            raise Refused(f"Invalid Message; ISP {part.start} asks for more than {MOST_W} W")
        coming = (number for number in numbers if day.start_of(number) > now and power_w)
        found[part.min_power < 0].update(dict.fromkeys(coming, power_w))
    return [
        Need(point=request.congestion_point, day=day, asks_less=asks_less, power_w=power_w)
        for asks_less, power_w in found.items()
        if power_w
    ]


def order_of(order: Message, offer: Message, agreement: Agreement, now: datetime) -> Order:
    """Return what a FlexOrder takes of our FlexOffer.

    Raises Refused unless it is one of the options just as it was offered, for the price that was asked at
    least, before the offer ended and any of it has begun.
    """
    day = day_of(order, agreement)
    if order.period != offer.period:
        raise Refused("Reference Period mismatch")
    if order.congestion_point != offer.congestion_point:
        raise Refused("Invalid CongestionPoint")
    if datetime.fromisoformat(offer.expiration_date_time) <= now:
        raise Refused("Reference message expired")
    option = _option_of(order, offer)
    offered, ordered = _powers(option.isps, day), _powers(order.isps, day)
    if offered != ordered:
        raise Refused("Invalid Message; the ISPs are not those that were offered")
    if order.activation_factor < option.min_activation_factor:
        raise Refused("Invalid Message; the ActivationFactor is below what was offered")
    if any(power_w and day.start_of(number) <= now for number, power_w in ordered.items()):
        raise Refused("Invalid Message; an ISP that is ordered has begun")
    if order.currency != offer.currency or order.price < option.price * order.activation_factor:
        raise Refused("Invalid Message; the price is below what was asked")
    return Order(
        need=Need(
            point=order.congestion_point,
            day=day,
            asks_less=any(power_w < 0 for power_w in ordered.values()),
            power_w={
                number: round(abs(power_w) * order.activation_factor)
                for number, power_w in ordered.items()
                if power_w
            },
        ),
        reference=order.order_reference,
        price=order.price,
    )


def dispute_of(
    settlement: Message, order: Message, delivered_w: Mapping[int, int], tolerated: Decimal
) -> str:
    """Return what is wrong with the settlement of an order, empty when it is accepted.

    ``delivered_w``: what was measured here by ISP, in the order's sign. A deficiency is disputed where it is
    larger than what was measured leaves open by more than the share ``tolerated`` of what was ordered.
    """
    if settlement.price != order.price:
        return f"the price is {settlement.price}, and {order.price} was agreed"
    if settlement.net_settlement != settlement.price - settlement.penalty:
        return "the net settlement is not price less penalty"
    # Of the others how long they are is not looked at: nothing bounds it.
    for part in (each for each in settlement.isps if each.power_deficiency):
        for number in range(part.start, part.start + part.duration):
            if number not in delivered_w:
                return f"nothing was measured here in ISP {number}"
            missing_w = max(abs(part.ordered_flex_power) - max(_along(part, delivered_w[number]), 0), 0)
            if part.power_deficiency - missing_w > tolerated * abs(part.ordered_flex_power):
                return f"ISP {number}: {part.power_deficiency} W are said to lack, {missing_w} W did"
    return ""


def _along(part: Message, delivered_w: int) -> int:
    return delivered_w if part.ordered_flex_power > 0 else -delivered_w


def _option_of(order: Message, offer: Message) -> Message:
    if order.option_reference is None and len(offer.offer_options) == 1:
        return offer.offer_options[0]
    for option in offer.offer_options:
        if option.option_reference == order.option_reference:
            return option
    raise Refused("Unknown OptionReference")


def _powers(isps: list[Message], day: Day) -> dict[int, int]:
    return {
        number: part.power
        for part, numbers in zip(isps, _numbers(isps, day), strict=True)
        for number in numbers
    }


def _numbers(isps: list[Message], day: Day) -> list[range]:
    try:
        return day.numbers((part.start, part.duration) for part in isps)
    except IspError as error:
        raise Refused(str(error)) from error
