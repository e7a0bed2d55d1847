"""How devices are found in the registry's entities."""

import dataclasses

import pytest

from custom_components.home_flex.devices.entities.finding import (
    DeviceProposal,
    Match,
    RegistryEntity,
    excludes,
    find_devices,
)
from custom_components.home_flex.devices.entities.profile_loader import load_profile

HEAD = """\
profile: 1
id: brand
name: Brand
integration: brand
source: brand 1.0
date: "2026-11-28"
tested: read
devices:
"""
METER = """\
  - kind: grid_meter
    scope: {scope}
    needs: [power]
    fresh: {{reported: 10}}
    roles:
      power:
"""


def entity(name: str, **changes: object) -> RegistryEntity:
    start = RegistryEntity(
        id=name, platform="brand", domain="sensor", unique_id=name, entry_id="a", device_id="d"
    )
    return dataclasses.replace(start, **changes)  # type: ignore[arg-type] # its fields by name


def find(alternatives: str, *entities: RegistryEntity, scope: str = "entry") -> tuple[DeviceProposal, ...]:
    lines = "".join(f"        - {line}\n" for line in alternatives.split("\n"))
    text = HEAD + METER.format(scope=scope) + lines
    return find_devices(entities, [load_profile(text, file="brand.yaml")])


def power_of(proposals: tuple[DeviceProposal, ...]) -> tuple[Match, list[str], list[str]]:
    (proposal,) = proposals
    role = proposal.roles["power"]
    return role.match, [each.id for each in role.plus], [each.id for each in role.minus]


def test_the_first_alternative_that_matches_is_taken() -> None:
    found = find('{find: "_a$"}\n{find: "_b$"}', entity("1_b"), entity("1_a"))
    assert power_of(found) == (Match.FOUND, ["1_a"], [])


def test_what_could_be_two_things_is_asked_and_not_taken() -> None:
    (proposal,) = found = find('{find: "_a$"}\n{find: "_b$"}', entity("1_a"), entity("2_a"), entity("1_b"))
    assert power_of(found) == (Match.AMBIGUOUS, ["1_a", "2_a"], [])
    assert proposal.to_choose == ("power",)


def test_a_disabled_twin_makes_nothing_ambiguous() -> None:
    found = find('{find: "_a$"}', entity("1_a", is_disabled=True), entity("2_a"))
    assert power_of(found) == (Match.FOUND, ["2_a"], [])


def test_a_sum_takes_all() -> None:
    found = find('{find: "_a$", sum: true}', entity("1_a"), entity("2_a"))
    assert power_of(found) == (Match.FOUND, ["1_a", "2_a"], [])


def test_a_sum_of_which_a_part_is_disabled_is_not_taken() -> None:
    assert find('{find: "_a$", sum: true}', entity("1_a"), entity("2_a", is_disabled=True)) == ()


def test_a_pair_needs_both_sides() -> None:
    pair = '{plus: {find: "_in$"}, minus: {find: "_out$"}}'
    assert find(pair, entity("1_in")) == ()
    assert power_of(find(pair, entity("1_in"), entity("1_out"))) == (Match.FOUND, ["1_in"], ["1_out"])


def test_a_disabled_entity_is_offered_to_be_enabled_where_the_profile_says_so() -> None:
    off = entity("1_a", is_disabled=True)
    assert find('{find: "_a$"}', off) == ()
    (proposal,) = found = find('{find: "_a$", enable: true}', off)
    assert power_of(found) == (Match.DISABLED, ["1_a"], [])
    assert proposal.to_enable == ("1_a",)


def test_a_later_alternative_that_is_enabled_goes_before_an_earlier_one_that_is_not() -> None:
    alternatives = '{find: "_a$", enable: true}\n{find: "_b$"}'
    found = find(alternatives, entity("1_a", is_disabled=True), entity("1_b"))
    assert power_of(found) == (Match.FOUND, ["1_b"], [])


@pytest.mark.parametrize(
    ("alternative", "changes"),
    [
        ('{find: "_a$", domain: number}', {"domain": "number"}),
        ('{find: "_a$", device_class: power}', {"device_class": "power"}),
        ("{translation_key: grid}", {"translation_key": "grid"}),
        ("{translation_key: [grid, mains]}", {"translation_key": "mains"}),
        ('{find: "_a$", model: "^P1"}', {"model": "P1 meter"}),
    ],
)
def test_all_that_a_selector_says_must_fit(alternative: str, changes: dict[str, str]) -> None:
    assert find(alternative, entity("1_a")) == ()
    assert power_of(find(alternative, entity("1_a", **changes))) == (Match.FOUND, ["1_a"], [])


