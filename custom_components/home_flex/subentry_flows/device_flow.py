"""Adding and changing a device of any kind: its driver's form is filled in, and the device answers."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Any

import probatio
from homeassistant.components import usb
from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_NAME

from ..announced_hosts import announced_hosts
from ..const import CONF_DRIVER
from ..core.model import DeviceIdentity, DeviceKind
from ..device_drivers import HomeAssistantProbeResources, device_unique_id
from ..devices.driver import DeviceError, LetsGo
from ..devices.entities.spec import ENTITIES
from ..devices.registry import drivers_of
from ..devices.spec import DriverSpec, Field, FieldType, Form
from ..form_fields import TEXT, device_field, found_or_typed, without_blanks
from ..plain_text import all_plain
from .entity_steps import EntitySteps

_ONE_PER_SITE = frozenset({DeviceKind.GRID_METER})


class DeviceFlow(EntitySteps):
    """A device is kept once it has answered to a driver. A person chooses only where there is a choice.

    Each form of each driver that can be this kind is a step of its own.
    """

    kind: DeviceKind

    def __init__(self) -> None:
        """Offer what the registry knows for this kind; nothing is entered yet."""
        super().__init__()
        self._data: dict[str, Any] = {}
        self._answered: DeviceIdentity
        self._announced: dict[str, str] = {}
        self._forms = {
            form.step: (spec, form)
            for spec in drivers_of(self.kind)
            for form in spec.forms
            if form.is_for(self.kind)
        }
        for spec, form in self._forms.values():
            show = partial(self._fill_in, spec, form)
            setattr(self, f"async_step_{form.step}", show)
            setattr(self, f"async_step_{form.change_step or form.step}", show)

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose how the device is reached."""
        if self.kind in _ONE_PER_SITE and self._get_entry().get_subentries_of_type(self.kind):
            return self.async_abort(reason="only_one")
        makes_of_entities = ENTITIES in drivers_of(self.kind)
        return await self._choose("user", [*self._forms, *(["entities"] if makes_of_entities else [])])

    async def async_step_reconfigure(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose how the device is reached now; its driver stays the one it is."""
        driver_id = self._kept().get(CONF_DRIVER)
        if driver_id == ENTITIES.id:
            return await self.async_step_entities()
        steps = [step for step, (spec, _) in self._forms.items() if spec.id == driver_id]
        if not steps:
            return self.async_abort(reason="unknown_driver")
        return await self._choose("reconfigure", steps)

    async def _choose(self, step_id: str, steps: list[str]) -> SubentryFlowResult:
        if len(steps) > 1:
            return self.async_show_menu(step_id=step_id, menu_options=steps)
        if steps[0] not in self._forms:
            return await self.async_step_entities()
        return await self._fill_in(*self._forms[steps[0]], None)

    async def _fill_in(
        self, spec: DriverSpec[Any], form: Form, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        if refusal := self._refusal(spec):
            return self.async_abort(reason=refusal)
        self._announced = self._unused(announced_hosts(self.hass, form.announced))
        error = None
        if user_input is not None:
            self._data = self._entered(spec, form, await self._with_lasting_ports(form, user_input))
            answer = spec.mistake(self._data) or await self._prove(spec)
            if not isinstance(answer, str):
                return answer
            error = answer
        step = (form.change_step or form.step) if self._reconfiguring else form.step
        return self._form(step, self._fields(form), user_input or self._suggested(form), error)

    def _refusal(self, _spec: DriverSpec[Any]) -> str | None:
        """Return why no device of this driver can be added now."""
        return None

    async def _prove(self, spec: DriverSpec[Any]) -> SubentryFlowResult | str:
        """Let the device answer: return the next step, or the slug of what is wrong."""
        assert spec.probe is not None  # noqa: S101 # who dials in is waited for by a flow of its own
        resources = HomeAssistantProbeResources(hass=self.hass)
        try:
            async with self._borrowed_port():
                self._answered = await spec.probe(self.kind, spec.parse(self._data), resources)
        except DeviceError as error:
            return error.reason
        unique_id = device_unique_id(self.kind, self._answered.serial_number)
        if self._is_another_device(unique_id):
            return await self.async_step_another_device()
        return self._finish(self._data, unique_id)

    async def async_step_another_device(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask whether the device that answered has taken the place of the one that is kept."""
        if user_input is not None:
            unique_id = device_unique_id(self.kind, self._answered.serial_number)
            return self._finish(self._data, unique_id)
        identity = self._answered
        named = {"device": f"{identity.manufacturer} {identity.model}", "serial": identity.serial_number}
        return self._form("another_device", {}, {}, placeholders=all_plain(named))

    def _borrowed_port(self) -> AbstractAsyncContextManager[None]:
        """Return what keeps the running driver of this device off its port, if that takes one reader only."""
        entry = self._get_entry()
        if not self._reconfiguring or entry.state is not ConfigEntryState.LOADED:
            return nullcontext()
        slot = entry.runtime_data.controller.slots.get(self._get_reconfigure_subentry().subentry_id)
        return slot.driver.let_go() if slot and isinstance(slot.driver, LetsGo) else nullcontext()

    async def _with_lasting_ports(self, form: Form, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return serial ports by their device: its number may be another one's after the next start."""
        ports = {
            field.name: await self.hass.async_add_executor_job(usb.get_serial_by_id, user_input[field.name])
            for field in form.fields
            if field.type is FieldType.SERIAL_PORT and field.name in user_input
        }
        return {**user_input, **ports}

    def _entered(self, spec: DriverSpec[Any], form: Form, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be kept: what was entered now, and what was entered once and for all before."""
        kept = self._kept() if self._reconfiguring else {}
        lasting = {
            field.name: kept[field.name]
            for field in form.fields
            if (field.secret or field.fixed) and field.name in kept
        }
        phases = {
            field.name: sorted(user_input[field.name])
            for field in form.fields
            if field.type is FieldType.WIRED_PHASES
        }
        return {
            CONF_DRIVER: spec.id,
            **lasting,
            **without_blanks(user_input),
            **phases,
            **(form.constants or {}),
        }

    def _fields(self, form: Form) -> dict[Any, Any]:
        fields: dict[Any, Any] = {probatio.Required(CONF_NAME): TEXT}
        for field in form.fields:
            if not (field.fixed if self._reconfiguring else field.later):
                is_found = field.name == CONF_HOST and self._announced
                selector = found_or_typed(self._announced) if is_found else None
                fields[self._marker(field)] = selector or device_field(field, self._all_phases)
        return fields

    def _unused(self, hosts: Mapping[str, str]) -> dict[str, str]:
        """Return the hosts that no other device of this kind is reached at."""
        others = self._get_entry().get_subentries_of_type(self.kind)
        own = self._get_reconfigure_subentry().subentry_id if self._reconfiguring else None
        used = {other.data.get(CONF_HOST) for other in others if other.subentry_id != own}
        return {host: name for host, name in hosts.items() if host not in used}

    def _marker(self, field: Field) -> Any:
        name = probatio.Secret(field.name) if field.secret else field.name
        may_be_empty = field.optional or (self._reconfiguring and field.secret)
        return (probatio.Optional if may_be_empty else probatio.Required)(name)

    def _suggested(self, form: Form) -> dict[str, Any]:
        """Return what stands in the form beforehand: what is kept or was entered before, else the usual."""
        usual = {
            field.name: self._all_phases if field.type is FieldType.WIRED_PHASES else field.suggested
            for field in form.fields
        }
        if len(self._announced) == 1:
            usual[CONF_HOST] = next(iter(self._announced))
        suggested = {**usual, **self._kept(), **self._data}
        secret = {field.name for field in form.fields if field.secret} if self._reconfiguring else set()
        return {name: value for name, value in suggested.items() if value is not None and name not in secret}


def device_flow(kind: DeviceKind) -> type[DeviceFlow]:
    """Return the flow of a kind of device."""
    return type("DeviceFlow", (DeviceFlow,), {"kind": kind})
