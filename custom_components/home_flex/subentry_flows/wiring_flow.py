"""What the flows of circuits and groups share: the names of devices, and an identity nobody else has."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.util.ulid import ulid_now

from ..network_settings import flexible_kinds
from .member_flow import MemberFlow

# Stands for a circuit or group that has no id yet.
NEW = "new"


class WiringFlow(MemberFlow):
    """Creates or changes a subentry that is no device: nobody answers, it only has to fit the others."""

    @property
    def _own_id(self) -> str:
        return self._get_reconfigure_subentry().subentry_id if self._reconfiguring else NEW

    def _devices(self) -> dict[str, str]:
        """Return the devices that hang on circuits, by id, with their names."""
        kinds = flexible_kinds()
        return {
            each.subentry_id: each.title
            for each in self._get_entry().subentries.values()
            if each.subentry_type in kinds
        }

    def _others(self, kind: str) -> dict[str, str]:
        """Return the other subentries of a kind, by id, with their names."""
        return {
            each.subentry_id: each.title
            for each in self._get_entry().get_subentries_of_type(kind)
            if each.subentry_id != self._own_id
        }

    def _keep(self, data: Mapping[str, Any]) -> SubentryFlowResult:
        return self._finish(data, ulid_now())
