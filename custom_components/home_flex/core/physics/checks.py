"""All checks together: what each remembers, and what they say of the home."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import DeviceKind
from . import impossible_load, stored_energy, sunshine
from .impossible_load import METER, LoadMemory
from .seen import HomeSeen
from .stored_energy import StoreMemory
from .sunshine import SunMemory
from .verdict import HARMLESS, Findings, Verdict

# Once may be a day of odd weather, or a device that was switched over by hand.
_ALARMS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class PhysicsMemory:
    """What the checks remember from one moment to the next; ``PhysicsMemory()`` is the start."""

    load: LoadMemory = field(default_factory=LoadMemory)
    stores: Mapping[str, StoreMemory] = field(default_factory=dict)
    suns: Mapping[str, SunMemory] = field(default_factory=dict)
    capacities_wh: Mapping[str, float | None] = field(default_factory=dict)


def checked(memory: PhysicsMemory, home: HomeSeen) -> PhysicsMemory:
    """Return the memory with one moment more, in which the meter and every device were heard in time."""
    batteries = {
        device_id: device for device_id, device in home.devices.items() if device.kind is DeviceKind.BATTERY
    }
    return PhysicsMemory(
        load=impossible_load.watched(memory.load, home),
        stores={
            device_id: stored_energy.watched(memory.stores.get(device_id, StoreMemory()), device, home.now_s)
            for device_id, device in batteries.items()
        },
        suns={
            device_id: sunshine.watched(memory.suns.get(device_id, SunMemory()), device_id, home)
            for device_id, device in home.devices.items()
            if device.kind is DeviceKind.PV
        },
        capacities_wh={device_id: device.capacity_wh for device_id, device in batteries.items()},
    )


def findings(memory: PhysicsMemory) -> Findings:
    """Return what is known by now. A battery's own storage is believed before what the meter seems to say."""
    stores = {
        device_id: stored_energy.verdict(store, memory.capacities_wh[device_id])
        for device_id, store in memory.stores.items()
    }
    suns = {device_id: sunshine.verdict(sun) for device_id, sun in memory.suns.items()}
    if not set(stores.values()) <= {Verdict.RIGHT}:
        # What a battery does is part of the load as it seems: first it has to be read right.
        suns = {name: told if told is Verdict.SWAPPED else Verdict.UNDECIDED for name, told in suns.items()}
    devices = {**stores, **suns}
    if any(sunshine.turns_the_meter(sun) for sun in memory.suns.values()):
        return Findings(meter=Verdict.SWAPPED, devices=devices)
    # Steps of the sun that say anything would say it of the meter, too.
    meter = Verdict.RIGHT if {*suns.values()} - {Verdict.UNDECIDED} else Verdict.UNDECIDED
    explained = _explained(memory.load, {METER: meter, **devices})
    if explained is None:
        told = {*devices.values()} - HARMLESS
        return Findings(devices=devices, impossible=memory.load.alarms >= _ALARMS and not told)
    name, verdict = explained
    if name == METER:
        return Findings(meter=verdict, devices=devices)
    return Findings(devices={**devices, name: verdict})


def _explained(load: LoadMemory, devices: Mapping[str, Verdict]) -> tuple[str, Verdict] | None:
    """Return the only explanation of an impossible load, of those that nothing speaks against."""
    if load.alarms < _ALARMS:
        return None
    left = [
        (name, verdict)
        for name, verdict in load.explanations
        if devices.get(name, Verdict.UNDECIDED) in {Verdict.UNDECIDED, verdict}
    ]
    return left[0] if len(left) == 1 else None
