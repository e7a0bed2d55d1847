"""What the flows have in common by which a resident shares something: with a community, and until a day."""

from abc import abstractmethod
from datetime import date, timedelta
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult

from ..const import SUBENTRY_AGGREGATOR
from .member_flow import MemberFlow

_LONGEST: Final = timedelta(days=366)


class ConsentFlow(MemberFlow):
    """A site shares with one community; without one there is nobody to share with."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what is shared, and until when."""
        if (obstacle := self._obstacle()) is not None:
            return self.async_abort(reason=obstacle)
        return self._asked("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what has changed."""
        return self._asked("reconfigure", user_input)

    def _obstacle(self) -> str | None:
        """Return why nothing can be shared, None where it can."""
        return None if self._get_entry().get_subentries_of_type(SUBENTRY_AGGREGATOR) else "no_aggregator"

    @abstractmethod
    def _asked(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        """Ask, and go on with what was answered."""


def mistaken_day(last: str, today: date) -> str | None:
    """Return why nothing can be shared until a day, None where it can."""
    until = date.fromisoformat(last)
    if until <= today:
        return "is_over"
    return "too_long" if until - today > _LONGEST else None
