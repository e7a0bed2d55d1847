"""A PV inverter: it produces what the sun gives, and can only be limited."""

import math
from collections.abc import Sequence
from typing import Final

from ..control.actuation_policy import ActuationPolicy
from ..control.allocation import Allocation
from ..control.asked import Cause, Lines, cause_of, intervals
from ..control.flexibility import Flexibility, Role
from ..control.lines import rank
from ..control.memory import DeviceMemory
from ..control.orders import renewed_s
from ..control.projection import Joint, Powers
from ..control.response import report_window_s
from ..control.sun_follower import kept_w, takes_w
from ..model import DeviceKind, Owner, PvReading, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor
from .kind import KindSpec, Seen, Told

# The most of the last seconds counts as what the sun gives.
_SUN_S = 3.0
# Well above what the sun gives now the limit moves in steps, so that the inverter is not written each second,
# and an inverter that is still free stays so.
_COARSE_W = 500.0
_FAR_SHARE = 0.25
# An inverter that gives less than this share of a limit of some size has no sun.
_ASLEEP_SHARE = 0.02
_TELLS_FROM_W = 200.0
# Raised slowly and seldom, lowered at once: clouds are none of the limit's business, only the house is.
# At most 30 writes in half an hour: 0.8 a minute and the burst. A little more sun is worth one only when none
# could be missed for much more.
_ACTUATION = ActuationPolicy(
    dead_band=20.0, least_up_s=10.0, writes_per_min=0.8, burst=6.0, kept_for_large=2.0
)


class Pv:
    """The kind of a PV inverter."""

    kind = DeviceKind.PV
    quantity = Quantity.PRODUCTION_LIMIT_W
    life_s = 60.0
    lost_after_s = 15.0
    # Some answer over a radio.
    window_s = 30.0
    report_window_s = 30.0
    is_driven = False
    actuation = _ACTUATION

    def phases(self, reading: PvReading) -> int | None:  # noqa: ARG002 # the kinds' protocol
        """Return None: an inverter uses all the phases it is wired to."""
        return None

    def learned(self, seen: Seen[PvReading]) -> DeviceMemory:
        """Return the memory as it is."""
        return seen.memory

    def ordered_w(self, value: float | None, seen: Seen[PvReading]) -> float:
        """Return the most that a limit lets it produce; by itself it goes on as it is read."""
        return seen.reading.power_w if value is None else -value

    def watts_per_unit(self, seen: Seen[PvReading]) -> float:  # noqa: ARG002 # the kinds' protocol
        """Return 1: the setpoint is in watts."""
        return 1.0

    def flexibility(self, seen: Seen[PvReading], *, stuck: bool) -> Flexibility:
        """Return the range from what the sun gave in the last seconds to nothing."""
        reading = seen.reading
        recent = [r.power_w for r in seen.memory.reports if seen.now_s - r.heard_s <= _SUN_S]
        produced_w = reading.power_w if stuck else min([*recent, reading.power_w, 0.0])
        return Flexibility(
            device=seen.device,
            memory=seen.memory,
            reading=reading,
            role=Role.PRODUCER,
            share=seen.share,
            low_w=produced_w,
            high_w=produced_w if stuck else 0.0,
            wish_w=produced_w,
            power_w=reading.power_w,
            rated_w=reading.rated_power_w,
            stuck=stuck,
        )

    def told(
        self,
        device: Flexibility,
        devices: Sequence[Flexibility],
        lines: Lines,
        allocation: Allocation,
        now_s: float,  # noqa: ARG002 # the kinds' protocol
    ) -> Told:
        """Return the most that may be produced with the batteries charging as fast as they may.

        It does not depend on the sun, which nobody knows while the inverter is limited. Several inverters
        keep what they give, and share what is left by their rated power.
        """
        limit_w, cause = device.rated_w, None
        for joint in lines.joints:
            if _binds(joint, device):
                allowed_w = _allowed_w(device, joint, devices, lines, allocation)
                allowed_w = kept_w(allowed_w, device, joint, devices)
                if allowed_w < limit_w:
                    limit_w = max(0.0, allowed_w)
                    cause = cause_of(joint)
        return _coarse(device, limit_w, cause)

    def is_set(self, reading: PvReading) -> bool:
        """Return whether the inverter tells a limit."""
        return reading.production_limit_w is not None


def _binds(joint: Joint, device: Flexibility) -> bool:
    return math.isfinite(joint.low_w) and device.share[joint.node] > 0 and device.device.admits(joint.owner)


