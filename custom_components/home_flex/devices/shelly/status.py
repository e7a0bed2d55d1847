"""What a Shelly's status says, of both dialects; null and absurd values are none.

Gen2 and later (shelly-api-docs.shelly.cloud/gen2, Shelly.GetStatus): components by name, ``em:0`` for three
phases, ``em1:<id>`` for one clamp, ``pm1:<id>`` for a meter in the line, ``switch:<id>``. The first
generation (…/gen1, /status): ``emeters``, ``relays`` and ``meters``, whose ``total`` counts watt-minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..driver import DeviceError
from ..json_values import mapping, number

_PHASES: Final = "abc"
_MINUTES_PER_H = 60.0
_BY_TIMER = "timer"

type Status = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a meter measures as its clamps lie: W, V, A, Wh; tuples by phase. ``clamp``: of one only.

    A current has no sign.
    """

    power_w: float
    phase_power_w: tuple[float, ...] = ()
    phase_voltage_v: tuple[float, ...] = ()
    phase_current_a: tuple[float, ...] = ()
    energy_wh: float | None = None
    energy_returned_wh: float | None = None
    clamp: int | None = None

    def turned(self) -> Measured:
        """Return what clamps that lie the other way would measure."""
        return replace(
            self,
            power_w=0.0 - self.power_w,
            phase_power_w=tuple(0.0 - power_w for power_w in self.phase_power_w),
            energy_wh=self.energy_returned_wh,
            energy_returned_wh=self.energy_wh,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Switched:
    """A switch: whether it is on, what it draws (None: it has no meter), Wh, and what is known of its timer.

    ``has_timer``: it will switch back by itself. ``by_timer``: its timer was the last to switch it.
    """

    is_on: bool
    power_w: float | None = None
    energy_wh: float | None = None
    has_timer: bool = False
    by_timer: bool = False


def measured(status: Status, clamp: int) -> Measured | None:
    """Return what the meter measures: three phases, or one ``clamp``; None where there is no such meter.

    Raises DeviceError ``missing_value`` for one that tells no power.
    """
    if (three := mapping(status.get("em:0"))) is not None:
        return _three_phases(three, mapping(status.get("emdata:0")) or {})
    if (one := mapping(status.get(f"em1:{clamp}"))) is not None:
        return _one_clamp(one, mapping(status.get(f"em1data:{clamp}")) or {}, clamp)
    return _first_generation(_rows(status.get("emeters")), clamp)


def passed(status: Status, channel: int) -> Measured | None:
    """Return what flows through a meter of any sort, a switch's own among them; None where there is none.

    Raises DeviceError as ``measured``.
    """
    if (found := measured(status, channel)) is not None:
        return found
    for name in (f"pm1:{channel}", f"switch:{channel}"):
        line = mapping(status.get(name)) or {}
        if "apower" in line:
            return Measured(
                power_w=_power_w(line, "apower"),
                energy_wh=_total_of(line, "aenergy"),
                energy_returned_wh=_total_of(line, "ret_aenergy"),
                clamp=channel,
            )
    first = _rows(status.get("meters"))[channel : channel + 1]
    if not first:
        return None
    minutes = number(first[0].get("total"))
    return Measured(
        power_w=_power_w(first[0] if first[0].get("is_valid") is True else {}, "power"),
        energy_wh=None if minutes is None else minutes / _MINUTES_PER_H,
        clamp=channel,
    )


def switched(status: Status, channel: int) -> Switched | None:
    """Return a switch, None where there is none of this number."""
    if (found := mapping(status.get(f"switch:{channel}"))) is not None:
        output = found.get("output")
        if not isinstance(output, bool):
            return None
        return Switched(
            is_on=output,
            power_w=number(found.get("apower")),
            energy_wh=_total_of(found, "aenergy"),
            has_timer=number(found.get("timer_duration")) is not None,
            by_timer=found.get("source") == _BY_TIMER,
        )
    relays, meters = _rows(status.get("relays")), _rows(status.get("meters"))
    if channel >= len(relays) or not isinstance(relays[channel].get("ison"), bool):
        return None
    relay, meter = relays[channel], meters[channel] if channel < len(meters) else {}
    is_valid = meter.get("is_valid") is True
    minutes = number(meter.get("total")) if is_valid else None
    return Switched(
        is_on=relay["ison"],
        power_w=number(meter.get("power")) if is_valid else None,
        energy_wh=None if minutes is None else minutes / _MINUTES_PER_H,
        has_timer=relay.get("has_timer") is True,
        by_timer=relay.get("source") == _BY_TIMER,
    )


def _three_phases(found: Status, counted: Status) -> Measured:
    return Measured(
        power_w=_power_w(found, "total_act_power"),
        phase_power_w=_by_phase(found, "act_power"),
        phase_voltage_v=_by_phase(found, "voltage"),
        phase_current_a=tuple(map(abs, _by_phase(found, "current"))),
        energy_wh=number(counted.get("total_act")),
        energy_returned_wh=number(counted.get("total_act_ret")),
    )


def _one_clamp(found: Status, counted: Status, clamp: int) -> Measured:
    return Measured(
        power_w=_power_w(found, "act_power"),
        energy_wh=number(counted.get("total_act_energy")),
        energy_returned_wh=number(counted.get("total_act_ret_energy")),
        clamp=clamp,
    )


def _first_generation(meters: Sequence[Status], clamp: int) -> Measured | None:
    """Return three meters as the phases of one, or one of fewer."""
    is_three = len(meters) == len(_PHASES)
    chosen = meters if is_three else meters[clamp : clamp + 1]
    if not chosen:
        return None
    told = tuple(_power_w(each if each.get("is_valid") is True else {}, "power") for each in chosen)
    return Measured(
        power_w=sum(told),
        phase_power_w=told if is_three else (),
        phase_voltage_v=_of_each(chosen, "voltage") if is_three else (),
        phase_current_a=tuple(map(abs, _of_each(chosen, "current"))) if is_three else (),
        energy_wh=_total(_of_each(chosen, "total"), len(chosen)),
        energy_returned_wh=_total(_of_each(chosen, "total_returned"), len(chosen)),
        clamp=None if is_three else clamp,
    )


def _power_w(found: Status, name: str) -> float:
    power_w = number(found.get(name))
    if power_w is None:
        raise DeviceError("missing_value", "a clamp tells no power")
    return power_w


def _by_phase(found: Status, name: str) -> tuple[float, ...]:
    values = [number(found.get(f"{phase}_{name}")) for phase in _PHASES]
    told = tuple(value for value in values if value is not None)
    return told if len(told) == len(values) else ()


def _of_each(meters: Sequence[Status], name: str) -> tuple[float, ...]:
    values = [number(each.get(name)) for each in meters]
    told = tuple(value for value in values if value is not None)
    return told if len(told) == len(values) else ()


def _total_of(found: Status, counter: str) -> float | None:
    return number((mapping(found.get(counter)) or {}).get("total"))


def _total(values: tuple[float, ...], count: int) -> float | None:
    return sum(values) if len(values) == count else None


def _rows(data: Any) -> list[Status]:
    return [each for each in data if isinstance(each, Mapping)] if isinstance(data, list) else []
