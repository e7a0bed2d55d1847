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
    reads_and_writes: Sequence[str] = ()


CLIENTS: Final = (
    Client(name="home_assistant", reads_and_writes=("#",)),
    Client(
        name="home_agent",
        reads=("agent/commands/#", "status", "bridge/state", _BROKER_STATISTICS),
        writes=("agent/#",),
    ),
)


def access_rules(topics: str) -> str:
    """Return Mosquitto's access list for topics that begin so; what is not in it is refused."""
    lines = []
    for client in CLIENTS:
        lines.append(f"user {client.name}")
        lines += [f"topic read {_topic(topics, topic)}" for topic in client.reads]
        lines += [f"topic write {_topic(topics, topic)}" for topic in client.writes]
        lines += [f"topic readwrite {_topic(topics, topic)}" for topic in client.reads_and_writes]
        lines.append("")
    return "\n".join(lines)


def _topic(topics: str, topic: str) -> str:
    return topic if topic.startswith("$SYS/") else f"{topics}/{topic}"
