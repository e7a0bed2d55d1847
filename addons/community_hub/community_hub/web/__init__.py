"""How the hub speaks HTTP: bounded requests, strict JSON, and one shape for everything that is refused."""

from .problems import PROBLEM_RESPONSES, Problem, install_problems
from .requests import Correlation, LimitedBodies, StrictRoute, correlation_id

__all__ = [
    "PROBLEM_RESPONSES",
    "Correlation",
    "LimitedBodies",
    "Problem",
    "StrictRoute",
    "correlation_id",
    "install_problems",
]
