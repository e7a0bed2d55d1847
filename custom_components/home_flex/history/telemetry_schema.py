"""What is written to the measurement store: the points of docs/telemetry.md, as InfluxDB line protocol.

Field types are frozen: every number is a float; texts are strings, in ``event`` and ``setpoint`` only.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ..core.control.state import PowerBalance
from ..core.events.model import EventRecord
from ..core.kinds import reporting_of
from ..core.model import DeviceKind, Reading
from .entries import LedgerEntry

SITE = "site"
MAX_TEXT = 200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Line protocol: a comma, an equals sign or a space ends a tag's value unless it is escaped.
_TAG_ESCAPES = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_TEXT_ESCAPES = str.maketrans({'"': r"\"", "\\": r"\\"})

type Fields = Mapping[str, float | str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """Some fields of one device at one moment; a field that is None or not finite is left out.

    ``device`` and ``kind`` are SITE for the home as a whole. ``tags`` are further tags.
    """

    measurement: str
    device: str
    kind: str
    time: datetime
    fields: Fields
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def series(self) -> tuple[str, ...]:
        """What, together with the time, makes a later point overwrite this one."""
        return (self.measurement, self.device, *self.tags.values())


def reading_points(device: str, kind: str, reading: Reading) -> list[Point]:
    """Return all that a reading tells, at the reading's own time."""
    return [
        Point(measurement=measurement, device=device, kind=kind, time=reading.time, fields=fields)
        for measurement, fields in reporting_of(DeviceKind(kind)).measurements(reading).items()
    ]


def availability_point(device: str, kind: str, *, readable: bool, time: datetime) -> Point:
    """Return whether a device could be read."""
    fields = {"readable": float(readable)}
    return Point(measurement="availability", device=device, kind=kind, time=time, fields=fields)


def balance_point(balance: PowerBalance, time: datetime) -> Point:
    """Return where power flows in the home, in W."""
    fields = {
        "grid_w": balance.grid_w,
        "pv_w": balance.pv_w,
        "battery_w": balance.battery_w,
        "ev_charger_w": balance.ev_charger_w,
        "rest_w": balance.rest_w,
    }
    return Point(measurement="balance", device=SITE, kind=SITE, time=time, fields=fields)


def limit_point(import_w: float | None, export_w: float | None, shortfall_w: float, time: datetime) -> Point:
    """Return the limits in force (None: no limit), and by how much they cannot be kept."""
    fields = {"import_w": import_w, "export_w": export_w, "shortfall_w": shortfall_w}
    return Point(measurement="limit", device=SITE, kind=SITE, time=time, fields=fields)


def event_point(record: EventRecord, time: datetime) -> Point:
    """Return that an event came into its state at ``time``."""
    event = record.event
    return Point(
        measurement="event",
        device=SITE,
        kind=SITE,
        time=time,
        tags={"source": event.source.value, "status": record.status.value},
        fields={
            "opted_out": float(record.opted_out),
            "duration_s": (event.end - event.start).total_seconds(),
            "energy_wh": record.tally.energy_wh,
            "kept_s": record.tally.kept_s,
            "measured_s": record.tally.covered_s,
            "baseline_w": record.baseline_w,
            "event_id": event.event_id,
            "program_id": event.program_id,
            "reason": record.reason,
        },
    )


def setpoint_point(entry: LedgerEntry, kind: str) -> Point:
    """Return a row of the ledger."""
    return Point(
        measurement="setpoint",
        device=entry.device_id,
        kind=kind,
        time=entry.time,
        tags={"owner": entry.owner, "quantity": entry.quantity},
        fields={
            "value": entry.value,
            "read_back_w": entry.read_back,
            "outcome": entry.outcome,
            "reason": entry.reason,
            "event_id": entry.event_id,
        },
    )


def nanoseconds(time: datetime) -> int:
    """Return the time in nanoseconds since 1970, exactly."""
    return (time - _EPOCH) // _MICROSECOND * 1_000


def line(point: Point, *, home: str, time_ns: int) -> str | None:
    """Return the point as one line without its line feed; None when no field is left."""
    fields = ",".join(_fields(point.fields))
    if not fields:
        return None
    tags = {"device": point.device, "home": home, "kind": point.kind, **point.tags}
    keys = ",".join(f"{name}={tags[name].translate(_TAG_ESCAPES)}" for name in sorted(tags))
    return f"{point.measurement},{keys} {fields} {time_ns}"


def _fields(fields: Fields) -> Iterable[str]:
    for name, value in fields.items():
        if isinstance(value, str):
            printable = "".join(each for each in value if each.isprintable())[:MAX_TEXT]
            yield f'{name}="{printable.translate(_TEXT_ESCAPES)}"'
        elif value is not None and math.isfinite(value):
            yield f"{name}={float(value)!r}"
