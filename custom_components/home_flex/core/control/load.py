"""What the house draws apart from its flexible devices, at the meter and at each guard of a fuse.

The meter shows a mixture of what was and what is: nobody knows when exactly an order becomes visible. So
each order counts as "perhaps visible, perhaps not" until its time has certainly passed, and the load is
believed to move only by what orders under way cannot explain. In a quiet house nothing is under way and a
change is answered in full at once; a weak device leaves an error that becomes load when its window closes,
so the next order makes up for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import MeterReading
from .measured import measured
from .memory import Key, LoadSample
from .nodes import Layout, Node
from .phase_currents import Bounds, phase_voltages_v, worst_split_a
from .state import MeterState

# Limits are kept for the worst of the last seconds: tightening is immediate, relaxing waits for lasting room.
HOLD_S = 3.0
_NOTHING = Bounds(0.0, 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class RestLoad:
    """The house's own load in W at each node (the site's first): largest and smallest; the site's latest."""

    high_w: tuple[float, ...]
    low_w: tuple[float, ...]
    latest_w: float


@dataclass(frozen=True, slots=True)
class Possible:
    """Between which powers a device may have been when its circuit's meter was read."""

    low_w: float
    high_w: float


def voltage_v(node: Node, meter: MeterReading | None) -> float:
    """Return the voltage that makes watts of the node's amperes: of its phase as told, else nominal."""
    if node.guard is None or node.guard.phase is None:
        return 1.0
    return phase_voltages_v(node.circuit, meter)[node.circuit.phases.index(node.guard.phase)]


def remembered(
    load: tuple[LoadSample, ...],
    layout: Layout,
    told: Mapping[str, MeterState],
    devices: Mapping[str, Mapping[str, Possible]],
    hold_s: float,
) -> tuple[LoadSample, ...]:
    """Return the last samples of the rest load with that of new meter readings; older than ``hold_s`` go.

    ``told`` by circuit. ``devices``: by circuit with a new reading, where each device may have been then.
    """
    last = load[-1] if load else None
    before = _by_key(last) if last is not None else {}
    found: list[Bounds] = []
    for node in layout.nodes:
        known = before.get(node.key)
        if (possible := devices.get(node.circuit.circuit_id)) is None:
            found.append(known if known is not None else _unknown(node, found))
            continue
        now = _measured_w(node, told[node.circuit.circuit_id].reading)
        found.append(_split(found[node.total]) if now is None else _moved(node, known, now, possible))
    heard_s = max(state.heard_s for state in told.values())
    sample = LoadSample(
        heard_s=heard_s,
        heard_by_s={key: state.heard_s for key, state in told.items()},
        keys=layout.keys,
        low_w=tuple(bounds.low for bounds in found),
        high_w=tuple(bounds.high for bounds in found),
    )
    return (*(one for one in load if heard_s - one.heard_s <= hold_s), sample)


def moved(
    load: tuple[LoadSample, ...], layout: Layout, devices: Mapping[str, Possible]
) -> tuple[LoadSample, ...]:
    """Return the samples with what each of the devices, by id, is reckoned less at each node: it is load."""
    by_key = {
        node.key: (
            sum(node.coefficients.get(key, 0.0) * device.low_w for key, device in devices.items()),
            sum(node.coefficients.get(key, 0.0) * device.high_w for key, device in devices.items()),
        )
        for node in layout.nodes
    }
    none = (0.0, 0.0)
    return tuple(
        replace(
            one,
            low_w=tuple(
                low_w + by_key.get(key, none)[0] for key, low_w in zip(one.keys, one.low_w, strict=True)
            ),
            high_w=tuple(
                high_w + by_key.get(key, none)[1] for key, high_w in zip(one.keys, one.high_w, strict=True)
            ),
        )
        for one in load
    )


def open_w(devices: Mapping[str, Possible]) -> float:
    """Return how much of what was ordered the meter may not show yet, in W."""
    return sum(device.high_w - device.low_w for device in devices.values())


def rest_load(load: tuple[LoadSample, ...], layout: Layout, now_s: float, hold_s: float) -> RestLoad:
    """Return the rest load to reckon with now; zero when no meter was ever read."""
    window = [sample for sample in load if now_s - sample.heard_s <= hold_s] or list(load[-1:])
    if not window:
        none = (0.0,) * len(layout.nodes)
        return RestLoad(high_w=none, low_w=none, latest_w=0.0)
    fitting = [sample for sample in window if sample.keys == layout.keys]
    if len(fitting) < len(window):
        samples = [_fitted(sample, layout) for sample in window]
    else:
        samples = [(sample.low_w, sample.high_w) for sample in fitting]
    return RestLoad(
        high_w=tuple(map(max, zip(*(high_w for _, high_w in samples), strict=True))),
        low_w=tuple(map(min, zip(*(low_w for low_w, _ in samples), strict=True))),
        latest_w=window[-1].high_w[0],
    )


def _fitted(sample: LoadSample, layout: Layout) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return a sample of another layout as one of this: of what was not watched then, the worst."""
    known = _by_key(sample)
    found: list[Bounds] = []
    for node in layout.nodes:
        bounds = known.get(node.key)
        found.append(bounds if bounds is not None else _unknown(node, found))
    return tuple(bounds.low for bounds in found), tuple(bounds.high for bounds in found)


def _by_key(sample: LoadSample) -> dict[Key, Bounds]:
    return dict(zip(sample.keys, map(Bounds, sample.low_w, sample.high_w, strict=True), strict=True))


def _unknown(node: Node, found: Sequence[Bounds]) -> Bounds:
    return _NOTHING if node.guard is None else _split(found[node.total])


def _split(total_w: Bounds) -> Bounds:
    """Return what of a rest of which no phase is known one phase may carry, in W: all of it."""
    return worst_split_a(total_w, (1.0,))[0]


def _measured_w(node: Node, meter: MeterReading) -> Bounds | None:
    if node.guard is None:
        return Bounds(meter.power_w, meter.power_w)
    told = measured(node.guard, node.circuit, meter)
    volts = voltage_v(node, meter)
    return None if told is None else Bounds(told.low * volts, told.high * volts)


def _moved(node: Node, before: Bounds | None, now: Bounds, devices: Mapping[str, Possible]) -> Bounds:
    """Return the rest load moved by no more than what the devices may have drawn leaves unexplained."""
    low_w = high_w = 0.0
    for device_id, share in node.coefficients.items():
        if (device := devices.get(device_id)) is not None:
            low_w += share * device.low_w
            high_w += share * device.high_w
    if before is None:
        middle_w = (low_w + high_w) / 2
        return Bounds(now.low - middle_w, now.high - middle_w)
    return Bounds(
        min(max(before.low, now.low - high_w), now.low - low_w),
        min(max(before.high, now.high - high_w), now.high - low_w),
    )
