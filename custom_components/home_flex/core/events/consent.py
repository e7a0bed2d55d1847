"""What the resident said about taking part in events: of single ones, of a programme's, and of all.

The word on a single event comes first, then that on none at all, then the programme's rule, then the rules of
the house.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from .house_rules import HouseRules
from .model import Event, EventRecord, Source
from .outcome import StatusReason


class JoinRule(StrEnum):
    """What is done about the events of a programme, as long as the resident says nothing of one."""

    AUTOMATIC = "automatic"
    ASK = "ask"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """What the resident said of a programme (OpenADR's program).

    ``pays_per_kwh``: what was agreed on for events that do not tell, in the site's currency; None: nothing.
    ``baseline``: the rule by which it settles, by its name in core/settlement; None: it names none.
    """

    rule: JoinRule = JoinRule.AUTOMATIC
    pays_per_kwh: float | None = None
    baseline: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Whether the home takes part in an event, and whether that is for want of an answer.

    ``held``: which rule of the house kept it from being joined without one.
    """

    opted_out: bool
    unanswered: bool = False
    held: StatusReason | None = None

    @property
    def reason(self) -> StatusReason | None:
        """Why the home does not take part; None where it does."""
        if not self.opted_out:
            return None
        if self.held is not None:
            return self.held
        return StatusReason.NOT_ANSWERED if self.unanswered else StatusReason.OPTED_OUT


class Asked(Protocol):
    """What rules are applied to: an event, or an invitation to one."""

    @property
    def key(self) -> str:
        """Its own id."""

    @property
    def program_id(self) -> str:
        """Its programme."""

    @property
    def start(self) -> datetime:
        """When it begins."""

    @property
    def end(self) -> datetime:
        """When it ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """All words of the resident: ``said`` by event id (True is yes), ``rules`` by program id.

    ``participating``: False for none at all, but those that a yes was said to. ``house``: how far the home
    joins by itself, by the starts of the events that it has ``joined``, by their ids.
    """

    said: Mapping[str, bool]
    rules: Mapping[str, JoinRule]
    participating: bool
    house: HouseRules = field(default_factory=HouseRules)
    joined: Mapping[str, datetime] = field(default_factory=dict)

    def to(self, event: Event) -> Answer:
        """Return whether the home takes part in an event. A grid operator's is no question."""
        if event.source is Source.GRID_OPERATOR:
            return Answer(opted_out=False)
        if (yes := self.said.get(event.event_id)) is not None:
            return Answer(opted_out=not yes)
        if event.source is Source.RESIDENT:
            return Answer(opted_out=False)
        return self.by_rule(event)

    def by_rule(self, asked: Asked) -> Answer:
        """Return what the rules say to what is asked, as long as the resident says nothing of it."""
        rule = self.rules.get(asked.program_id)
        if not self.participating or rule is JoinRule.NEVER:
            return Answer(opted_out=True)
        if rule is JoinRule.ASK:
            return Answer(opted_out=True, unanswered=True)
        held = self._held(asked)
        return Answer(opted_out=held is not None, unanswered=held is not None, held=held)

    def _held(self, asked: Asked) -> StatusReason | None:
        """Return which rule of the house keeps what is asked from being joined without a yes."""
        if self.house.household.is_unwell:
            return StatusReason.UNWELL
        if self.house.is_empty(asked.start):
            return StatusReason.AWAY
        if self.house.is_quiet(asked.start, asked.end):
            return StatusReason.QUIET_HOURS
        others = (start for key, start in self.joined.items() if key != asked.key)
        return StatusReason.WEEK_FULL if self.house.is_full(asked.start, others) else None

    def on(self, event: Event, known: EventRecord | None) -> Consent:
        """Return the words as they are for a version of an event that is newer than ``known``.

        Where its programme asks, and where it was joined partly, a yes is one to what was asked: what then
        asks or pays otherwise is asked anew.
        """
        if known is None or known.event.intervals == event.intervals or event.source is not Source.AGGREGATOR:
            return self
        is_asked = self.rules.get(event.program_id) is JoinRule.ASK or bool(known.eased)
        if not (is_asked and self.said.get(event.event_id)):
            return self
        return replace(
            self,
            said={key: yes for key, yes in self.said.items() if key != event.event_id},
            rules={**self.rules, event.program_id: JoinRule.ASK},
        )
