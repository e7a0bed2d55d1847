"""The Flux this service runs: downsampling (docs/telemetry.md), counting and reading back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

RAW: Final = "measurements"
QUARTERS: Final = "measurements_15m"
ORG: Final = "home"
TASK: Final = "downsample_15m"

# An average over a text field fails, so that what is averaged is named, never guessed.
_MEAN: Final = (
    "power",
    "voltage",
    "current",
    "state_of_charge",
    "vehicle",
    "control",
    "availability",
    "balance",
    "limit",
)
_LAST: Final = ("energy",)
_COPIED: Final = ("event",)


def downsampling_task() -> str:
    """Return the task: each quarter the last two, so that what comes a few minutes late is in.

    It runs a minute after the quarter, since Home Flex writes every 30 s; a task's ``now()`` is the quarter
    itself. What comes later than that is found by counting (hours.py).
    """
    option = f'option task = {{name: "{TASK}", every: 15m, offset: 1m}}'
    return f"{option}\n\n{_downsample('start: -30m')}"


def downsample(start: datetime, stop: datetime) -> str:
    """Return the same work for any whole quarters; again is harmless, since it overwrites with itself."""
    return _downsample(_range(start, stop))


def count_per_hour(bucket: str, start: datetime, stop: datetime) -> str:
    """Return a query of rows (_time: begin of the hour, _value: number of field values in it)."""
    # Counted per series first: float and string fields may not meet in one table.
    return (
        f'from(bucket: "{bucket}")\n'
        f"  |> range({_range(start, stop)})\n"
        '  |> aggregateWindow(every: 1h, fn: count, createEmpty: false, timeSrc: "_start")\n'
        '  |> group(columns: ["_time"])\n'
        "  |> sum()\n"
        '  |> yield(name: "counts")\n'
    )


def points(bucket: str, start: datetime, stop: datetime) -> str:
    """Return a query of all field values of a span, one row each."""
    return f'from(bucket: "{bucket}")\n  |> range({_range(start, stop)})\n  |> yield(name: "points")\n'


def _downsample(span: str) -> str:
    return "\n".join(
        (
            _aggregate(span, _MEAN, "mean"),
            _aggregate(span, _LAST, "last"),
            _statement(span, _COPIED, "", "copied"),
        )
    )


def _aggregate(span: str, measurements: Sequence[str], function: str) -> str:
    # A quarter carries the time of its begin, so that the 4 quarters of an hour lie in that hour.
    window = f'  |> aggregateWindow(every: 15m, fn: {function}, createEmpty: false, timeSrc: "_start")\n'
    return _statement(span, measurements, window, function)


def _statement(span: str, measurements: Sequence[str], window: str, name: str) -> str:
    wanted = " or ".join(f'r._measurement == "{measurement}"' for measurement in measurements)
    return (
        f'from(bucket: "{RAW}")\n'
        f"  |> range({span})\n"
        f"  |> filter(fn: (r) => {wanted})\n"
        f"{window}"
        f'  |> to(bucket: "{QUARTERS}")\n'
        f'  |> yield(name: "{name}")\n'
    )


def _range(start: datetime, stop: datetime) -> str:
    return f"start: {start:%Y-%m-%dT%H:%M:%SZ}, stop: {stop:%Y-%m-%dT%H:%M:%SZ}"
