"""What the hub takes of Home Flex's core, which is an installed wheel: the one place that names it."""

from home_flex_core.events.fields import decode
from home_flex_core.events.refusal import Refusal
from home_flex_core.events.timing import parse_time, resolve_windows

__all__ = ["Refusal", "decode", "parse_time", "resolve_windows"]
