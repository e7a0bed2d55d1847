"""The invitations of the site: heard, remembered, answered by the resident or the rules, and shown.

What was said is handed to the journal, and told to the hub once it is on the disk (``InvitationTeller``).
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from ..aggregator.link import Incoming
from ..core.events.refusal import Refusal
from ..core.invitations import (
    HomeAnswer,
    InvitationBook,
    InvitationRecord,
    Said,
    VerdictOn,
    parse_invitation,
    parse_verdict,
)
from ..core.invitations.calling import is_within
from ..core.invitations.codec import book_document, book_from
from ..core.invitations.model import AnsweredBy, State
from ..history.store import HistoryError
from .event_service import EventService
from .journal import Journal
from .seldom import SeldomWarnings

_LOGGER = logging.getLogger(__name__)

DOCUMENT: Final = "invitations"

type Listener = Callable[[InvitationRecord, InvitationRecord | None], None]


class InvitationService:
    """Holds the book of invitations. ``paused``: whether the home does nothing by rule now.

    ``events`` knows the resident's rules, and has the events by which the home is called.
    """

    def __init__(
        self,
        *,
        events: EventService,
        journal: Journal,
        paused: Callable[[], bool],
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        """Start with an empty book; ``load`` fills it."""
        self.book = InvitationBook()
        self._events = events
        self._journal = journal
        self._paused = paused
        self._clock = clock
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._listeners: list[Listener] = []

    async def load(self) -> None:
        """Take up what was remembered before the restart; where it cannot be read the hub tells it again."""
        try:
            document = await self._journal.store.get_document(DOCUMENT)
        except HistoryError as error:
            _LOGGER.warning("The invitations that were kept cannot be read: %s", error)
            return
        self.book = book_from(document, self._clock())

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with each invitation that is new or changed; returns how to stop it."""
        self._listeners.append(listener)

        def remove() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return remove

    def hear(self, incoming: Incoming) -> None:
        """Read one message of the hub; what is wrong with it is told, and changes nothing."""
        now = self._clock()
        try:
            if incoming.kind == "verdict":
                verdict = parse_verdict(incoming.payload)
                if verdict.on is not VerdictOn.TAKEN:
                    self._warnings.warn(
                        verdict.on,
                        f"The answer to invitation {verdict.invitation_id} is {verdict.on.lower()}",
                    )
                self._change(self.book.judge(verdict))
            else:
                told = parse_invitation(incoming.payload, now=now)
                self._change(self._ruled(self.book.receive(told, now), now))
        except Refusal as refusal:
            self._events.refuse(refusal)

    def answer(self, invitation_id: str, said: Said, promised_wh: int | None = None) -> None:
        """Keep what the resident says to an invitation. Raises InvitationError."""
        self._change(self.book.say(invitation_id, said, promised_wh, self._clock()))

    def advance(self) -> None:
        """Say what the rules say, carry a yes over to the event of the call, and forget what is long over."""
        if not self.book.records:
            return
        now = self._clock()
        self._change(self._ruled(self.book, now))
        for record in self.book.records.values():
            self._carry_over(record, now)
        self._change(self.book.prune(now))

    def to_send(self) -> tuple[HomeAnswer, ...]:
        """Return the answers that the hub is to be told."""
        return self.book.to_send(self._clock())

    def _ruled(self, book: InvitationBook, now: datetime) -> InvitationBook:
        """Return a book with what the rules say; while everything is paused they say nothing."""
        return book if self._paused() else book.by_rules(self._events.words(), now)

    def _carry_over(self, record: InvitationRecord, now: datetime) -> None:
        """Let a resident's yes count for the event that asks no more than was promised: nobody asks twice."""
        invitation, answer = record.invitation, record.answer
        if record.is_carried or invitation.state is not State.DISPATCHED or now >= invitation.end:
            return
        if answer is None or answer.by is not AnsweredBy.RESIDENT or self._paused():
            return
        book = self._events.book
        if (called := book.records.get(invitation.event_id or "")) is None:
            return
        event_id = called.event.event_id
        if event_id not in book.consents and is_within(record, called.event):
            self._events.opt_in(event_id)
        self._change(self.book.carried(invitation.invitation_id))

    def _change(self, book: InvitationBook) -> None:
        if book is self.book:
            return
        before, self.book = self.book, book
        self._journal.put_document(DOCUMENT, book_document(book))
        for key, record in book.records.items():
            if record != (previous := before.records.get(key)):
                for listener in tuple(self._listeners):
                    listener(record, previous)
