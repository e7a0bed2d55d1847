"""What every driver offers, as small protocols: a device implements only what it can."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from ..core.control.pace import Pace
from ..core.model import DeviceIdentity, Quantity, Reading


class DeviceError(Exception):
    """A device could not be used.

    ``reason`` is a slug that the config flow and the entities translate (``cannot_connect``, ``timeout``,
    ``no_telegram``, ``not_sunspec``, ``wrong_unit_id``, ``missing_model``, ``write_refused``, …); the
    message is for the log and names no secret.
    """

    def __init__(self, reason: str, message: str) -> None:
        """Keep the slug beside the message."""
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The device cannot be read now; readings follow again when it can."""

    reason: str
    message: str


type Publish = Callable[[Reading | LinkDown], None]


class Driver(Protocol):
    """A device that measures power. ``identity`` is known after the first reading at the latest."""

    identity: DeviceIdentity | None

    async def run(self, publish: Publish) -> None:
        """Read until cancelled: connect, publish readings, reconnect with back-off.

        Publishes LinkDown once per loss. Leaves no task, socket or listener behind when cancelled, and raises
        nothing but CancelledError.
        """


@runtime_checkable
class SetsPower(Protocol):
    """A device whose power can be set: a battery."""

    async def set_power(self, power_w: float | None, *, expires_in_s: float) -> None:
        """Charge (> 0) or discharge (< 0) at ``power_w``; None hands back. Raises DeviceError."""


@runtime_checkable
class LimitsProduction(Protocol):
    """A device whose production can be limited: a PV inverter."""

    async def set_production_limit(self, limit_w: float | None, *, expires_in_s: float) -> None:
        """Produce at most ``limit_w`` (>= 0); None lifts the limit. Raises DeviceError."""


@runtime_checkable
class LimitsCurrent(Protocol):
    """A device whose current per phase can be limited: an EV charger."""

    async def set_current_limit(self, current_a: float | None, *, expires_in_s: float) -> None:
        """Draw at most ``current_a`` per phase (0 pauses); None lifts the limit. Raises DeviceError."""


@runtime_checkable
class SwitchesPhases(Protocol):
    """A charger that can be told on how many phases to charge; ``phase_counts`` are those it can, now."""

    @property
    def phase_counts(self) -> tuple[int, ...]:
        """The numbers of phases it can be told, one of them when it cannot switch."""
        ...

    def use_phases(self, phases: int) -> None:
        """Connect so many phases with the next limit that is set."""


@runtime_checkable
class KeepsDefault(Protocol):
    """A charger that keeps a current to fall back to when nobody tells it anything any more."""

    @property
    def current_range_a(self) -> tuple[float, float]:
        """The smallest and the largest current per phase that it can be told."""
        ...

    @property
    def default_kept(self) -> bool | None:
        """Whether the charger keeps the default, as it reads back; None while that is not known."""
        ...

    def keep_default(self, current_a: float) -> None:
        """Have ``current_a`` per phase (0 pauses) kept, now or as soon as the charger can be told."""


@runtime_checkable
class LetsGo(Protocol):
    """A device on a port that takes one reader, which its driver can leave to somebody else for a while."""

    def let_go(self) -> AbstractAsyncContextManager[None]:
        """Close the port for as long as this is entered."""
        ...


@runtime_checkable
class CountsLink(Protocol):
    """A device that tells how good its link is."""

    @property
    def link_quality(self) -> Mapping[str, int]:
        """What came over the link since the start, by name."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Forwarding:
    """How it goes with a second back end: whether it listens, since when, and why not (a slug)."""

    is_connected: bool
    since: datetime | None = None
    reason: str | None = None


@runtime_checkable
class Forwards(Protocol):
    """A device of which a second back end can be told."""

    @property
    def forwarding(self) -> Forwarding | None:
        """How that goes; None where nobody else is told."""
        ...


@runtime_checkable
class TakesValues(Protocol):
    """A device of any other kind: it names the quantities that can be set of it, and takes values."""

    @property
    def quantities(self) -> frozenset[Quantity]:
        """What can be set of it; the same for as long as it is used."""
        ...

    async def set_value(self, quantity: Quantity, value: float | None, *, expires_in_s: float) -> None:
        """Set ``quantity`` in its unit; None hands back, to what was before. Raises DeviceError.

        A value that the device already has is not written again, unless it would forget it by
        ``expires_in_s``.
        """


@runtime_checkable
class Paced(Protocol):
    """A device that is slower than its kind, or may be written less."""

    pace: Pace


@runtime_checkable
class TakesLong(Protocol):
    """A device of which setting something may take longer than of most."""

    write_timeout_s: float


@runtime_checkable
class GuardsCounters(Protocol):
    """A device whose protocol says when counters begin anew: its driver itself leaves out what cannot be."""

    guards_counters: Literal[True]


@runtime_checkable
class TellsTroubles(Protocol):
    """A device that knows what is wrong with controlling it, beyond one write that failed."""

    @property
    def troubles(self) -> frozenset[str]:
        """What is wrong now, as slugs that repair issues translate (``device_<slug>``); mostly nothing."""
        ...


_CAPABILITIES: Mapping[Quantity, type] = {
    Quantity.POWER_W: SetsPower,
    Quantity.PRODUCTION_LIMIT_W: LimitsProduction,
    Quantity.CURRENT_LIMIT_A: LimitsCurrent,
}


def settable(driver: Driver) -> frozenset[Quantity]:
    """Return what can be set of a device: the quantities its driver names, or whose capability it has."""
    named = driver.quantities if isinstance(driver, TakesValues) else frozenset()
    return named | frozenset(
        quantity for quantity, capability in _CAPABILITIES.items() if isinstance(driver, capability)
    )
