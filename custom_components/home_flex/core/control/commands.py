"""What an event's commands demand: OpenADR's payload types as demands."""

import math
from collections.abc import Iterable
from datetime import datetime

from ..events.model import Command, PayloadType, Source
from ..model import Owner
from .demand import SITE, ChargeTo, Demand, Envelope, Scope, ScopeKind, Share, Target

OWNER_OF_SOURCE = {
    Source.GRID_OPERATOR: Owner.GRID_OPERATOR,
    Source.RESIDENT: Owner.RESIDENT,
    Source.AGGREGATOR: Owner.AGGREGATOR,
}
# Every consumer, and every store, of the site.
CONSUMERS = Scope(ScopeKind.GROUP, "consumers")
STORES = Scope(ScopeKind.GROUP, "stores")

# OpenADR 3.1 leaves the meaning of the SIMPLE levels to the programme. Ours: 1 the car at half current;
# 2 the car at its smallest current and no battery charging; 3 also no import, as far as reachable.
SIMPLE_LEVELS: dict[int, tuple[tuple[Scope, Share | Envelope], ...]] = {
    1: ((CONSUMERS, Share(of=0.5)),),
    2: ((CONSUMERS, Share(of=0.0)), (STORES, Envelope(high_w=0.0))),
    3: ((CONSUMERS, Share(of=0.0)), (STORES, Envelope(high_w=0.0)), (SITE, Envelope(high_w=0.0))),
}


def demands(commands: Iterable[Command], now: datetime) -> tuple[Demand, ...]:
    """Return what the commands in force demand, weakest first: of several targets the last counts.

    A relative setpoint without a known baseline demands nothing yet; a SIMPLE level out of the table nothing.
    """
    return tuple(demand for command in _by_rank(commands) for demand in _demands(command, now))


def _by_rank(commands: Iterable[Command]) -> list[Command]:
    """Return the commands, weakest first: no priority, then the larger number; ties by event id."""
    return sorted(commands, key=lambda c: (-math.inf if c.priority is None else -c.priority, c.event_id))


def _demands(command: Command, now: datetime) -> Iterable[Demand]:
    asks: list[tuple[Scope, Envelope | Target | Share | ChargeTo]] = []
    match command.type:
        case PayloadType.IMPORT_CAPACITY_LIMIT:
            asks.append((command.scope, Envelope(high_w=command.value)))
        case PayloadType.EXPORT_CAPACITY_LIMIT:
            asks.append((command.scope, Envelope(low_w=-command.value)))
        case PayloadType.DISPATCH_SETPOINT | PayloadType.DISPATCH_SETPOINT_RELATIVE:
            if command.target_w is not None:
                asks.append((command.scope, Target(power_w=command.target_w)))
        case PayloadType.CHARGE_STATE_SETPOINT:
            left_s = (command.interval_end - now).total_seconds()
            asks.append(
                (STORES, ChargeTo(left_s=left_s, energy_wh=command.value))
                if command.is_energy
                else (STORES, ChargeTo(left_s=left_s, state_of_charge=command.value))
            )
        case PayloadType.SIMPLE:
            asks.extend(SIMPLE_LEVELS.get(round(command.value), ()))
    for scope, ask in asks:
        yield Demand(
            owner=OWNER_OF_SOURCE[command.source],
            scope=scope,
            asks=ask,
            reason=command.type.value.lower(),
            source_id=command.event_id,
            until=command.interval_end,
        )
