"""Name and password of the access point, and its time for commissioning."""

import stat
from pathlib import Path

import pytest
from home_common.identity import network_name
from home_common.settings import Settings, SettingsError
from wifi_ap.commissioning import FILE_NAME, opening
from wifi_ap.identity import password


def settings(folder: Path, **environ: str) -> Settings:
    return Settings.load(
        {"AP_PASSWORD": ""}, environ=environ, options=folder / "options.json", secrets=(folder,)
    )


def test_the_name_ends_with_the_homes_identity() -> None:
    assert network_name("4f5c2e9b1d0a4c7e8b6f3a2d1c0b9a8e") == "HomeFlex-0B9A8E"


def test_an_identity_too_short_to_tell_homes_apart_is_refused() -> None:
    with pytest.raises(SettingsError, match="HOME_ID"):
        network_name("a-b")


def test_each_gateway_makes_its_own_password_and_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = password(settings(tmp_path / "one"), tmp_path / "one")
    assert password(settings(tmp_path / "one"), tmp_path / "one") == first
    assert password(settings(tmp_path / "two"), tmp_path / "two") != first
    assert len(first) == 23


def test_only_the_service_reads_the_password_it_made(tmp_path: Path) -> None:
    password(settings(tmp_path), tmp_path)
    assert stat.S_IMODE((tmp_path / "ap_password").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "weak", ["short", "aaaaaaaaaaaaaaaaaaaa", "changeme", "ü" * 8 + "abcdefghijkl", "x1-" * 22]
)
def test_a_weak_password_or_one_no_wifi_accepts_is_refused_and_not_repeated(
    tmp_path: Path, weak: str
) -> None:
    with pytest.raises(SettingsError, match="AP_PASSWORD") as refused:
        password(settings(tmp_path, AP_PASSWORD=weak), tmp_path)
    assert weak not in str(refused.value)


def test_the_operators_password_is_used(tmp_path: Path) -> None:
    assert (
        password(settings(tmp_path, AP_PASSWORD="river-apple-stone-94"), tmp_path) == "river-apple-stone-94"
    )


def test_the_window_opens_at_power_on_and_a_restart_opens_nothing(tmp_path: Path) -> None:
    opened = opening(tmp_path, "boot-1", 100.0)
    assert opened.remaining_s(100.0, 1800) == 1800
    again = opening(tmp_path, "boot-1", 1000.0)
    assert again.remaining_s(1000.0, 1800) == 900
    assert again.remaining_s(5000.0, 1800) == 0


def test_the_next_power_on_opens_it_again(tmp_path: Path) -> None:
    opening(tmp_path, "boot-1", 5000.0)
    assert opening(tmp_path, "boot-2", 50.0).remaining_s(50.0, 1800) == 1800


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"boot_id": "boot-1", "opened_s": null}'])
def test_a_file_broken_by_a_power_cut_is_replaced(tmp_path: Path, broken: str) -> None:
    (tmp_path / FILE_NAME).write_text(broken)
    assert opening(tmp_path, "boot-1", 7.0).opened_s == 7.0
    assert opening(tmp_path, "boot-1", 9.0).opened_s == 7.0


def test_an_opening_later_than_now_is_none_of_this_start(tmp_path: Path) -> None:
    opening(tmp_path, "boot-1", 5000.0)
    assert opening(tmp_path, "boot-1", 50.0).remaining_s(50.0, 1800) == 1800
