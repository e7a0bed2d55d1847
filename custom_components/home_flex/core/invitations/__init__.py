"""Invitations of the community: whether the home would, asked before anything is asked of it."""

from .book import InvitationBook, InvitationError, InvitationRecord
from .model import (
    Answer,
    AnsweredBy,
    Direction,
    HomeAnswer,
    Invitation,
    Said,
    State,
    Verdict,
    VerdictOn,
    Worth,
)
from .wire import (
    answer_document,
    invitation_document,
    parse_answer,
    parse_invitation,
    parse_verdict,
    verdict_document,
)

__all__ = [
    "Answer",
    "AnsweredBy",
    "Direction",
    "HomeAnswer",
    "Invitation",
    "InvitationBook",
    "InvitationError",
    "InvitationRecord",
    "Said",
    "State",
    "Verdict",
    "VerdictOn",
    "Worth",
    "answer_document",
    "invitation_document",
    "parse_answer",
    "parse_invitation",
    "parse_verdict",
    "verdict_document",
]
