"""What a grid operator sends, made with the classes of ``shapeshifter-uftp``."""

import base64
import datetime as dt
import uuid
from typing import Any, Final
from zoneinfo import ZoneInfo

from community_hub.grid.isps import Day
from community_hub.grid.messages import FlexSettlement, Keys, Message
from community_hub.grid.rules import Agreement
from shapeshifter_uftp import transport, uftp  # type: ignore[import-untyped] # has no types
from xsdata.models.datatype import XmlDate, XmlDuration

OURS: Final = "hub.example"
THEIRS: Final = "grid.example"
POINT: Final = "ean.871685900012636543"
ZONE: Final = ZoneInfo("Europe/Amsterdam")
NOW: Final = dt.datetime(2026, 11, 29, 12, 0, tzinfo=dt.UTC)
TOMORROW: Final = Day(date=dt.date(2026, 11, 30), zone=ZONE)
AGREEMENT: Final = Agreement(domain=THEIRS, zone=ZONE, currency="EUR", points=frozenset({POINT}))
THEIR_KEYS: Final = Keys.of("the grid operator's own secret")
SUBJECT: Final[dict[str, Any]] = {
    "isp_duration": XmlDuration("PT15M"),
    "time_zone": "Europe/Amsterdam",
    "period": XmlDate(2026, 11, 30),
    "congestion_point": POINT,
}


def metadata() -> dict[str, Any]:
    return {
        "sender_domain": THEIRS,
        "recipient_domain": OURS,
        "time_stamp": NOW.isoformat(),
        "message_id": str(uuid.uuid4()),
        "conversation_id": str(uuid.uuid4()),
    }


def flex_request(*isps: tuple[str, int, int, int, int], **fields: Any) -> Message:
    """Return a FlexRequest of ISPs: disposition, least and most power (W), start, duration."""
    parts = isps or (("Requested", -5_000, 0, 69, 4),)
    return uftp.FlexRequest(
        **metadata()
        | SUBJECT
        | {
            "revision": 1,
            "expiration_date_time": "2026-11-30T10:00:00Z",
            "isps": [
                uftp.FlexRequestISP(
                    disposition=uftp.AvailableRequested(disposition),
                    min_power=least,
                    max_power=most,
                    start=start,
                    duration=duration,
                )
                for disposition, least, most, start, duration in parts
            ],
        }
        | fields
    )


def flex_order(offer: Message, option: int = 0, **fields: Any) -> Message:
    """Return the FlexOrder of an option, as it was offered."""
    chosen = offer.offer_options[option]
    return uftp.FlexOrder(
        **metadata()
        | SUBJECT
        | {
            "flex_offer_message_id": offer.message_id,
            "price": chosen.price,
            "currency": offer.currency,
            "order_reference": "order-1",
            "option_reference": chosen.option_reference,
            "isps": [
                uftp.FlexOrderISP(power=each.power, start=each.start, duration=each.duration)
                for each in chosen.isps
            ],
        }
        | fields
    )


def settlement_of(order: Message, **fields: Any) -> Message:
    """Return the settlement of an order of which all that was ordered came."""
    return uftp.FlexOrderSettlement(
        **{
            "order_reference": order.order_reference,
            "period": order.period,
            "congestion_point": order.congestion_point,
            "price": order.price,
            "net_settlement": order.price,
            "isps": [
                uftp.FlexOrderSettlementISP(
                    start=each.start,
                    duration=each.duration,
                    baseline_power=20_000,
                    ordered_flex_power=each.power,
                    actual_power=20_000 + each.power,
                    delivered_flex_power=each.power,
                )
                for each in order.isps
            ],
        }
        | fields
    )


def flex_settlement(*settlements: Message) -> Message:
    return FlexSettlement(
        **metadata(),
        period_start=XmlDate(2026, 11, 1),
        period_end=XmlDate(2026, 11, 30),
        currency="EUR",
        flex_order_settlements=list(settlements),
    )


def posted(message: Message, keys: Keys = THEIR_KEYS, role: str = "DSO") -> bytes:
    """Return a message as the library posts it."""
    envelope = uftp.SignedMessage(
        sender_domain=message.sender_domain,
        sender_role=uftp.UsefRole(role),
        body=transport.seal_message(message, _base64(keys.signing)),
    )
    found: str = transport.to_xml(envelope)
    return found.encode()


def received(body: bytes, keys: Keys) -> Message:
    """Return a message of ours as the library opens it."""
    envelope = transport.from_xml(body)
    return transport.unseal_message(envelope.body, _base64(keys.public))


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()
