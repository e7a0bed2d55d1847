"""What hassfest, HACS and the Marketplace check of the package, and what translations must keep."""

import ast
import json
import re
import struct
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import homeassistant
import homeassistant.const as ha_const
import pytest
import yaml  # type: ignore[import-untyped] # its stubs are a package of their own
from awesomeversion import AwesomeVersion, AwesomeVersionStrategy

from custom_components.home_flex.aggregator.errors import CERTIFICATE_PROBLEMS, AggregatorError
from custom_components.home_flex.building_sensors import HEAT_LOSS
from custom_components.home_flex.core.control.charging import Reason
from custom_components.home_flex.core.events.model import PayloadType
from custom_components.home_flex.core.model import MAIN_CIRCUIT, DeviceKind, GroupKind
from custom_components.home_flex.core.planner.bending import BentWish
from custom_components.home_flex.core.planner.problem import LimitOwner
from custom_components.home_flex.core.planner.proposals import ChangeKind
from custom_components.home_flex.core.planner.reason import ReasonCode
from custom_components.home_flex.core.settlement.month import COURSES
from custom_components.home_flex.core.statistics import Problem
from custom_components.home_flex.core.statistics.backfill import Refusal
from custom_components.home_flex.decided import PLAN, TURNED
from custom_components.home_flex.device_sensors import CONTROLLED_BY, DEVICE_SENSORS
from custom_components.home_flex.devices.p1.meter import PROBE_S
from custom_components.home_flex.devices.registry import drivers_of
from custom_components.home_flex.event import _FLEXIBILITY_EVENT, _WISH_ENDED
from custom_components.home_flex.group_entities import GROUP_LIMIT
from custom_components.home_flex.history import database
from custom_components.home_flex.history_sensors import HISTORY_BACKLOG
from custom_components.home_flex.plan_sensors import PLAN as PLAN_SENSOR
from custom_components.home_flex.plan_sensors import PLAN_OF_DEVICE, PLAN_OF_SITE
from custom_components.home_flex.price_sensors import PRICE_SENSORS
from custom_components.home_flex.runtime.programmes import BASELINES
from custom_components.home_flex.session_sensors import SESSION_SENSORS
from custom_components.home_flex.site_sensors import SITE_SENSORS
from custom_components.home_flex.wish_sensors import DECIDED_BY, WISH_SENSORS
from scripts import devices_page, regional_texts, settings_page

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "custom_components" / "home_flex"
GENERATED = Path(homeassistant.__file__).parent / "generated"
MODULES = sorted(PACKAGE.rglob("*.py"))
# homeassistant/components/marketplace/repositories/integration.py, LOADABLE_VERSION_STRATEGIES
VERSION_STRATEGIES = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
# Only said to who writes a setpoint.
NOT_BY_A_PROBE = {
    "invalid_setpoint",
    "bridge_down",
    "local_control",
    "not_released",
    "overridden",
    "write_ignored",
}
# Of memory without a holder, and of a setpoint without a value, which nobody is shown.
_OF_NO_SETPOINT = {"", "own_control"}
# Integration quality scale, tiers.json: 54 rules.
QUALITY_RULES = {
    "action-setup",
    "appropriate-polling",
    "brands",
    "common-modules",
    "config-flow-test-coverage",
    "config-flow",
    "dependency-transparency",
    "docs-actions",
    "docs-triggers",
    "docs-conditions",
    "docs-high-level-description",
    "docs-installation-instructions",
    "docs-removal-instructions",
    "entity-event-setup",
    "entity-unique-id",
    "has-entity-name",
    "runtime-data",
    "test-before-configure",
    "test-before-setup",
    "unique-config-entry",
    "action-exceptions",
    "config-entry-unloading",
    "docs-configuration-parameters",
    "docs-installation-parameters",
    "entity-unavailable",
    "integration-owner",
    "log-when-unavailable",
    "parallel-updates",
    "reauthentication-flow",
    "test-coverage",
    "devices",
    "diagnostics",
    "discovery",
    "discovery-update-info",
    "docs-data-update",
    "docs-examples",
    "docs-known-limitations",
    "docs-supported-devices",
    "docs-supported-functions",
    "docs-troubleshooting",
    "docs-use-cases",
    "dynamic-devices",
    "entity-category",
    "entity-device-class",
    "entity-disabled-by-default",
    "entity-translations",
    "exception-translations",
    "icon-translations",
    "reconfiguration-flow",
    "repair-issues",
    "stale-devices",
    "async-dependency",
    "inject-websession",
    "strict-typing",
}


