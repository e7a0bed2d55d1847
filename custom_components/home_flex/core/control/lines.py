"""Who is in control, in which order: data."""

from ..model import Owner

# The fixed order of control: a later line never breaks an earlier one.
CONTROL_ORDER = (
    Owner.FUSE,
    Owner.GRID_OPERATOR,
    Owner.RESIDENT,
    Owner.DEVICE_SAFETY,
    Owner.AGGREGATOR,
    Owner.PLAN,
)

# Lines that may break a device's minimum times and what comfort keeps.
SAFETY = frozenset({Owner.FUSE, Owner.GRID_OPERATOR})


def rank(owner: Owner) -> int:
    """Return the place of ``owner``'s line in the order of control: 0 is the highest."""
    return CONTROL_ORDER.index(owner)


def rank_of_firm() -> float:
    """Return the place between the lines of safety and those of comfort."""
    return max(rank(owner) for owner in SAFETY) + 0.5
