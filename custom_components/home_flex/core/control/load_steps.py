"""The largest step of load that a phase has seen in the last days: what a fuse has to bear at any moment."""

from collections.abc import Sequence

_DAY_S = 86400.0
_DAYS = 7

# The largest step in A of each day, with the number of the day.
type LoadSteps = tuple[tuple[int, float], ...]


def with_step(steps: LoadSteps, step_a: float, now_s: float) -> LoadSteps:
    """Return the steps with another; days older than a week go."""
    today = int(now_s // _DAY_S)
    if steps and steps[-1][0] == today and steps[-1][1] >= step_a:
        return steps
    days = {**dict(steps), today: max(step_a, dict(steps).get(today, 0.0))}
    return tuple(sorted(days.items())[-_DAYS:])


def largest_a(steps: LoadSteps) -> float:
    """Return the largest step of the last week in A, 0 where none was seen."""
    return max((step_a for _, step_a in steps), default=0.0)


def step_a(before_w: Sequence[float], after_w: Sequence[float], volts: Sequence[float]) -> float:
    """Return by how much the load of any phase grew, in A."""
    return max(
        (
            (after - before) / volt
            for before, after, volt in zip(before_w, after_w, volts, strict=True)
            if volt > 1.0
        ),
        default=0.0,
    )