def test_what_a_selector_excludes_is_not_taken() -> None:
    assert power_of(find('{find: "_a$", not: "_of_a$"}', entity("1_a"), entity("1_of_a")))[1] == ["1_a"]


def test_a_condition_is_looked_for_on_the_same_device() -> None:
    alternative = '{find: "_a$", only_if: {find: "_place$", state: grid}}'
    grid = entity("1_place", state="grid")
    assert power_of(find(alternative, entity("1_a"), grid))[1] == ["1_a"]
    assert find(alternative, entity("1_a"), dataclasses.replace(grid, device_id="e")) == ()
    assert find(alternative, entity("1_a"), dataclasses.replace(grid, state="load")) == ()
    assert find(alternative, entity("1_a"), dataclasses.replace(grid, state=None)) == ()


def test_entities_of_other_platforms_are_not_looked_at() -> None:
    assert find('{find: "_a$"}', entity("1_a", platform="other")) == ()


GROUP = 'unique_id\n    group: "^([0-9])_"'


@pytest.mark.parametrize(
    ("scope", "changes", "places"),
    [
        ("entry", {"entry_id": "b"}, ["a", "b"]),
        ("entry", {"device_id": "e", "unique_id": "1_b"}, ["a"]),
        ("device", {"device_id": "e"}, ["d", "e"]),
        ("device", {"device_id": None}, ["d"]),
        ("platform", {"entry_id": None, "unique_id": "2_b"}, ["platform"]),
        (GROUP, {"unique_id": "2_a"}, ["a:1", "a:2"]),
        (GROUP, {"unique_id": "x_a"}, ["a:1"]),
        (GROUP.replace(")", ")?"), {"unique_id": "_a"}, ["a:1"]),
    ],
)
def test_a_scope_says_which_entities_are_one_device(
    scope: str, changes: dict[str, str], places: list[str]
) -> None:
    found = find('{find: "_a$"}', entity("1_a"), entity("2_a", **changes), scope=scope)
    assert [each.key for each in found] == [f"brand:{place}:grid_meter" for place in places]


def test_a_role_may_be_looked_for_in_the_whole_entry() -> None:
    text = HEAD + METER.format(scope="device") + '        - {find: "_a$"}\n'
    text += '      energy_import: [{find: "_e$", in_entry: true}]\n'
    entities = [entity("1_a"), entity("1_e", device_id="e"), entity("2_e", entry_id="b", device_id="f")]
    (proposal,) = find_devices(entities, [load_profile(text, file="brand.yaml")])
    assert [each.id for each in proposal.roles["energy_import"].plus] == ["1_e"]


def test_a_key_stays_when_other_entities_come_and_go() -> None:
    one = find('{find: "_a$"}', entity("1_a"))
    two = find('{find: "_a$"}', entity("1_a"), entity("1_b"), entity("9_c", entry_id="c"))
    assert [each.key for each in one] == [each.key for each in two]


PV_AND_BATTERY = """\
  - kind: pv
    scope: entry
    needs: [power]
    fresh: {reported: 10}
    side: SIDE
    roles: {power: [{find: "_pv$", sign: -1}]}
  - kind: battery
    scope: entry
    needs: [power]
    fresh: {reported: 10}
    side: dc
    roles: {power: [{find: "_battery$"}]}
"""


@pytest.mark.parametrize(("side", "is_twice"), [("ac_bus", True), ("ac", False), ("dc_total", False)])
def test_a_hybrids_bus_and_its_battery_exclude_each_other(side: str, is_twice: bool) -> None:
    profile = load_profile(HEAD + PV_AND_BATTERY.replace("SIDE", side), file="brand.yaml")
    entities = [entity("1_pv"), entity("1_battery"), entity("2_pv", entry_id="b")]
    pv, other_pv, battery = find_devices(entities, [profile])
    assert excludes(pv, battery) is excludes(battery, pv) is is_twice
    assert excludes(other_pv, battery) is False
    assert excludes(pv, other_pv) is False
