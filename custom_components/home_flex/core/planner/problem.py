"""What a plan is made from: one frozen value, with one number for each step of its grid.

Powers in W, energies in Wh, prices in the site's currency per kWh, carbon in g per kWh; a state of charge is
given as stored energy. Positive = consumption; what the sun can give is a magnitude of 0 or more. NaN says
that a number is missing. What is absurd is not refused here: it is left out, and told (``cleaning``).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..model import DeviceKind, TimeGrid
from .preferences import Preferences

type Series = tuple[float, ...]


class LimitOwner(StrEnum):
    """Whose limit it is; the first is never bent for a later one."""

    FUSE = "fuse"
    GRID_OPERATOR = "grid_operator"
    CONTRACT = "contract"
    RESIDENT = "resident"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What a kWh costs at the meter, brings, and emits; prices are guessed from step ``guessed_from`` on.

    ``most_per_kwh``: what it costs in no country for most of a day, in the site's currency.
    """

    import_per_kwh: Series
    export_per_kwh: Series
    carbon_g_per_kwh: Series | None = None
    guessed_from: int | None = None
    most_per_kwh: float = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterLimit:
    """The most that the home draws and gives at its meter; ``math.inf`` where nothing limits it."""

    limit_id: str
    owner: LimitOwner
    import_w: Series
    export_w: Series


@dataclass(frozen=True, kw_only=True, slots=True)
class CircuitLimit:
    """The most that one phase of a circuit, or a group of devices, takes together (or gives).

    ``shares``: by device, which part of its power counts (1/3 for each phase of a three-phase charger).
    ``load_w``: what the rest of the house takes there. ``lower_w`` is negative where it limits what is given.
    """

    limit_id: str
    owner: LimitOwner
    shares: Mapping[str, float]
    load_w: Series
    upper_w: Series
    lower_w: Series


