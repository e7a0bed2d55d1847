"""What a resident has set once of the home, and what is heard of it besides its devices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..core.control.merit import Preference, Prices
from ..core.control.state import MeterState
from ..core.model import Network
from ..core.wishes import Car


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What is heard besides the devices, at this moment.

    ``circuit_meters`` by meter id; ``signals``: whether a group is to be dimmed, by group id, None when that
    cannot be read; ``quiet``: the devices that are not to be disturbed now; ``cars`` by charger. ``prices``
    are those of now, None where nobody goes by them or knows them.
    """

    circuit_meters: Mapping[str, MeterState] = field(default_factory=dict)
    signals: Mapping[str, bool | None] = field(default_factory=dict)
    quiet: frozenset[str] = frozenset()
    cars: Mapping[str, Car] = field(default_factory=dict)
    prices: Prices | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeSettings:
    """``network`` None: only the main fuse is known. ``heard`` is called each second and never waits."""

    network: Network | None = None
    preference: Preference = Preference.CAR_FIRST
    heard: Callable[[], Heard] = Heard
