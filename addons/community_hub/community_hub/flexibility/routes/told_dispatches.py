"""What is told of a dispatch."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from ...store.tables import Dispatch
from .. import dispatched
from ..choosing import Choice
from ..direction import kilo, kilos, price_text
from ..targets import told_targets


class State(StrEnum):
    """Where a dispatch is in time."""

    ANNOUNCED = "announced"
    RUNNING = "running"
    OVER = "over"
    CANCELLED = "cancelled"


class HomeState(StrEnum):
    """What became of a home in a dispatch."""

    CALLED = dispatched.CALLED
    DROPPED = dispatched.DROPPED
    LEFT_OUT = dispatched.LEFT_OUT


def described(
    made: Dispatch,
    now: datetime,
    counts: dict[str, int],
    own: Collection[str] | None = None,
    *,
    not_out: int | None = None,
) -> dict[str, Any]:
    """Return what is told of a dispatch; ``own``: to a household with these homes, None: to who sees all.

    ``not_out``: how many called homes the broker has no call for yet; None: that is not told.
    """
    figures = {
        f"{name.removesuffix('_w')}_kw": kilos(made.figures[name])
        for name in ("need_w", "called_w", "expected_w", "short_w", "beyond_w")
    }
    return {
        "id": made.id,
        "program_id": made.program_id,
        "name": made.name,
        "start": made.starts_at,
        "end": made.ends_at,
        "interval_s": made.interval_s,
        "direction": made.direction,
        "targets": told_targets(made.targets, own),
        "feeder_caps_kw": {feeder: kilo(power) for feeder, power in made.caps_w.items()},
        **figures,
        "shaped": made.is_shaped,
        "state": state_of(made, now),
        "cost": price_text(made.cost_micro),
        "currency": made.currency,
        "price_per_kwh": price_text(made.price_micro),
        "round": made.round,
        "created_at": made.created_at,
        "created_by": made.created_by,
        "correlation_id": made.correlation_id,
        "invitation_id": made.invitation_id,
        "not_out": not_out,
        "counts": {state.value: counts.get(state.value, 0) for state in HomeState},
    }


def state_of(made: Dispatch, now: datetime) -> State:
    """Return where a dispatch is in time."""
    if made.cancelled_at is not None:
        return State.CANCELLED
    if now >= made.ends_at:
        return State.OVER
    return State.RUNNING if now >= made.starts_at else State.ANNOUNCED


def counts_of(choice: Choice) -> dict[str, int]:
    """Return how many homes a choice calls, and leaves out."""
    called = int(choice.called_w.any(axis=1).sum())
    return {HomeState.CALLED: called, HomeState.LEFT_OUT: len(choice.left_out)}
