"""The app's options are settings of the service, with the same defaults and bounds."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # its stubs are a package of their own
from home_common.settings import Settings, SettingsError
from influxdb_edge import configuration

APP = Path(__file__).parents[3] / "addons" / "influxdb"
MANIFEST: dict[str, Any] = yaml.safe_load((APP / "config.yaml").read_text())


def settings_of(folder: Path, **options: object) -> Settings:
    file = folder / "options.json"
    file.write_text(json.dumps({**MANIFEST["options"], **options}))
    return Settings.load(configuration.DEFAULTS, environ=MANIFEST["environment"], options=file)


def test_every_option_and_variable_is_a_setting() -> None:
    assert {name.upper() for name in MANIFEST["schema"]} <= configuration.DEFAULTS.keys()
    assert MANIFEST["environment"].keys() <= configuration.DEFAULTS.keys()


def test_defaults_of_the_app_are_those_of_the_service() -> None:
    shown = {
        name.upper(): str(value).lower() for name, value in MANIFEST["options"].items() if name != "home_id"
    }

    assert {name: configuration.DEFAULTS[name] for name in shown} == shown


def test_the_app_starts_with_its_defaults(tmp_path: Path) -> None:
    wanted = configuration.read(settings_of(tmp_path))

    assert wanted.home_id == "home"
    assert wanted.credentials == Path("/share/influxdb")
    assert wanted.replication is None


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_ends_of_every_range_are_good_settings(tmp_path: Path, end: str) -> None:
    options = {
        name: int(kind.removeprefix("int(").removesuffix(")").split(",")[end == "high"])
        for name, kind in MANIFEST["schema"].items()
        if kind.startswith("int(")
    }
    assert options

    more = {"replication_url": "https://community.example", "replication_token": "0123456789abcdef-token"}
    assert configuration.read(settings_of(tmp_path, **options, **more)).replication is not None


def test_what_lies_beyond_a_range_is_refused_by_the_service_too(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RETENTION_DAYS"):
        configuration.read(settings_of(tmp_path, retention_days=3))


def test_the_image_holds_the_version_the_app_speaks_of() -> None:
    assert "FROM influxdb:2.9.1-alpine AS influxdb\n" in (APP / "Dockerfile").read_text()
    assert "InfluxDB 2.9.1" in (APP / "README.md").read_text()
