"""Adding and changing a circuit: what its fuse protects, and which devices hang on it."""

from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICES, CONF_NAME

from ..const import (
    CONF_CIRCUIT_PHASES,
    CONF_FUSE_A,
    CONF_METER_CURRENTS,
    CONF_METER_DEVICE,
    CONF_METER_POWER,
    CONF_OTHER_LOAD_A,
    CONF_PARENT,
    CONF_POWER_LIMIT_W,
    SUBENTRY_CIRCUIT,
)
from ..core.model import DeviceKind, NetworkError
from ..core.model.network import MAIN_CIRCUIT
from ..form_fields import TEXT, device_choice, entity, number, wired_phases, without_blanks
from ..network_settings import meters_shared_with, network_of, wiring_of
from .wiring_flow import WiringFlow


class CircuitFlow(WiringFlow):
    """A circuit is kept once it fits the others."""

    default_name = "Circuit"

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a new circuit."""
        return self._circuit("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for what has changed."""
        return self._circuit("reconfigure", user_input)

    def _circuit(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        error = None
        placeholders: dict[str, str] = {}
        if user_input is not None:
            data = {**without_blanks(user_input), CONF_DEVICES: list(user_input.get(CONF_DEVICES, ()))}
            error, placeholders = self._mistake(data)
            if error is None:
                return self._keep(data)
        suggested = user_input or {
            CONF_CIRCUIT_PHASES: self._all_phases,
            CONF_PARENT: MAIN_CIRCUIT,
            **self._kept(),
        }
        shown = {"names": "", **placeholders}
        return self._form(step_id, self._fields(), suggested, error, placeholders=shown)

    def _fields(self) -> dict[Any, Any]:
        others = self._others(SUBENTRY_CIRCUIT)
        parents = {MAIN_CIRCUIT: self._get_entry().title, **others}
        return {
            probatio.Required(CONF_NAME): TEXT,
            probatio.Required(CONF_FUSE_A): number(1, 250, unit="A"),
            probatio.Required(CONF_CIRCUIT_PHASES): wired_phases(self._all_phases),
            probatio.Required(CONF_PARENT): device_choice(parents, multiple=False),
            probatio.Optional(CONF_DEVICES): device_choice(self._devices()),
            probatio.Optional(CONF_OTHER_LOAD_A): number(0, 250, unit="A"),
            probatio.Optional(CONF_POWER_LIMIT_W): number(1, 1_000_000, unit="W"),
            probatio.Optional(CONF_METER_DEVICE): device_choice(self._sub_meters(), multiple=False),
            probatio.Optional(CONF_METER_POWER): entity(["sensor"], device_class="power"),
            probatio.Optional(CONF_METER_CURRENTS): entity(["sensor"], device_class="current", multiple=True),
        }

    def _sub_meters(self) -> dict[str, str]:
        """Return the sub-meters by id; one that was removed stays on the circuit until another is chosen."""
        kept_id = self._kept().get(CONF_METER_DEVICE)
        return {**({kept_id: "?"} if kept_id else {}), **self._others(DeviceKind.SUB_METER)}

    def _mistake(self, data: Mapping[str, Any]) -> tuple[str | None, dict[str, str]]:
        """Return what cannot be right, as a slug, and whom it is about."""
        phases, currents = data.get(CONF_CIRCUIT_PHASES, []), data.get(CONF_METER_CURRENTS, [])
        if not phases:
            return "no_phase", {}
        if currents and (CONF_METER_POWER not in data or len(currents) != len(phases)):
            return "currents_incomplete", {}
        if CONF_METER_DEVICE in data and CONF_METER_POWER in data:
            return "two_meters", {}
        own_id = self._own_id
        wiring = wiring_of(self._get_entry())
        if others := meters_shared_with(wiring, own_id, data):
            names = self._others(SUBENTRY_CIRCUIT)
            return "meter_on_two_circuits", {"names": ", ".join(names[each] for each in others)}
        try:
            network_of(wiring.with_circuit(own_id, data))
        except NetworkError as error:
            names = {**self._devices(), **self._others(SUBENTRY_CIRCUIT), own_id: str(data[CONF_NAME])}
            return error.problem, {"names": ", ".join(names.get(each, each) for each in error.ids)}
        return None, {}
