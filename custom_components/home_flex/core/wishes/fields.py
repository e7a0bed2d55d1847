"""How each field of the wishes is written into a document and read back; reading raises on what cannot be."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any

from ..control.charging import ChargeMode
from ..model import SMALLEST_CURRENT_A, Goal
from .model import (
    COLDEST_C,
    HOTTEST_C,
    LARGEST_CURRENT_A,
    LARGEST_ENERGY_WH,
    LARGEST_POWER_W,
    MOST_ROWS,
    AfterUnplug,
    BatteryWishes,
    CarUse,
    ChargerWishes,
    DeviceWishes,
    Export,
    LoadMode,
    PhaseWish,
    ReadyBy,
    ReadyOnce,
    SiteWishes,
    Target,
    Weekday,
    WeeklyRow,
)

_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_UNSET: Any = object()


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One field: ``read`` raises ValueError or TypeError on what cannot be.

    ``cautious`` takes the place of such a value (unset: the default does), ``salvage`` finds what of it can
    be used. ``section``: the field is itself a dataclass with fields of its own.
    """

    read: Callable[[Any], Any] = _same
    write: Callable[[Any], Any] = _same
    cautious: Any = _UNSET
    salvage: Callable[[Any], Any] | None = None
    section: type[Any] | None = None

    def instead(self, kind: type[Any], name: str, raw: object) -> Any:
        """Return what is used while ``raw`` is set aside."""
        if self.salvage is not None:
            return self.salvage(raw)
        return getattr(kind(), name) if self.cautious is _UNSET else self.cautious


def cautious[T](kind: type[T]) -> T:
    """Return the wishes to assume when a whole section cannot be read."""
    rows = FIELDS[kind].items()
    return kind(**{name: row.cautious for name, row in rows if row.cautious is not _UNSET})


def to_document(wishes: Any) -> dict[str, Any]:
    """Return the JSON values of a section."""
    return {
        name: to_document(getattr(wishes, name)) if row.section else row.write(getattr(wishes, name))
        for name, row in FIELDS[type(wishes)].items()
    }


def _flag(*, cautious: bool) -> Row:
    def read(raw: object) -> bool:
        if not isinstance(raw, bool):
            raise TypeError("Neither true nor false")
        return raw

    return Row(read=read, cautious=cautious)


def _choice(kind: type[StrEnum], *, cautious: Any = _UNSET, optional: bool = False) -> Row:
    def read(raw: Any) -> StrEnum | None:
        return None if optional and raw is None else kind(raw)

    return Row(read=read, cautious=cautious)


def _number(
    low: float, high: float, *, cautious: Any = _UNSET, optional: bool = False, whole: bool = False
) -> Row:
    def read(raw: object) -> float | None:
        if optional and raw is None:
            return None
        if isinstance(raw, bool) or not isinstance(raw, int if whole else int | float):
            raise TypeError("Not a number")
        if not math.isfinite(raw) or not low <= raw <= high:
            raise ValueError("Out of range")
        return raw if whole else float(raw)

    return Row(read=read, cautious=cautious)


def _read_instant(raw: Any) -> datetime:
    read = datetime.fromisoformat(raw)
    if read.tzinfo is None or not _FIRST_YEAR <= read.year <= _LAST_YEAR:
        raise ValueError("Not an instant")
    return read.astimezone(UTC)


def _read_end(raw: Any) -> datetime | None:
    return None if raw is None else _read_instant(raw)


def _write_end(end: datetime | None) -> str | None:
    return end.isoformat() if end else None


_END = Row(read=_read_end, write=_write_end)


def _read_target(raw: Any) -> Target | None:
    if raw is None:
        return None
    target = Target(soc=_SOC.read(raw.get("soc")), energy_wh=_ENERGY.read(raw.get("energy_wh")))
    if target == Target():
        raise ValueError("A target without a value")
    return target


def _write_target(target: Target | None) -> dict[str, Any] | None:
    return dataclasses.asdict(target) if target else None


def _read_once(raw: Any) -> ReadyOnce | None:
    if raw is None:
        return None
    return ReadyOnce(at=_read_instant(raw["at"]), target=_read_target(raw.get("target")))


def _write_once(once: ReadyOnce | None) -> dict[str, Any] | None:
    return {"at": once.at.isoformat(), "target": _write_target(once.target)} if once else None


def _read_weekly_row(raw: Any) -> WeeklyRow:
    days = tuple(sorted({Weekday[day.upper()] for day in raw["days"]}))
    at = time.fromisoformat(raw["at"])
    if not days or at.tzinfo is not None:
        raise ValueError("No day, or a time of somewhere")
    return WeeklyRow(days=days, at=at, target=_read_target(raw.get("target")))


