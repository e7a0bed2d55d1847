"""Whether a vehicle came or left, for sure: told once, at the edge, never at start or after a lost link."""

from dataclasses import dataclass
from enum import StrEnum

# A status that shows no vehicle for less than this is a reset of the charger or a jiggled plug.
PROVEN_AFTER_S = 10.0


class Edge(StrEnum):
    """What just happened at the plug."""

    PLUGGED = "plugged"
    UNPLUGGED = "unplugged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plug:
    """What is remembered of a plug: whether a vehicle is there (None: not known yet), since when not."""

    present: bool | None = None
    gone_since_s: float | None = None


def watch(plug: Plug, connected: bool | None, now_s: float) -> tuple[Plug, Edge | None]:
    """Return what to remember, and what just happened.

    ``connected`` None: the charger cannot be read; that proves nothing, and the waiting starts anew.
    """
    if connected is None:
        return Plug(present=plug.present), None
    if connected:
        return Plug(present=True), Edge.PLUGGED if plug.present is False else None
    if not plug.present:
        return Plug(present=False), None
    since_s = now_s if plug.gone_since_s is None else plug.gone_since_s
    if now_s - since_s >= PROVEN_AFTER_S:
        return Plug(present=False), Edge.UNPLUGGED
    return Plug(present=True, gone_since_s=since_s), None
