"""What the resident wants of a plan."""

from enum import StrEnum


class Goal(StrEnum):
    """What a plan weighs beside money and comfort."""

    CHEAPEST = "cheapest"
    GREENEST = "greenest"
    MOST_INDEPENDENT = "most_independent"
