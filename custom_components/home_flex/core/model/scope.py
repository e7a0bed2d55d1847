"""What something is asked of: the site at its meter, or a part of it."""

from dataclasses import dataclass
from enum import StrEnum


class ScopeKind(StrEnum):
    """What a demand is about."""

    SITE = "site"
    CIRCUIT = "circuit"
    GROUP = "group"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Scope:
    """The meter of the site, or one circuit, group or device by its id."""

    kind: ScopeKind
    id: str = ""


SITE = Scope(ScopeKind.SITE)
