"""Examples of automations: blueprints of Home Flex, laid down where Home Assistant keeps them.

Home Assistant has no translations of blueprints: they are laid down in the language that the home speaks.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import yaml as yaml_util

from .const import DOMAIN

EXAMPLES: Final = Path(__file__).with_name("blueprints")
# What of an input is read by a person; a default is where it is a text that stands in the table.
_SPOKEN: Final = ("name", "description", "default")


async def async_add_examples(hass: HomeAssistant) -> list[str]:
    """Lay down the blueprints that are not there yet; return their names. One that a person changed stays."""
    folder = Path(hass.config.path("blueprints", "automation", DOMAIN))
    language = hass.config.language.partition("-")[0]

    def lay_down() -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        texts = _texts(language)
        added = []
        for example in sorted(EXAMPLES.glob("*.yaml")):
            if not (there := folder / example.name).exists():
                there.write_text(_spoken(example, texts), encoding="utf-8")
                added.append(example.stem)
        return added

    return await hass.async_add_executor_job(lay_down)


def _texts(language: str) -> Mapping[str, str]:
    """Return the texts of the blueprints by what they are in English; none for a language without them."""
    file = EXAMPLES / "texts" / f"{language}.json"
    texts: Mapping[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return texts


def _spoken(example: Path, texts: Mapping[str, str]) -> str:
    """Return a blueprint with its texts in another language."""
    if not texts:
        return example.read_text(encoding="utf-8")
    blueprint = yaml_util.load_yaml_dict(str(example))
    head = blueprint["blueprint"]
    for part in (head, *head["input"].values()):
        part.update({key: texts.get(part[key], part[key]) for key in _SPOKEN if key in part})
    return yaml_util.dump(blueprint)
