"""Each profile finds exactly its devices, roles and signs in the entities of its integration."""

import dataclasses

import pytest

from custom_components.home_flex.devices.entities.finding import find_devices
from custom_components.home_flex.devices.entities.profile import HowTested, Profile
from custom_components.home_flex.devices.entities.profile_loader import load_profiles

from .entity_sets import EntitySet, ExpectedDevice, entity_sets, found

PROFILES = load_profiles().profiles
SETS = {each.name: each for each in entity_sets()}


@pytest.mark.parametrize("entities", SETS.values(), ids=SETS)
def test_a_profile_finds_exactly_the_devices_of_its_integration(entities: EntitySet) -> None:
    proposals = find_devices(entities.entities, [PROFILES[entities.profile]])
    assert [_sorted(found(each)) for each in proposals] == [_sorted(each) for each in entities.devices]


@pytest.mark.parametrize("entities", SETS.values(), ids=SETS)
def test_no_other_profile_takes_the_entities(entities: EntitySet) -> None:
    others = [each for each in PROFILES.values() if each.id != entities.profile]
    assert find_devices(entities.entities, others) == ()


@pytest.mark.parametrize("entities", SETS.values(), ids=SETS)
def test_the_order_of_entities_does_not_matter(entities: EntitySet) -> None:
    proposals = find_devices(tuple(reversed(entities.entities)), [PROFILES[entities.profile]])
    assert [_sorted(found(each)) for each in proposals] == [_sorted(each) for each in entities.devices]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_that_calls_itself_recorded_has_a_set_of_entities(profile: Profile) -> None:
    is_found = any(each.kind for each in profile.devices) and bool(profile.platforms)
    has_set = any(each.profile == profile.id for each in SETS.values())
    assert has_set is (is_found and profile.tested in {HowTested.RECORDED, HowTested.INTEGRATION})


def _sorted(device: ExpectedDevice) -> ExpectedDevice:
    return dataclasses.replace(
        device,
        roles={name: sorted(ids) for name, ids in sorted(device.roles.items())},
        enable=sorted(device.enable),
        choose=sorted(device.choose),
        enter=sorted(device.enter),
    )
