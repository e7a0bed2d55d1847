"""What answers of the Solar API say, in our words, units and signs; null and absurd values are none.

In the API (42,0410,2012, GetPowerFlowRealtimeData) ``P_Grid`` is positive for import, ``P_PV`` for
production, ``P_Akku`` for discharging. ``Meter_Location_Current`` 0 is the feed-in, 1 the path of the loads.
"""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...core.model import DeviceIdentity
from ..driver import DeviceError
from ..json_values import mapping, number
from .solar_api import Answer

_MAKER: Final = "Fronius"
_PHASES = (1, 2, 3)
_FEED_IN = 0
# What an inverter draws from its modules by night, in the sensors' noise.
_NOISE_W = 100.0
# What of the battery's power an inverter loses on its way to the AC side, and for itself.
_LOST_SHARE, _LOST_W = 0.08, 80.0
_SLEEPING_STATE, _SLEEPING_CODE = "sleeping", 13
# A battery in one of these does nothing, and tells no power.
_RESTS: Final = frozenset({"disabled", "suspended", "standby"})


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerFlow:
    """The powers of a site, W, positive = consumption. ``state_of_charge`` is 0..1.

    ``inverters_w`` is the AC power of each inverter that is listed, None where it tells none.
    ``battery_rests``: the battery says that it does nothing.
    """

    grid_w: float | None
    pv_w: float | None
    battery_w: float | None
    state_of_charge: float | None
    energy_wh: float | None
    inverters_w: tuple[float | None, ...]
    battery_rests: bool

    @property
    def has_battery(self) -> bool:
        """Whether a battery is behind one of the inverters."""
        return self.battery_w is not None or self.state_of_charge is not None

    @property
    def is_dark(self) -> bool:
        """Whether the answer itself says that there is no sun, where it tells no power of it.

        All inverters give nothing, or what they give is what comes out of the battery. Without any inverter
        listed nobody knows: it may sleep, or its data line be cut.
        """
        if not self.inverters_w or None in self.inverters_w:
            return False
        given_w = -sum(power_w for power_w in self.inverters_w if power_w is not None)
        if given_w == 0.0:
            return True
        if self.battery_w is None:
            return False
        return abs(given_w + self.battery_w) <= _LOST_W + _LOST_SHARE * abs(self.battery_w)


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """A battery's controller: its size in Wh, its state of charge 0..1, and what it is."""

    identity: DeviceIdentity | None
    capacity_wh: float | None
    state_of_charge: float | None


def power_flow(data: Answer) -> PowerFlow:
    """Return the powers. Raises DeviceError ``bad_answer``, ``implausible`` (the sun draws power)."""
    site = mapping(data.get("Site"))
    if site is None:
        raise DeviceError("bad_answer", "the power flow has no site")
    inverters = list(_rows(data.get("Inverters")))
    modes = {str(row.get("Battery_Mode", "")).lower() for row in inverters} - {""}
    states = [_share(row.get("SOC")) for row in inverters if row.get("Battery_Mode") != "disabled"]
    produced_w = number(site.get("P_PV"))
    if produced_w is not None and produced_w < -_NOISE_W:
        raise DeviceError("implausible", f"the modules draw {-produced_w:.0f} W")
    return PowerFlow(
        grid_w=number(site.get("P_Grid")),
        pv_w=None if produced_w is None else 0.0 - max(0.0, produced_w),
        battery_w=_negated(number(site.get("P_Akku"))),
        state_of_charge=next((state for state in states if state is not None), None),
        energy_wh=number(site.get("E_Total")),
        inverters_w=tuple(_negated(number(row.get("P"))) for row in inverters),
        battery_rests=site.get("BatteryStandby") is True or (bool(modes) and modes <= _RESTS),
    )


def feed_in_meter(data: Answer) -> Answer | None:
    """Return the one meter at the feed-in, None where there is none, or more than one."""
    rows = [
        row
        for row in _rows(data)
        if number(row.get("Meter_Location_Current")) == _FEED_IN
        and row.get("Enable", 1) != 0
        and row.get("Visible", 1) != 0
        and number(row.get("PowerReal_P_Sum")) is not None
    ]
    return rows[0] if len(rows) == 1 else None


def per_phase(meter: Answer, name: str) -> tuple[float, ...]:
    """Return a value of each phase, up to the first that is not told."""
    values: list[float] = []
    for phase in _PHASES:
        if (value := number(meter.get(f"{name}_Phase_{phase}"))) is None:
            break
        values.append(value)
    return tuple(values)


def value(meter: Answer, name: str) -> float | None:
    """Return a value of a meter."""
    return number(meter.get(name))


def storage(data: Answer) -> Storage | None:
    """Return the one battery that is switched on, None where there is none. Raises DeviceError."""
    controllers = [mapping(row.get("Controller")) for row in _rows(data)]
    found = [each for each in controllers if each is not None and each.get("Enable", 1) != 0]
    if not found:
        return None
    if len(found) > 1:
        raise DeviceError("several_batteries", f"{len(found)} batteries are behind this inverter")
    capacities = (number(found[0].get(key)) for key in ("Capacity_Maximum", "DesignedCapacity"))
    return Storage(
        identity=details_of(found[0]),
        capacity_wh=next((each for each in capacities if each is not None and each > 0), None),
        state_of_charge=_share(found[0].get("StateOfCharge_Relative")),
    )


def details_of(row: Answer) -> DeviceIdentity | None:
    """Return what a meter or battery says it is; None where it has no serial number."""
    details = mapping(row.get("Details")) or {}
    serial = str(details.get("Serial", "")).strip()
    if not any(letter.isdigit() for letter in serial):
        return None
    manufacturer, model = (str(details.get(key, "")).strip() for key in ("Manufacturer", "Model"))
    return DeviceIdentity(manufacturer=manufacturer or _MAKER, model=model or "?", serial_number=serial)


def inverter_identity(data: Answer) -> DeviceIdentity | None:
    """Return what the first inverter is, by its unique id; None while no inverter is listed."""
    for row in _rows(data):
        if serial := str(row.get("UniqueID", "")).strip():
            name = html.unescape(str(row.get("CustomName", ""))).strip()
            return DeviceIdentity(manufacturer=_MAKER, model=name or "Inverter", serial_number=serial)
    return None


def peak_w(data: Answer) -> float | None:
    """Return the power of all modules as it was set in the inverters; None where one has none set."""
    peaks = [number(row.get("PVPower")) for row in _rows(data)]
    known = [peak for peak in peaks if peak is not None and peak > 0]
    return sum(known) if known and len(known) == len(peaks) else None


def all_sleep(data: Answer) -> bool:
    """Return whether there are inverters, and each says that it sleeps."""
    rows = list(_rows(data))
    return bool(rows) and all(
        str(row.get("InverterState", "")).lower() == _SLEEPING_STATE
        or number(row.get("StatusCode")) == _SLEEPING_CODE
        for row in rows
    )


def _rows(data: Any) -> Iterator[Answer]:
    """Go through the devices of an answer, in the order of their numbers."""
    rows = mapping(data) or {}
    for key in sorted(rows, key=lambda each: (len(str(each)), str(each))):
        if (row := mapping(rows[key])) is not None:
            yield row


def _negated(number: float | None) -> float | None:
    return None if number is None else 0.0 - number


def _share(found: Any) -> float | None:
    percent = number(found)
    return None if percent is None or not 0.0 <= percent <= 100.0 else percent / 100.0
