"""``/shapeshifter/api/v3/message``: where grid operators post (Shapeshifter 3.1, "Error handling").

What is not signed by a grid operator that is known is refused by its status. Whatever is wrong with a message
that is theirs is told by a message, which is posted to their own address.
"""

from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from shapeshifter_uftp import uftp  # type: ignore[import-untyped] # has no types

from ..hub import hub_of
from ..store.audit import SYSTEM, Act, record
from ..store.tables import GridOperator
from ..web import Problem, StrictRoute
from . import book, messages
from .aggregator import aggregator_of
from .messages import Message, MessageError

PATH: Final = "/shapeshifter/api/v3/message"
# "Authentication Timeout": the sender's key is not known.
_UNKNOWN_SENDER: Final = 419
_XML: Final = "text/xml"

router = APIRouter(route_class=StrictRoute)


@router.post(PATH, include_in_schema=False)
async def hear(request: Request) -> Response:
    """Take a message. What follows from it is committed when this is answered, and posted later."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _XML:
        raise Problem(HTTPStatus.BAD_REQUEST, "not-xml", "A message of UFTP is text/xml.")
    try:
        envelope = messages.envelope(await request.body())
    except MessageError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "not-uftp", f"The body {error}.") from error
    hub = hub_of(request)
    async with hub.store.writing() as session:
        operator = await session.get(GridOperator, envelope.sender_domain)
        if operator is None or envelope.sender_role != uftp.UsefRole.DSO:
            return Response(status_code=_UNKNOWN_SENDER)
        message = _opened(envelope, operator.public_key)
        # What a grid operator says is heard one after the other: an order's reference is used once.
        await session.refresh(operator, with_for_update=True)
        now = hub.clock()
        conversation = await aggregator_of(request).conversation(session, now, operator)
        await conversation.hear(message)
        details = {"kind": book.kind_of(type(message)), "domain": operator.domain}
        act = Act(actor=SYSTEM, act="grid.hear", object=message.message_id.lower(), details=details)
        await record(session, now, act)
    return Response(status_code=HTTPStatus.OK)


def _opened(envelope: Any, public_key: bytes) -> Message:
    try:
        return messages.opened(envelope, public_key)
    except MessageError as error:
        status = HTTPStatus.UNAUTHORIZED if error.is_forged else HTTPStatus.BAD_REQUEST
        raise Problem(status, "not-uftp", f"The message {error}.") from error
