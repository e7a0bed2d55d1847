"""What one telegram of the meter says of each scope that an event may steer: the site, and its groups."""

from collections.abc import Iterable, Iterator, Mapping

from ..core.model import SITE, Group, MeterReading, Scope, ScopeKind
from ..core.wishes import Wishes
from .device_slot import DeviceSlot
from .event_devices import devices_now
from .event_meter import Sample
from .group_power import group_power


def scope_samples(
    slots: Mapping[str, DeviceSlot],
    groups: Iterable[Group],
    reading: MeterReading,
    wishes: Wishes,
    *,
    voltage_v: float,
) -> Iterator[tuple[Scope, Sample]]:
    """Return what the site draws, and what each group does of which all devices can be read."""
    yield SITE, Sample.of_meter(reading, devices_now(slots.values(), wishes, voltage_v=voltage_v))
    readings = {slot.device_id: slot.reading for slot in slots.values()}
    for group in groups:
        found = group_power(group, readings, reading.power_w)
        if found is not None:
            power_w, counted_w = found
            members = [slots[key] for key in group.device_ids]
            devices = devices_now(members, wishes, voltage_v=voltage_v)
            sample = Sample(power_w=power_w, counted_w=counted_w, devices=devices)
            yield Scope(ScopeKind.GROUP, group.group_id), sample
