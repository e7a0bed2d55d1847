"""Which phases a vehicle uses: by its currents, or by the power it draws per ampere allowed."""

from typing import Any

import pytest

from custom_components.home_flex.core.control.charging.vehicle_phases import (
    PhaseEvidence,
    in_force,
    offered,
    used_phases,
)

from .chargers import charger

NOW_S = 1000.0
ALL, FIRST = (0, 1, 2), (0,)


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ({"offered_phases": (3,)}, 3),
        ({"offered_phases": (1, 3)}, 3),
        ({"offered_phases": (1, 3), "phases_in_force": 1}, 1),
        ({"offered_phases": (1,), "wired_phases": (2,)}, 1),
    ],
)
def test_as_many_phases_are_connected_as_the_charger_says_else_all_it_offers(
    told: dict[str, Any], count: int
) -> None:
    assert in_force(charger(**told)) == count


@pytest.mark.parametrize(
    ("told", "evidence", "count", "used"),
    [
        ({}, PhaseEvidence(), None, (1, 2, 3)),
        ({"wired_phases": (3, 1, 2)}, PhaseEvidence(used=FIRST, of=3), None, (3,)),
        ({"wired_phases": (3, 1, 2)}, PhaseEvidence(used=(0, 1), of=3), None, (3, 1)),
        # What was seen with as many phases connected, and not with others.
        ({}, PhaseEvidence(used=FIRST, of=3), 1, (1,)),
        ({}, PhaseEvidence(used=FIRST, of=1), 3, (1, 2, 3)),
        ({"phases_in_force": 1}, PhaseEvidence(used=FIRST, of=3), None, (1,)),
        ({"wired_phases": (2,)}, PhaseEvidence(used=FIRST, of=3), None, (2,)),
        ({"wired_phases": ()}, PhaseEvidence(), None, (1,)),
        ({}, PhaseEvidence(used=(0, 1), of=3), None, (1, 2)),
        # A phase that is not wired cannot be used; if no other is, all are.
        ({"wired_phases": (1, 2)}, PhaseEvidence(used=(2,), of=3), None, (1, 2)),
        ({"wired_phases": (1, 2)}, PhaseEvidence(used=(1, 2), of=3), None, (2,)),
    ],
)
def test_a_vehicle_uses_what_it_has_shown_else_all_that_is_connected(
    told: dict[str, Any], evidence: PhaseEvidence, count: int | None, used: tuple[int, ...]
) -> None:
    assert used_phases(charger(**told), evidence, count) == used


def seen(
    power_w: float | None,
    currents_a: tuple[float, ...] = (),
    *,
    known: tuple[int, ...] | None = None,
    limit_a: float = 10.0,
    stood_s: float = 8.0,
    **told: Any,
) -> PhaseEvidence:
    box = charger(power_w=power_w, phase_current_a=currents_a, **told)
    return offered(PhaseEvidence(used=known, of=3), box, limit_a, stood_s, NOW_S)


@pytest.mark.parametrize(
    ("currents_a", "narrow"),
    [
        ((10.0, 0.0, 0.0), (0,)),
        ((0.0, 10.0, 0.0), (1,)),
        ((10.0, 10.0, 1.0), (0, 1)),
        ((10.0, 10.0, 1.1), None),
        ((1.0, 1.0, 1.0), None),
    ],
)
def test_a_phase_is_used_that_carries_more_than_an_ampere(
    currents_a: tuple[float, ...], narrow: tuple[int, ...] | None
) -> None:
    assert seen(2300.0, currents_a).narrow == narrow


@pytest.mark.parametrize(
    ("power_w", "narrow"),
    [
        # At 10 A and 230 V: one phase from 86 to 110 % of 2.3 kW, two of twice that.
        (1977.0, None),
        (1978.0, (0,)),
        (2530.0, (0,)),
        (2531.0, None),
        (3955.0, None),
        (3956.0, (0, 1)),
        (5060.0, (0, 1)),
        (5061.0, None),
        (6900.0, None),
    ],
)
def test_without_currents_the_power_per_ampere_tells(power_w: float, narrow: tuple[int, ...] | None) -> None:
    assert seen(power_w).narrow == narrow


@pytest.mark.parametrize(
    ("power_w", "is_all"),
    [
        (1977.0, False),
        # Above one phase's band it can only be more of them.
        (2531.0, True),
        (6900.0, True),
        (8000.0, True),
    ],
)
def test_what_draws_more_than_a_phase_carries_uses_all(power_w: float, is_all: bool) -> None:
    assert seen(power_w, known=FIRST).used == (ALL if is_all else FIRST)


@pytest.mark.parametrize(
    "told",
    [
        {"power_w": None},
        {"power_w": 499.0, "currents_a": (3.0, 0.0, 0.0)},
        {"power_w": 2300.0, "limit_a": 0.0},
        {"power_w": 2300.0, "stood_s": 7.9},
    ],
)
def test_what_says_nothing_leaves_what_is_known_and_ends_what_was_suspected(told: dict[str, Any]) -> None:
    for known in (None, ALL, FIRST):
        assert seen(**told, known=known) == PhaseEvidence(used=known, of=3)
    box = charger(power_w=None)
    suspected = PhaseEvidence(used=ALL, of=3, narrow=FIRST, narrow_since_s=990.0)
    assert offered(suspected, box, 10.0, 8.0, NOW_S).narrow is None


def test_currents_tell_at_once_whatever_the_limit() -> None:
    assert seen(500.0, (3.0, 0.0, 0.0), limit_a=0.0, stood_s=0.0).narrow == FIRST


@pytest.mark.parametrize(("for_s", "is_believed"), [(7.9, False), (8.0, True)])
def test_fewer_phases_are_believed_after_eight_seconds(for_s: float, is_believed: bool) -> None:
    box = charger(power_w=2300.0, phase_current_a=(10.0, 0.0, 0.0))
    suspected = PhaseEvidence(used=ALL, of=3, narrow=FIRST, narrow_since_s=NOW_S - for_s)
    found = offered(suspected, box, 10.0, 8.0, NOW_S)
    assert found == (PhaseEvidence(used=FIRST, of=3) if is_believed else suspected)


def test_another_suspicion_begins_its_time_anew() -> None:
    box = charger(power_w=2300.0, phase_current_a=(0.0, 10.0, 0.0))
    suspected = PhaseEvidence(used=ALL, of=3, narrow=FIRST, narrow_since_s=0.0)
    found = offered(suspected, box, 10.0, 8.0, NOW_S)
    assert found == PhaseEvidence(used=ALL, of=3, narrow=(1,), narrow_since_s=NOW_S)


def test_more_phases_are_believed_at_once_beside_those_that_are_known() -> None:
    assert seen(4600.0, (0.0, 10.0, 10.0), known=FIRST).used == ALL
    assert seen(2300.0, (0.0, 10.0, 0.0), known=FIRST).used == (0, 1)


def test_what_was_seen_with_other_phases_connected_is_forgotten() -> None:
    box = charger(power_w=2300.0, phases_in_force=1, offered_phases=(1, 3))
    found = offered(PhaseEvidence(used=ALL, of=3), box, 10.0, 8.0, NOW_S)
    assert found == PhaseEvidence(used=FIRST, of=1)
