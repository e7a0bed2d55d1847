"""All tables, a file for each room that owns them."""

from .accounts import Client, OneTimeCode, Person, Session, Token
from .audit import AuditEntry, AuditHead
from .base import Base
from .grid import CongestionPoint, GridConnection, GridMessage, GridOperator
from .homes import Consent, Home
from .openadr import Event, ObjectTarget, Program, Report, Resource, Subscription, Ven, WebhookDelivery
from .wire import Leader, OutgoingMessage, ReceivedReport, RefusedReports, ReportProgress

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Base",
    "Client",
    "CongestionPoint",
    "Consent",
    "Event",
    "GridConnection",
    "GridMessage",
    "GridOperator",
    "Home",
    "Leader",
    "ObjectTarget",
    "OneTimeCode",
    "OutgoingMessage",
    "Person",
    "Program",
    "ReceivedReport",
    "RefusedReports",
    "Report",
    "ReportProgress",
    "Resource",
    "Session",
    "Subscription",
    "Token",
    "Ven",
    "WebhookDelivery",
]
