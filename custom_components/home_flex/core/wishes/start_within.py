"""Within which time an appliance is to start, so that its programme ends when the resident wants it."""

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ..control.policy import StartWithin
from ..control.state import DeviceState
from ..kinds.appliance import ApplianceReading, ApplianceStatus, programme
from .local_time import next_time, on_day
from .model import Wishes

# One that could not be started in time is started late for so long; then it is tomorrow's.
LATE_S: Final = 3600.0


def started_within(
    state: DeviceState, wishes: Wishes, now: datetime, now_s: float, zone: tzinfo
) -> DeviceState:
    """Return an appliance's state with when it is to start; as it is where nobody wants that.

    ``now`` is aware UTC, ``now_s`` the same moment in seconds of the monotonic clock.
    """
    wished, reading = wishes.device(state.device_id), state.reading
    if not wished.starts_planned or not isinstance(reading, ApplianceReading):
        return state
    if reading.status is not ApplianceStatus.READY:
        return state
    length_s = programme(reading).length_s
    due = next_time(wished.finish_by, now, zone)
    if (due - now).total_seconds() < length_s - LATE_S:
        due = on_day(due.astimezone(zone).date() + timedelta(days=1), wished.finish_by, zone)
    latest_s = now_s + (due - now).total_seconds() - length_s
    return replace(state, policy=StartWithin(earliest_s=now_s, latest_s=latest_s))
