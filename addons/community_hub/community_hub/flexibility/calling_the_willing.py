"""An invitation becomes a dispatch: who said yes is called for what it promised, no home for more."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..openadr.issuing import Issuing
from ..store.database import Turn, take_turn
from ..store.tables import Dispatch, Invitation, InvitationAnswer
from ..web import Problem
from ..wire.invitations import tell
from .choosing import Choice, merit
from .direction import Direction
from .dispatching import announce
from .fleet import Fleet, Span
from .history import proven_by
from .inviting import DISPATCHED, require_open
from .needs import Wanted
from .offers import NO_BUDGET_WH, Offers, feeders_of
from .proof import Proven
from .targets import Candidate, Targets
from .willing import willing_for


async def call_the_willing(  # what an operator says of a call
    session: AsyncSession,
    issuing: Issuing,
    invitation: Invitation,
    *,
    actor: str,
    name: str | None,
    price_micro: int | None,
    currency: str,
) -> Dispatch:
    """Call the homes that promised anything, as far as they still consent and nothing forbids it.

    Paid is what the invitation said, or more (``price_micro``). Raises Problem 409 for an invitation that is
    not open, or that nobody said yes to, and 400 for less pay than homes were told.
    """
    now = issuing.hub.clock()
    require_open(invitation)
    price_micro, currency = _price(invitation, price_micro, currency)
    await take_turn(session, Turn.CALLING)
    if now >= invitation.event_time:
        raise Problem(HTTPStatus.CONFLICT, "invitation-closed", "The time of this invitation has come.")
    query = select(InvitationAnswer).where(
        InvitationAnswer.invitation_id == invitation.id, InvitationAnswer.promised_wh > 0
    )
    promised = {row.ven_id: row.promised_wh for row in await session.scalars(query)}
    if not promised:
        raise Problem(HTTPStatus.CONFLICT, "nobody-said-yes", "No home has promised anything.")
    wanted = _wanted(invitation, sorted(promised), name=name, price_micro=price_micro, currency=currency)
    found = await willing_for(session, now, wanted.call)
    known = await proven_by(session, now, [home.ven_id for home in found.homes])
    choice = _choice(found.homes, promised, wanted, known, found.left_out)
    made = await announce(session, issuing, wanted, choice, actor=actor, invitation_id=invitation.id)
    invitation.state, invitation.dispatch_id, invitation.changed_at = DISPATCHED, made.id, now
    await tell(session, issuing.hub, invitation)
    return made


def _price(invitation: Invitation, price_micro: int | None, currency: str) -> tuple[int, str]:
    if invitation.price_micro is None or invitation.currency is None:
        return price_micro or 0, currency
    if price_micro is None:
        return invitation.price_micro, invitation.currency
    if price_micro < invitation.price_micro or currency != invitation.currency:
        raise Problem(HTTPStatus.BAD_REQUEST, "less-than-told", "Homes were told of more pay than that.")
    return price_micro, currency


def _wanted(
    invitation: Invitation, ven_ids: Sequence[str], *, name: str | None, price_micro: int, currency: str
) -> Wanted:
    power_w = invitation.load_wh * 3600 // invitation.duration_s
    return Wanted(
        program_id=invitation.program_id,
        name=name or "invitation",
        span=Span(start=invitation.event_time, interval_s=invitation.duration_s, intervals=1),
        power_w=(power_w,),
        direction=Direction(invitation.direction),
        targets=Targets(ven_ids=list(ven_ids)),
        caps_w={},
        price_micro=price_micro,
        currency=currency,
        is_shaped=False,
        devices=frozenset(invitation.devices),
    )


def _choice(
    homes: Sequence[Candidate],
    promised: dict[str, int],
    wanted: Wanted,
    known: Proven,
    left_out: Mapping[str, str],
) -> Choice:
    """Return the call of all these homes, each for the power that its promise is over the time."""
    power_w = np.array(
        [[promised[home.ven_id] * 3600 // wanted.span.interval_s] for home in homes], dtype=np.int64
    ).reshape(len(homes), 1)
    feeder, feeders = feeders_of([home.feeder or "" for home in homes])
    offers = Offers(
        feeder=feeder,
        step_w=power_w[:, :, None],
        step_micro=np.full((len(homes), 1, 1), wanted.price_micro or 0, dtype=np.int64),
        interval_s=wanted.span.interval_s,
        takes_whole=np.zeros(len(homes), dtype=np.bool_),
        budget_wh=np.full(len(homes), NO_BUDGET_WH, dtype=np.int64),
    )
    fleet = Fleet(homes=tuple(homes), offers=offers, feeders=feeders)
    expected_w = np.floor(power_w * known.share[:, None]).astype(np.int64)
    need_w = np.array(wanted.power_w, dtype=np.int64)
    total_w = expected_w.sum(axis=0)
    energy_wh = int(power_w.sum()) * wanted.span.interval_s // 3600
    return Choice(
        fleet=fleet,
        called_w=power_w,
        expected_w=expected_w,
        share=known.share,
        rank=merit(fleet, known),
        cost_micro=energy_wh * (wanted.price_micro or 0) // 1000,
        marginal_micro=wanted.price_micro or 0,
        short_w=np.maximum(need_w - total_w, 0),
        beyond_w=np.maximum(total_w - need_w, 0),
        left_out=left_out,
    )
