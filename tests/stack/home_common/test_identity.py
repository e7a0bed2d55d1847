"""Every service takes the same identity from the same settings, and refuses the same."""

import pytest
from home_common.identity import home_id, topic_prefix
from home_common.settings import Settings, SettingsError


def test_a_homes_own_identity_comes_before_its_gateways() -> None:
    assert home_id(Settings({"HOME_ID": "home-1", "BALENA_DEVICE_UUID": "7d1f"})) == "home-1"
    assert home_id(Settings({"HOME_ID": "", "BALENA_DEVICE_UUID": "7d1f"})) == "7d1f"


@pytest.mark.parametrize("value", ["home/1", "+", "#", "home-1\nallow_anonymous true", "h" * 65, "hé"])
def test_what_could_leave_its_place_in_a_topic_or_a_file_is_no_identity(value: str) -> None:
    with pytest.raises(SettingsError, match="HOME_ID must be") as refused:
        home_id(Settings({"HOME_ID": value}))
    assert value not in str(refused.value)


def test_a_home_without_any_identity_is_refused() -> None:
    with pytest.raises(SettingsError, match="HOME_ID is not set"):
        home_id(Settings({}))


@pytest.mark.parametrize("value", ["home_flex", "community/home_flex", "a/b/c/d"])
def test_a_prefix_is_one_to_four_levels(value: str) -> None:
    assert topic_prefix(Settings({"MQTT_PREFIX": value})) == value


@pytest.mark.parametrize("value", ["", "/", "a/", "/a", "a//b", "a/#", "+", "$SYS", "a/b/c/d/e", "a b"])
def test_any_other_prefix_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="MQTT_PREFIX"):
        topic_prefix(Settings({"MQTT_PREFIX": value}))
