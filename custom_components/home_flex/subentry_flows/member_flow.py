"""What the flows of all subentries have in common: keep a probed device, once, under its own identity."""

from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME

from ..const import CONF_PHASES


class MemberFlow(ConfigSubentryFlow):
    """Creates or changes one subentry. Its name is the subentry's title and not part of its data."""

    default_name: str

    @property
    def _reconfiguring(self) -> bool:
        return self.source == SOURCE_RECONFIGURE

    @property
    def _all_phases(self) -> list[str]:
        """The phases the site has, as the form shows and the subentry keeps them."""
        return [str(phase) for phase in range(1, int(self._get_entry().data[CONF_PHASES]) + 1)]

    def _kept(self) -> dict[str, Any]:
        """Return what is kept of the subentry under change; nothing while one is added."""
        if not self._reconfiguring:
            return {CONF_NAME: self.default_name}
        subentry = self._get_reconfigure_subentry()
        return {CONF_NAME: subentry.title, **subentry.data}

    def _form(
        self,
        step_id: str,
        fields: Mapping[Any, Any],
        suggested: Mapping[str, Any],
        error: str | None = None,
        placeholders: Mapping[str, str] | None = None,
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(dict(fields)), suggested),
            errors={"base": error} if error else {},
            description_placeholders=placeholders,
        )

    def _is_another_device(self, unique_id: str) -> bool:
        """Whether the device that answered is not the one under change."""
        return self._reconfiguring and unique_id != self._get_reconfigure_subentry().unique_id

    def _is_known(self, unique_id: str) -> bool:
        """Whether this device was added before."""
        return not self._reconfiguring and any(
            subentry.unique_id == unique_id for subentry in self._get_entry().subentries.values()
        )

    def _finish(self, data: Mapping[str, Any], unique_id: str) -> SubentryFlowResult:
        """Keep the device, a changed one under its new identity; the update listener reloads the site."""
        if self._is_known(unique_id):
            return self.async_abort(reason="already_configured")
        kept = dict(data)
        title = str(kept.pop(CONF_NAME, "")).strip() or self.default_name
        if self._reconfiguring:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                unique_id=unique_id,
                title=title,
                data=kept,
            )
        return self.async_create_entry(title=title, data=kept, unique_id=unique_id)