def _read_weekly(raw: Any) -> tuple[WeeklyRow, ...]:
    if not isinstance(raw, list) or len(raw) > MOST_ROWS:
        raise TypeError("Not a list of a few rows")
    return tuple(_read_weekly_row(row) for row in raw)


def _salvage_weekly(raw: Any) -> tuple[WeeklyRow, ...]:
    """Return the first rows that can be read."""
    found = []
    for row in raw if isinstance(raw, list) else ():
        try:
            found.append(_read_weekly_row(row))
        except READ_ERRORS:
            continue
    return tuple(found[:MOST_ROWS])


def _write_weekly(weekly: tuple[WeeklyRow, ...]) -> list[dict[str, Any]]:
    return [
        {
            "days": [day.name.lower() for day in row.days],
            "at": row.at.isoformat(),
            "target": _write_target(row.target),
        }
        for row in weekly
    ]


READ_ERRORS = (ValueError, TypeError, KeyError, AttributeError, OverflowError)
_SOC = _number(0.0, 1.0, optional=True)
_ENERGY = _number(0.0, LARGEST_ENERGY_WH, optional=True)
_CURRENT_LOW = _number(SMALLEST_CURRENT_A, LARGEST_CURRENT_A, optional=True)
_CURRENT_HIGH = _number(SMALLEST_CURRENT_A, LARGEST_CURRENT_A, optional=True, cautious=SMALLEST_CURRENT_A)
_POWER = _number(0.0, LARGEST_POWER_W, cautious=0.0)
_POWER_AFTER = _number(0.0, LARGEST_POWER_W, cautious=0.0, optional=True)

# What cannot be read of the resident's no is read as a no, what cannot be read of a limit as the tightest.
FIELDS: Mapping[type[Any], Mapping[str, Row]] = {
    SiteWishes: {
        "export": _choice(Export, cautious=Export.NEVER),
        "export_limit_w": _POWER,
        "export_until": _END,
        "export_after": _choice(Export, cautious=Export.NEVER, optional=True),
        "export_limit_after_w": _POWER_AFTER,
        "paused": _flag(cautious=True),
        "paused_until": _END,
        "away": _flag(cautious=False),
        "away_until": _END,
        "follow_plan": _flag(cautious=False),
        "goal": _choice(Goal),
        "unwell": _flag(cautious=True),
    },
    DeviceWishes: {
        "managed": _flag(cautious=True),
        "automatic": _flag(cautious=False),
        "quiet": _flag(cautious=True),
        "load_mode": _choice(LoadMode, cautious=LoadMode.BY_ITSELF),
        "hours_a_day": _number(0.0, 24.0, cautious=0.0),
        "starts_planned": _flag(cautious=False),
        "finish_by": Row(read=time.fromisoformat, write=time.isoformat),
        "comfort_min_c": _number(COLDEST_C, HOTTEST_C, optional=True, cautious=None),
        "comfort_max_c": _number(COLDEST_C, HOTTEST_C, optional=True, cautious=None),
    },
    BatteryWishes: {
        "reserve": _number(0.0, 1.0, cautious=1.0),
        "restore_reserve": _flag(cautious=False),
        "grid_charging": _flag(cautious=False),
        "reserve_until": _END,
        "reserve_after": _number(0.0, 1.0, cautious=1.0, optional=True),
        "car": _choice(CarUse, cautious=CarUse.NEVER),
        "car_floor": _number(0.0, 1.0, cautious=1.0),
    },
    ChargerWishes: {
        "mode": _choice(ChargeMode, optional=True),
        "mode_until": _END,
        "mode_after": _choice(ChargeMode, optional=True),
        "after_unplug": _choice(AfterUnplug),
        "ready_by": Row(section=ReadyBy),
        "target_soc": _number(0.0, 1.0),
        "target_energy_wh": _number(0.0, LARGEST_ENERGY_WH),
        "session_limit_wh": _number(0.0, LARGEST_ENERGY_WH, optional=True),
        "minimum_soc": _SOC,
        "phases": _choice(PhaseWish),
        "priority": _number(1, 9, whole=True),
        "min_current_a": _CURRENT_LOW,
        "max_current_a": _CURRENT_HIGH,
        "may_slow": _flag(cautious=False),
        "charge_now": _flag(cautious=False),
        "in_one_go": _flag(cautious=True),
    },
    ReadyBy: {
        "weekly_on": _flag(cautious=False),
        "weekly": Row(read=_read_weekly, write=_write_weekly, salvage=_salvage_weekly),
        "once": Row(read=_read_once, write=_write_once),
        "settled": _END,
    },
}
