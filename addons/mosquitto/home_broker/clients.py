"""Who speaks to the home's broker, and what each may do there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# The agent tells the operator how full the queues are.
_BROKER_STATISTICS: Final = "$SYS/broker/#"


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A client with its own password. Topics stand below the home's own; ``$SYS`` ones are as they are."""

    name: str
    reads: Sequence[str] = ()
    writes: Sequence[str] = ()


# Each topic in use, by its name: what else a client might say or hear is nobody's business. Commands to the
# agent come over the bridge alone, which no account of the home can pretend to be.
CLIENTS: Final = (
    Client(
        name="home_assistant",
        reads=(
            *("events/create", "events/update", "events/delete", "events/response", "reports/received"),
            *("invitations/told", "invitations/received", "bridge/state"),
        ),
        writes=(
            *("reports/create", "resources/create", "resources/update", "status", "events/request"),
            "invitations/answer",
        ),
    ),
    Client(
        name="home_agent",
        reads=("agent/commands/#", "bridge/state", _BROKER_STATISTICS),
        writes=("agent/heartbeat", "agent/answers", "agent/revocation"),
    ),
)


def access_rules(topics: str) -> str:
    """Return Mosquitto's access list for topics that begin so; what is not in it is refused."""
    lines = []
    for client in CLIENTS:
        lines.append(f"user {client.name}")
        lines += [f"topic read {_topic(topics, topic)}" for topic in client.reads]
        lines += [f"topic write {_topic(topics, topic)}" for topic in client.writes]
        lines.append("")
    return "\n".join(lines)


def _topic(topics: str, topic: str) -> str:
    return topic if topic.startswith("$SYS/") else f"{topics}/{topic}"
