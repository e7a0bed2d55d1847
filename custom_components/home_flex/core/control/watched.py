"""Which fuses cannot be watched, or only with wide guards, and why: for the site's page, as slugs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..model import Circuit, GridKind, MeterReading, Network
from .measured import currents_a
from .network import Wiring, phases_known
from .phase_currents import looks_without_neutral, signs_unknown


class Blind(StrEnum):
    """Why a fuse is not fully watched."""

    NO_METER = "no_meter"
    METER_SILENT = "meter_silent"
    METER_STANDS_STILL = "meter_stands_still"
    FEED_IN_NOT_SHOWN = "feed_in_not_shown"
    NO_PHASES_TOLD = "no_phases_told"
    DIRECTION_UNKNOWN = "direction_unknown"
    LOOKS_WITHOUT_NEUTRAL = "looks_without_neutral"
    DEVICE_PHASES_UNKNOWN = "device_phases_unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unwatched:
    """What of a circuit is not known; ``device_id`` where it is about one device."""

    circuit_id: str
    why: Blind
    device_id: str = ""


def unwatched(
    network: Network,
    wirings: Mapping[str, Wiring],
    meters: Mapping[str, MeterReading | None],
    *,
    produces: bool = True,
) -> tuple[Unwatched, ...]:
    """Return what keeps the fuses from being watched phase by phase, circuit by circuit; empty when nothing.

    ``meters`` by id, None for one that is silent; ``produces``: something in the home can feed in.
    """
    found: list[Unwatched] = []
    for circuit in network.circuits:
        found.extend(
            Unwatched(circuit_id=circuit.circuit_id, why=why)
            for why in _meter_blind(circuit, meters, produces=produces)
        )
        found.extend(
            Unwatched(circuit_id=circuit.circuit_id, why=Blind.DEVICE_PHASES_UNKNOWN, device_id=device_id)
            for device_id in circuit.device_ids
            if not phases_known(circuit, wirings.get(device_id, Wiring()))
        )
    return tuple(found)


def _meter_blind(
    circuit: Circuit, meters: Mapping[str, MeterReading | None], *, produces: bool
) -> Iterator[Blind]:
    if circuit.meter_id is None:
        if circuit.other_load_a is None:
            yield Blind.NO_METER
        return
    meter = meters.get(circuit.meter_id)
    if meter is None:
        yield Blind.METER_SILENT
        return
    if circuit.grid is GridKind.TN_3P and looks_without_neutral(meter):
        yield Blind.LOOKS_WITHOUT_NEUTRAL
    currents = currents_a(circuit, meter, produces=produces)
    if not currents:
        yield Blind.NO_PHASES_TOLD
    elif signs_unknown(currents.values()):
        yield Blind.DIRECTION_UNKNOWN
