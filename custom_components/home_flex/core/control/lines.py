"""Who is in control, in which order, and what each command asks for: data."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..events.model import Command, PayloadType, Source
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


def rank(owner: Owner) -> int:
    """Return the place of ``owner``'s line in the order of control: 0 is the highest."""
    return CONTROL_ORDER.index(owner)


OWNER_OF_SOURCE = {
    Source.GRID_OPERATOR: Owner.GRID_OPERATOR,
    Source.RESIDENT: Owner.RESIDENT,
    Source.AGGREGATOR: Owner.AGGREGATOR,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SimpleLevel:
    """What a SIMPLE level asks; ``charger_share`` is of the largest current, never below the smallest."""

    charger_share: float | None = None
    battery_may_charge: bool = True
    import_limit_w: float | None = None


# OpenADR 3.1 leaves the meaning of the SIMPLE levels to the programme. Ours: 1 the car at half current;
# 2 the car at its smallest current (share 0) and no battery charging; 3 also no import, as far as reachable.
SIMPLE_LEVELS = {
    0: SimpleLevel(),
    1: SimpleLevel(charger_share=0.5),
    2: SimpleLevel(charger_share=0.0, battery_may_charge=False),
    3: SimpleLevel(charger_share=0.0, battery_may_charge=False, import_limit_w=0.0),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """Import at the meter must lie in [low_w, high_w]; ``exact`` when that is a target and not a limit."""

    owner: Owner
    reason: str
    event_id: str
    low_w: float = -math.inf
    high_w: float = math.inf
    exact: bool = False


def by_rank(commands: tuple[Command, ...]) -> list[Command]:
    """Return the commands, weakest first: no priority, then the larger number; ties by event id."""
    return sorted(commands, key=lambda c: (-math.inf if c.priority is None else -c.priority, c.event_id))


def simple_level(command: Command) -> SimpleLevel:
    """Return what a SIMPLE command asks; a value out of the table asks nothing."""
    return SIMPLE_LEVELS.get(round(command.value), SimpleLevel())


def bounds(commands: list[Command], baselines: Mapping[str, float]) -> Iterator[Bound]:
    """Yield what the commands ask at the meter: targets weakest first, then limits, which cap any target.

    A relative setpoint without a known baseline asks nothing yet. Of several targets of one owner only the
    strongest counts.
    """
    strongest: dict[Owner, Bound] = {}
    limits: list[Bound] = []
    for command in commands:
        owner = OWNER_OF_SOURCE[command.source]
        reason = command.type.value.lower()
        match command.type:
            case PayloadType.DISPATCH_SETPOINT:
                target = command.value
            case PayloadType.DISPATCH_SETPOINT_RELATIVE if command.event_id in baselines:
                target = baselines[command.event_id] + command.value
            case PayloadType.IMPORT_CAPACITY_LIMIT:
                limits.append(
                    Bound(owner=owner, reason=reason, event_id=command.event_id, high_w=command.value)
                )
                continue
            case PayloadType.EXPORT_CAPACITY_LIMIT:
                limits.append(
                    Bound(owner=owner, reason=reason, event_id=command.event_id, low_w=-command.value)
                )
                continue
            case PayloadType.SIMPLE if (limit := simple_level(command).import_limit_w) is not None:
                limits.append(Bound(owner=owner, reason=reason, event_id=command.event_id, high_w=limit))
                continue
            case _:
                continue
        strongest[owner] = Bound(
            owner=owner, reason=reason, event_id=command.event_id, low_w=target, high_w=target, exact=True
        )
    yield from strongest.values()
    yield from limits
