"""Which sums are watched, what each device counts in them, and which meter tells of which circuit."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.network import Unit, Wiring
from custom_components.home_flex.core.control.nodes import (
    SITE_METER,
    Layout,
    layout,
    meters,
    phase_places,
    shares,
    stated,
)
from custom_components.home_flex.core.control.state import DeviceState, MeterState, SiteState
from custom_components.home_flex.core.model import (
    Circuit,
    GridKind,
    Group,
    GroupKind,
    MeterReading,
    Network,
)

from .guarded_home import FUSES, NOW, car, full_battery, garage, sun, told
from .house import SITE


def near(value: Any) -> Any:
    return pytest.approx(value)


THIRD: Any = pytest.approx(1 / 3)
ONE_PHASE = replace(SITE, phases=1)


def state(
    *devices: DeviceState, network: Network | None = None, meter: MeterReading | None = None
) -> SiteState:
    return SiteState(site=SITE, meter=meter, meter_heard_s=7.0, devices=devices, network=network)


def of(*devices: DeviceState, network: Network | None = None, **used: int | None) -> Layout:
    return layout(state(*devices, network=network), used)


def test_the_site_comes_first_and_then_each_phase_of_its_fuse() -> None:
    found = of(car(), sun(3000.0))
    assert [(node.key[0], node.key[1], node.total) for node in found.nodes] == [
        ("main", None, 0),
        ("main", 1, 0),
        ("main", 2, 0),
        ("main", 3, 0),
    ]
    assert found.nodes[0].guard is None
    assert found.nodes[0].coefficients == {"car": 1.0, "pv": 1.0}
    assert found.nodes[2].coefficients == {"car": THIRD, "pv": THIRD}
    assert found.nodes[2].key == ("main", 2, (), frozenset({"car", "pv"}))
    assert found.keys == tuple(node.key for node in found.nodes)
    assert [(guard.phase, place) for guard, place in found.guards] == [(1, 1), (2, 2), (3, 3)]
    assert [node.guard for node in found.nodes[1:]] == [guard for guard, _ in found.guards]


def test_a_device_counts_with_its_share_at_each_sum() -> None:
    found = of(car(), sun(3000.0), car=1)
    assert found.shares == {"car": (1.0, 1.0, 0.0, 0.0), "pv": (1.0, THIRD, THIRD, THIRD)}
    assert found.wirings["car"] == Wiring(phases=(1, 2, 3), used=1)


@pytest.mark.parametrize(
    ("wired", "used", "phases", "wiring"),
    [
        ((1, 2, 3), None, 3, Wiring(phases=(1, 2, 3), used=3)),
        ((2,), None, 3, Wiring(phases=(2,), used=1)),
        ((), None, 3, Wiring(used=3)),
        ((), 1, 3, Wiring(used=1)),
        ((1, 2, 3), 2, 3, Wiring(phases=(1, 2, 3), used=2)),
        # What the site does not have is left out.
        ((0, 1, 2, 3, 4), None, 3, Wiring(phases=(1, 2, 3), used=3)),
        ((1, 2, 3), None, 1, Wiring(phases=(1,), used=1)),
        ((2, 3), None, 1, Wiring(used=1)),
    ],
)
def test_a_device_uses_the_phases_it_is_wired_to_unless_it_is_known_to_use_fewer(
    wired: tuple[int, ...], used: int | None, phases: int, wiring: Wiring
) -> None:
    site = replace(state(replace(car(), wired_phases=wired)), site=replace(SITE, phases=phases))
    assert layout(site, {"car": used}).wirings["car"] == wiring


def test_circuits_are_watched_after_the_site_and_their_power_at_their_own_total() -> None:
    network = garage(10.0, other_load_a=3.0)
    main, sub = network.circuits
    # The order in which they were stated is nothing.
    network = replace(network, circuits=(replace(sub, power_limit_w=5000.0), main))
    found = of(car(), network=network)
    assert [(node.circuit.circuit_id, node.total) for node in found.nodes[:2]] == [("main", 0), ("garage", 1)]
    by_scope = {(guard.scope.id, guard.phase): place for guard, place in found.guards}
    assert by_scope[("garage", None)] == 1
    assert sorted(by_scope.values()) == [1, 2, 3, 4, 5, 6, 7]
    on_garage = found.nodes[by_scope[("garage", 2)]]
    assert (on_garage.circuit.circuit_id, on_garage.total, on_garage.coefficients) == (
        "garage",
        1,
        {"car": THIRD},
    )
    assert phase_places(found) == {
        place: phase for (_, phase), place in by_scope.items() if phase is not None
    }


GROUPS = (
    Group(group_id="14a", kind=GroupKind.SECTION_14A, device_ids=("car",)),
    Group(group_id="peak", kind=GroupKind.PEAK, device_ids=("car", "pv")),
)


def grouped() -> Layout:
    main = Circuit(circuit_id="main", fuse_a=FUSES, meter_id="meter", device_ids=("car", "pv"))
    network = Network(circuits=(main,), device_ids=frozenset({"car", "pv"}), groups=GROUPS)
    return of(car(), sun(3000.0), network=network)


def test_groups_have_their_places_after_all_nodes() -> None:
    found = grouped()
    assert found.groups == ((GROUPS[0], 4), (GROUPS[1], 5))
    assert found.shares["car"][4:] == (1.0, 1.0)
    assert found.shares["pv"][4:] == (0.0, 1.0)


def test_what_is_set_in_amperes_counts_in_groups_at_the_nominal_voltage() -> None:
    found = grouped()
    assert shares(found, "car", None) == found.shares["car"]
    assert shares(found, "car", 240.0)[:4] == found.shares["car"][:4]
    assert shares(found, "car", 240.0)[4:] == (near(230 / 240), near(230 / 240))
    without = of(car())
    assert shares(without, "car", 240.0) == without.shares["car"]


def test_the_legs_of_a_grid_without_neutral_are_no_phases_current() -> None:
    main = Circuit(
        circuit_id="main", fuse_a=FUSES, grid=GridKind.IT_3P, meter_id="meter", device_ids=("car",)
    )
    found = of(car(), network=Network(circuits=(main,), device_ids=frozenset({"car"})))
    assert phase_places(found) == {}
    assert {node.key[2] for node in found.nodes[1:]} != {()}


def test_a_site_of_which_only_the_fuse_is_known_is_one_circuit_with_the_sites_meter() -> None:
    network = stated(state(car(), full_battery()))
    assert network.device_ids == {"car", "battery"}
    assert (network.root.meter_id, network.root.grid) == (SITE_METER, GridKind.TN_3P)
    assert network.root.fuse_a == FUSES
    assert stated(state(car(), network=garage())) == garage()


MISSING = MeterReading(time=NOW, power_w=0.0, phase_voltage_v=(231.0, 0.0, 232.0))
LOOKS = [
    (SITE, MISSING, GridKind.IT_3P),
    (SITE, replace(MISSING, phase_voltage_v=(231.0, 230.0, 232.0)), GridKind.TN_3P),
    (SITE, None, GridKind.TN_3P),
    (ONE_PHASE, MISSING, GridKind.ONE_PHASE),
]


@pytest.mark.parametrize(("site", "meter", "grid"), LOOKS)
def test_a_telegram_that_looks_like_one_without_neutral_is_taken_at_its_word(
    site: object, meter: MeterReading | None, grid: GridKind
) -> None:
    known = replace(state(car(), meter=meter), site=site)  # type: ignore[arg-type]  # a site
    assert layout(known, {}).network.root.grid is grid


def test_each_circuit_is_told_by_its_own_meter_and_the_main_one_by_the_sites() -> None:
    network = garage(meter_id="sub")
    sub = MeterState(reading=told(1000.0), heard_s=5.0)
    silent = replace(state(car(), network=network), circuit_meters={})
    assert meters(silent, network) == {}
    speaking = replace(silent, meter=told(2000.0), circuit_meters={"sub": sub, "elsewhere": sub})
    assert meters(speaking, network) == {
        "garage": sub,
        "main": MeterState(reading=told(2000.0), heard_s=7.0),
    }
    assert meters(speaking, garage()) == {"main": MeterState(reading=told(2000.0), heard_s=7.0)}


def test_a_guard_of_power_has_no_node_of_its_own() -> None:
    main = Circuit(
        circuit_id="main", fuse_a=FUSES, power_limit_w=9000.0, meter_id="meter", device_ids=("car",)
    )
    found = of(car(), network=Network(circuits=(main,), device_ids=frozenset({"car"})))
    assert [(guard.unit, place) for guard, place in found.guards] == [
        (Unit.A, 1),
        (Unit.A, 2),
        (Unit.A, 3),
        (Unit.W, 0),
    ]
    assert len(found.nodes) == 4
