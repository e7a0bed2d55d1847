"""All tables, a file for each room that owns them."""

from .accounts import Client, OneTimeCode, Person, Session, Token
from .audit import AuditEntry, AuditHead
from .base import Base
from .homes import Consent, Home
from .openadr import Event, ObjectTarget, Program, Report, Resource, Subscription, Ven, WebhookDelivery

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Base",
    "Client",
    "Consent",
    "Event",
    "Home",
    "ObjectTarget",
    "OneTimeCode",
    "Person",
    "Program",
    "Report",
    "Resource",
    "Session",
    "Subscription",
    "Token",
    "Ven",
    "WebhookDelivery",
]