@dataclass(frozen=True, kw_only=True, slots=True)
class Commitment:
    """What was promised: the net power at the meter stays within [lower_w, upper_w] in its steps.

    Infinite elsewhere. ``price_per_kwh``: what failing costs; an accepted offer, or an event that is joined.
    """

    commitment_id: str
    lower_w: Series
    upper_w: Series
    price_per_kwh: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Peak:
    """A price per kW of a month's highest power, above what it was already; 0 where none is to be paid.

    It is that of the steps from ``first_step`` until before ``end_step`` (None: all that follow).
    """

    per_kw: float
    so_far_w: float
    first_step: int = 0
    end_step: int | None = None

    @property
    def steps(self) -> slice:
        """Return the steps of its month."""
        return slice(self.first_step, self.end_step)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pv:
    """What the sun can give in each step; ``curtailable``: whether the home may take less of it."""

    device_id: str
    available_w: Series
    most_w: float
    curtailable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Battery:
    """A store of electricity.

    ``min_wh`` to ``max_wh`` is what it may be used between; ``reserve_wh`` is a wish, kept at a price.
    ``efficiency`` is that of one way. ``wear_per_kwh``: of a kWh out and in again. ``end_worth_per_kwh``: of
    what is left at the end; None: of the prices seen.
    ``may_import``, ``may_export``: whether it charges from the grid, and gives to it; ``may_feed_cars``:
    whether it covers, besides the house, what cars and loads are planned to take.
    """

    device_id: str
    capacity_wh: float
    stored_wh: float
    charge_w: float
    discharge_w: float
    efficiency: float = 0.95
    wear_per_kwh: float = 0.02
    min_wh: float = 0.0
    max_wh: float = math.inf
    reserve_wh: float = 0.0
    end_worth_per_kwh: float | None = None
    may_import: bool = True
    may_export: bool = True
    may_feed_cars: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumer:
    """A device that takes an energy by a step: a car, or a load that is switched.

    It takes nothing, or between ``min_w`` and ``max_w``; a switched load has both equal. ``available``: where
    it may. ``efficiency``: the part of its power that is stored. ``need_wh`` is stored from now until the
    start of step ``ready_step`` (the number of steps: by the end); up to ``room_wh`` it takes more where that
    is worth ``extra_worth_per_kwh``. ``margin_s``: how much earlier it is to be ready where that is possible.
    ``start_price`` is that of one more session; one that runs is kept where it may not be interrupted.
    ``power_w``: what it takes now. ``is_assumed``: what it needs is a wide guess, as nobody knows how much it
    takes until it is full. ``by_sun``: nothing is asked of it by an hour, and its own rule gives it the sun.
    """

    device_id: str
    kind: DeviceKind
    min_w: float
    max_w: float
    available: tuple[bool, ...]
    need_wh: float
    room_wh: float
    ready_step: int
    efficiency: float = 0.9
    extra_worth_per_kwh: float = 0.0
    margin_s: float = 900.0
    start_price: float = 0.04
    interruptible: bool = True
    power_w: float = 0.0
    is_assumed: bool = False
    by_sun: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FastCharge:
    """A car that the resident has charged at once: a fact that all else is planned around.

    Or one that is left to the sun (``by_sun``): what its own rule is expected to give it is such a fact, too.
    It takes ``expected_w`` in each step; only a limit that is too tight holds it back. It is away before
    ``comes_step``. ``insists``: no event slows it either. ``lacks_wh``: what limits leave it short of at the
    end of the plan. ``is_assumed``: a wide guess, as nobody knows how much it takes until it is full.
    ``waiting``: the same car as it would be planned if it were to wait for its hour.
    """

    device_id: str
    expected_w: Series
    comes_step: int = 0
    insists: bool = False
    lacks_wh: float = 0.0
    is_assumed: bool = False
    by_sun: bool = False
    waiting: Consumer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Appliance:
    """A programme that runs once, whole: ``profile_w`` in parts of ``part_s`` seconds.

    It begins in a step from ``earliest_step`` on and ends before ``latest_end_step`` begins. ``running_s``:
    how long it has been running, when it has begun: a fact and no wish. ``skip_price``: of not running.
    """

    device_id: str
    profile_w: Series
    part_s: float
    earliest_step: int
    latest_end_step: int
    running_s: float | None = None
    skip_price: float = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ThermalStore:
    """A leaky store of heat: a tank or a building with what heats it.

    Heat is counted in Wh from a temperature at which ``stored_wh`` is 0; comfort keeps it within
    [low_wh, high_wh]. ``heat_per_power``: heat for each Wh of electricity (1 for a rod, 3 for a heat pump).
    ``drawn_w``: heat used or lost at that temperature; ``loss_per_h``: the part of the store lost besides.
    ``is_assumed``: how much it stores is not known yet, and a careful guess.
    """

    device_id: str
    kind: DeviceKind
    stored_wh: float
    low_wh: Series
    high_wh: Series
    max_w: float
    heat_per_power: Series
    drawn_w: Series
    loss_per_h: float = 0.0
    end_worth_per_kwh: float | None = None
    is_assumed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorPath:
    """How forecasts missed once: what was measured less what was expected, in W."""

    load_w: Series
    available_w: Series


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """All that a plan depends on. ``load_w``: of the house without what is planned here.

    ``peaks``: of each month that the plan reaches into; no step is of two of them.
    """

    grid: TimeGrid
    signals: Signals
    load_w: Series
    meter_limits: tuple[MeterLimit, ...] = ()
    circuit_limits: tuple[CircuitLimit, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    peaks: tuple[Peak, ...] = ()
    pv: tuple[Pv, ...] = ()
    batteries: tuple[Battery, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    fast_charges: tuple[FastCharge, ...] = ()
    appliances: tuple[Appliance, ...] = ()
    thermal_stores: tuple[ThermalStore, ...] = ()
    error_paths: tuple[ErrorPath, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)

    def __post_init__(self) -> None:
        """Raise ValueError where a series has not one number for each step, or a step two months' peaks."""
        steps = len(self.grid)
        of_peaks = [step for peak in self.peaks for step in range(steps)[peak.steps]]
        if len(of_peaks) != len(set(of_peaks)):
            raise ValueError("A step is of one month's peak")
        for name, values in _series_of(self):
            if len(values) != steps:
                raise ValueError(f"{name} has {len(values)} numbers for {steps} steps")


def priced_peaks(problem: Problem) -> tuple[Peak, ...]:
    """Return the months' peaks that cost something."""
    return tuple(peak for peak in problem.peaks if peak.per_kw > 0)


def _series_of_cars(problem: Problem) -> Iterator[tuple[str, tuple[float, ...]]]:
    for consumer in problem.consumers:
        yield consumer.device_id, consumer.available
    for car in problem.fast_charges:
        yield car.device_id, car.expected_w
        if car.waiting is not None:
            yield car.device_id, car.waiting.available


def _series_of(problem: Problem) -> Iterator[tuple[str, tuple[float, ...]]]:
    yield "load", problem.load_w
    yield "import price", problem.signals.import_per_kwh
    yield "export price", problem.signals.export_per_kwh
    for limit in problem.meter_limits:
        yield from ((limit.limit_id, limit.import_w), (limit.limit_id, limit.export_w))
    for one in problem.circuit_limits:
        yield from ((one.limit_id, one.load_w), (one.limit_id, one.upper_w), (one.limit_id, one.lower_w))
    for promise in problem.commitments:
        yield from ((promise.commitment_id, promise.lower_w), (promise.commitment_id, promise.upper_w))
    for pv in problem.pv:
        yield pv.device_id, pv.available_w
    yield from _series_of_cars(problem)
    for store in problem.thermal_stores:
        for values in (store.low_wh, store.high_wh, store.heat_per_power, store.drawn_w):
            yield store.device_id, values
    for path in problem.error_paths:
        yield from (("error path", path.load_w), ("error path", path.available_w))
