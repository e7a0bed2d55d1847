"""What is watched at one tick: the layout, the load that the circuits' meters show, what nobody sees."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Seen
from . import gain, hull, import_only, load, still
from .answering import is_set_in_a
from .memory import DeviceMemory
from .nodes import Layout, layout, shares, stated
from .rhythm import UNKNOWN_LOST_S, period_s
from .state import ControlMemory, MeterState, SiteState
from .watched import Blind, Unwatched, unwatched


def believed(
    state: SiteState, seen: Mapping[str, Seen[Any]], memory: ControlMemory
) -> tuple[SiteState, float]:
    """Return the state with its meter as far as that is believed, and what it does not show of feed-in, W."""
    fed_in_w = import_only.unseen_w(memory.meter, seen)
    if fed_in_w and state.meter is not None:
        return replace(state, meter=import_only.less(state.meter, fed_in_w)), fed_in_w
    return (replace(state, meter=None) if still.is_standing(memory.meter) else state), 0.0


def wired(state: SiteState, seen: Mapping[str, Seen[Any]]) -> tuple[Layout, dict[str, Seen[Any]]]:
    """Return the layout, and the devices with what they count in it."""
    used = {
        key: one.memory.active_phases or kind_of(one.device).phases(one.reading) for key, one in seen.items()
    }
    found = layout(state, used)
    return found, {
        key: replace(one, share=shares(found, key, one.voltage_v if is_set_in_a(one) else None))
        for key, one in seen.items()
    }


def hold_s(memory: ControlMemory) -> float:
    """Return over how many seconds limits are kept for the worst."""
    return max(load.HOLD_S, 1.5 * period_s(memory.meter.rhythm))


def speaking(
    layout: Layout, told: Mapping[str, MeterState], now_s: float, *, meter_lost: bool
) -> Mapping[str, MeterState]:
    """Return the meters that still speak, by circuit; ``meter_lost`` is about the site's."""
    root = layout.network.root.circuit_id
    return {
        key: meter
        for key, meter in told.items()
        if not (meter_lost if key == root else now_s - meter.heard_s > UNKNOWN_LOST_S)
    }


def unwatched_of(
    state: SiteState,
    layout: Layout,
    speaking: Mapping[str, MeterState],
    memory: ControlMemory,
    fed_in_w: float,
) -> tuple[Unwatched, ...]:
    """Return which fuses are not watched, or not phase by phase.

    ``fed_in_w`` is reckoned to be fed in although the meter does not show it.
    """
    network = stated(state)
    readings = {
        circuit.meter_id: speaking[circuit.circuit_id].reading if circuit.circuit_id in speaking else None
        for circuit in network.circuits
        if circuit.meter_id is not None
    }
    found = unwatched(network, layout.wirings, readings)
    root = network.root.circuit_id
    if fed_in_w:
        return (*found, Unwatched(circuit_id=root, why=Blind.FEED_IN_NOT_SHOWN))
    if not still.is_standing(memory.meter):
        return found
    return tuple(
        replace(one, why=Blind.METER_STANDS_STILL)
        if one.circuit_id == root and one.why is Blind.METER_SILENT
        else one
        for one in found
    )


def rebooked(
    layout: Layout, before: Mapping[str, DeviceMemory], seen: Mapping[str, Seen[Any]], memory: ControlMemory
) -> ControlMemory:
    """Return the memory with the load moved by what orders in force no longer count as ``before``."""
    moved_w = {key: gain.rebooked_w(before.get(key, one.memory), one.memory) for key, one in seen.items()}
    if not any(moved_w.values()):
        return memory
    moved = {key: load.Possible(power_w, power_w) for key, power_w in moved_w.items()}
    return replace(memory, load=load.moved(memory.load, layout, moved))


def with_load(
    layout: Layout, told: Mapping[str, MeterState], seen: Mapping[str, Seen[Any]], memory: ControlMemory
) -> ControlMemory:
    """Return the memory with the load that new telegrams of the circuits' meters show."""
    heard_s = memory.load[-1].heard_by_s if memory.load else {}
    period = period_s(memory.meter.rhythm)
    devices = {
        circuit_id: {
            key: load.Possible(*hull.possible_w(one, kind_of(one.device), meter.heard_s, period))
            for key, one in seen.items()
        }
        for circuit_id, meter in told.items()
        if circuit_id not in heard_s or meter.heard_s > heard_s[circuit_id]
    }
    if not devices:
        return memory
    root, known = layout.network.root.circuit_id, memory.load
    joined = devices.get(root, {}).keys() - memory.meter.device_ids
    if joined:
        # What can be read from now on was load before.
        found = devices[root]
        less = {key: load.Possible(-found[key].high_w, -found[key].low_w) for key in joined}
        known = load.moved(known, layout, less)
    samples = load.remembered(known, layout, told, devices, hold_s(memory))
    if joined:
        samples = samples[-1:]
    if root not in devices:
        return replace(memory, load=samples)
    meter = replace(memory.meter, open_w=load.open_w(devices[root]), device_ids=frozenset(seen))
    return replace(memory, load=samples, meter=meter)
