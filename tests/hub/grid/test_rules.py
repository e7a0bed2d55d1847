"""What a grid operator asks, and each reason for which it is refused."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from community_hub.grid.composing import Composer
from community_hub.grid.messages import Message
from community_hub.grid.portfolio import Option
from community_hub.grid.rules import Need, Refused, check_addressed, dispute_of, needs_of, order_of
from xsdata.models.datatype import XmlDate, XmlDuration

from .samples import (
    AGREEMENT,
    NOW,
    OURS,
    POINT,
    THEIRS,
    TOMORROW,
    flex_order,
    flex_request,
    settlement_of,
)

LESS = Need(point=POINT, day=TOMORROW, asks_less=True, power_w={69: 5_000, 70: 5_000})
OPTIONS = [
    Option(power_w={69: 5_000, 70: 4_000}, price=Decimal("3.20")),
    Option(power_w={69: 2_000}, price=Decimal(1)),
]


def offer(
    options: list[Option] = OPTIONS, need: Need = LESS, lasts: dt.timedelta = dt.timedelta(hours=6)
) -> Message:
    composer = Composer(sender=OURS, recipient=THEIRS, now=NOW)
    return composer.offer(flex_request(), need, options, "EUR", NOW + lasts)


def test_what_is_asked_is_the_requested_isps_alone() -> None:
    request = flex_request(
        ("Available", -9_000, 9_000, 1, 68), ("Requested", -5_000, 0, 69, 2), ("Requested", 0, 3_000, 80, 1)
    )

    assert needs_of(request, AGREEMENT, NOW) == [
        Need(point=POINT, day=TOMORROW, asks_less=True, power_w={69: 5_000, 70: 5_000}),
        Need(point=POINT, day=TOMORROW, asks_less=False, power_w={80: 3_000}),
    ]


def test_quarter_hours_that_have_begun_are_not_asked_for() -> None:
    request = flex_request(
        ("Requested", -5_000, 0, 52, 3),
        period=XmlDate(2026, 11, 29),
        expiration_date_time="2026-11-29T12:30:00Z",
    )

    (need,) = needs_of(request, AGREEMENT, NOW)

    assert list(need.power_w) == [54]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"time_zone": "Europe/Berlin"}, "TimeZone rejected"),
        ({"isp_duration": XmlDuration("PT5M")}, "ISP duration rejected"),
        ({"congestion_point": "ean.123456789012"}, "Invalid CongestionPoint"),
        ({"period": XmlDate(2026, 11, 28)}, "Period out of bounds"),
        ({"expiration_date_time": "2026-11-29T12:00:00Z"}, "ExpirationDateTime out of bounds"),
        ({"expiration_date_time": "2026-12-01T12:00:00Z"}, "ExpirationDateTime out of bounds"),
    ],
)
def test_a_request_is_refused_for_its_frame(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        needs_of(flex_request(**fields), AGREEMENT, NOW)


@pytest.mark.parametrize(
    ("isps", "reason"),
    [
        ([("Requested", -5_000, 0, 97, 1)], "ISPs out of bounds"),
        ([("Requested", -5_000, 0, 1, 4), ("Available", 0, 0, 2, 1)], "ISP conflict"),
        ([("Requested", -5_000, 5_000, 69, 1)], "Invalid Message; ISP 69 asks for more and for less"),
        ([("Requested", 0, -5_000, 69, 1)], "Invalid Message; ISP 69 asks for more and for less"),
        (
            [("Requested", -2_000_000_000, 0, 69, 4)],
            "Invalid Message; ISP 69 asks for more than 1000000000 W",
        ),
    ],
)
def test_a_request_is_refused_for_its_isps(isps: list[tuple[str, int, int, int, int]], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        needs_of(flex_request(*isps), AGREEMENT, NOW)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"sender_domain": "other.example"}, "Mismatch SenderDomain"),
        ({"recipient_domain": "other.example"}, "Unknown RecipientDomain"),
        ({"version": "2.0.0"}, "Invalid Message; its version is not served"),
    ],
)
def test_a_message_of_somebody_else_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        check_addressed(flex_request(**fields), AGREEMENT, OURS)


def test_an_order_takes_an_option_as_it_was_offered() -> None:
    taken = order_of(flex_order(offer()), offer(), AGREEMENT, NOW)

    assert taken.need == Need(point=POINT, day=TOMORROW, asks_less=True, power_w={69: 5_000, 70: 4_000})
    assert (taken.reference, taken.price) == ("order-1", Decimal("3.20"))


def test_isps_may_be_written_in_other_stretches() -> None:
    offered = offer([Option(power_w={69: 5_000, 70: 5_000}, price=Decimal(1))])
    order = flex_order(offered)
    part = order.isps[0]
    order.isps = [type(part)(power=part.power, start=start) for start in (69, 70)]

    assert order_of(order, offered, AGREEMENT, NOW).need.power_w == {69: 5_000, 70: 5_000}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price": Decimal("3.19")}, "the price is below what was asked"),
        ({"currency": "GBP"}, "the price is below what was asked"),
        ({"option_reference": "9"}, "Unknown OptionReference"),
        ({"option_reference": None}, "Unknown OptionReference"),
        ({"option_reference": "2"}, "the ISPs are not those that were offered"),
        ({"activation_factor": Decimal("0.50")}, "the ActivationFactor is below what was offered"),
        ({"period": XmlDate(2026, 12, 1)}, "Reference Period mismatch"),
    ],
)
def test_an_order_of_anything_else_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        order_of(flex_order(offer(), **fields), offer(), AGREEMENT, NOW)


def test_an_offer_that_ended_is_not_ordered() -> None:
    with pytest.raises(Refused, match="Reference message expired"):
        order_of(flex_order(offer()), offer(), AGREEMENT, NOW + dt.timedelta(hours=6))


def test_what_has_begun_is_not_ordered_though_the_offer_stands() -> None:
    offered = offer(lasts=dt.timedelta(days=2))
    begins = TOMORROW.start_of(69)

    taken = order_of(flex_order(offered), offered, AGREEMENT, begins - dt.timedelta(seconds=1))
    assert taken.reference == "order-1"
    for late in (dt.timedelta(0), dt.timedelta(minutes=20), dt.timedelta(hours=1)):
        with pytest.raises(Refused, match="has begun"):
            order_of(flex_order(offered), offered, AGREEMENT, begins + late)


def test_an_offer_asks_at_least_its_price_in_whole_cents() -> None:
    offered = offer([Option(power_w={69: 1}, price=Decimal("1.001"))])

    assert offered.offer_options[0].price == Decimal("1.01")


ORDER = flex_order(offer())
DELIVERED = {69: -5_000, 70: -3_900}
TOLERATED = Decimal("0.05")


def _settled(*deficiencies: int, **fields: Any) -> Message:
    found = settlement_of(ORDER, **fields)
    for part, deficiency_w in zip(found.isps, deficiencies, strict=False):
        part.power_deficiency = deficiency_w
    return found


@pytest.mark.parametrize(
    ("settlement", "why"),
    [
        (_settled(), ""),
        (_settled(0, 100), ""),
        (_settled(250, 300), ""),
        (_settled(251, 0), "ISP 69: 251 W are said to lack, 0 W did"),
        (_settled(0, 301), "ISP 70: 301 W are said to lack, 100 W did"),
        (_settled(price=Decimal(3), net_settlement=Decimal(3)), "the price is 3, and 3.20 was agreed"),
        (_settled(penalty=Decimal(1)), "the net settlement is not price less penalty"),
    ],
)
def test_a_settlement_is_held_against_what_was_measured_here(settlement: Message, why: str) -> None:
    found = dispute_of(settlement, ORDER, DELIVERED, TOLERATED)

    assert found.replace("3.0000", "3").replace("3.2000", "3.20") == why


def test_a_deficiency_where_nothing_was_measured_is_disputed() -> None:
    assert dispute_of(_settled(1), ORDER, {}, TOLERATED) == "nothing was measured here in ISP 69"


def test_what_went_the_wrong_way_is_lacking_whole() -> None:
    assert dispute_of(_settled(5_000), ORDER, {69: 2_000, 70: -4_000}, TOLERATED) == ""
