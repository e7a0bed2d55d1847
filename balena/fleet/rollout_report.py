"""What a rollout tells the operator."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from .context import Context
from .rings import Action, Home, Pin, Stop
from .rollout_record import RolloutRecord

_MOST_LINES = 40


def tell_plan(context: Context, record: RolloutRecord, homes: Sequence[Home], action: Action) -> None:
    """Print the rings, and what a run would do now."""
    context.console.print(_rings_table(context, record, homes))
    if isinstance(action, Pin):
        context.say(
            f"would tell {len(action.ven_ids)} homes of ring {action.ring} to run {record.release.version}"
        )
    else:
        context.say(f"would do nothing: {type(action).__name__.lower()}")


def tell_stop(context: Context, record: RolloutRecord, homes: Sequence[Home], stop: Stop) -> None:
    """Print why a rollout stopped, what it touched, and what can be done."""
    version = record.release.version
    untouched = sum(home.ven_id not in record.previous for home in homes)
    context.say(f"The rollout of {version} stopped by itself in ring {stop.ring}.")
    context.say(f"{len(stop.failing)} of {stop.counted} homes that were healthy before now fail:")
    for ven_id, why in sorted(stop.failing.items())[:_MOST_LINES]:
        context.say(f"  {ven_id}: {why}")
    if len(stop.failing) > _MOST_LINES:
        context.say(f"  and {len(stop.failing) - _MOST_LINES} more")
    context.console.print(_rings_table(context, record, homes))
    context.say(f"{len(record.previous)} homes were told to run {version}; {untouched} were not touched.")
    context.say("Next: fleet-tool rollback | fleet-tool resume | fleet-tool rollout FIXED_RELEASE")


def _rings_table(context: Context, record: RolloutRecord, homes: Sequence[Home]) -> Table:
    table = Table(
        "ring", "homes", "told", "running", "healthy", "unhealthy", "silent", title=record.release.version
    )
    for ring in context.configuration.rollout.rings:
        members = [home for home in homes if home.ring == ring.name]
        health = Counter(home.health.value for home in members)
        counts = (
            len(members),
            sum(home.is_pinned for home in members),
            sum(home.is_running for home in members),
            *(health[state] for state in ("healthy", "unhealthy", "silent")),
        )
        table.add_row(ring.name, *map(str, counts))
    return table
