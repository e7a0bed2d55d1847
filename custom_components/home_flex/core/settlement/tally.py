"""What is counted while an event runs: the meter's own registers, cut at quarter-hours, and the devices'.

Energies are whole watts times milliseconds and signed (positive = consumption); moments are milliseconds of
the UTC epoch. What comes between two words of the meter is a stretch; its energy is spread by time over the
parts that it touches, so that sums are exact, and what lies outside of the event is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from ..model import DeviceKind
from ..statistics.counters import shares
from .observed import Observed
from .rerun import BatteryRule

QUARTER_MS: Final = 900_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """A device as it was when nothing asked anything of the home, of which a baseline is made.

    ``power_w`` positive = consumption. Of a battery also what it held, can hold, take and give (Wh, W), and
    what it was told to do, None while it ran by itself. ``is_plugged``: a car hung on it; ``arrives_w``: what
    one draws that is plugged in later, by the charger's mode.
    """

    device_id: str
    kind: DeviceKind
    power_w: int
    stored_wh: int = 0
    capacity_wh: int = 0
    most_in_w: int = 0
    most_out_w: int = 0
    told_w: int | None = None
    is_plugged: bool = False
    arrives_w: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedStep:
    """What a plan had a device do in [start_ms, end_ms), before anybody knew of the event.

    ``rule`` None: it was to draw ``power_w`` (positive = consumption), as cars and batteries that are told a
    power.
    """

    device_id: str
    start_ms: int
    end_ms: int
    rule: BatteryRule | None = None
    power_w: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Part(Observed):
    """What was counted in one quarter-hour and one interval of an event.

    ``devices``: the energy of each device that was heard of, and ``heard_ms`` for how long it was.
    ``plugged``: of each car what it would have drawn, had it gone on as before, or as a car does that comes,
    while it was plugged in for ``plugged_ms``. ``moved_ms``: for how long the event held each device.
    """

    start_ms: int
    energy_w_ms: int = 0
    devices: Mapping[str, int] = field(default_factory=dict)
    heard_ms: Mapping[str, int] = field(default_factory=dict)
    plugged: Mapping[str, int] = field(default_factory=dict)
    plugged_ms: Mapping[str, int] = field(default_factory=dict)
    moved_ms: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What was counted of an event so far.

    Counted is until ``until_ms``, at which the registers told ``import_wh`` and ``export_wh`` (None: they
    told nothing). ``before``: the meter and the devices as they were before. ``planned``: what the plan that
    was known before the event was announced had for its time, None until it is known. ``steered`` are those
    that the event moved; ``others_steered``: among them is one of which nobody knows how it was before.
    """

    parts: tuple[Part, ...] = ()
    until_ms: int | None = None
    import_wh: float | None = None
    export_wh: float | None = None
    before: tuple[Before, ...] = ()
    planned: tuple[PlannedStep, ...] | None = None
    steered: frozenset[str] = frozenset()
    others_steered: bool = False

    @property
    def energy_wh(self) -> float:
        """Import minus export so far, Wh."""
        return sum(part.energy_w_ms for part in self.parts) / 3_600_000

    @property
    def covered_s(self) -> float:
        """For how long it was measured."""
        return sum(part.covered_ms for part in self.parts) / 1000

    @property
    def watched_s(self) -> float:
        """For how long it was heard of often enough to see whether what is asked is kept."""
        return sum(part.watched_ms for part in self.parts) / 1000

    @property
    def kept_s(self) -> float:
        """For how long of that it was kept."""
        return sum(part.kept_ms for part in self.parts) / 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """What an event asks of the power, whether that is kept (None: nothing is asked), and what is beyond."""

    low_w: int | None = None
    high_w: int | None = None
    is_kept: bool | None = None
    exceeded_w: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """What came between two words of the meter, [start_ms, end_ms) of the event's clock.

    ``energy_w_ms`` None: not known. ``watched`` None: they are too far apart to see what was kept.
    ``devices_w`` are the powers of the devices that were read; ``plugged_w`` what each car that is plugged in
    would have drawn; ``moved`` the devices that the event holds.
    """

    start_ms: int
    end_ms: int
    energy_w_ms: int | None
    is_by_power: bool = False
    watched: Watched | None = None
    opted_out: bool = False
    devices_w: Mapping[str, int] = field(default_factory=dict)
    plugged_w: Mapping[str, int] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()


def milliseconds(time: datetime) -> int:
    """Return a moment in milliseconds of the UTC epoch."""
    return (time - _EPOCH) // _MILLISECOND


def cuts(start_ms: int, end_ms: int, edges_ms: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the parts of an event: from its start to its end, cut at quarter-hours and at ``edges_ms``."""
    first = (start_ms // QUARTER_MS + 1) * QUARTER_MS
    within = {*range(first, end_ms, QUARTER_MS), *(edge for edge in edges_ms if start_ms < edge < end_ms)}
    edges = [start_ms, *sorted(within), end_ms]
    yield from pairwise(edges)


def counted(tally: Tally, stretch: Stretch, parts: Iterable[tuple[int, int]]) -> Tally:
    """Return the tally with a stretch spread over the parts of its event that it touches."""
    if stretch.end_ms <= stretch.start_ms:
        return tally
    known = {part.start_ms: part for part in tally.parts}
    for start_ms, end_ms in parts:
        first, last = max(start_ms, stretch.start_ms), min(end_ms, stretch.end_ms)
        if first < last:
            part = known.get(start_ms) or Part(start_ms=start_ms)
            known[start_ms] = _with(part, stretch, first, last)
    return replace(tally, parts=tuple(known[start_ms] for start_ms in sorted(known)))


def _with(part: Part, stretch: Stretch, first_ms: int, last_ms: int) -> Part:
    length_ms = last_ms - first_ms
    part = replace(part, opted_out_ms=part.opted_out_ms + (length_ms if stretch.opted_out else 0))
    if stretch.energy_w_ms is not None:
        weights = (first_ms - stretch.start_ms, length_ms, stretch.end_ms - last_ms)
        _, share, _ = shares(stretch.energy_w_ms, weights)
        part = replace(
            part,
            covered_ms=part.covered_ms + length_ms,
            by_power_ms=part.by_power_ms + (length_ms if stretch.is_by_power else 0),
            energy_w_ms=part.energy_w_ms + share,
            devices=_added(part.devices, stretch.devices_w, length_ms),
            heard_ms=_added(part.heard_ms, dict.fromkeys(stretch.devices_w, 1), length_ms),
            plugged=_added(part.plugged, stretch.plugged_w, length_ms),
            plugged_ms=_added(part.plugged_ms, dict.fromkeys(stretch.plugged_w, 1), length_ms),
            moved_ms=_added(part.moved_ms, dict.fromkeys(stretch.moved, 1), length_ms),
        )
    return part if stretch.watched is None else _watched(part, stretch.watched, length_ms)


def _watched(part: Part, watched: Watched, length_ms: int) -> Part:
    if watched.is_kept is None:
        return part
    return replace(
        part,
        low_w=watched.low_w,
        high_w=watched.high_w,
        watched_ms=part.watched_ms + length_ms,
        kept_ms=part.kept_ms + (length_ms if watched.is_kept else 0),
        exceeded_w_ms=part.exceeded_w_ms + watched.exceeded_w * length_ms,
        worst_w=max(part.worst_w, watched.exceeded_w),
    )


def _added(energies: Mapping[str, int], powers_w: Mapping[str, int], length_ms: int) -> dict[str, int]:
    return {
        **energies,
        **{key: energies.get(key, 0) + power_w * length_ms for key, power_w in powers_w.items()},
    }
