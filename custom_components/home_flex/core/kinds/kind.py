"""What control needs to know of a kind of device: one small protocol, one file a kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..control.actuation_policy import ActuationPolicy
from ..control.allocation import Allocation
from ..control.asked import Cause, Lines
from ..control.flexibility import Flexibility
from ..control.memory import DeviceMemory
from ..control.state import DeviceState
from ..model import DeviceKind, Quantity, Reading
from .facts import Reporting


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen[R: Reading]:
    """A device at one tick, as far as it is known; powers in W, times in monotonic seconds."""

    device: DeviceState
    memory: DeviceMemory
    reading: R
    share: tuple[float, ...]
    voltage_v: float
    window_s: float
    report_window_s: float
    now_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a device is told (None: nothing binds it), and which line says so."""

    value: float | None
    cause: Cause | None


class Kind[R: Reading](Protocol):
    """A kind of flexible device.

    ``window_s`` and ``report_window_s``: upper bounds of the seconds from an order until the meter, and the
    device's own reading, show it; used until they are learned. ``lost_after_s``: the least age at which a
    reading says nothing about now. ``is_driven``: a setpoint is met, else it is a limit to stay below.
    """

    kind: DeviceKind
    quantity: Quantity
    life_s: float
    lost_after_s: float
    window_s: float
    report_window_s: float
    is_driven: bool
    actuation: ActuationPolicy

    def phases(self, reading: R) -> int | None:
        """Return on how many of its wired phases the device draws, None for all."""
        ...

    def learned(self, seen: Seen[R]) -> DeviceMemory:
        """Return the memory with what only this kind learns from a reading."""
        ...

    def ordered_w(self, value: float | None, seen: Seen[R]) -> float:
        """Return the power reckoned for a setpoint of ``value``; None: under its own control."""
        ...

    def watts_per_unit(self, seen: Seen[R]) -> float:
        """Return the power in W that one unit of the setpoint means."""
        ...

    def flexibility(self, seen: Seen[R], *, stuck: bool) -> Flexibility:
        """Return what the device can do; a ``stuck`` one only what it does already."""
        ...

    def told(
        self,
        device: Flexibility,
        devices: Sequence[Flexibility],
        lines: Lines,
        allocation: Allocation,
        now_s: float,
    ) -> Told:
        """Return the setpoint's value that brings the power allocated, and the line that asks for it."""
        ...

    def is_set(self, reading: R) -> bool:
        """Return whether the device itself says that somebody has set it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class KindSpec[R: Reading]:
    """One kind of device, as the table of kinds knows it.

    ``reading`` is the type of what its drivers publish, ``reporting`` what it shows and tells; ``control`` is
    None for a kind of which nothing can be set. ``also_sets``: what else than its quantity a device of this
    kind may take, when its reading says so. ``has_mode``: the resident says what it does when nobody asks, by
    itself, with the sun or off.
    """

    kind: DeviceKind
    reading: type[R]
    reporting: Reporting[R]
    control: Kind[R] | None = None
    also_sets: frozenset[Quantity] = frozenset()
    has_mode: bool = False
