"""Triggers for automations: what is new of events, of the plan and of limits."""

from collections.abc import Mapping
from typing import Any, Final, override

import probatio
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType

from .news import NEWS, SIGNAL_NEWS

_SCHEMA: Final = probatio.Schema({probatio.Optional(CONF_OPTIONS): {}})


class NewsTrigger(Trigger):
    """Triggers on one kind of news; its attributes are those of the trigger."""

    news: str

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate the options: there are none."""
        validated: ConfigType = _SCHEMA(config)
        return validated

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Run the action with each news of the kind, also of a site that is set up later."""

        @callback
        def told(news: str, attributes: Mapping[str, Any]) -> None:
            if news == self.news:
                run_action({**attributes}, f"Home Flex: {news.replace('_', ' ')}")

        return async_dispatcher_connect(self._hass, SIGNAL_NEWS, told)


_TRIGGERS: Final[dict[str, type[Trigger]]] = {
    news: type(f"{news.title().replace('_', '')}Trigger", (NewsTrigger,), {"news": news}) for news in NEWS
}


async def async_get_triggers(_hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by their names."""
    return _TRIGGERS
