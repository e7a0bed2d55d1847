"""The meter's power before an event: what a relative setpoint is relative to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import fmean

from ..events.model import Command, PayloadType
from ..model import MeterReading

WINDOW = timedelta(seconds=60)
# Baselines of events that pause between intervals are kept; the oldest go when there are more than this.
KEPT = 32


def remembered(
    meter: tuple[tuple[datetime, float], ...], reading: MeterReading | None
) -> tuple[tuple[datetime, float], ...]:
    """Return the last minute of meter power with ``reading`` added, if it is new."""
    if reading is None or (meter and reading.time <= meter[-1][0]):
        return meter
    return (*(s for s in meter if reading.time - s[0] < WINDOW), (reading.time, reading.power_w))


def baselines(
    known: Mapping[str, float], commands: list[Command], meter: tuple[tuple[datetime, float], ...]
) -> Mapping[str, float]:
    """Return the baseline in W per event id: the command's own, else the mean of the minute before it."""
    relative = [each for each in commands if each.type is PayloadType.DISPATCH_SETPOINT_RELATIVE]
    new = {
        command.event_id: fmean(power for _, power in meter)
        for command in relative
        if command.event_id not in known and meter
    }
    new |= {
        command.event_id: command.baseline_w
        for command in relative
        if command.baseline_w is not None and known.get(command.event_id) != command.baseline_w
    }
    return dict(list({**known, **new}.items())[-KEPT:]) if new else known
