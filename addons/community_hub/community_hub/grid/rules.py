"""Why a message of a grid operator is refused: Shapeshifter 3.1, "Message validation".

The reasons are the specification's own texts; where it has none, ours says what it is.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from .isps import Day, IspError
from .messages import VERSION, Message

ISP_DURATION: Final = dt.timedelta(minutes=15)
FARTHEST: Final = dt.timedelta(days=400)
_MAJOR: Final = VERSION.partition(".")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What was agreed with a grid operator: the market's clock and currency, and the points it knows us at."""

    domain: str
    zone: ZoneInfo
    currency: str
    points: frozenset[str]


class Refused(Exception):  # noqa: N818 # a word of UFTP: the message is rejected
    """A message that is rejected; its text is the RejectionReason."""


def check_addressed(message: Message, agreement: Agreement, our_domain: str) -> None:
    """Raise Refused for a message of, or to, somebody else."""
    if message.sender_domain != agreement.domain:
        raise Refused("Mismatch SenderDomain")
    if message.recipient_domain != our_domain:
        raise Refused("Unknown RecipientDomain")
    if not message.version.startswith(f"{_MAJOR}."):
        raise Refused("Invalid version")


def day_of(message: Message, agreement: Agreement) -> Day:
    """Return the day that a message of a congestion point is about. Raises Refused."""
    if message.time_zone != agreement.zone.key:
        raise Refused("TimeZone rejected")
    if dt.timedelta(seconds=message.isp_duration.asdict().get("seconds") or 0) + dt.timedelta(
        minutes=message.isp_duration.asdict().get("minutes") or 0
    ) != ISP_DURATION:
        raise Refused("ISP duration rejected")
    if message.congestion_point not in agreement.points:
        raise Refused("Invalid CongestionPoint")
    return Day(date=message.period.to_date(), zone=agreement.zone)
