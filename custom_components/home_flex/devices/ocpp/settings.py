"""What the resident says about a charger, and how patient we are with it."""

from dataclasses import dataclass, field
from enum import StrEnum

from .forwarding.settings import ForwardSettings


class TagRule(StrEnum):
    """Whose id tags may charge: any; those of a list; none, as only the resident starts a session."""

    FREE = "free"
    LIST = "list"
    USER = "user"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerSettings:
    """A charger as set up: the identity it dials in with, its password, and what its circuit can carry.

    Currents are A per phase; ``phases`` is how many of them the charger is wired to. ``password`` None lets
    it in without one, from the home's own network only (security profile 0, by explicit choice).
    ``connector_id`` is the socket, of a charger with several. ``starts_itself``: a session is started for
    whoever plugs in, for a charger that would wait for a tag. ``forward``: a second back end is told.
    """

    identity: str
    password: str | None = field(repr=False)
    phases: int
    min_current_a: float
    max_current_a: float
    connector_id: int = 1
    tag_rule: TagRule = TagRule.FREE
    tags: tuple[str, ...] = field(default=(), repr=False)
    starts_itself: bool = False
    forward: ForwardSettings | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Time-outs in seconds.

    ``silence_s`` without a sign of life, three heartbeat intervals, is a loss. ``set_up_s`` is short because
    a limit may be waiting behind a configuration call; ``write_s`` bounds a limit with all it waits for.
    ``poll_s`` without a sample of a car that charges has it asked for; ``obeys_s`` is how long a car may take
    to follow a limit, ``start_s`` to start by itself after plugging in. ``call_s`` is for what a person asks.
    """

    heartbeat_s: int = 60
    silence_s: float = 180.0
    boot_s: float = 2.0
    set_up_s: float = 2.0
    limit_s: float = 5.0
    write_s: float = 7.5
    stop_s: float = 5.0
    poll_s: float = 30.0
    obeys_s: float = 20.0
    start_s: float = 10.0
    call_s: float = 5.0
