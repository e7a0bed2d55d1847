"""What a charger's MeterValues say, with the oddities of real chargers (OCPP 1.6 sections 7.31 to 7.45)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from . import fields
from .session import Payload

POWER: Final = "Power.Active.Import"
CURRENT: Final = "Current.Import"
VOLTAGE: Final = "Voltage"
ENERGY: Final = "Energy.Active.Import.Register"

# Beyond any charger for alternating current, whatever this one is set up as: one that draws more than it may
# is what a fuse has to know of.
LARGEST_CURRENT_A: Final = 100.0
LARGEST_POWER_W: Final = 3 * LARGEST_CURRENT_A * 260.0
_LARGEST: Final = {POWER: LARGEST_POWER_W, CURRENT: LARGEST_CURRENT_A, VOLTAGE: 300.0, ENERGY: 1e9}
_NEVER_NEGATIVE: Final = frozenset({VOLTAGE, ENERGY})

# The unit a measurand has when none is told, and the factor of each unit to ours (lower case).
_DEFAULT_UNIT: Final = {POWER: "w", CURRENT: "a", VOLTAGE: "v", ENERGY: "wh"}
_UNITS: Final = {
    POWER: {"w": 1.0, "kw": 1000.0},
    CURRENT: {"a": 1.0},
    VOLTAGE: {"v": 1.0},
    ENERGY: {"wh": 1.0, "kwh": 1000.0},
}
_PHASES: Final = {None: 0, "L1": 1, "L2": 2, "L3": 3, "L1-N": 1, "L2-N": 2, "L3-N": 3}
"""0 is the total. Phase to phase values and those of the neutral say nothing we need."""

# A message may tell a whole session; what is older than these the register at its end holds.
_MOST_VALUES: Final = 2048

# Of two values of one place the one of the present counts; what a transaction began or ended with is kept by
# some chargers, and sent along with each sample.
_OF_ANOTHER_TIME: Final = frozenset(
    {"Transaction.Begin", "Transaction.End", "Interruption.Begin", "Interruption.End"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterSample:
    """One sample of the connector's meter: W, A, V, Wh by measurand and phase (0: the total).

    ``time`` is the charger's clock. ``ignored`` counts values that are no numbers, have an unknown unit, or
    that no charger can measure. A sample may hold a part only, one phase for instance.
    """

    time: datetime | None
    values: Mapping[str, Mapping[int, float]]
    ignored: int

    @property
    def energy_wh(self) -> float | None:
        """The import register; the sum of its phases where no total is told."""
        told = self.values.get(ENERGY)
        return None if not told else told.get(0, sum(told.values()))


def read_meter_values(meter_value: object) -> list[MeterSample]:
    """Read the ``meterValue`` list of a message (``transactionData`` too); skip what is no sample.

    Of more values than ``_MOST_VALUES`` the newest are read, which come last.
    """
    if not isinstance(meter_value, list):
        return []
    return [_read_sample(entry) for entry in newest(meter_value)]


def newest(meter_value: list[Any]) -> list[Payload]:
    """Return the last samples of a list, together no more than ``_MOST_VALUES`` values, oldest first."""
    left, samples = _MOST_VALUES, list[Payload]()
    for entry in reversed(meter_value[-_MOST_VALUES:]):
        if not isinstance(entry, dict):
            continue
        sampled = entry.get("sampledValue")
        told = sampled[-left:] if isinstance(sampled, list) else []
        samples.append({**entry, "sampledValue": told})
        left -= max(1, len(told))
        if left <= 0:
            break
    return samples[::-1]


def _read_sample(entry: Payload) -> MeterSample:
    """Sort the sampled values by measurand and phase."""
    values: dict[str, dict[int, float]] = {}
    ignored = 0
    for measurand, phase, value in _known_values(entry.get("sampledValue")):
        if value is None or not _is_plausible(measurand, value):
            ignored += 1
        else:
            values.setdefault(measurand, {})[phase] = value
    return MeterSample(time=fields.instant(entry.get("timestamp")), values=values, ignored=ignored)


def _known_values(sampled: object) -> Iterator[tuple[str, int, float | None]]:
    """Yield measurand, phase and value in our unit (None: unreadable) of what we know, the best last."""
    if not isinstance(sampled, list):
        return
    for entry in sorted((entry for entry in sampled if isinstance(entry, dict)), key=_worth):
        measurand = fields.text(entry, "measurand") or ENERGY
        phase = fields.text(entry, "phase")
        if measurand not in _UNITS or phase not in _PHASES:
            continue
        unit = (fields.text(entry, "unit") or _DEFAULT_UNIT[measurand]).lower()
        factor = _UNITS[measurand].get(unit)
        value = fields.number(entry.get("value"))
        yield measurand, _PHASES[phase], None if value is None or factor is None else value * factor


def _worth(entry: Payload) -> tuple[bool, bool]:
    """Rank a value: of now before of another time, at the outlet before elsewhere."""
    is_of_now = fields.text(entry, "context") not in _OF_ANOTHER_TIME
    return is_of_now, fields.text(entry, "location") in {None, "Outlet"}


def _is_plausible(measurand: str, value: float) -> bool:
    """Whether any charger can have measured this."""
    low = 0.0 if measurand in _NEVER_NEGATIVE else -_LARGEST[measurand]
    return low <= value <= _LARGEST[measurand]
