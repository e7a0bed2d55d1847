"""Whether a home can do at all what an event asks of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..model import BatteryReading, Reading, Site
from .model import Event, Payload, PayloadType

# Nominal voltage of a phase against neutral, EN 50160.
_NOMINAL_V: Final = 230.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteEnvelope:
    """What the site could ever be at its meter: within [low_w, high_w], positive = consumption.

    ``storage_wh`` is what its batteries hold together, 0 when it has none, None when that is not known.
    """

    low_w: float
    high_w: float
    storage_wh: float | None


def site_envelope(site: Site, readings: Iterable[Reading | None], *, batteries: int) -> SiteEnvelope:
    """Return the widest that is possible: what the main fuse carries, and the batteries there are.

    What devices say of themselves narrows only the storage, and only when each of the ``batteries`` was read:
    what is on a circuit without Home Flex is not known.
    """
    fuse_w = site.main_fuse_a * _NOMINAL_V * site.phases
    capacities = [reading.capacity_wh for reading in readings if isinstance(reading, BatteryReading)]
    return SiteEnvelope(
        low_w=-fuse_w,
        high_w=fuse_w,
        storage_wh=sum(capacities) if len(capacities) == batteries else None,
    )


def is_possible(event: Event, envelope: SiteEnvelope) -> bool:
    """Whether every command of the event could be followed; a limit always can, as far as it goes."""
    return all(
        _can_follow(payload, envelope) for interval in event.intervals for payload in interval.payloads
    )


def _can_follow(payload: Payload, envelope: SiteEnvelope) -> bool:
    match payload.type:
        case PayloadType.DISPATCH_SETPOINT:
            return envelope.low_w <= payload.value <= envelope.high_w
        case PayloadType.DISPATCH_SETPOINT_RELATIVE:
            return abs(payload.value) <= envelope.high_w - envelope.low_w
        case PayloadType.CHARGE_STATE_SETPOINT if envelope.storage_wh is not None:
            return envelope.storage_wh > 0 and (not payload.is_energy or payload.value <= envelope.storage_wh)
    return True
