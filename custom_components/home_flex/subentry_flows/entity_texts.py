"""The sentences of the entity steps that depend on what was found: they are texts like all others."""

import math
from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..core.model import DeviceKind
from ..devices.entities.orders import lasts_s
from ..devices.entities.profile import Fresh
from ..devices.entities.recipe import Control
from ..devices.entities.speed import pace_of


def proposal_choice(titles: Mapping[str, str], by_hand: str) -> Any:
    """Return the choice among what was found, by its titles, and doing it by hand."""
    options = [SelectOptionDict(value=key, label=label) for key, label in titles.items()]
    options.append(SelectOptionDict(value=by_hand, label=by_hand))
    return SelectSelector(
        SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, translation_key="entity_devices")
    )


async def async_role_names(hass: HomeAssistant, kind: DeviceKind) -> dict[str, str]:
    """Return what the roles of a kind are called, in the language of the home."""
    prefix = f"component.{DOMAIN}.config_subentries.{kind}.step.entities_by_hand.data."
    texts = await async_get_translations(hass, hass.config.language, "config_subentries", {DOMAIN})
    return {key.removeprefix(prefix): text for key, text in texts.items() if key.startswith(prefix)}


async def async_errors(hass: HomeAssistant, kind: DeviceKind) -> dict[str, str]:
    """Return what the form says of what is wrong, by slug, in the language of the home."""
    prefix = f"component.{DOMAIN}.config_subentries.{kind}.error."
    texts = await async_get_translations(hass, hass.config.language, "config_subentries", {DOMAIN})
    return {key.removeprefix(prefix): text for key, text in texts.items() if key.startswith(prefix)}


async def async_consent_texts(
    hass: HomeAssistant, control: Control, fresh: Fresh, *, is_cloud: bool
) -> dict[str, str]:
    """Return how an order ends, and how fast the device can be steered, in the language of the home."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    prefix = f"component.{DOMAIN}.selector"
    ends = control.ends
    seconds = lasts_s(control) if ends.is_settable else ends.seconds or 0.0
    pace = pace_of(control, fresh, is_cloud=is_cloud)
    ends_text = texts.get(f"{prefix}.order_ends.options.{ends.by}", ends.by.value)
    pace_text = texts.get(f"{prefix}.pace.options.{pace.pace_class}", pace.pace_class.value)
    return {
        "ends": ends_text.format(time=time_text(seconds)),
        "pace": pace_text.format(time=time_text(pace.least_s)),
    }


def time_text(seconds: float) -> str:
    """Return a time in the unit in which people say it, rounded up; its sign is the same in each language."""
    for unit, unit_s, below_s in (("s", 1, 120), ("min", 60, 7200)):
        if math.ceil(seconds) < below_s:
            return f"{math.ceil(seconds / unit_s)} {unit}"
    return f"{math.ceil(seconds / 3600)} h"
