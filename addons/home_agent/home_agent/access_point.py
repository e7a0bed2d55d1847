"""How the gateway's access point is, as the service ``wifi_ap`` writes it into a folder that both have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from home_common.files import read_json

STATUS_FILE: Final = "status.json"
STATES: Final = ("on", "off", "disabled")
_LONGEST_REASON: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessPoint:
    """Its state (one of ``STATES``; ``disabled``: wanted, and not possible), and why, on one line."""

    state: str
    reason: str


def read(folder: Path) -> AccessPoint | None:
    """Return how it is; None when nothing that can be understood was written."""
    told = read_json(folder / STATUS_FILE)
    state, reason = told.get("state"), told.get("reason")
    if state not in STATES or not isinstance(reason, str):
        return None
    return AccessPoint(state=state, reason=" ".join(reason.split())[:_LONGEST_REASON])
