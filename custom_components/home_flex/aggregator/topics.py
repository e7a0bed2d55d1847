"""The topics of one home, as OpenADR 3.1 names them for notifications over MQTT."""

from dataclasses import dataclass
from typing import Literal

from .errors import AggregatorError
from .settings import AggregatorSettings

type EventKind = Literal["create", "update", "delete", "response"]
type InvitationKind = Literal["invitation", "verdict"]
type Kind = EventKind | InvitationKind
KINDS: tuple[EventKind, ...] = ("create", "update", "delete", "response")

_MAX_TOPIC_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics below ``{prefix}/vens/{venID}``."""

    root: str

    @property
    def events(self) -> dict[str, Kind]:
        """The topics of events the home listens to, and what arrives there."""
        return {f"{self.root}/events/{kind}": kind for kind in KINDS}

    @property
    def invitations(self) -> dict[str, Kind]:
        """Where the hub asks whether the home would, and says what it made of an answer."""
        return {
            f"{self.root}/invitations/told": "invitation",
            f"{self.root}/invitations/received": "verdict",
        }

    @property
    def invitation_answers(self) -> str:
        """Where the home answers to invitations."""
        return f"{self.root}/invitations/answer"

    @property
    def events_request(self) -> str:
        """Where the home asks for its open events."""
        return f"{self.root}/events/request"

    @property
    def events_response(self) -> str:
        """Where the open events come back."""
        return f"{self.root}/events/response"

    @property
    def reports(self) -> str:
        """Where the home's reports go."""
        return f"{self.root}/reports/create"

    @property
    def reports_received(self) -> str:
        """Where the hub says up to where it has them."""
        return f"{self.root}/reports/received"

    @property
    def status(self) -> str:
        """Where the home's presence is retained."""
        return f"{self.root}/status"

    @property
    def bridge_state(self) -> str:
        """Where a broker in the home retains whether its bridge to the aggregator's broker is up: 1 or 0.

        Source: mosquitto.conf(5), notification_topic.
        """
        return f"{self.root}/bridge/state"

    def resources(self, operation: str) -> str:
        """Where the home tells what it has: ``operation`` is ``create`` or ``update``."""
        return f"{self.root}/resources/{operation}"


def topics_of(settings: AggregatorSettings) -> Topics:
    """Return the topics of a home. Raises AggregatorError ``invalid_topic`` for what no topic may hold.

    A wildcard in the venID would let one home read another's events (MQTT 5 section 4.7); what begins with $
    belongs to the broker (4.7.2) or shares a subscription (4.8.2).
    """
    ven_id, prefix = settings.ven_id, settings.prefix.strip("/")
    root = f"{prefix}/vens/{ven_id}" if prefix else f"vens/{ven_id}"
    wild = root.startswith("$") or not {"+", "#"}.isdisjoint(root)
    if not ven_id or "/" in ven_id or wild or not root.isprintable():
        raise AggregatorError("invalid_topic", "The prefix or venID holds a character no MQTT topic may hold")
    if len(root.encode()) > _MAX_TOPIC_BYTES:
        raise AggregatorError("invalid_topic", "The prefix and venID are too long for an MQTT topic")
    return Topics(root)
