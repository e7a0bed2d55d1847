"""What follows from a message of a grid operator: the answer, and what it sets off, in one transaction.

A message that comes again is answered as before, and one of the same id with other content is refused. What
a response of the grid operator says is noted on the message of ours that it is about.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from shapeshifter_uftp import uftp  # type: ignore[import-untyped] # has no types
from sqlalchemy.ext.asyncio import AsyncSession

from ..store.database import Turn, take_turn
from ..store.tables import GridMessage, GridOperator
from . import book, messages
from .composing import Composer, reference_of
from .isps import Day
from .messages import Message
from .portfolio import Place, Portfolio
from .reserving import release, reserve
from .rules import Agreement, Refused, check_addressed, dispute_of, needs_of, order_of

# What our meters and the grid operator's may differ by, of what was ordered.
TOLERATED: Final = Decimal("0.05")


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """What is said with one grid operator, in a transaction. ``feeders``: ours, by its congestion points."""

    session: AsyncSession
    now: datetime
    domain: str
    operator: GridOperator
    agreement: Agreement
    feeders: Mapping[str, str]
    portfolio: Portfolio

    async def hear(self, message: Message) -> None:
        """Take a message that the grid operator signed, and keep the answer for it to be posted."""
        content = messages.written(message)
        known = await self.session.get(GridMessage, message.message_id.lower(), with_for_update=True)
        if known is not None:
            await self._again(message, known, content)
            return
        row = await book.keep(self.session, self.now, self.operator.domain, message, is_ours=False)
        try:
            check_addressed(message, self.agreement, self.domain)
            await _TAKES.get(type(message), _unknown)(self, message, row)
        except Refused as refusal:
            row.result, row.reason = book.REJECTED, str(refusal)
            await self._respond(message, str(refusal))
        else:
            row.result = row.result or book.ACCEPTED

    async def say(self, message: Message, about: str | None = None) -> GridMessage:
        """Keep a message of ours for it to be posted."""
        return await book.keep(
            self.session, self.now, self.operator.domain, message, is_ours=True, about=about
        )

    def composer(self, to: Message | None = None) -> Composer:
        """Return what makes our messages; in answer to one it goes on with its conversation."""
        return Composer(
            sender=self.domain,
            recipient=self.operator.domain,
            now=self.now,
            conversation_id=None if to is None else to.conversation_id,
        )

    def _place(self, point: str) -> Place:
        return Place(
            program_id=self.operator.program_id,
            feeder=self.feeders[point],
            currency=self.agreement.currency,
        )

    async def _again(self, message: Message, known: GridMessage, content: bytes) -> None:
        if known.domain != self.operator.domain or known.is_ours or known.content != content:
            await self._respond(message, "Duplicate Identifier")
            return
        for answer in await book.answers_to(self.session, message.message_id):
            if answer.ended_at is not None:
                answer.due_at, answer.ended_at, answer.attempts = self.now, None, 0

    async def _respond(self, message: Message, reason: str | None = None) -> None:
        """Answer with accepted, or rejected for a reason; what is itself an answer gets none."""
        if isinstance(message, uftp.FlexSettlement):
            disputes = [(each.order_reference, reason or "") for each in message.flex_order_settlements]
            await self.say(self.composer(message).settled(message, disputes), message.message_id.lower())
        elif type(message) in uftp.request_response_map:
            await self.say(self.composer(message).response(message, reason), message.message_id.lower())

    async def flex_request(self, request: Message, row: GridMessage) -> None:
        """Answer a FlexRequest, and offer what there is for it. Raises Refused."""
        needs = needs_of(request, self.agreement, self.now)
        last = await book.last_revision(self.session, row)
        if last is not None and request.revision <= last:
            raise Refused("Invalid Message; a later Revision was accepted")
        await self._respond(request)
        await take_turn(self.session, Turn.CALLING)
        for earlier in await book.standing_offers(self.session, row):
            await revoke(self, earlier)
        place = self._place(request.congestion_point)
        for need in needs:
            options = await self.portfolio.options(self.session, self.now, place, need)
            if options:
                expires_at = datetime.fromisoformat(request.expiration_date_time)
                offer = self.composer(request).offer(
                    request, need, options, self.agreement.currency, expires_at
                )
                said = await self.say(offer, request.message_id.lower())
                await reserve(
                    self.session,
                    self.now,
                    offer_id=said.message_id,
                    place=place,
                    need=need,
                    options=options,
                    until=expires_at,
                )

    async def flex_order(self, order: Message, row: GridMessage) -> None:
        """Call the homes for an order of what we offered. Raises Refused."""
        if order.unsolicited:
            raise Refused("Invalid Message; orders without an offer are not taken")
        offered = await book.ours(
            self.session, self.operator.domain, order.flex_offer_message_id, uftp.FlexOffer
        )
        if offered is None:
            raise Refused("Unknown FlexOfferMessageID reference")
        if offered.reason == book.REVOKED:
            raise Refused("Reference message revoked")
        if offered.dispatch_id is not None:
            raise Refused("Invalid Message; this FlexOffer was ordered before")
        if await book.orders_of(self.session, self.operator.domain, order.order_reference):
            raise Refused("Invalid Message; this OrderReference was used before")
        taken = order_of(order, messages.read(offered.content), self.agreement, self.now)
        place = self._place(order.congestion_point)
        await take_turn(self.session, Turn.CALLING)
        # The homes were kept for this; where they are not called after all the offer still stands.
        async with self.session.begin_nested():
            await release(self.session, offered.message_id)
            dispatch_id = await self.portfolio.call(self.session, self.now, place, taken)
        row.dispatch_id = offered.dispatch_id = dispatch_id
        await self._respond(order)

    async def flex_settlement(self, settlement: Message, _row: GridMessage) -> None:
        """Accept or dispute each order of a settlement."""
        disputes = [
            (each.order_reference, await self._dispute(each)) for each in settlement.flex_order_settlements
        ]
        await self.say(self.composer(settlement).settled(settlement, disputes), settlement.message_id.lower())

    async def _dispute(self, settlement: Message) -> str:
        orders = await book.orders_of(self.session, self.operator.domain, settlement.order_reference)
        if len(orders) != 1 or orders[0].dispatch_id is None:
            return "this order is not known here"
        order = messages.read(orders[0].content)
        if order.period != settlement.period:
            return "this order was for another day"
        day = Day(date=settlement.period.to_date(), zone=self.agreement.zone)
        delivered_w = await self.portfolio.delivered_w(self.session, orders[0].dispatch_id, day)
        return dispute_of(settlement, order, delivered_w, TOLERATED)

    async def test(self, message: Message, _row: GridMessage) -> None:
        """Answer a test."""
        await self._respond(message)

    async def response(self, response: Message, row: GridMessage) -> None:
        """Note what the grid operator says of a message of ours."""
        row.about = (reference_of(response) or "").lower() or None
        said = await self.session.get(GridMessage, row.about, with_for_update=True) if row.about else None
        if said is None or not said.is_ours or said.domain != self.operator.domain:
            row.result, row.reason = book.REJECTED, "answers no message of ours"
            return
        if said.reason != book.REVOKED:
            said.result, said.reason = str(response.result), response.rejection_reason
        if said.result == book.REJECTED:
            await release(self.session, said.message_id)


async def revoke(conversation: Conversation, offer: GridMessage) -> None:
    """Take back an offer of ours that was not ordered yet; from now on no order of it is taken."""
    offer.result, offer.reason = book.REJECTED, book.REVOKED
    await release(conversation.session, offer.message_id)
    await conversation.say(conversation.composer().revocation(offer.message_id), offer.message_id)


async def _unknown(_conversation: Conversation, message: Message, _row: GridMessage) -> None:
    raise Refused(f"Invalid Message; {book.kind_of(type(message))} is not for an aggregator, or not served")


type _Take = Callable[[Conversation, Message, GridMessage], Coroutine[Any, Any, None]]

# What is taken of a grid operator, and how.
_TAKES: Final[Mapping[type, _Take]] = {
    uftp.FlexRequest: Conversation.flex_request,
    uftp.FlexOrder: Conversation.flex_order,
    messages.FlexSettlement: Conversation.flex_settlement,
    uftp.TestMessage: Conversation.test,
    uftp.DPrognosisResponse: Conversation.response,
    uftp.FlexOfferResponse: Conversation.response,
    uftp.FlexOfferRevocationResponse: Conversation.response,
    uftp.MeteringResponse: Conversation.response,
}