def load(name: str, folder: Path = PACKAGE) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


MANIFEST = load("manifest.json")
ENGLISH = load("translations/en.json")


def texts(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree, str):
        yield path, tree
        return
    for key, value in tree.items():
        yield from texts(value, (*path, key))


def keyword_texts(name: str) -> set[str]:
    """Return every literal given as keyword argument ``name`` anywhere in the package."""
    return {
        keyword.value.value
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == name
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def test_the_manifest_has_what_home_assistant_and_hacs_require_in_their_order() -> None:
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert {"codeowners", "documentation", "issue_tracker", "version"} <= set(keys)
    assert MANIFEST["domain"] == PACKAGE.name
    assert MANIFEST["documentation"].startswith("https://")
    assert AwesomeVersion(MANIFEST["version"], ensure_strategy=VERSION_STRATEGIES)


@pytest.mark.parametrize(
    ("key", "file"),
    [("categories", "integration_categories.json"), ("connectivity", "integration_connectivity.json")],
)
def test_categories_and_connectivity_are_ones_home_assistant_knows(key: str, file: str) -> None:
    known = {slug for path, slug in texts({"known": _by_slug(load(file, GENERATED))}) if path[-1] == "slug"}
    assert set(MANIFEST[key]) <= known


def _by_slug(entries: Any) -> dict[str, Any]:
    return {entry["slug"]: {"slug": entry["slug"]} for entry in entries}


def test_version_and_requirements_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert MANIFEST["version"] == project["project"]["version"]
    assert MANIFEST["requirements"] == project["dependency-groups"]["integration"]


def test_hacs_is_told_name_smallest_home_assistant_and_that_a_release_is_an_archive() -> None:
    # The source has no panel: that is built for the archive.
    assert load("hacs.json", ROOT) == {
        "name": "Home Flex",
        "homeassistant": "2026.11.0",
        "filename": "home_flex.zip",
        "hide_default_branch": True,
        "zip_release": True,
    }


def test_a_library_whose_inner_parts_are_used_is_held_to_its_minor_version() -> None:
    (wanted,) = (each for each in MANIFEST["requirements"] if each.startswith("aiomqtt"))
    found = re.fullmatch(r"aiomqtt>=(\d+)\.(\d+),<(\d+)\.(\d+)", wanted)
    assert found is not None, wanted
    major, minor, next_major, next_minor = map(int, found.groups())
    assert (next_major, next_minor) == (major, minor + 1)


def test_what_home_assistant_has_itself_brings_no_library_of_its_own() -> None:
    """Points are posted over its web session, and no client of a store is installed for that."""
    names = {re.split(r"[<>=]", each)[0] for each in MANIFEST["requirements"]}
    assert names == {"aiomqtt", "highspy", "ocpp"}
    code = "\n".join(module.read_text(encoding="utf-8") for module in MODULES)
    assert not re.search(r"^\s*(?:from|import) (?:influxdb|requests|urllib3|httpx)", code, re.MULTILINE)


def test_every_imported_component_is_a_dependency() -> None:
    # Those that any Home Assistant has loaded before an integration, or that are entity platforms of ours.
    always = {
        "diagnostics",
        "repairs",
        "system_health",
        "sensor",
        "binary_sensor",
        "switch",
        "number",
        "select",
        "time",
        "datetime",
        "calendar",
        "event",
        "image",
        "frontend",
        "file_upload",  # it comes with the frontend
        "panel_custom",
    }
    imported: set[str] = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "homeassistant.components":
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "homeassistant.components."
            ):
                imported.add((node.module or "").split(".")[2])
    # hassfest lets those through by which the manifest asks to be told of devices.
    tellers = {"dhcp", "zeroconf"} & set(MANIFEST)
    assert imported - always - tellers <= set(MANIFEST["dependencies"])


