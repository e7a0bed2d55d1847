"""What the resident shares with the community: asked with its text, and always until a day."""

from datetime import date, timedelta
from typing import Any

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import BooleanSelector, DateSelector
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_SHARED_BATTERIES,
    CONF_SHARED_QUARTER_HOURS,
    CONF_SHARED_SINCE,
    CONF_SHARED_UNTIL,
    SUBENTRY_AGGREGATOR,
    SUBENTRY_SHARING,
)
from ..form_fields import TEXT, without_blanks
from .member_flow import MemberFlow

_LONGEST = timedelta(days=366)
_FIELDS = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_SHARED_BATTERIES, default=False): BooleanSelector(),
    probatio.Required(CONF_SHARED_QUARTER_HOURS, default=False): BooleanSelector(),
    probatio.Required(CONF_SHARED_UNTIL): DateSelector(),
}


class SharingFlow(MemberFlow):
    """A site shares with one community; without one there is nobody to share with."""

    default_name = "Shared with the community"

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what is shared, and until when."""
        if not self._get_entry().get_subentries_of_type(SUBENTRY_AGGREGATOR):
            return self.async_abort(reason="no_aggregator")
        if self._get_entry().get_subentries_of_type(SUBENTRY_SHARING):
            return self.async_abort(reason="only_one")
        return self._asked("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change what is shared, or until when."""
        return self._asked("reconfigure", user_input)

    def _asked(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        error = None
        if user_input is not None:
            data = without_blanks(user_input)
            error = _mistake(data, dt_util.now().date())
            if error is None:
                return self._finish({**data, **self._since(data)}, SUBENTRY_SHARING)
        return self._form(step_id, _FIELDS, user_input or self._kept(), error)

    def _since(self, data: dict[str, Any]) -> dict[str, str]:
        """Return since when quarter-hours are shared: nothing of before the resident said so is told."""
        if not data[CONF_SHARED_QUARTER_HOURS]:
            return {}
        return {CONF_SHARED_SINCE: self._kept().get(CONF_SHARED_SINCE) or dt_util.utcnow().isoformat()}


def _mistake(data: dict[str, Any], today: date) -> str | None:
    error = mistaken_day(data[CONF_SHARED_UNTIL], today)
    is_any = data[CONF_SHARED_BATTERIES] or data[CONF_SHARED_QUARTER_HOURS]
    return error if error or is_any else "nothing_shared"


def mistaken_day(last: str, today: date) -> str | None:
    """Return why nothing can be shared until a day, None where it can."""
    until = date.fromisoformat(last)
    if until <= today:
        return "is_over"
    return "too_long" if until - today > _LONGEST else None
