"""Writes docs/settings.md: what each form of Home Flex asks for, in the words of the forms themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_FORMS = _ROOT / "custom_components" / "home_flex" / "translations" / "en.json"
PAGE = _ROOT / "docs" / "settings.md"
_HEAD = """# What the forms ask for

Each field of each form, in the words of the form. `python3 -m scripts.settings_page` writes this page,
and a test keeps it true.
"""


def page() -> str:
    """Return the page for the forms as they are."""
    texts = json.loads(_FORMS.read_text(encoding="utf-8"))
    found = {"found": texts["config"]["step"]["found"]}
    of_site = {key: step for key, step in texts["config"]["step"].items() if key not in found}
    parts = [("The site", of_site), ("A device that was found in the network", found)]
    subentries = texts["config_subentries"].values()
    # A kind of device that no driver reaches yet has no form.
    parts += [(each["entry_type"], each["step"]) for each in subentries if each["step"]]
    options = texts["options"]["step"]
    of_file = {key: step for key, step in options.items() if key.startswith("history_")}
    parts.append(("Helpers of a device", {key: step for key, step in options.items() if key not in of_file}))
    parts.append(("A meter's file", of_file))
    return _HEAD + "".join("".join(_part(name, steps)) for name, steps in parts)


def _part(name: str, steps: dict[str, Any]) -> Iterator[str]:
    fields = {
        label: step["data_description"][key]
        for step in steps.values()
        for key, label in step.get("data", {}).items()
    }
    yield f"\n## {name}\n\n| field | what it is |\n| --- | --- |\n"
    for label, description in fields.items():
        yield f"| {label} | {description} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
