"""What the home shows of itself at one moment: the data behind every entity."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from enum import IntEnum
from typing import Any

from ..core.control.state import PowerBalance
from ..core.events.model import EventRecord
from ..core.model import DeviceIdentity, DeviceKind, Owner, Reading, Setpoint
from ..core.wishes import Wishes
from ..history.telemetry import TelemetryHealth


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceView:
    """A device: what it last said, and what it was told. ``link_reason`` None means that it can be read."""

    device_id: str
    kind: DeviceKind
    name: str
    reading: Reading | None
    identity: DeviceIdentity | None
    link_reason: str | None
    setpoint: Setpoint | None
    followed: bool | None
    charge_now: bool
    reserve: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteView:
    """The site: balance, limit in force, events, wishes, the aggregator and the store (None: not set up).

    ``wishes_not_understood`` names rows of the kept wishes that were set aside.
    """

    time: datetime
    devices: Mapping[str, DeviceView]
    balance: PowerBalance | None
    import_limit_w: float | None
    export_limit_w: float | None
    limit_owner: Owner | None
    shortfall_w: float
    records: tuple[EventRecord, ...]
    active: EventRecord | None
    next: EventRecord | None
    participating: bool
    aggregator_connected: bool | None
    aggregator_reason: str | None
    telemetry: TelemetryHealth | None = None
    wishes: Wishes = field(default_factory=Wishes)
    wishes_not_understood: tuple[str, ...] = ()


class RequestError(ValueError):
    """A person asked for something that cannot be done; ``reason`` is a slug to translate."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the slug beside the message."""
        super().__init__(message)
        self.reason = reason


def view_as_dict(view: SiteView) -> dict[str, Any]:
    """Return the view as plain JSON values: enums by name, times as ISO 8601."""
    plain: dict[str, Any] = _plain(asdict(view))
    return plain


def _plain(value: Any) -> Any:
    match value:
        case IntEnum():
            return value.name.lower()
        case datetime() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value
