"""What the resident shares with the community: asked with its text, and always until a day."""

from datetime import date
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
    SUBENTRY_SHARING,
)
from ..form_fields import TEXT, without_blanks
from .consent_flow import ConsentFlow, mistaken_day

_FIELDS = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_SHARED_BATTERIES, default=False): BooleanSelector(),
    probatio.Required(CONF_SHARED_QUARTER_HOURS, default=False): BooleanSelector(),
    probatio.Required(CONF_SHARED_UNTIL): DateSelector(),
}


class SharingFlow(ConsentFlow):
    """Asks what the home tells of batteries and meter; it is asked once."""

    default_name = "Shared with the community"

    def _obstacle(self) -> str | None:
        if (obstacle := super()._obstacle()) is not None:
            return obstacle
        return "only_one" if self._get_entry().get_subentries_of_type(SUBENTRY_SHARING) else None

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
