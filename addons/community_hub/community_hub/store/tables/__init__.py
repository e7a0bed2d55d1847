"""All tables, a file for each room that owns them."""

from .accounts import Client, Identity, OneTimeCode, OpenIdAttempt, Person, Session, Token
from .alerts import Alert
from .audit import AuditEntry, AuditHead
from .base import Base
from .flexibility import (
    AnswerRule,
    DeliverySample,
    Dispatch,
    DispatchedHome,
    HomeRequest,
    Invitation,
    InvitationAnswer,
    StandingOffer,
    WaitingCalls,
)
from .grid import CongestionPoint, FlexReservation, GridConnection, GridMessage, GridOperator
from .homes import Consent, Home, RoomQuarter, SharedBatteries, SharedRoom
from .mail import Mail, MailWish, ToldOutcome
from .market import MarketClearing, MarketOrder, MarketTotal
from .openadr import Event, ObjectTarget, Program, Report, Resource, Subscription, Ven, WebhookDelivery
from .passkeys import Passkey, PasskeyChallenge
from .settlement import Settlement, SettlementLine
from .statistics import FrozenCohort, PublishedMonth, PublishedNumber
from .wire import (
    Leader,
    MeteredDay,
    OpenSlot,
    OutgoingMessage,
    ReceivedReport,
    RefusedReports,
    ReportProgress,
)

__all__ = [
    "Alert",
    "AnswerRule",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Client",
    "CongestionPoint",
    "Consent",
    "DeliverySample",
    "Dispatch",
    "DispatchedHome",
    "Event",
    "FlexReservation",
    "FrozenCohort",
    "GridConnection",
    "GridMessage",
    "GridOperator",
    "Home",
    "HomeRequest",
    "Identity",
    "Invitation",
    "InvitationAnswer",
    "Leader",
    "Mail",
    "MailWish",
    "MarketClearing",
    "MarketOrder",
    "MarketTotal",
    "MeteredDay",
    "ObjectTarget",
    "OneTimeCode",
    "OpenIdAttempt",
    "OpenSlot",
    "OutgoingMessage",
    "Passkey",
    "PasskeyChallenge",
    "Person",
    "Program",
    "PublishedMonth",
    "PublishedNumber",
    "ReceivedReport",
    "RefusedReports",
    "Report",
    "ReportProgress",
    "Resource",
    "RoomQuarter",
    "Session",
    "Settlement",
    "SettlementLine",
    "SharedBatteries",
    "SharedRoom",
    "StandingOffer",
    "Subscription",
    "Token",
    "ToldOutcome",
    "Ven",
    "WaitingCalls",
    "WebhookDelivery",
]
