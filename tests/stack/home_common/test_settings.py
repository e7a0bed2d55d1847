"""Settings come in one fixed order, and a message about a wrong one never shows it."""

import json
from pathlib import Path

import pytest
from home_common.settings import Settings, SettingsError
from hypothesis import given
from hypothesis import strategies as st

DEFAULTS = {"BROKER_HOST": "default", "BROKER_PORT": "", "BROKER_PASSWORD": ""}
STRONG = "kXo3-9sLw_Pq7vTzR2"


def loaded(folder: Path, environ: dict[str, str], **options: object) -> Settings:
    path = folder / "options.json"
    if options:
        path.write_text(json.dumps(options))
    (folder / "secrets").mkdir(exist_ok=True)
    return Settings.load(DEFAULTS, environ=environ, options=path, secrets=[folder / "secrets"])


def with_value(**values: str) -> Settings:
    return Settings.load(dict.fromkeys(values, ""), environ=values, options=Path("/nonexistent"))


def test_the_environment_wins_over_options_secret_files_and_defaults(tmp_path: Path) -> None:
    secret = tmp_path / "secrets" / "broker_host"
    assert loaded(tmp_path, {}).text("BROKER_HOST") == "default"
    secret.write_text("file\n")
    assert loaded(tmp_path, {}).text("BROKER_HOST") == "file"
    assert loaded(tmp_path, {}, broker_host="option").text("BROKER_HOST") == "option"
    assert loaded(tmp_path, {"BROKER_HOST": "environment"}).text("BROKER_HOST") == "environment"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"BROKER_HOST": ""}, broker_host="option").text("BROKER_HOST") == "option"


def test_the_first_folder_that_has_a_secret_wins(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "broker_host").write_text(name)
    folders = [tmp_path / "absent", tmp_path / "first", tmp_path / "second"]
    settings = Settings.load(DEFAULTS, environ={}, options=tmp_path / "absent", secrets=folders)
    assert settings.text("BROKER_HOST") == "first"


def test_numbers_and_switches_of_the_options_are_read_as_texts_are(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {}, broker_host=True, broker_port=1883)
    assert settings.flag("BROKER_HOST")
    assert settings.number("BROKER_PORT", 1, 65535) == 1883


def test_an_option_left_null_falls_back(tmp_path: Path) -> None:
    assert loaded(tmp_path, {}, broker_host=None).text("BROKER_HOST") == "default"


def test_options_that_are_not_json_are_refused(tmp_path: Path) -> None:
    (tmp_path / "options.json").write_text("{")
    with pytest.raises(SettingsError, match=r"options\.json is not JSON"):
        Settings.load(DEFAULTS, environ={}, options=tmp_path / "options.json")


def test_a_missing_text_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BROKER_PORT is not set"):
        loaded(tmp_path, {}).text("BROKER_PORT")
    assert loaded(tmp_path, {}).optional("BROKER_PORT") is None


@pytest.mark.parametrize("value", ["0", "65536", "nan", "inf", "port", "1e9"])
def test_a_number_out_of_range_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^BROKER_PORT is not") as refusal:
        with_value(BROKER_PORT=value).number("BROKER_PORT", 1, 65535)
    assert value not in str(refusal.value).replace("between 1 and 65535", "")


@pytest.mark.parametrize(("text", "meaning"), [("on", True), ("TRUE", True), ("1", True), ("off", False)])
def test_a_switch_has_the_usual_words(text: str, meaning: object) -> None:
    assert with_value(SWITCH=text).flag("SWITCH") is meaning


def test_a_switch_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(SettingsError, match="SWITCH is neither on nor off"):
        with_value(SWITCH="perhaps").flag("SWITCH")


def test_a_path_is_a_path() -> None:
    assert with_value(DATA_FOLDER="/data").path("DATA_FOLDER") == Path("/data")


def test_a_strong_secret_is_taken() -> None:
    assert with_value(BROKER_PASSWORD=STRONG).secret("BROKER_PASSWORD") == STRONG


@pytest.mark.parametrize(
    "weak", ["short-1aB", "aaaaaaaaaaaaaaaaaaaaaaaa", "abababababababab", "homeassistant"]
)
def test_a_weak_secret_is_refused_without_being_shown(weak: str) -> None:
    with pytest.raises(SettingsError, match=r"^BROKER_PASSWORD is too weak$") as refusal:
        with_value(BROKER_PASSWORD=weak).secret("BROKER_PASSWORD")
    assert weak not in str(refusal.value)


def test_a_known_default_is_refused_however_short_a_secret_may_be() -> None:
    with pytest.raises(SettingsError):
        with_value(BROKER_PASSWORD="HomeAssistant").secret("BROKER_PASSWORD", least_characters=8)


def test_a_missing_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="BROKER_PASSWORD is not set"):
        with_value(BROKER_PASSWORD="").secret("BROKER_PASSWORD")


@given(st.text(max_size=15))
def test_no_short_secret_passes(value: str) -> None:
    with pytest.raises(SettingsError):
        with_value(BROKER_PASSWORD=value).secret("BROKER_PASSWORD")
