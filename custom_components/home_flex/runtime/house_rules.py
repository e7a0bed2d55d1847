"""The rules of the house as they are kept: when nothing is joined without a yes, and how often a week."""

import logging
from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from ..core.events.house_rules import Household, HouseRules, QuietHours
from ..core.wishes import Wishes

_LOGGER = logging.getLogger(__name__)

HOUSE_RULES: Final = "house_rules"
MOST_A_WEEK: Final = 50
# What cannot be read is no leave to join anything.
_NOTHING: Final = HouseRules(most_a_week=0)


def household_of(wishes: Wishes) -> Household:
    """Return how the people of the home are, as they said."""
    site = wishes.site
    return Household(is_away=site.away, away_until=site.away_until, is_unwell=site.unwell)


def house_rules_document(rules: HouseRules) -> dict[str, Any]:
    """Return the rules as JSON values."""
    quiet = rules.quiet
    return {
        "quiet_from": None if quiet is None else quiet.start.isoformat("minutes"),
        "quiet_until": None if quiet is None else quiet.end.isoformat("minutes"),
        "most_a_week": rules.most_a_week,
        "never_away": rules.never_away,
    }


def house_rules_from(document: object) -> HouseRules:
    """Return the rules that were kept; with those that cannot be read nothing is joined without a yes."""
    if not isinstance(document, Mapping):
        _LOGGER.warning("The rules of the house cannot be read: every event asks")
        return _NOTHING
    try:
        return HouseRules(
            quiet=_quiet(document), most_a_week=_most(document), never_away=_never_away(document)
        )
    except (LookupError, TypeError, ValueError) as error:
        _LOGGER.warning("The rules of the house cannot be read, and every event asks: %s", error)
        return _NOTHING


def _most(document: Mapping[str, Any]) -> int | None:
    most = document.get("most_a_week")
    if most is None or (type(most) is int and 0 <= most <= MOST_A_WEEK):
        return most
    raise ValueError(f"{most!r} is no number of events")


def _never_away(document: Mapping[str, Any]) -> bool:
    never_away = document.get("never_away", False)
    if isinstance(never_away, bool):
        return never_away
    raise ValueError(f"{never_away!r} is neither yes nor no")


def _quiet(document: Mapping[str, Any]) -> QuietHours | None:
    if document.get("quiet_from") is None and document.get("quiet_until") is None:
        return None
    return QuietHours(
        start=time.fromisoformat(document["quiet_from"]), end=time.fromisoformat(document["quiet_until"])
    )
