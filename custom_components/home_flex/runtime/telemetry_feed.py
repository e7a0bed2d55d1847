"""What of the site goes to the measurement store, and how often: docs/telemetry.md."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from ..core.events.model import EventRecord, EventStatus
from ..history.entries import LedgerEntry
from ..history.telemetry_schema import (
    SITE,
    Point,
    availability_point,
    balance_point,
    event_point,
    limit_point,
    reading_points,
    setpoint_point,
)
from .view import DeviceView, SiteView

SAMPLE_EVERY = timedelta(seconds=10)
# A meter that speaks each 10 s speaks a little early now and then.
TOLERANCE = timedelta(seconds=0.5)


class TakesPoints(Protocol):
    """Where the points go."""

    def add(self, points: Iterable[Point], *, urgent: bool = False) -> None:
        """Take points in; ``urgent`` ones must not be lost with the next seconds."""
        ...


class TelemetryFeed:
    """Turns views, changes of events and rows of the ledger into points."""

    def __init__(self, telemetry: TakesPoints, clock: Callable[[], datetime]) -> None:
        """Begin with nothing sampled."""
        self._telemetry = telemetry
        self._clock = clock
        self._kinds: dict[str, str] = {}
        self._sampled: dict[str, datetime] = {}
        self._site_sampled: datetime | None = None

    def view_changed(self, view: SiteView) -> None:
        """Sample what has not been sampled for a while: each device at its reading's time, and the site."""
        points: list[Point] = []
        for device in view.devices.values():
            self._kinds[device.device_id] = device.kind.value
            points += self._device_points(device)
        if _is_due(view.time, self._site_sampled):
            self._site_sampled = view.time
            points += self._site_points(view)
        self._telemetry.add(points)

    def event_changed(self, record: EventRecord, previous: EventStatus | None) -> None:  # noqa: ARG002 # a listener
        """Note that an event came into a state; at once, since there are few."""
        self._telemetry.add([event_point(record, self._clock())], urgent=True)

    def ledger_row(self, entry: LedgerEntry) -> None:
        """Note what a device was told, or what was read back."""
        self._telemetry.add([setpoint_point(entry, self._kinds.get(entry.device_id, SITE))])

    def _device_points(self, device: DeviceView) -> list[Point]:
        reading = device.reading
        if reading is None or not _is_due(reading.time, self._sampled.get(device.device_id)):
            return []
        self._sampled[device.device_id] = reading.time
        return reading_points(device.device_id, device.kind.value, reading)

    def _site_points(self, view: SiteView) -> list[Point]:
        points = [
            availability_point(
                device.device_id, device.kind.value, readable=device.link_reason is None, time=view.time
            )
            for device in view.devices.values()
        ]
        points.append(limit_point(view.import_limit_w, view.export_limit_w, view.shortfall_w, view.time))
        if view.balance is not None:
            points.append(balance_point(view.balance, view.time))
        return points


def _is_due(time: datetime, sampled: datetime | None) -> bool:
    """Whether enough time has passed; also when the clock was set back."""
    return sampled is None or abs(time - sampled) >= SAMPLE_EVERY - TOLERANCE
