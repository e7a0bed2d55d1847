"""The aggregator's messages of UFTP, with what each needs and nothing else."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from shapeshifter_uftp import uftp  # type: ignore[import-untyped] # has no types
from xsdata.models.datatype import XmlDate, XmlDuration

from .isps import Day, stretches
from .messages import VERSION, Message
from .portfolio import Option
from .rules import ISP_DURATION, Need

_CENT: Final = Decimal("0.01")
_RESPONSES: Final[Mapping[type, type]] = uftp.request_response_map


@dataclass(frozen=True, kw_only=True, slots=True)
class Composer:
    """Makes messages from ``sender`` to ``recipient`` (their domains) at a time, in one conversation."""

    sender: str
    recipient: str
    now: datetime
    conversation_id: str | None = None

    def response(self, to: Message, reason: str | None = None) -> Message:
        """Return the answer to a message: accepted, or rejected for a reason."""
        result = uftp.AcceptedRejected.ACCEPTED if reason is None else uftp.AcceptedRejected.REJECTED
        kind = _RESPONSES[type(to)]
        named = {name: to.message_id} if (name := _reference(kind)) else {}
        return kind(**self._metadata(), **named, result=result, rejection_reason=reason)

    def prognosis(self, point: str, day: Day, power_w: Mapping[int, int], revision: int) -> Message:
        """Return a D-Prognosis: consumption above 0."""
        isps = [
            uftp.DPrognosisISP(power=each.power_w, start=each.start, duration=each.duration)
            for each in stretches(power_w)
        ]
        return uftp.DPrognosis(**self._metadata(), **_subject(point, day), revision=revision, isps=isps)

    def offer(
        self, request: Message, need: Need, options: Sequence[Option], currency: str, expires_at: datetime
    ) -> Message:
        """Return a FlexOffer of some options for a need: the change of consumption, above 0 more."""
        sign = -1 if need.asks_less else 1
        return uftp.FlexOffer(
            **self._metadata(),
            **_subject(need.point, need.day),
            flex_request_message_id=request.message_id,
            contract_id=request.contract_id,
            expiration_date_time=expires_at.isoformat(),
            unsolicited=False,
            currency=currency,
            offer_options=[
                uftp.FlexOfferOption(
                    option_reference=str(number),
                    price=option.price.quantize(_CENT, ROUND_CEILING),
                    isps=[
                        uftp.FlexOfferOptionISP(
                            power=sign * each.power_w, start=each.start, duration=each.duration
                        )
                        for each in stretches(option.power_w)
                    ],
                )
                for number, option in enumerate(options, 1)
            ],
        )

    def revocation(self, offer_id: str) -> Message:
        """Return what takes an offer back."""
        return uftp.FlexOfferRevocation(**self._metadata(), flex_offer_message_id=offer_id)

    def metering(self, ean: str, day: Day, power_kw: Mapping[int, Decimal], revision: int) -> Message:
        """Return the measured mean power of a connection."""
        return uftp.Metering(
            **self._metadata(),
            **_period(day),
            ean=f"E{ean}",
            revision=revision,
            profiles=[
                uftp.MeteringProfile(
                    profile_type=uftp.MeteringProfileEnum.POWER,
                    unit=uftp.MeteringUnit.K_W,
                    isps=[
                        uftp.MeteringISP(start=number, value=power_kw[number]) for number in sorted(power_kw)
                    ],
                )
            ],
        )

    def settled(self, settlement: Message, disputes: Sequence[tuple[str | None, str]]) -> Message:
        """Return the answer to a FlexSettlement: (order, why it is disputed, empty: it is accepted)."""
        return uftp.FlexSettlementResponse(
            **self._metadata(),
            flex_settlement_message_id=settlement.message_id,
            flex_order_settlement_statuses=[
                uftp.FlexOrderSettlementStatus(
                    order_reference=reference,
                    disposition=(uftp.AcceptedDisputed.DISPUTED if why else uftp.AcceptedDisputed.ACCEPTED),
                    dispute_reason=why or None,
                )
                for reference, why in disputes
            ],
        )

    def _metadata(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "sender_domain": self.sender,
            "recipient_domain": self.recipient,
            "time_stamp": self.now.isoformat(),
            "message_id": str(uuid.uuid7()),
            "conversation_id": self.conversation_id or str(uuid.uuid7()),
        }


def _subject(point: str, day: Day) -> dict[str, Any]:
    return {**_period(day), "congestion_point": point}


def _period(day: Day) -> dict[str, Any]:
    return {
        "isp_duration": XmlDuration(ISP_DURATION),
        "time_zone": day.zone.key,
        "period": XmlDate.from_date(day.date),
    }


def reference_of(response: Message) -> str | None:
    """Return the id of the message that a response answers, None for one that names none."""
    named: str | None = getattr(response, _reference(type(response)), None)
    return named


def _reference(kind: type) -> str:
    return next((each.name for each in fields(kind) if each.name.endswith("_message_id")), "")
