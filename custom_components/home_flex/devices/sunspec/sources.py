"""What is told of the sun and of the battery where both stand behind one inverter.

A hybrid has one AC side: its active power is that of the PV and of the battery together. What belongs to
which is told by its DC side only: model 714 by the type of each port, model 160 by the name of each module
(Fronius has one that charges the battery and one that discharges it), model 802 by the battery itself. Where
nothing tells them apart, nothing is read: half a figure would be driven against the grid.
"""

from enum import Enum

from ..driver import DeviceError
from .roles import AC_POWER, STATE_OF_CHARGE
from .snapshot import Snapshot

_PV_AND_STORAGE = 82  # model 120 DERTyp
_DISCHARGING, _CHARGING = 3, 4  # model 802 ChaSt
# Where the names of a Fronius's modules are empty, their order is the one of its register list.
_FRONIUS_ORDER = 4


class Part(Enum):
    """What stands behind a DC input."""

    PV = "pv"
    CHARGES = "charges"
    DISCHARGES = "discharges"
    BOTH_WAYS = "both_ways"
    OTHER = "other"


_PORTS = {0: Part.PV, 1: Part.BOTH_WAYS}  # model 714 PrtTyp: PV, ESS


def pv_power_w(snapshot: Snapshot) -> float | None:
    """Return the PV's power in W, positive = consumption; None when it is not told now.

    Raises DeviceError ``not_told_apart`` for a hybrid that does not say what of its power is the battery's.
    """
    if not has_storage(snapshot):
        return _consumed(snapshot.first(AC_POWER))
    told_w = _dc_power_w(snapshot, Part.PV) if has_solar_inputs(snapshot) else None
    if told_w is not None:
        return _consumed(told_w)
    # An input without a string tells nothing, and by night none does: then it is what is left of the AC side.
    battery_w, ac_w = _battery_dc_power_w(snapshot), snapshot.first(AC_POWER)
    if battery_w is not None and ac_w is not None:
        return _consumed(max(0.0, ac_w + battery_w))
    if has_solar_inputs(snapshot):
        return None
    raise _not_told_apart()


def battery_power_w(snapshot: Snapshot) -> float | None:
    """Return the battery's power in W, positive = consumption (charging); None when it is not told now.

    Raises DeviceError ``not_told_apart`` as ``pv_power_w``.
    """
    if tells_battery(snapshot):
        return _battery_dc_power_w(snapshot)
    is_hybrid = snapshot.has(120) and snapshot.number((120, "DERTyp")) == _PV_AND_STORAGE
    if is_hybrid or has_solar_inputs(snapshot):
        raise _not_told_apart()
    return _consumed(snapshot.first(AC_POWER))


def pv_energy_wh(snapshot: Snapshot) -> float | None:
    """Return the energy that the PV inputs of a hybrid have produced, in Wh; None when not all tell it."""
    found = [
        snapshot.value((model, "DCWH" if model == 160 else "DCWhInj"), index)
        for model, index, part in _inputs(snapshot)
        if part is Part.PV
    ]
    told = [value for value in found if value is not None]
    return sum(told) if told and len(told) == len(found) else None


def has_solar_inputs(snapshot: Snapshot) -> bool:
    """Whether a DC input is said to be the sun's."""
    return any(part is Part.PV for _, _, part in _inputs(snapshot))


def tells_battery(snapshot: Snapshot) -> bool:
    """Whether the battery's own power is told, apart from what else the inverter does."""
    return _has_battery_input(snapshot) or (snapshot.has(802) and snapshot.value((802, "W")) is not None)


def has_storage(snapshot: Snapshot) -> bool:
    """Whether a battery hangs on the inverter: it says so, or tells a state of charge."""
    return _has_battery_input(snapshot) or snapshot.first(STATE_OF_CHARGE) is not None


def _has_battery_input(snapshot: Snapshot) -> bool:
    return any(part not in {Part.PV, Part.OTHER} for _, _, part in _inputs(snapshot))


def _battery_dc_power_w(snapshot: Snapshot) -> float | None:
    """Return the battery's power on its DC side in W, positive = charging."""
    if not _has_battery_input(snapshot):
        return _bank_power_w(snapshot)
    charging = _dc_power_w(snapshot, Part.CHARGES)
    discharging = _dc_power_w(snapshot, Part.DISCHARGES)
    both = _dc_power_w(snapshot, Part.BOTH_WAYS)
    if charging is None or discharging is None or both is None:
        return None
    return charging - discharging - both


def _bank_power_w(snapshot: Snapshot) -> float | None:
    """Return what model 802 tells: its own charge status says which way, else discharging is positive."""
    power_w = snapshot.value((802, "W")) if snapshot.has(802) else None
    if power_w is None:
        return None
    status = snapshot.number((802, "ChaSt"))
    if status == _CHARGING:
        return abs(power_w)
    return 0.0 - (abs(power_w) if status == _DISCHARGING else power_w)


def _dc_power_w(snapshot: Snapshot, part: Part) -> float | None:
    """Return the sum of the inputs of a part, 0 when there are none; None when one of them is not told."""
    total_w = 0.0
    for model, index, found in _inputs(snapshot):
        if found is part:
            power_w = snapshot.value((model, "DCW"), index)
            if power_w is None:
                return None
            total_w += power_w
    return total_w


def _inputs(snapshot: Snapshot) -> list[tuple[int, int, Part]]:
    """Return model, index and part of each DC input."""
    ports = [
        (714, index, _PORTS.get(int(snapshot.number((714, "PrtTyp"), index) or 0), Part.OTHER))
        for index in snapshot.groups(714)
        if snapshot.number((714, "PrtTyp"), index) is not None
    ]
    if ports:
        return ports
    names = [snapshot.text((160, "IDStr"), index) for index in snapshot.groups(160)]
    if not any(names) and _is_fronius(snapshot) and len(names) == _FRONIUS_ORDER:
        order = (Part.PV, Part.PV, Part.CHARGES, Part.DISCHARGES)
        return [(160, index, part) for index, part in enumerate(order)]
    return [(160, index, _named(name)) for index, name in enumerate(names)]


def _named(name: str) -> Part:
    """Return what a module is by its name, such as "MPPT 1", "String 2", "StCha 3" or "StDisCha 4"."""
    text = name.casefold().replace(" ", "").replace("_", "")
    if "discha" in text:
        return Part.DISCHARGES
    if "stcha" in text or text.startswith("charg"):
        return Part.CHARGES
    if any(word in text for word in ("bat", "storage", "ess")):
        return Part.BOTH_WAYS
    if any(text.startswith(word) for word in ("mppt", "string", "pv", "dc", "input", "tracker")):
        return Part.PV
    return Part.OTHER


def _is_fronius(snapshot: Snapshot) -> bool:
    return snapshot.device.identity.manufacturer.casefold().startswith("fronius")


def _consumed(produced_w: float | None) -> float | None:
    return None if produced_w is None else 0.0 - produced_w  # not -produced_w: that would make 0.0 -0.0


def _not_told_apart() -> DeviceError:
    return DeviceError("not_told_apart", "PV and battery share one AC side, and nothing tells what is whose")
