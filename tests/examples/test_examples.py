"""The worked examples of docs/developer.md: what is printed there is what runs here."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from custom_components.home_flex.core.control.memory import Judgement
from custom_components.home_flex.core.kinds.facts import Abilities
from custom_components.home_flex.core.model import DeviceKind, Reading, Site
from custom_components.home_flex.device_sensors import sensor_description
from custom_components.home_flex.runtime.view import DeviceView

from .switched_load import SWITCHED_LOAD, SwitchedLoadReading

ROOT = Path(__file__).parents[2]
EXAMPLES = [path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith(("test_", "_"))]
DOCUMENT = (ROOT / "docs" / "developer.md").read_text(encoding="utf-8")
READING = SwitchedLoadReading(
    time=datetime(2026, 11, 21, 12, tzinfo=UTC), power_w=1990.0, is_on=True, rated_power_w=2000.0
)


def test_each_piece_of_code_in_the_document_is_one_of_an_example_that_runs() -> None:
    pieces = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    examples = [path.read_text(encoding="utf-8") for path in EXAMPLES]
    assert pieces
    for piece in pieces:
        assert any(piece in example for example in examples), piece


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_document_says_where_each_example_is_read_whole(path: Path) -> None:
    assert f"`{path.relative_to(ROOT)}`" in DOCUMENT


def test_the_document_says_what_each_room_of_control_decides() -> None:
    control = ROOT / "custom_components" / "home_flex" / "core" / "control"
    rooms = {path.stem for path in control.glob("[!_]*.py")} | {"charging/"}
    table = DOCUMENT.partition("The rooms of `core/control`:")[2].partition("\n\n|")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z0-9_/]+)`", table)) == rooms


def test_the_document_says_what_each_bench_measures() -> None:
    script = (ROOT / "scripts" / "bench").read_text(encoding="utf-8")
    benches = set(re.findall(r"^#   scripts/bench (\w+) .*  ", script, re.MULTILINE))
    assert len(benches) >= 6
    assert set(re.findall(r"^\| `scripts/bench (\w+)` \|", DOCUMENT, re.MULTILINE)) == benches


def test_a_switched_load_shows_its_power_and_whether_it_is_on() -> None:
    view = DeviceView(
        device_id="d1",
        kind=cast("DeviceKind", "switched_load"),
        name="Boiler",
        reading=cast("Reading", READING),
        identity=None,
        link_reason=None,
        setpoint=None,
        judgement=Judgement.UNKNOWN,
        charge_now=False,
        reserve=0.0,
    )
    shown = {each.key: sensor_description(each).value(view) for each in SWITCHED_LOAD.sensors}
    assert shown == {"load_power": 1990.0, "load_state": "on"}


def test_a_switched_load_is_kept_and_told_by_what_it_can_draw() -> None:
    site = cast("Site", None)
    assert SWITCHED_LOAD.abilities(READING, site) == Abilities(consumption_w=2000.0)
    measurements: Any = SWITCHED_LOAD.measurements(READING)
    assert measurements == {"power": {"power_w": 1990.0}, "control": {"is_on": 1.0}}