def test_nothing_that_a_home_may_do_without_can_keep_it_from_starting() -> None:
    """Home Assistant takes a failure of what is to be set up before for one of the integration (setup.py)."""
    assert "after_dependencies" not in MANIFEST
    assert set(MANIFEST["dependencies"]) == {"http", "modbus", "usb", "websocket_api"}


def test_every_text_is_clean() -> None:
    for path, text in texts(ENGLISH):
        assert text == text.strip(), path
        assert text, path
        assert not re.search(r"<[^>]+>", text), path
        # Home Assistant's validator: addresses come as placeholders, so that no translation changes one.
        assert "://" not in text, path
        assert not re.search(r"'\{\w+\}'", text), path
        assert all(re.fullmatch(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?", key) for key in path), path


def test_a_page_quotes_texts_that_a_person_sees() -> None:
    page = (ROOT / "docs" / "householder.md").read_text(encoding="utf-8")
    trouble = page.partition("## When something does not work")[2]
    quoted = re.findall(r"^\| \*([^*]+)\*", trouble, re.MULTILINE)
    assert len(quoted) >= 4
    seen = [text for _, text in texts(ENGLISH)]
    assert [quote for quote in quoted if not any(quote in text for text in seen)] == []


def test_every_field_of_a_form_is_described() -> None:
    flows = (ENGLISH["config"], ENGLISH["options"], *ENGLISH["config_subentries"].values())
    steps = [flow["step"] for flow in flows]
    for step in (step for group in steps for step in group.values() if "data" in step):
        assert set(step["data"]) == set(step["data_description"])


def test_the_page_of_settings_says_what_the_forms_say() -> None:
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page()


def test_the_page_of_devices_says_what_the_profiles_say() -> None:
    assert devices_page.PAGE.read_text(encoding="utf-8") == devices_page.page()


def test_every_form_of_a_driver_has_its_texts_and_a_line_in_the_menu() -> None:
    for kind in DeviceKind:
        flow = ENGLISH["config_subentries"][kind]
        forms = [form for spec in drivers_of(kind) for form in spec.forms if form.is_for(kind)]
        for form in forms:
            asked = {"name", *(field.name for field in form.fields if not field.later)}
            changed = {"name", *(field.name for field in form.fields if not field.fixed)}
            assert set(flow["step"][form.step]["data"]) == asked, form.step
            if form.change_step is not None:
                assert set(flow["step"][form.change_step]["data"]) == changed, form.change_step
        ways = {form.step for form in forms} | {spec.id for spec in drivers_of(kind) if not spec.forms}
        if len(ways) > 1:
            assert set(flow["step"]["user"]["menu_options"]) == ways
        of_driver = [[form.step for form in spec.forms if form.is_for(kind)] for spec in drivers_of(kind)]
        # A driver stays the one it is, and offers all its ways again when it has several.
        if again := {step for steps in of_driver if len(steps) > 1 for step in steps}:
            assert set(flow["step"]["reconfigure"]["menu_options"]) == again


def test_whoever_may_be_replaced_by_another_is_asked_about_in_words() -> None:
    for kind in DeviceKind:
        is_probed = any(spec.probe is not None and spec.forms for spec in drivers_of(kind))
        assert ("another_device" in ENGLISH["config_subentries"][kind]["step"]) is is_probed, kind


def test_the_sensors_and_their_translations_are_the_same_ones() -> None:
    tables = (*DEVICE_SENSORS.values(), *WISH_SENSORS.values(), *PLAN_OF_DEVICE.values())
    of_devices = (sensor for sensors in tables for sensor in sensors)
    sensors = [
        *SITE_SENSORS,
        PLAN_SENSOR,
        *PLAN_OF_SITE,
        *PRICE_SENSORS,
        HISTORY_BACKLOG,
        CONTROLLED_BY,
        DECIDED_BY,
        GROUP_LIMIT,
        HEAT_LOSS,
        *SESSION_SENSORS,
        *of_devices,
    ]
    assert {sensor.translation_key for sensor in sensors if sensor.translation_key} == set(
        ENGLISH["entity"]["sensor"]
    )
    for sensor in sensors:
        if sensor.options is not None:
            states = ENGLISH["entity"]["sensor"][sensor.translation_key]["state"]
            assert set(sensor.options) == set(states), sensor.key


def test_all_that_a_plan_bends_and_each_way_out_has_a_sentence_that_says_whose_it_is() -> None:
    said = {key: text for key, text in ENGLISH["common"].items() if key.startswith(("bent_", "change_"))}
    assert set(said) == {
        *(f"bent_{wish.value}" for wish in BentWish),
        *(f"bent_event_{wish}" for wish in ("import_limit", "export_limit", "commitment")),
        *(f"change_{kind.value}" for kind in ChangeKind),
    }
    assert {key for key, text in said.items() if "{name}" not in text} == {"change_leave_event"}


def test_each_limit_of_a_plan_that_is_no_circuit_is_named() -> None:
    named = {key.removeprefix("limit_") for key in ENGLISH["common"] if key.startswith("limit_")}
    owners = {owner.value for owner in LimitOwner if owner is not LimitOwner.FUSE}
    assert named == {MAIN_CIRCUIT, *owners, "setpoint"}


def test_every_reason_for_which_a_device_is_steered_or_left_alone_is_translated() -> None:
    told = ENGLISH["entity"]["sensor"]["decided_by"]["state_attributes"]["reason"]["state"]
    given = {
        *(reason.value for reason in Reason),
        *(kind.value.lower() for kind in PayloadType),
        *(kind.value for kind in GroupKind),
        *_literals(PACKAGE / "core" / "control", keyword="reason"),
        *_literals(PACKAGE / "core" / "control", argument_of={"_hold", "_demand", "_least"}),
        *_literals(PACKAGE / "core" / "kinds", keyword="reason"),
        *_literals(PACKAGE / "core" / "wishes" / "demands.py", keyword="reason"),
        *_literals(PACKAGE / "core" / "wishes" / "demands.py", keyword="wish"),
        *(f"plan_{code.value}" for code in ReasonCode),
        PLAN,
        TURNED,
    }
    assert given - _OF_NO_SETPOINT == set(told)


def _literals(place: Path, *, keyword: str = "", argument_of: Collection[str] = ()) -> set[str]:
    """Return the slugs in this keyword argument, or handed to these functions, in a file or folder."""
    return {
        part.value
        for module in ([place] if place.is_file() else place.rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for value in (
            *(each.value for each in node.keywords if each.arg == keyword),
            *(node.args if isinstance(node.func, ast.Name) and node.func.id in argument_of else ()),
        )
        if isinstance(value, ast.Constant | ast.IfExp)
        for part in ast.walk(value)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def test_every_translation_key_in_the_code_is_translated() -> None:
    entities = {key for platform in ENGLISH["entity"].values() for key in platform}
    known = entities | set(ENGLISH["exceptions"]) | set(ENGLISH["issues"]) | set(ENGLISH["selector"])
    assert keyword_texts("translation_key") <= known


def test_every_trouble_of_the_home_s_own_store_is_translated() -> None:
    assert {f"history_{reason}" for reason in [*database.REASONS.values(), "failed"]} <= set(
        ENGLISH["issues"]
    )


def test_what_happens_to_an_event_is_told_in_translated_words() -> None:
    for event in (_FLEXIBILITY_EVENT, _WISH_ENDED):
        told = ENGLISH["entity"]["event"][event.key]["state_attributes"]["event_type"]["state"]
        assert set(event.event_types or ()) == set(told)


def test_whatever_is_refused_of_a_file_is_named_in_its_report() -> None:
    reasons = {f"history_refused_{each.value}" for each in (*Refusal, *Problem)}
    assert reasons <= set(ENGLISH["common"])


def test_every_reason_a_request_can_be_refused_for_is_translated() -> None:
    assert _reasons(PACKAGE, "RequestError") | _reasons(PACKAGE, "WishError") <= set(ENGLISH["exceptions"])


@pytest.mark.parametrize(
    ("folder", "error", "kinds"),
    [
        ("devices/p1", "DeviceError", ["grid_meter"]),
        ("devices/sunspec", "DeviceError", ["pv", "battery", "grid_meter"]),
        ("devices/fronius", "DeviceError", ["pv", "battery", "grid_meter"]),
        ("devices/shelly", "DeviceError", ["grid_meter", "switched_load"]),
        ("aggregator", "AggregatorError", ["aggregator"]),
        ("history", "StoreError", ["measurement_store"]),
    ],
)
def test_every_reason_a_probe_can_fail_for_is_translated(folder: str, error: str, kinds: list[str]) -> None:
    reasons = _reasons(PACKAGE / folder, error) - NOT_BY_A_PROBE
    assert reasons
    for kind in kinds:
        assert reasons <= set(ENGLISH["config_subentries"][kind]["error"])


@pytest.mark.parametrize(
    ("module", "error", "sensor"),
    [
        ("aggregator", "AggregatorError", "aggregator_connected"),
        ("history", "StoreError", "measurement_store"),
    ],
)
def test_every_reason_a_sensor_may_show_is_translated(module: str, error: str, sensor: str) -> None:
    shown = set(ENGLISH["entity"]["binary_sensor"][sensor]["state_attributes"]["reason"]["state"])
    reasons = _reasons(PACKAGE / module, error)
    only_while_enrolling = _reasons(PACKAGE / "aggregator" / "enrolment.py", error)
    assert reasons - only_while_enrolling <= shown


def test_what_is_wrong_with_a_brokers_certificate_is_said_by_the_form() -> None:
    details = {detail for detail, _ in CERTIFICATE_PROBLEMS.values()}
    said = ENGLISH["config_subentries"]["aggregator"]["error"]
    assert {key for key in said if key.startswith("bad_certificate_")} == {
        AggregatorError("bad_certificate", "", detail=detail).told for detail in details
    }


def test_a_form_waits_as_long_as_it_says() -> None:
    said = json.dumps(ENGLISH["config_subentries"]["grid_meter"])
    waits = re.findall(r"(?:waits up to|within|in) (\d+) seconds", said)
    assert waits
    assert {float(wait) for wait in waits} == {PROBE_S}


def test_no_constant_is_home_assistants_own() -> None:
    named = {
        f"{module.name}: {name}"
        for module in PACKAGE.rglob("*.py")
        for name in re.findall(r"^((?:ATTR|CONF|EVENT|SERVICE)_\w+)\b.*=", module.read_text(), re.MULTILINE)
        if hasattr(ha_const, name)
    }
    assert named == set()


def _reasons(folder: Path, error: str) -> set[str]:
    """Return the slugs this kind of error is made with."""
    return {
        node.args[0].value
        for module in ([folder] if folder.is_file() else folder.rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == error
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_translation_has_the_tree_and_the_placeholders_of_the_english_one() -> None:
    def shape(tree: Any) -> dict[tuple[str, ...], set[str]]:
        return {path: set(re.findall(r"\{(\w+)\}", text)) for path, text in texts(tree)}

    for file in (PACKAGE / "translations").glob("*.json"):
        assert shape(load(f"translations/{file.name}")) == shape(ENGLISH), file.name


@pytest.mark.parametrize("language", ["de", "fr", "nl", "pt"])
def test_no_sentence_is_left_in_english(language: str) -> None:
    def is_worded(text: str) -> bool:
        """Return whether there is more in it than units and what is put in."""
        return re.search("[a-z]{3}", re.sub(r"\{\w+\}", "", text)) is not None

    english = dict(texts(ENGLISH))
    left = [
        text
        for path, text in texts(load(f"translations/{language}.json"))
        if len(text.split()) >= 3 and is_worded(text) and text == english[path]
    ]
    assert left == []


# "Sie" after the end of a sentence means what that sentence names: they, or it.
@pytest.mark.parametrize(
    ("language", "formal"),
    [
        ("de", r"\b(Ihnen|Ihre?[mnrs]?)\b|(?<![.:] )\bSie\b"),
        ("nl", r"\b[Uu](we?|zelf)?\b"),
    ],
)
def test_the_resident_is_addressed_as_home_assistant_does(language: str, formal: str) -> None:
    files = (f"translations/{language}.json", f"blueprints/texts/{language}.json")
    assert [text for file in files for _, text in texts(load(file)) if re.search(formal, text)] == []


def test_a_region_that_home_assistant_can_be_set_to_has_the_texts_of_its_language() -> None:
    files = regional_texts.regional()
    assert "pt-BR" in {file.stem for file in files}
    for file, of_language in files.items():
        assert file.read_bytes() == of_language.read_bytes(), "run python3 -m scripts.regional_texts"


def test_every_action_and_its_fields_are_translated_and_have_an_icon() -> None:
    actions = yaml.safe_load((PACKAGE / "services.yaml").read_text(encoding="utf-8"))
    assert set(actions) == set(ENGLISH["services"]) == set(load("icons.json")["services"])
    selectors = set(re.findall(r"'translation_key': '(\w+)'", str(actions)))
    assert selectors <= set(ENGLISH["selector"])
    for name, action in actions.items():
        fields = (action or {}).get("fields", {})
        assert set(fields) == set(ENGLISH["services"][name].get("fields", {}))


def test_every_icon_belongs_to_an_entity_and_a_state_differs_from_its_default() -> None:
    icons = load("icons.json")["entity"]
    for platform, entities in icons.items():
        for key, icon in entities.items():
            translation = ENGLISH["entity"][platform][key]
            states = icon.get("state", {})
            assert set(states) <= set(translation.get("state", {}))
            assert all(value.startswith("mdi:") and value != icon["default"] for value in states.values())


def test_the_quality_scale_answers_every_rule() -> None:
    rules = yaml.safe_load((PACKAGE / "quality_scale.yaml").read_text(encoding="utf-8"))["rules"]
    assert set(rules) == QUALITY_RULES
    assert len(rules) == 54
    for name, rule in rules.items():
        answer = rule if isinstance(rule, str) else rule["status"]
        assert answer in {"done", "todo", "exempt"}, name
        assert answer != "exempt" or rule["comment"], name
        if answer == "done":
            evidence = rule["comment"].split()
            assert evidence, name
            assert [place for place in evidence if not _exists(place)] == [], name


def _exists(place: str) -> bool:
    """Whether a file is there, and the test (``file::name``) or the heading (``page#heading``) in it."""
    file, _, test = place.partition("::")
    file, _, heading = file.partition("#")
    if not (ROOT / file).exists():
        return False
    text = (ROOT / file).read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    return (not test or f"def {test}(" in text) and (not heading or heading in headings)


def test_who_lists_serial_ports_needs_usb() -> None:
    lists_ports = [module.name for module in MODULES if "SerialPortSelector()" in module.read_text("utf-8")]
    assert lists_ports
    assert "usb" in MANIFEST["dependencies"]


def test_every_platform_says_how_many_updates_run_at_once() -> None:
    platforms = [module for module in PACKAGE.glob("*.py") if module.stem in ENGLISH["entity"]]
    assert platforms
    assert [each.name for each in platforms if "PARALLEL_UPDATES = " not in each.read_text("utf-8")] == []


@pytest.mark.parametrize(("name", "pixels"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_the_icon_has_the_size_home_assistant_wants(name: str, pixels: int) -> None:
    header = (PACKAGE / "brand" / name).read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert struct.unpack(">II", header[16:24]) == (pixels, pixels)


def test_the_figure_of_coverage_is_above_the_bar_that_its_command_fails_below() -> None:
    page = (ROOT / "docs" / "developer.md").read_text(encoding="utf-8")
    figure = re.search(r"Last figure: ([\d.]+) % of [\d,]+ lines \(\d{4}-\d\d-\d\d\)", page)
    bar = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]["report"]
    assert figure is not None
    assert float(figure[1]) >= bar["fail_under"] >= 95
    assert "--cov=custom_components/home_flex" in page


def test_every_rule_by_which_an_event_is_settled_has_words_in_the_panel() -> None:
    said = {key.removeprefix("panel_rule_") for key in ENGLISH["common"] if key.startswith("panel_rule_")}
    assert said == set(BASELINES)


def test_every_course_that_a_day_is_laid_beside_has_words_in_the_panel() -> None:
    said = {key.removeprefix("panel_course_") for key in ENGLISH["common"] if key.startswith("panel_course_")}
    assert said == set(COURSES)
