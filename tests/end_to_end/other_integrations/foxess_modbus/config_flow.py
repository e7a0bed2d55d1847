"""Set-up without a question."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult


class FoxEssFlow(ConfigFlow, domain="foxess_modbus"):
    """Takes what stands in configuration.yaml."""

    async def async_step_import(self, _import_data: dict[str, Any]) -> ConfigFlowResult:
        """Create the entry."""
        return self.async_create_entry(title="Fox ESS", data={})
