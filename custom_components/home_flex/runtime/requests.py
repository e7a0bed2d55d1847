"""What is asked of the site by the resident and by automations: events, and what is wanted of devices.

Each is decided on at once. What cannot be had raises, and changes nothing.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from ..core.control.dimming import Dimming
from ..core.events.consent import JoinRule, Programme
from ..core.events.easing import eased, is_easable
from ..core.events.house_rules import HouseRules, QuietHours
from ..core.events.model import OPEN, EventRecord, PayloadType, Source
from ..core.invitations import InvitationError, Said
from ..core.planner.choice import Choice, expected_without
from ..core.wishes import Change
from .event_service import EventService
from .group_limits import GroupLimits
from .house_rules import household_of
from .invitation_service import InvitationService
from .own_event import own_event
from .view import RequestError
from .wishes import WishService

_MOST_PROGRAMMES: Final = 50


class Requests:
    """Takes requests to whoever they are for; ``decide`` lets the site decide once."""

    def __init__(
        self,
        *,
        events: EventService,
        invitations: InvitationService,
        wishes: WishService,
        groups: GroupLimits,
        clock: Callable[[], datetime],
        decide: Callable[[], Awaitable[None]],
        choices: Callable[[], Mapping[str, Choice]],
        device_ids: Callable[[], Collection[str]],
    ) -> None:
        """Take the parts of the site that requests are for.

        ``choices``: what announced events cost, by their ids; ``device_ids``: of what can be steered.
        """
        self._events = events
        self._invitations = invitations
        self._wishes = wishes
        self._groups = groups
        self._clock = clock
        self._decide = decide
        self._choices = choices
        self._device_ids = device_ids

    async def dispatch(
        self,
        *,
        import_limit_w: float | None = None,
        export_limit_w: float | None = None,
        setpoint_w: float | None = None,
        start: datetime | None = None,
        duration: timedelta,
        name: str | None = None,
        priority: int | None = None,
    ) -> str:
        """Start an event of the resident's own; returns its id. Raises RequestError, also while paused."""
        event = own_event(
            {
                PayloadType.IMPORT_CAPACITY_LIMIT: import_limit_w,
                PayloadType.EXPORT_CAPACITY_LIMIT: export_limit_w,
                PayloadType.DISPATCH_SETPOINT: setpoint_w,
            },
            now=self._clock(),
            start=start,
            duration=duration,
            name=name,
            priority=priority,
        )
        site = self._wishes.wishes.site
        if site.paused and (site.paused_until is None or event.start < site.paused_until):
            raise RequestError("dispatch_paused", "While everything is paused nothing can be dispatched")
        self._events.add(event)
        await self._decide()
        return event.event_id

    async def cancel(self, event_id: str) -> None:
        """End an event for good. Raises RequestError when there is none such open."""
        record = self._open_record(event_id)
        if record.event.source is not Source.RESIDENT:
            raise RequestError("not_yours", "An aggregator's event can be opted out of, not cancelled")
        self._events.cancel(event_id)
        await self._decide()

    async def opt_out(self, event_id: str | None) -> None:
        """Leave one event, or all open ones. Raises RequestError."""
        if event_id is not None and self._open_record(event_id).event.source is Source.GRID_OPERATOR:
            raise RequestError("binding", "A grid operator's limit cannot be opted out of")
        self._events.opt_out(event_id)
        await self._decide()

    async def opt_in(self, event_id: str | None) -> None:
        """Come back to one event, or to all open ones. Raises RequestError."""
        if self._wishes.wishes.site.paused:
            raise RequestError("paused", "While everything is paused no event can be taken part in")
        if event_id is not None:
            self._open_record(event_id)
        self._events.opt_in(event_id)
        await self._decide()

    async def join_partly(self, event_id: str) -> None:
        """Join one event with half of what it asks, as the plan without it expects the home to draw.

        Raises RequestError, also where no plan says yet what half of it is.
        """
        if self._wishes.wishes.site.paused:
            raise RequestError("paused", "While everything is paused no event can be taken part in")
        record = self._open_record(event_id)
        if record.event.source is Source.GRID_OPERATOR:
            raise RequestError("binding", "A grid operator's limit is no matter of consent")
        if not is_easable(record.event):
            raise RequestError("no_half", "Of what this event asks there is no half")
        choice = self._choices().get(event_id)
        parts = record.eased if choice is None else eased(record.event, expected_without(choice))
        if not parts:
            raise RequestError("not_priced", "What half of this event is will be known with the next plan")
        self._events.join_partly(event_id, parts)
        await self._decide()

    async def answer_invitation(
        self, invitation_id: str, said: Said, *, promised_wh: int | None = None
    ) -> None:
        """Answer to an invitation that is open; ``promised_wh`` of a part. Raises RequestError."""
        if said is not Said.NO and self._wishes.wishes.site.paused:
            raise RequestError("paused", "While everything is paused no event can be taken part in")
        try:
            self._invitations.answer(invitation_id, said, promised_wh)
        except InvitationError as error:
            raise RequestError(error.reason, str(error)) from error
        await self._decide()

    async def spare(self, event_id: str, device_id: str, *, spared: bool) -> None:
        """Keep a device out of one event, or let that move it again. Raises RequestError."""
        if self._open_record(event_id).event.source is Source.GRID_OPERATOR:
            raise RequestError("binding", "A grid operator's limit cannot be opted out of")
        if spared and device_id not in self._device_ids():
            raise RequestError("unknown_device", f"There is no device {device_id} that is steered")
        self._events.spare(event_id, device_id, spared=spared)
        await self._decide()

    async def set_participating(self, participating: bool) -> None:
        """Take part in the aggregator's events, or in none of them from now on."""
        self._events.participate(participating)
        await self._decide()

    async def set_house_rules(
        self, quiet: QuietHours | None, most_a_week: int | None, *, never_away: bool = False
    ) -> None:
        """Say in which hours no event is joined without a yes, and how many a week; None: no such rule.

        ``never_away``: none while nobody is at home.
        """
        self._events.set_house_rules(
            HouseRules(
                quiet=quiet,
                most_a_week=most_a_week,
                never_away=never_away,
                zone=self._wishes.zone,
                household=household_of(self._wishes.wishes),
            )
        )
        await self._decide()

    async def set_programme(
        self,
        program_id: str,
        *,
        rule: JoinRule | None = None,
        pays_per_kwh: float | None = None,
        baseline: str | None = None,
    ) -> None:
        """Say what is done about the events of a programme, what it pays and by which rule it settles.

        None leaves it as it is.

        Raises RequestError for a grid operator's, whose limits bind, and for more than a home can be in.
        """
        known = self._events.programmes
        if any(
            one.event.program_id == program_id and one.event.source is not Source.AGGREGATOR
            for one in self._events.book.records.values()
        ):
            raise RequestError("binding", "What a grid operator asks needs no consent")
        if program_id not in known and len(known) >= _MOST_PROGRAMMES:
            raise RequestError("too_many_programmes", f"A home is in {_MOST_PROGRAMMES} programmes at most")
        before = known.get(program_id, Programme())
        self._events.agree(
            program_id,
            Programme(
                rule=before.rule if rule is None else rule,
                pays_per_kwh=before.pays_per_kwh if pays_per_kwh is None else pays_per_kwh,
                baseline=before.baseline if baseline is None else baseline,
            ),
        )
        await self._decide()

    async def change_wishes(self, change: Change) -> None:
        """Change what the resident wants, and decide on it at once. Raises WishError."""
        self._wishes.change(change)
        await self._decide()

    async def dim_group(self, group_id: str, dimming: Dimming | None) -> None:
        """Dim a group as the grid operator says, or (None) end that, and decide on it at once."""
        self._groups.tell(group_id, dimming)
        await self._decide()

    def _open_record(self, event_id: str) -> EventRecord:
        record = self._events.book.records.get(event_id)
        if record is None or record.status not in OPEN:
            raise RequestError("unknown_event", "There is no open event with this id")
        return record
