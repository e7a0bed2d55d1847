"""Set-up without a question."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult


class PeblarFlow(ConfigFlow, domain="peblar"):
    """Takes what stands in configuration.yaml."""

    async def async_step_import(self, _import_data: dict[str, Any]) -> ConfigFlowResult:
        """Create the entry."""
        return self.async_create_entry(title="Peblar", data={})
