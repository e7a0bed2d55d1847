"""What a profile's file may say, and where and why it is refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.entities.profile import FreshBy, Scope
from custom_components.home_flex.devices.entities.profile_loader import (
    MAX_FILES,
    OWN_PROFILES,
    load_profile,
    load_profiles,
)
from custom_components.home_flex.devices.entities.profile_yaml import MAX_CHARACTERS, ProfileError
from custom_components.home_flex.devices.entities.recipe import (
    RESTORE,
    TEMPLATE_NAMES,
    EndsBy,
    Operation,
)
from custom_components.home_flex.devices.entities.roles import MEASURED_ROLES, Side

from .refusals import CHANGES, WHOLE

PAGE = Path(__file__).parents[3] / "docs" / "profiles.md"


def refused(text: str) -> ProfileError:
    with pytest.raises(ProfileError) as error:
        load_profile(text, file="brand.yaml")
    return error.value


def test_a_whole_file_becomes_a_profile() -> None:
    profile = load_profile(WHOLE, file="brand.yaml")
    (battery,) = profile.devices
    assert battery.kind is DeviceKind.BATTERY
    assert battery.side is Side.DC
    assert battery.fresh.by is FreshBy.REPORTED
    assert battery.roles["power"][0].sign == -1
    assert battery.roles["rated_power"] == ()
    assert battery.control is not None
    assert battery.control.ends.by is EndsBy.DEVICE_TIMER
    assert battery.control.recipes[Operation.RELEASE][0].action == RESTORE
    assert battery.control.roles == {"limit", "mode", "power"}
    assert battery.control.reads == {"rated_power"}


@pytest.mark.parametrize(("old", "new", "line", "path", "reason"), CHANGES.values(), ids=CHANGES)
def test_a_bad_file_is_refused_with_line_path_and_reason(
    old: str, new: str, line: int, path: str, reason: str
) -> None:
    assert old in WHOLE
    error = refused(WHOLE.replace(old, new, 1))
    assert (error.file, error.line, error.path) == ("brand.yaml", line, path)
    assert reason in error.reason


def test_the_sentence_of_an_error_begins_with_file_and_line() -> None:
    assert str(refused(WHOLE.replace("kind: battery", "kind: batery"))).startswith(
        "brand.yaml:9: devices.0.kind: 'batery' is not known here"
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "just a text", "[1, 2]", "a: 1"])
def test_what_is_no_profile_is_refused(text: str) -> None:
    assert refused(text).line >= 1


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    assert "64 KiB" in refused("#" * (MAX_CHARACTERS + 1)).reason


def test_depth_is_refused_before_it_costs_anything() -> None:
    assert "levels" in refused("[" * 10_000).reason


def test_on_and_off_stay_texts() -> None:
    profile = load_profile(WHOLE.replace('option: "on"', "option: on"), file="brand.yaml")
    control = profile.devices[0].control
    assert control is not None
    assert control.recipes[Operation.CHARGE][1].data[0].value == "on"


# What people write wrong: pieces of files, and what YAML and regular expressions stumble over.
_MARKS = """- : { } [ ] ' " &a *a | > ? {% {{ }} ( )* + power --- ... !!python/none"""
_PIECES = st.sampled_from([*WHOLE.split("\n"), *_MARKS.split(" "), "\t", "\n", "\x00", "\ufeff"])


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=40).map("\n".join))
def test_any_text_is_a_profile_or_refused(text: str) -> None:
    _is_profile_or_refused(text)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_change_to_a_file_is_a_profile_or_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 30)))
    _is_profile_or_refused(WHOLE[:start] + data.draw(_PIECES | st.text(max_size=8)) + WHOLE[end:])


def _is_profile_or_refused(text: str) -> None:
    try:
        profile = load_profile(text, file="any.yaml")
    except ProfileError as error:
        line, reason = error.line, error.reason
    else:
        line, reason = 1, profile.id
    assert line >= 1
    assert reason


def test_the_page_about_profiles_shows_one_that_is_taken() -> None:
    example = PAGE.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    assert load_profile(example, file="my_battery.yaml").id == "my_battery"


def test_the_page_about_profiles_names_every_word() -> None:
    page = PAGE.read_text(encoding="utf-8")
    roles = {name for measured in MEASURED_ROLES.values() for name in measured if name[-3:-1] != "_l"}
    words = [*DeviceKind, *Scope, *Side, *FreshBy, *EndsBy, *Operation, *sorted(roles), *TEMPLATE_NAMES]
    assert [word for word in words if f"{word}" not in page] == []


def test_all_own_profiles_are_taken() -> None:
    loaded = load_profiles()
    assert loaded.refused == ()
    assert len(loaded.profiles) == len(list(OWN_PROFILES.glob("*.yaml"))) >= 24


def test_own_profiles_are_called_as_their_files() -> None:
    assert sorted(load_profiles().profiles) == sorted(path.stem for path in OWN_PROFILES.glob("*.yaml"))


def test_the_homes_profile_wins_over_one_with_the_same_id(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE.replace("id: brand", "id: fronius"), encoding="utf-8")
    loaded = load_profiles(tmp_path)
    assert loaded.refused == ()
    assert loaded.profiles["fronius"].name == "Brand"
    assert len(loaded.profiles) == len(load_profiles().profiles)


def test_a_refused_file_takes_no_other_away(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("profile: [", encoding="utf-8")
    (tmp_path / "good.yaml").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "image.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    loaded = load_profiles(tmp_path)
    assert "brand" in loaded.profiles
    assert [error.file for error in loaded.refused] == ["bad.yaml", "image.yaml"]


def test_a_refused_file_of_the_home_does_not_take_our_own_away(tmp_path: Path) -> None:
    (tmp_path / "fronius.yaml").write_text("id: fronius", encoding="utf-8")
    loaded = load_profiles(tmp_path)
    assert loaded.profiles["fronius"].name == "Fronius"
    assert [error.file for error in loaded.refused] == ["fronius.yaml"]


def test_two_files_of_the_home_must_not_have_one_id(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(WHOLE, encoding="utf-8")
    (error,) = load_profiles(tmp_path).refused
    assert (error.file, "another file" in error.reason) == ("b.yaml", True)


def test_a_folder_that_is_missing_holds_no_profiles(tmp_path: Path) -> None:
    assert load_profiles(tmp_path / "none") == load_profiles()


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 1):
        (tmp_path / f"p{number:03}.yaml").write_text(
            WHOLE.replace("id: brand", f"id: p{number:03}"), encoding="utf-8"
        )
    (error,) = load_profiles(tmp_path).refused
    assert error.file == f"p{MAX_FILES}.yaml"
