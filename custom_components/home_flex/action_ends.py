"""How actions say when something ends: ``until`` (a time, a time of day or a day) or ``for``, a length."""

from datetime import datetime
from typing import Any, Final

import probatio
from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv

from .coordinator import HomeFlexCoordinator
from .core.wishes import Weekday
from .core.wishes.local_time import end_of

ATTR_FOR: Final = "for"
ATTR_UNTIL: Final = "until"


def weekday(value: Any) -> Weekday:
    """Return the day of a name. Raises Invalid."""
    try:
        return Weekday[str(value).upper()]
    except KeyError as error:
        raise probatio.Invalid("not a day of the week") from error


END: Final = {
    probatio.Optional(ATTR_UNTIL): probatio.Any(weekday, cv.time, cv.datetime),
    probatio.Optional(ATTR_FOR): cv.positive_time_period,
}


def end_of_call(coordinator: HomeFlexCoordinator, call: ServiceCall) -> datetime | None:
    """Return the end that a call asks for, None when it is open. Raises WishError."""
    wishes = coordinator.controller.wishes
    return end_of(wishes.now, wishes.zone, until=call.data.get(ATTR_UNTIL), lasts=call.data.get(ATTR_FOR))


def told(coordinator: HomeFlexCoordinator, instant: datetime | None) -> str | None:
    """Return an instant as the clock on the wall shows it."""
    return instant.astimezone(coordinator.controller.wishes.zone).isoformat() if instant else None
