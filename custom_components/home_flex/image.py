"""The plan as a picture, for any dashboard."""

from datetime import datetime
from typing import override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from .core.planner.plan import IntentKind
from .entity import SiteEntity
from .runtime.planning.chart import Charted, ChartWords, chart
from .settings import utc_now

PARALLEL_UPDATES = 0

_PLAN = ImageEntityDescription(key="plan_chart", translation_key="plan_chart")
_CATEGORIES = ("common", "entity")


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the picture, once its words are at hand."""
    for category in _CATEGORIES:
        await async_get_translations(hass, hass.config.language, category, [DOMAIN])
    async_add_entities([PlanImage(hass, entry.runtime_data)])


class PlanImage(SiteEntity, ImageEntity):
    """Drawn when somebody looks; its time is that of the plan."""

    _attr_content_type = "image/svg+xml"

    def __init__(self, hass: HomeAssistant, coordinator: HomeFlexCoordinator) -> None:
        """Hang on the site's device."""
        SiteEntity.__init__(self, coordinator, _PLAN)
        ImageEntity.__init__(self, hass)

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        """When the plan was made."""
        plan = self.coordinator.data.plan
        return None if plan is None else plan.made_at

    @override
    async def async_image(self) -> bytes | None:
        """Draw the plan that is there."""
        planning = self.coordinator.controller.planning
        if planning is None or (made := planning.made) is None:
            return None
        signals = made.problem.signals
        drawn = Charted(
            plan=made.plan,
            prices=signals.import_per_kwh,
            currency=f"{self.coordinator.site.currency}/kWh",
            now=utc_now(),
            guessed_from=signals.guessed_from,
        )
        return chart(drawn, self._words(), dt_util.get_default_time_zone()).encode()

    @callback
    def _words(self) -> ChartWords:
        """Return the words of the home's language."""
        texts: dict[str, str] = {}
        for category in _CATEGORIES:
            texts |= async_get_cached_translations(self.hass, self.hass.config.language, category, DOMAIN)
        kind = f"component.{DOMAIN}.entity.sensor.planned.state."
        return ChartWords(
            price=texts.get(f"component.{DOMAIN}.common.plan_price", "Price"),
            meter=texts.get(f"component.{DOMAIN}.common.plan_meter", "Meter"),
            kinds={each.value: texts.get(kind + each.value, each.value) for each in IntentKind},
            names={key: device.name for key, device in self.coordinator.data.devices.items()},
        )
