"""Circuits are a tree, every device hangs on one of them, and what contradicts itself is named."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from custom_components.home_flex.core.model import (
    Circuit,
    GridKind,
    Group,
    GroupKind,
    Network,
    NetworkError,
    Site,
    one_circuit,
)

MAIN = Circuit(circuit_id="main", fuse_a=(25.0, 25.0, 25.0), meter_id="meter", device_ids=("battery",))
GARAGE = Circuit(circuit_id="garage", fuse_a=(16.0, 16.0, 16.0), parent_id="main", device_ids=("car",))
SOCKET = Circuit(
    circuit_id="socket",
    fuse_a=(10.0,),
    phases=(2,),
    grid=GridKind.ONE_PHASE,
    parent_id="garage",
    device_ids=("bike",),
)
DEVICES = frozenset({"battery", "car", "bike"})


def network(*circuits: Circuit, groups: tuple[Group, ...] = ()) -> Network:
    return Network(circuits=circuits, device_ids=DEVICES, groups=groups)


def test_a_tree_is_known_from_the_device_up_to_the_main_fuse() -> None:
    home = network(MAIN, GARAGE, SOCKET)
    assert home.root is MAIN
    assert [circuit.circuit_id for circuit in home.upwards(home.circuit_of("bike"))] == [
        "socket",
        "garage",
        "main",
    ]
    assert home.devices_behind("garage") == ("bike", "car")
    assert home.devices_behind("main") == ("battery", "bike", "car")


def lacks(circuit: Circuit, **changes: Any) -> Circuit:
    return replace(circuit, **changes)


CONTRADICTIONS = {
    "circuit_twice": ((MAIN, GARAGE, SOCKET, lacks(GARAGE, device_ids=())), ("garage",)),
    "unknown_circuit": ((MAIN, lacks(GARAGE, parent_id="attic"), SOCKET), ("attic",)),
    "not_one_main_circuit": ((MAIN, lacks(GARAGE, parent_id=None), SOCKET), ("garage", "main")),
    "circuits_in_a_ring": ((MAIN, lacks(GARAGE, parent_id="socket"), SOCKET), ("garage",)),
    "not_one_fuse_per_phase": ((MAIN, lacks(GARAGE, fuse_a=(16.0,)), SOCKET), ("garage",)),
    "impossible_rating": ((MAIN, GARAGE, lacks(SOCKET, fuse_a=(0.0,))), ("socket",)),
    "impossible_phases": ((MAIN, GARAGE, lacks(SOCKET, phases=(4,))), ("socket",)),
    "phases_not_fed": (
        (MAIN, lacks(GARAGE, phases=(1, 3), fuse_a=(16.0, 16.0)), SOCKET),
        ("socket", "garage"),
    ),
    "another_kind_of_grid": ((MAIN, lacks(GARAGE, grid=GridKind.IT_3P), SOCKET), ("garage", "main")),
    "device_on_two_circuits": ((MAIN, lacks(GARAGE, device_ids=("car", "battery")), SOCKET), ("battery",)),
    "unknown_device": ((MAIN, lacks(GARAGE, device_ids=("car", "sauna")), SOCKET), ("sauna",)),
    "device_on_no_circuit": ((MAIN, GARAGE, lacks(SOCKET, device_ids=())), ("bike",)),
}


@pytest.mark.parametrize("problem", CONTRADICTIONS)
def test_a_contradiction_is_refused_and_names_what_it_is_about(problem: str) -> None:
    circuits, ids = CONTRADICTIONS[problem]
    with pytest.raises(NetworkError) as refused:
        network(*circuits)
    assert (refused.value.problem, refused.value.ids) == (problem, ids)
    assert all(name in str(refused.value) for name in ids)


@pytest.mark.parametrize("rating", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("what", ["power_limit_w", "other_load_a", "fuse_a"])
def test_a_rating_that_cannot_be_is_refused(what: str, rating: float) -> None:
    value = (rating,) * 3 if what == "fuse_a" else rating
    with pytest.raises(NetworkError, match="impossible_rating: garage"):
        network(MAIN, lacks(GARAGE, **{what: value}), SOCKET)


@pytest.mark.parametrize(
    ("grid", "phases", "fine"),
    [
        (GridKind.TN_3P, (1, 2, 3), True),
        (GridKind.TN_3P, (2,), True),
        (GridKind.TN_3P, (1, 1), False),
        (GridKind.IT_3P, (1, 2, 3), True),
        (GridKind.IT_3P, (1, 3), True),
        (GridKind.IT_3P, (1,), False),
        (GridKind.ONE_PHASE, (1,), True),
        (GridKind.ONE_PHASE, (1, 2), False),
        (GridKind.ONE_PHASE, (), False),
    ],
)
def test_each_kind_of_grid_has_its_number_of_phases(
    grid: GridKind, phases: tuple[int, ...], fine: bool
) -> None:
    main = Circuit(circuit_id="main", fuse_a=(25.0,) * len(phases), phases=phases, grid=grid)
    if fine:
        assert Network(circuits=(main,), device_ids=frozenset()).root is main
        return
    with pytest.raises(NetworkError, match="impossible_phases: main"):
        Network(circuits=(main,), device_ids=frozenset())


@pytest.mark.parametrize(
    ("members", "problem"),
    [(("car", "sauna"), "unknown_device: sauna"), (("car", "car"), "device_twice_in_group: car")],
)
def test_a_group_has_known_members_once_each(members: tuple[str, ...], problem: str) -> None:
    group = Group(group_id="dimmable", kind=GroupKind.SECTION_14A, device_ids=members)
    with pytest.raises(NetworkError, match=problem):
        network(MAIN, GARAGE, SOCKET, groups=(group,))


def test_groups_have_names_of_their_own() -> None:
    group = Group(group_id="dimmable", kind=GroupKind.SECTION_14A, device_ids=("car",))
    assert network(MAIN, GARAGE, SOCKET, groups=(group,)).group("dimmable") is group
    with pytest.raises(NetworkError, match="group_twice: dimmable"):
        network(MAIN, GARAGE, SOCKET, groups=(group, group))


@pytest.mark.parametrize("missing", ["circuit", "group", "circuit_of"])
def test_what_is_not_there_is_named(missing: str) -> None:
    with pytest.raises(NetworkError, match="nowhere"):
        getattr(network(MAIN, GARAGE, SOCKET), missing)("nowhere")


@pytest.mark.parametrize(
    ("phases", "grid"), [(1, GridKind.ONE_PHASE), (3, GridKind.TN_3P), (3, GridKind.IT_3P)]
)
def test_a_site_of_which_only_the_main_fuse_is_known_is_one_circuit(phases: int, grid: GridKind) -> None:
    site = Site(
        name="Home",
        currency="EUR",
        phases=phases,
        main_fuse_a=35.0,
        import_price_per_kwh=Decimal("0.30"),
        export_price_per_kwh=Decimal("0.08"),
    )
    home = one_circuit(site, DEVICES, "meter", grid if grid is GridKind.IT_3P else None)
    assert home.root == Circuit(
        circuit_id="main",
        fuse_a=(35.0,) * phases,
        phases=tuple(range(1, phases + 1)),
        grid=grid,
        meter_id="meter",
        device_ids=("battery", "bike", "car"),
    )
