"""Decides what a rollout does next. Pure: homes, health and time in; one action out.

A release goes from ring to ring. A ring starts only after every ring before it ran the release and stayed
healthy for its soak time. Whenever too many homes of a started ring fail, the rollout stops by itself and
nothing more is pinned.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LAB: Final = "lab"


class Health(StrEnum):
    """What a home's last heartbeat says."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """A part of the fleet: ``share`` (0..1) counts the rings before it in.

    0 takes only homes tagged for it.
    """

    name: str
    share: float
    soak: timedelta


RINGS: Final = (
    Ring(name=LAB, share=0, soak=timedelta(hours=24)),
    Ring(name="canary", share=0.01, soak=timedelta(hours=24)),
    Ring(name="early", share=0.10, soak=timedelta(hours=48)),
    Ring(name="all", share=1, soak=timedelta(hours=24)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """When a ring counts as failing.

    ``failing_share``: largest share (0..1) of the ring's homes that may fail. ``update_within``: a home
    that does not run the release by then fails.
    """

    failing_share: float = 0.05
    update_within: timedelta = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What the decision needs of one home.

    Its ring, whether it is told to run and does run the release, its health.
    """

    ven_id: str
    ring: str
    is_pinned: bool
    is_running: bool
    health: Health
    complaint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RingProgress:
    """A started ring: ``counted`` are the homes it is judged by."""

    started_at: datetime
    counted: frozenset[str]
    healthy_since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """Tell these homes to run the release."""

    ring: str
    ven_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """Do nothing yet; ``until`` is known while a ring soaks."""

    ring: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """Too many homes of a ring fail.

    Pin nothing more until a person resumes. ``failing`` says how each fails.
    """

    ring: str
    failing: Mapping[str, str]
    counted: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """Every ring runs the release and has soaked."""