def _allowed_w(
    device: Flexibility,
    joint: Joint,
    devices: Sequence[Flexibility],
    lines: Lines,
    allocation: Allocation,
) -> float:
    """Return what one line lets the inverter produce at its node, W >= 0."""
    node, powers = joint.node, allocation.powers
    most = _with_stores_at_most(joint, devices, lines, powers)
    consumed_w = sum(
        other.share[node] * takes_w(other, joint, devices, most)
        for other in devices
        if other.role is not Role.PRODUCER or other.stuck
    )
    inverters = [other for other in devices if other.role is Role.PRODUCER and not other.stuck]
    # Where a higher line broke this one, what was reached counts, so that it is not taken back here.
    reached_w = sum(other.share[node] * powers[other.device_id] for other in devices)
    produced_w = sum(other.share[node] * powers[other.device_id] for other in inverters)
    spare_w = consumed_w - min(joint.low_w, reached_w) + produced_w
    rated_w = sum(other.share[node] * other.rated_w for other in inverters)
    part_w = max(0.0, spare_w) * device.rated_w / rated_w if rated_w > 0 else 0.0
    return part_w - powers[device.device_id]


def _with_stores_at_most(
    joint: Joint, devices: Sequence[Flexibility], lines: Lines, powers: Powers
) -> Powers:
    """Return the powers with each store at the most it may draw, for all that more sun is to it.

    More sun at the line's own node is one with what a store gives there, or takes; what a line as high as
    this one asks of the store at another node goes on.
    """
    allowed = intervals(devices, lines.binding(joint.owner), Owner.PLAN)
    others = [
        other for other in lines.joints if other.node != joint.node and rank(other.owner) <= rank(joint.owner)
    ]
    most = dict(powers)
    stores = [device for device in devices if device.role is Role.STORE]
    for store in sorted(stores, key=lambda one: (-one.share[joint.node], one.device_id)):
        left_w = [other.most_w(store, devices, most) for other in others]
        key = store.device_id
        most[key] = max(powers[key], min([allowed[key][1], *left_w]))
    return most


def _coarse(device: Flexibility, limit_w: float, cause: Cause | None) -> Told:
    """Round a limit far above what the sun gives, or leave the inverter as it is.

    What it gave before a new limit showed says nothing of the sun: it may just be on its way up.
    """
    written = device.device.written
    held_w = written.value if written is not None else None
    if held_w is not None and held_w >= _TELLS_FROM_W and -device.low_w < _ASLEEP_SHARE * held_w:
        # It gives next to nothing of what it may: it is night, and the sun comes slowly.
        return Told(value=device.rated_w, cause=None)
    if held_w is not None and limit_w < held_w and not _has_shown(device):
        return Told(value=float(math.floor(limit_w)), cause=cause)
    spare_w = limit_w + device.power_w
    if cause is not None and spare_w > _COARSE_W:
        if held_w is None and spare_w > _FAR_SHARE * device.rated_w:
            return Told(value=device.rated_w, cause=None)
        if held_w is not None and held_w <= limit_w and held_w + device.power_w > _COARSE_W:
            limit_w = held_w
        elif held_w is None or held_w + device.power_w > _COARSE_W:
            limit_w = math.floor(limit_w / _COARSE_W) * _COARSE_W
    return Told(value=float(math.floor(limit_w)), cause=cause)


def _has_shown(device: Flexibility) -> bool:
    """Return whether the inverter's reading is of the last limit for sure."""
    state, memory = device.device, device.memory
    window_s = report_window_s(memory.response, Pv.report_window_s, memory.rhythm)
    if memory.orders:
        window_s += renewed_s(memory.orders[-1], memory.orders, device.power_w, Pv.life_s)
    return state.changed_s is None or state.heard_s - state.changed_s >= window_s


def _measurements(reading: PvReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {"produced_wh": reading.energy_produced_wh},
        "control": {"production_limit_w": reading.production_limit_w},
    }


def _abilities(reading: PvReading, _site: Site) -> Abilities:
    return Abilities(export_w=reading.rated_power_w)


_REPORTING = Reporting(
    name="PV",
    sensors=(
        Sensor(key="production_power", measure=Measure.POWER_OUT_W, value=lambda reading: reading.power_w),
        Sensor(
            key="energy_produced",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_produced_wh,
            optional=True,
        ),
        Sensor(
            key="production_limit",
            measure=Measure.POWER_W,
            value=lambda reading: reading.production_limit_w,
            diagnostic=True,
            sets=Quantity.PRODUCTION_LIMIT_W,
        ),
        Sensor(
            key="rated_power",
            measure=Measure.POWER_W,
            value=lambda reading: reading.rated_power_w,
            diagnostic=True,
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

PV: Final = KindSpec(kind=DeviceKind.PV, reading=PvReading, reporting=_REPORTING, control=Pv())
