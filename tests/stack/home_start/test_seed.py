"""What a new home's configuration says, for the sake of its memory card."""

from typing import Any

import yaml  # type: ignore[import-untyped] # its stubs are a package of their own

from scripts.home_stack.processes import ROOT

# Home Assistant writes what waits with its statistics, each five minutes.
STATISTICS_S = 300


class _Loader(yaml.SafeLoader):
    """Passes over what Home Assistant includes."""


_Loader.add_constructor("!include", lambda _loader, node: node.value)


def seed() -> dict[str, Any]:
    text = (ROOT / "hass-config/seed/configuration.yaml").read_text()
    found: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 # a safe loader of ours
    return found


def test_history_is_written_with_the_statistics_and_not_more_often() -> None:
    assert seed()["recorder"]["commit_interval"] > STATISTICS_S


def test_a_week_of_history_is_kept() -> None:
    assert seed()["recorder"]["purge_keep_days"] == 7
    assert seed()["recorder"].get("auto_purge", True)


def test_figures_of_each_phase_are_not_recorded_and_the_meter_is() -> None:
    excluded = seed()["recorder"]["exclude"]["entity_globs"]
    assert {"sensor.*_voltage_l?", "sensor.*_current_l?"} <= {*excluded}
    assert not [glob for glob in excluded if glob.endswith(("_power", "_energy_import"))]