type Action = Pin | Wait | Stop | Finished


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a rollout got.

    A ring is judged by the homes that were healthy before it started, so that old faults stop no release,
    and by those in ``expected``: homes that an earlier, stopped rollout found healthy and may have broken
    itself.
    """

    rings: Mapping[str, RingProgress] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()
    stop: Stop | None = None

    def resumed(self) -> Progress:
        """Return the progress with the stop lifted and every soak begun anew."""
        rings = {name: replace(ring, healthy_since=None) for name, ring in self.rings.items()}
        return replace(self, rings=rings, stop=None)

    def successor(self) -> Progress:
        """Return where the rollout of another release begins after this one was stopped."""
        counted = (ring.counted for ring in self.rings.values())
        return Progress(expected=self.expected.union(*counted))


def assign(homes: Iterable[tuple[str, str, str | None]], rings: Sequence[Ring]) -> dict[str, str]:
    """Return the ring of each home, given (venID, device type, tag).

    A tag naming a ring decides. The others are ordered by a hash of their venID within their device type,
    and each ring takes its share, at least one home: canaries are the same at every release and every kind
    of hardware is among them.
    """
    names = {ring.name for ring in rings}
    assigned: dict[str, str] = {}
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for ven_id, device_type, tag in homes:
        if tag in names:
            assigned[ven_id] = tag
        else:
            by_type[device_type].append(ven_id)
    for ven_ids in by_type.values():
        ordered = sorted(ven_ids, key=lambda ven_id: hashlib.sha256(ven_id.encode()).digest())
        for place, ven_id in enumerate(ordered):
            assigned[ven_id] = next(
                ring.name
                for ring in rings
                if place < math.ceil(ring.share * len(ordered)) or ring is rings[-1]
            )
    return assigned


def step(
    progress: Progress,
    homes: Iterable[Home],
    *,
    rings: Sequence[Ring],
    gate: Gate,
    now: datetime,
    frozen: bool,
) -> tuple[Progress, Action]:
    """Return the progress and the one action that is right now.

    ``frozen``: a dispatch season, in which no home is told to change; the watch over started rings goes on.
    """
    if progress.stop is not None:
        return progress, progress.stop
    by_ring: defaultdict[str, list[Home]] = defaultdict(list)
    for home in homes:
        by_ring[home.ring].append(home)
    if (stop := _first_stop(progress, by_ring, rings, gate, now)) is not None:
        return replace(progress, stop=stop), stop
    for ring in rings:
        if members := by_ring[ring.name]:
            progress, action = _step_ring(progress, ring, members, gate, now, frozen=frozen)
            if action is not None:
                return progress, action
    return progress, Finished()


def _first_stop(
    progress: Progress,
    by_ring: Mapping[str, list[Home]],
    rings: Sequence[Ring],
    gate: Gate,
    now: datetime,
) -> Stop | None:
    for ring in rings:
        if (started := progress.rings.get(ring.name)) is None:
            continue
        counted = [home for home in by_ring[ring.name] if home.ven_id in started.counted]
        failing = _failing(started, counted, gate, now)
        if len(failing) > gate.failing_share * len(counted):
            return Stop(ring=ring.name, failing=failing, counted=len(counted))
    return None


def _failing(started: RingProgress, counted: Iterable[Home], gate: Gate, now: datetime) -> dict[str, str]:
    """Return which homes fail and how.

    A home that does not run the release yet cannot be ill of it: until it is late it only fails by falling
    silent.
    """
    is_late = now - started.started_at > gate.update_within
    failing = {}
    for home in counted:
        if home.health is Health.SILENT:
            failing[home.ven_id] = "silent"
        elif home.health is Health.UNHEALTHY and (home.is_running or is_late):
            failing[home.ven_id] = f"unhealthy: {home.complaint}"
        elif is_late and not home.is_running:
            failing[home.ven_id] = "not updated in time"
    return failing


def _step_ring(
    progress: Progress, ring: Ring, members: list[Home], gate: Gate, now: datetime, *, frozen: bool
) -> tuple[Progress, Action | None]:
    """Return the ring's action, None when it has soaked and the next ring may go on."""
    started = progress.rings.get(ring.name)
    behind = tuple(sorted(home.ven_id for home in members if not home.is_pinned))
    if frozen and (started is None or behind):
        return progress, Wait(ring=ring.name, reason="dispatch season: no home is changed")
    if started is None:
        counted = frozenset(home.ven_id for home in members if _counts(home, progress.expected))
        if not counted:
            return progress, Wait(ring=ring.name, reason="no healthy home in this ring to learn from")
        progress = _with(progress, ring, RingProgress(started_at=now, counted=counted))
        return progress, Pin(ring=ring.name, ven_ids=behind) if behind else _updating(ring)
    if behind:
        return _with(progress, ring, replace(started, healthy_since=None)), Pin(
            ring=ring.name, ven_ids=behind
        )
    counted_homes = [home for home in members if home.ven_id in started.counted]
    failing = _failing(started, counted_homes, gate, now)
    settled = [home for home in counted_homes if home.is_running and home.health is Health.HEALTHY]
    if not settled or len(settled) + len(failing) < len(counted_homes):
        return _with(progress, ring, replace(started, healthy_since=None)), _updating(ring)
    since = started.healthy_since or now
    progress = _with(progress, ring, replace(started, healthy_since=since))
    if now < since + ring.soak:
        return progress, Wait(ring=ring.name, reason="soaking", until=since + ring.soak)
    return progress, None


def _counts(home: Home, expected: frozenset[str]) -> bool:
    return home.health is Health.HEALTHY or (home.health is Health.UNHEALTHY and home.ven_id in expected)


def _updating(ring: Ring) -> Wait:
    return Wait(ring=ring.name, reason="homes are updating")


def _with(progress: Progress, ring: Ring, changed: RingProgress) -> Progress:
    return replace(progress, rings={**progress.rings, ring.name: changed})
