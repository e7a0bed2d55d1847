"""What a telegram tells beside power: tariffs, peaks, gas, water, heat, failures and a message."""

import re
from datetime import UTC, datetime
from itertools import takewhile

from ...core.model import MeterRegisters, MonthPeak
from .lines import Lines
from .meter_clock import MeterClock

_TARIFFS = (1, 2, 3, 4)
_CHANNELS = range(1, 10)
_TIME_AND_VALUE = 2
_MOST_MONTHS = 13
_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_MESSAGE = 255  # what a state of Home Assistant holds
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+")

# EN 13757-3 table 6: what a meter on the bus counts.
_GAS, _HEAT, _WARM_WATER, _WATER = 3, 4, 6, 7


def registers(lines: Lines, clock: MeterClock) -> MeterRegisters:
    """Return the registers of a telegram (DSMR 5.0.2 section 6.12; e-MUCS P1 1.7.1 for Belgium's peaks)."""
    mediums = ((_GAS,), (_WATER, _WARM_WATER), (_HEAT,))
    gas, water, heat = (_counted(lines, medium, clock) for medium in mediums)
    return MeterRegisters(
        clock=clock.time,
        tariff=lines.count("0-0:96.14.0"),
        import_by_tariff_wh=_by_tariff_wh(lines, "1.8"),
        export_by_tariff_wh=_by_tariff_wh(lines, "2.8"),
        quarter_hour_w=lines.number("1.4.0", "W"),
        month_peak_w=lines.number("1.6.0", "W"),
        month_peak_time=_time(lines, "1.6.0", clock),
        past_peaks=_past_peaks(lines, clock),
        gas_m3=_value(lines, gas, "m3"),
        gas_time=_time(lines, gas, clock),
        water_m3=_value(lines, water, "m3"),
        water_time=_time(lines, water, clock),
        heat_wh=_value(lines, heat, "Wh"),
        heat_time=_time(lines, heat, clock),
        power_failures=lines.count("0-0:96.7.21"),
        long_power_failures=lines.count("0-0:96.7.9"),
        message=_message(lines),
    )


def _by_tariff_wh(lines: Lines, register: str) -> tuple[float, ...]:
    """Return the counter of each tariff, from the first on without a gap."""
    told = (lines.number(f"{register}.{tariff}", "Wh") for tariff in _TARIFFS)
    return tuple(takewhile(lambda energy_wh: energy_wh is not None, told))  # type: ignore[arg-type] # none is left


def _past_peaks(lines: Lines, clock: MeterClock) -> tuple[MonthPeak, ...]:
    """Return the peaks of e-MUCS: a count, two identifiers, and each month's end, time and power."""
    code = "0-0:98.1.0"
    count, *rest = lines.values(code) or ("0",)
    months = rest[2:]
    # Hungary keeps other values under this identifier, and begins with a time.
    if not count.isdecimal() or int(count) > _MOST_MONTHS or len(months) != 3 * int(count):
        return ()
    told = [
        (clock.utc(time), lines.measured(code, value, "W"), month)
        for month, time, value in zip(months[::3], months[1::3], months[2::3], strict=True)
    ]
    newest_first = sorted(told, key=lambda peak: peak[2], reverse=True)
    return tuple(
        MonthPeak(power_w=power_w, time=time) for time, power_w, _ in newest_first if power_w is not None
    )


def _counted(lines: Lines, mediums: tuple[int, ...], clock: MeterClock) -> str | None:
    """Return the line of the meter for one of these mediums that was read last.

    After a swap the old meter may stay on its channel for good, with an old time; one that was never read
    has a value without a unit, or a time that is none.
    """
    codes = [
        f"0-{channel}:24.{register}"
        for channel in _CHANNELS
        if lines.count(f"0-{channel}:24.1.0") in mediums
        for register in ("2.1", "2.3", "3.0")
        if _has_unit(lines.values(f"0-{channel}:24.{register}"))
    ]

    def read_at(code: str) -> tuple[datetime, str]:
        text = lines.values(code)[0]
        return clock.utc(text) or _NEVER, text

    return max(codes, key=read_at, default=None)


def _has_unit(values: tuple[str, ...]) -> bool:
    # DSMR 2.2 tells the unit in a bracket of its own, before the value.
    return len(values) > _TIME_AND_VALUE or (len(values) == _TIME_AND_VALUE and "*" in values[1])


def _value(lines: Lines, code: str | None, unit: str) -> float | None:
    if code is None:
        return None
    *before, value = lines.values(code)
    if len(before) >= _TIME_AND_VALUE:
        value = f"{value}*{before[-1]}"
    return lines.measured(code, value, unit)


def _time(lines: Lines, code: str | None, clock: MeterClock) -> datetime | None:
    values = lines.values(code) if code is not None else ()
    return next(filter(None, map(clock.utc, values)), None)


def _message(lines: Lines) -> str | None:
    """Return the text for the resident: its bytes in hexadecimal, or as it stands from meters that do so."""
    told = lines.values("0-0:96.13.0")
    if not told or not told[0]:
        return None
    text = bytes.fromhex(told[0]).decode("latin-1") if _HEXADECIMAL.fullmatch(told[0]) else told[0]
    return "".join(each for each in text if each.isprintable())[:_MOST_MESSAGE] or None
