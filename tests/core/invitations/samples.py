"""Invitations of tests: 1200 Wh less between 17 and 18 h, to be answered an hour before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from custom_components.home_flex.core.events.consent import Consent, JoinRule
from custom_components.home_flex.core.events.house_rules import HouseRules
from custom_components.home_flex.core.invitations import Direction, Invitation, State, Worth

NOW: Final = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
START: Final = NOW + timedelta(hours=5)
INVITATION: Final = Invitation(
    invitation_id="invitation-1",
    program_id="evening-peak",
    modified=NOW,
    state=State.OPEN,
    start=START,
    end=START + timedelta(hours=1),
    asked_wh=1200,
    direction=Direction.LESS,
    devices=(),
    answer_by=START - timedelta(hours=1),
    worth=Worth(per_kwh=Decimal("0.25"), currency="EUR"),
)


def told(minutes: float = 0, **changed: Any) -> Invitation:
    """Return the invitation as the hub has it some minutes later."""
    return replace(INVITATION, modified=NOW + timedelta(minutes=minutes), **changed)


def rule(word: JoinRule, house: HouseRules | None = None, *, participating: bool = True) -> Consent:
    """Return what a resident said once: of the programme, and how far the home joins by itself."""
    return Consent(
        said={},
        rules={"evening-peak": word},
        participating=participating,
        house=house or HouseRules(),
    )
