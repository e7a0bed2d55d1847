"""Examples of automations: blueprints of Home Flex, laid down where Home Assistant keeps them."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from .const import DOMAIN

EXAMPLES: Final = Path(__file__).with_name("blueprints")


async def async_add_examples(hass: HomeAssistant) -> list[str]:
    """Lay down the blueprints that are not there yet; return their names. One that a person changed stays."""
    folder = Path(hass.config.path("blueprints", "automation", DOMAIN))

    def lay_down() -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        added = []
        for example in sorted(EXAMPLES.glob("*.yaml")):
            if not (there := folder / example.name).exists():
                there.write_bytes(example.read_bytes())
                added.append(example.stem)
        return added

    return await hass.async_add_executor_job(lay_down)
