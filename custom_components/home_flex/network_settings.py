"""The wiring of the home as its entry and subentries say it, as a network; and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICES

from .const import (
    CONF_CIRCUIT_PHASES,
    CONF_COOLING_W,
    CONF_DIMMING_MODE,
    CONF_FUSE_A,
    CONF_GRID,
    CONF_HEAT_PUMPS_W,
    CONF_KIND,
    CONF_MAIN_FUSE_A,
    CONF_METER_DEVICE,
    CONF_METER_POWER,
    CONF_OTHER_LOAD_A,
    CONF_PARENT,
    CONF_PHASES,
    CONF_POWER_LIMIT_W,
    CONF_REGISTERED,
    CONF_SIGNAL,
    SUBENTRY_CIRCUIT,
    SUBENTRY_GROUP,
)
from .core.control.dimming import DimmingMode, GroupSettings
from .core.control.nodes import SITE_METER
from .core.control.section_14a import Registered
from .core.kinds import is_flexible
from .core.model import (
    Circuit,
    DeviceKind,
    GridKind,
    Group,
    GroupKind,
    Network,
)
from .core.model.network import MAIN_CIRCUIT

type Data = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wiring:
    """What is kept of the wiring: the site's data, its flexible devices, and circuits and groups by id."""

    site: Data
    device_ids: frozenset[str]
    circuits: Mapping[str, Data]
    groups: Mapping[str, Data]

    def with_circuit(self, circuit_id: str, data: Data) -> Wiring:
        """Return the wiring with one circuit added or changed."""
        return replace(self, circuits={**self.circuits, circuit_id: data})

    def with_group(self, group_id: str, data: Data) -> Wiring:
        """Return the wiring with one group added or changed."""
        return replace(self, groups={**self.groups, group_id: data})


def wiring_of(entry: ConfigEntry[Any]) -> Wiring:
    """Return what an entry keeps of the wiring."""
    return Wiring(
        site=entry.data,
        device_ids=frozenset(
            subentry.subentry_id
            for kind in flexible_kinds()
            for subentry in entry.get_subentries_of_type(kind)
        ),
        circuits={each.subentry_id: each.data for each in entry.get_subentries_of_type(SUBENTRY_CIRCUIT)},
        groups={each.subentry_id: each.data for each in entry.get_subentries_of_type(SUBENTRY_GROUP)},
    )


def flexible_kinds() -> tuple[DeviceKind, ...]:
    """Return the kinds of devices that hang on a circuit and can be members of a group."""
    return tuple(filter(is_flexible, DeviceKind))


def grid_of(site: Data) -> GridKind:
    """Return how the site is supplied: as it was said, else by its number of phases."""
    if int(site[CONF_PHASES]) == 1:
        return GridKind.ONE_PHASE
    return GridKind.IT_3P if site.get(CONF_GRID) == GridKind.IT_3P else GridKind.TN_3P


def network_of(wiring: Wiring) -> Network | None:
    """Return the circuits and groups of the site; None when only the main fuse is known.

    A device that was removed is left out, and a circuit whose feeding circuit was removed hangs on the main
    one. Raises NetworkError for wiring that contradicts itself.
    """
    grid = grid_of(wiring.site)
    if not (wiring.circuits or wiring.groups) and grid is not GridKind.IT_3P:
        return None
    circuits = [_circuit(wiring, circuit_id, data, grid) for circuit_id, data in wiring.circuits.items()]
    placed = {device_id for circuit in circuits for device_id in circuit.device_ids}
    phases = tuple(range(1, int(wiring.site[CONF_PHASES]) + 1))
    main = Circuit(
        circuit_id=MAIN_CIRCUIT,
        fuse_a=(float(wiring.site[CONF_MAIN_FUSE_A]),) * len(phases),
        phases=phases,
        grid=grid,
        meter_id=SITE_METER,
        device_ids=tuple(sorted(wiring.device_ids - placed)),
    )
    return Network(
        circuits=(main, *circuits),
        device_ids=wiring.device_ids,
        groups=tuple(_group(wiring, group_id, data) for group_id, data in wiring.groups.items()),
    )


def meters_shared_with(wiring: Wiring, circuit_id: str, data: Data) -> list[str]:
    """Return the other circuits that say the meter of a circuit is theirs: it measures one place only."""
    return [
        other_id
        for other_id, other in wiring.circuits.items()
        if other_id != circuit_id
        and any(
            data.get(key) and data[key] == other.get(key) for key in (CONF_METER_DEVICE, CONF_METER_POWER)
        )
    ]


def group_settings(wiring: Wiring) -> tuple[GroupSettings, ...]:
    """Return the groups with their rules."""
    return tuple(
        GroupSettings(
            group=_group(wiring, group_id, data),
            mode=DimmingMode(data.get(CONF_DIMMING_MODE, DimmingMode.TOGETHER)),
            registered=_registered(wiring, data),
            power_limit_w=_number(data, CONF_POWER_LIMIT_W),
            has_signal=bool(data.get(CONF_SIGNAL)),
        )
        for group_id, data in wiring.groups.items()
    )


def larger_fuses(network: Network) -> tuple[tuple[str, str], ...]:
    """Return the circuits whose fuse is larger than that of the circuit that feeds them: the pairs of ids.

    Allowed, as the larger fuse just never blows first; but it is often a slip of the pen.
    """
    return tuple(
        (circuit.circuit_id, circuit.parent_id)
        for circuit in network.circuits
        if circuit.parent_id is not None
        and max(circuit.fuse_a) > max(network.circuit(circuit.parent_id).fuse_a)
    )


def _circuit(wiring: Wiring, circuit_id: str, data: Data, grid: GridKind) -> Circuit:
    phases = tuple(sorted(int(phase) for phase in data[CONF_CIRCUIT_PHASES]))
    parent_id = data.get(CONF_PARENT, MAIN_CIRCUIT)
    return Circuit(
        circuit_id=circuit_id,
        fuse_a=(float(data[CONF_FUSE_A]),) * len(phases),
        phases=phases,
        grid=grid,
        parent_id=parent_id if parent_id in wiring.circuits else MAIN_CIRCUIT,
        power_limit_w=_number(data, CONF_POWER_LIMIT_W),
        meter_id=data.get(CONF_METER_DEVICE) or (circuit_id if data.get(CONF_METER_POWER) else None),
        other_load_a=_number(data, CONF_OTHER_LOAD_A),
        device_ids=_members(wiring, data),
    )


def _group(wiring: Wiring, group_id: str, data: Data) -> Group:
    return Group(group_id=group_id, kind=GroupKind(data[CONF_KIND]), device_ids=_members(wiring, data))


def _registered(wiring: Wiring, data: Data) -> Registered | None:
    if GroupKind(data[CONF_KIND]) is not GroupKind.SECTION_14A:
        return None
    return Registered(
        count=int(data.get(CONF_REGISTERED) or max(1, len(_members(wiring, data)))),
        heat_pumps_w=_number(data, CONF_HEAT_PUMPS_W) or 0.0,
        cooling_w=_number(data, CONF_COOLING_W) or 0.0,
    )


def _members(wiring: Wiring, data: Data) -> tuple[str, ...]:
    return tuple(each for each in data.get(CONF_DEVICES, ()) if each in wiring.device_ids)


def _number(data: Data, key: str) -> float | None:
    return None if data.get(key) is None else float(data[key])
