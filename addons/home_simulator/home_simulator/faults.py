"""What can be made to go wrong, as data."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from .charger_habits import TAKES, words


@dataclass(frozen=True, kw_only=True, slots=True)
class Faults:
    """All off by default; README.md says in a table what each one does."""

    p1_link_down: bool = False
    p1_silent: bool = False
    p1_frozen: bool = False
    p1_corrupt: bool = False
    p1_half: bool = False
    modbus_link_down: bool = False
    modbus_exception: int = 0
    modbus_delay_s: float = 0.0
    pv_frozen: bool = False
    pv_ignores_commands: bool = False
    battery_frozen: bool = False
    battery_ignores_commands: bool = False
    battery_clips_w: float = 0.0
    sunspec_refuses_writes: bool = False
    sunspec_drops_writes: bool = False
    sunspec_forgets_orders: bool = False
    sunspec_keeps_orders: bool = False
    sunspec_no_timer: bool = False
    solar_api_disabled: bool = False
    solar_api_forgets_sun: bool = False
    shelly_loses_clamp: bool = False
    ocpp_link_down: bool = False
    charger_silent: bool = False
    charger_frozen: bool = False
    charger_rejects_profiles: bool = False
    charger_ignores_profiles: bool = False
    charger_takes_only: str = ""
    charger_clock_ahead_s: float = 0.0
    charger_forgets_after_s: float = 0.0
    charger_never_pauses: bool = False
    charger_samples_slowly: bool = False
    charger_meter_by_phase: bool = False
    charger_meter_of_begin: bool = False
    charger_loses_stop: bool = False
    charger_waits_for_start: bool = False
    charger_speaks_201: bool = False


_MODBUS_EXCEPTIONS = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11})
_LONGEST_DELAY_S = 60.0
_LARGEST_POWER_W = 100_000.0
_LONGEST_S = 100 * 366 * 86_400.0


def parse_faults(values: dict[str, Any]) -> Faults:
    """Read the control API's JSON object; what it leaves out is off. Raises ValueError."""
    known = [field.name for field in fields(Faults)]
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"there is no fault {name!r}; known: {', '.join(known)}")
        check, expected = _CHECKS.get(name, (_is_switch, "true or false"))
        if not check(value):
            raise ValueError(f"{name} is {expected}")
    return Faults(**values)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_modbus_exception(value: object) -> bool:
    return type(value) is int and value in _MODBUS_EXCEPTIONS


def _within(low: float, high: float) -> Callable[[object], bool]:
    """Return the check for a number from ``low`` to ``high``; a switch is none."""
    return lambda value: type(value) in {int, float} and low <= cast("float", value) <= high


def _is_known(value: object) -> bool:
    return isinstance(value, str) and all(word in TAKES for word in words(value))


_CHECKS: dict[str, tuple[Callable[[object], bool], str]] = {
    "modbus_exception": (_is_modbus_exception, "a Modbus exception code, 1 to 11 without 9, or 0 for none"),
    "battery_clips_w": (_within(0, _LARGEST_POWER_W), f"a power from 0 (off) to {_LARGEST_POWER_W:.0f} W"),
    "charger_takes_only": (_is_known, f"some of {', '.join(TAKES)}, with commas between"),
    "charger_clock_ahead_s": (
        _within(-_LONGEST_S, _LONGEST_S),
        "a number of seconds, below zero for a clock that is behind",
    ),
    "charger_forgets_after_s": (_within(0, _LONGEST_S), "a number of seconds, 0 for never"),
    "modbus_delay_s": (_within(0, _LONGEST_DELAY_S), f"a number of seconds from 0 to {_LONGEST_DELAY_S:.0f}"),
}


class FaultSwitch:
    """The faults that are on now, shared by everything that speaks on a wire."""

    def __init__(self) -> None:
        """Start sound."""
        self.now = Faults()

    def charger_time(self) -> datetime:
        """Return the time by the charge point's clock, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.now.charger_clock_ahead_s)
