"""Why: exactly one reason for each device and step, whose predicate holds on the plan: it cannot lie."""

from .explained import explained

__all__ = ["explained"]
