"""Powers on the three phases of a house."""

from collections.abc import Iterable, Sequence

type PhasePowers = tuple[float, float, float]
"""Power on L1, L2, L3 in W, positive = consumption."""

NO_POWER: PhasePowers = (0.0, 0.0, 0.0)


def spread(power_w: float, shares: Sequence[float]) -> PhasePowers:
    """Divide ``power_w`` over L1..L3 in proportion to three shares (>= 0, their sum > 0)."""
    total = sum(shares)
    first, second, third = (power_w * share / total for share in shares)
    return first, second, third


def total_of(parts: Iterable[PhasePowers]) -> PhasePowers:
    """Add powers phase by phase."""
    first, second, third = NO_POWER
    for part in parts:
        first, second, third = first + part[0], second + part[1], third + part[2]
    return first, second, third
