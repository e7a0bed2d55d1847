"""A kind of device at the pace of one device of it."""

from copy import copy
from typing import Any

from ..control.pace import Pace
from .kind import Kind


def paced(kind: Kind[Any], pace: Pace) -> Kind[Any]:
    """Return the kind with the times and the writing of a device that is slower, or may be written less."""
    found = copy(kind)
    found.actuation = pace.actuation(kind.actuation)
    found.window_s = max(kind.window_s, pace.window_s)
    found.report_window_s = max(kind.report_window_s, pace.window_s)
    found.lost_after_s = max(kind.lost_after_s, pace.lost_after_s)
    return found
