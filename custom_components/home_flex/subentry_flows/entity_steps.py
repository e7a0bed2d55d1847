"""Making a device of Home Assistant entities: found by a profile, or chosen one by one by hand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import BooleanSelector

from ..core.kinds import is_flexible, reporting_of
from ..core.model import DeviceKind
from ..device_drivers import device_unique_id
from ..devices.entities import binding
from ..devices.entities.binding import Source
from ..devices.entities.by_hand import MODE, too_little
from ..devices.entities.choosing import wrong_with
from ..devices.entities.finding import DeviceProposal, excludes
from ..devices.entities.mode_words import ASKED
from ..devices.entities.profile import Fresh, Profile
from ..devices.entities.reader import POWER
from ..devices.entities.readings import REQUIRED
from ..devices.entities.recipe import Control, Operation
from ..devices.entities.spec import (
    CONTROLLED,
    DOMAINS,
    ENTITIES,
    FRESH,
    IDENTITY,
    LEAST_SECONDS,
    PROFILE,
    ROLES,
    SETPOINT_SIGN,
    WORDS,
    WRITES_PER_DAY,
    consented,
    leading_entity,
)
from ..devices.spec import WIRED_PHASES
from ..energy_prefill import async_sources_of_others, suggestions
from ..entity_fields import by_hand_fields, by_hand_suggested
from ..entity_port import HomeAssistantEntities
from ..entity_profiles import async_load_profiles, proposals, title
from ..form_fields import TEXT, choice, number, whole_number, wired_phases, without_blanks
from ..settings import site_of
from . import entity_input
from .entity_found import ENABLE, FoundDevice
from .entity_texts import async_consent_texts, proposal_choice
from .member_flow import MemberFlow

CHOICE, BY_HAND = "entities", "by_hand"
_LEAST_SECONDS, _WRITES_PER_DAY = 60.0, 100


class EntitySteps(MemberFlow):
    """The steps between choosing "From Home Assistant" and a device that is kept."""

    kind: DeviceKind

    def __init__(self) -> None:
        """Nothing is looked for or entered yet."""
        self.default_name = reporting_of(self.kind).name
        self._profiles: Mapping[str, Profile] = {}
        self._proposals: dict[str, DeviceProposal] = {}
        self._found: FoundDevice | None = None
        self._to_keep: dict[str, Any] = {}
        self._to_enable: tuple[str, ...] = ()
        self._options: list[str] = []

    async def async_step_entities(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose one of the devices that the entities of this home make, or to choose them by hand."""
        if user_input is None:
            self._profiles = await async_load_profiles(self.hass)
            self._proposals = proposals(self.hass, self._profiles, self.kind)
            if not self._proposals:
                return await self.async_step_entities_by_hand()
        error = None
        if user_input is not None:
            key = user_input[CHOICE]
            if key == BY_HAND:
                return await self.async_step_entities_by_hand()
            if not self._is_counted_twice(self._proposals[key]):
                self._found = FoundDevice(self.hass, self._proposals[key], self._kept_roles())
                return await self.async_step_entities_found()
            error = "counted_twice"
        titles = {key: title(self.hass, proposal) for key, proposal in self._proposals.items()}
        fields = {probatio.Required(CHOICE): proposal_choice(titles, BY_HAND)}
        return self._form("entities", fields, user_input or {CHOICE: self._kept_choice()}, error)

    async def async_step_entities_found(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what was found, and ask for what was not."""
        found = self._found
        assert found is not None  # noqa: S101 # the step before chose it
        fields = {**self._first_fields(), **found.fields(), **self._last_fields()}
        wrong: dict[str, str] = {}
        errors: dict[str, str] = {}
        if user_input is not None:
            entered = without_blanks(user_input)
            is_enabling = entered.pop(ENABLE, False)
            roles = found.roles(entered, with_disabled=is_enabling)
            self._to_enable = found.to_enable if is_enabling else ()
            # What the device can do without is left out of its readings, and keeps nobody from adding it.
            needed = {POWER, *REQUIRED[self.kind]}
            wrong = {role: slug for role, slug in self._wrong(roles).items() if role in needed}
            found = self._found = replace(found, unreadable=found.unreadable | wrong.keys())
            fields = {**self._first_fields(), **found.fields(), **self._last_fields()}
            errors = _of_form(wrong, fields)
            if not errors:
                self._note(entered, roles, found.proposal.device.fresh, {PROFILE: found.proposal.profile.id})
                return await self.async_step_entities_consent()
        suggested = {**self._kept_basics(), **found.suggested(), **(user_input or {})}
        return self._ask("entities_found", fields, suggested, errors, {"found": await found.told(wrong)})

    async def async_step_entities_by_hand(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the entities, one by one."""
        fields = {**self._first_fields(), **by_hand_fields(self.hass, self.kind), **self._last_fields()}
        errors: dict[str, str] = {}
        if user_input is not None:
            entered = without_blanks(user_input)
            roles = entity_input.roles_by_hand(self.hass, self.kind, entered)
            errors = too_little(self.kind, entered) | _of_form(self._wrong(roles), fields)
            if MODE in entered:
                self._options = entity_input.mode_options(self.hass, entered[MODE])
                errors |= {} if self._options else {MODE: "no_options"}
            if not errors:
                domains = entity_input.domains_by_hand(self.kind, entered)
                sign = entity_input.sign_of(self.kind, entered.get(SETPOINT_SIGN))
                more = {DOMAINS: domains, SETPOINT_SIGN: sign}
                self._note(entered, roles, entity_input.fresh_by_hand(entered), more)
                if MODE in entered:
                    return await self.async_step_entities_words()
                return await self.async_step_entities_consent()
        suggested = {
            **by_hand_suggested(self.hass, self.kind),
            **({} if self._reconfiguring else await self._async_from_dashboard()),
            **self._kept_by_hand(),
            **(user_input or {}),
        }
        return self._ask("entities_by_hand", fields, suggested, errors)

    async def async_step_entities_words(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which options of a battery's mode charge, discharge and hold it."""
        fields = {
            (probatio.Optional if operation is Operation.HOLD else probatio.Required)(
                operation.value
            ): choice(self._options)
            for operation in ASKED
        }
        errors: dict[str, str] = {}
        if user_input is not None:
            entered = without_blanks(user_input)
            errors = entity_input.wrong_words(entered)
            if not errors:
                self._to_keep[WORDS] = entered
                return await self.async_step_entities_consent()
        suggested = entity_input.words_suggested(self._options, self._kept().get(WORDS, {}))
        return self._ask("entities_words", fields, user_input or suggested, errors)

    async def async_step_entities_consent(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say how an order would end, and ask whether the device may be told anything at all."""
        kept = self._kept()
        is_by_hand = PROFILE not in self._to_keep
        suggested = {
            CONTROLLED: kept.get(CONTROLLED, False),
            LEAST_SECONDS: kept.get(LEAST_SECONDS, _LEAST_SECONDS),
            WRITES_PER_DAY: kept.get(WRITES_PER_DAY, _WRITES_PER_DAY),
        }
        control, fresh, is_cloud = self._control({**self._to_keep, **suggested, CONTROLLED: True})
        if control is None:
            return self._finish_entities({})
        if user_input is not None:
            return self._finish_entities(user_input)
        fields: dict[Any, Any] = {probatio.Required(CONTROLLED): BooleanSelector()}
        if is_by_hand:
            fields[probatio.Required(LEAST_SECONDS)] = number(1, 3600, unit="s")
            fields[probatio.Required(WRITES_PER_DAY)] = whole_number(1, 10000)
        texts = await async_consent_texts(self.hass, control, fresh, is_cloud=is_cloud)
        return self._ask("entities_consent", fields, suggested, {}, texts)

    def _note(
        self, entered: Mapping[str, Any], roles: Mapping[str, Source], fresh: Fresh, more: Mapping[str, Any]
    ) -> None:
        self._to_keep = {
            CONF_NAME: entered.get(CONF_NAME, ""),
            **entity_input.kept_data(self.hass, roles, fresh),
            **({WIRED_PHASES: sorted(entered[WIRED_PHASES])} if WIRED_PHASES in entered else {}),
            **more,
        }

    def _control(self, kept: Mapping[str, Any]) -> tuple[Control | None, Fresh, bool]:
        """Return how the device would be told something, how fresh it is, and whether by a cloud."""
        settings = ENTITIES.parse(kept)
        control, speed = consented(self.kind, settings, self._profiles.get(settings.profile or ""))
        return control, speed.fresh, speed.is_cloud

    def _finish_entities(self, consent: Mapping[str, Any]) -> SubentryFlowResult:
        registry = er.async_get(self.hass)
        for entity in self._to_enable:
            if (entry := registry.entities.get_entry(entity)) is not None:
                registry.async_update_entity(entry.entity_id, disabled_by=None)
        data = {**self._to_keep, CONTROLLED: False, **consent}
        return self._finish(data, device_unique_id(self.kind, self._to_keep[IDENTITY]["id"]))

    def _wrong(self, roles: Mapping[str, Source]) -> dict[str, str]:
        site = site_of(self._get_entry().data)
        fuse_w = site.main_fuse_a * site.nominal_voltage_v * site.phases
        wrong = wrong_with(self.kind, roles, HomeAssistantEntities(self.hass), fuse_w=fuse_w)
        # What is being enabled cannot be there yet.
        return {
            role: slug for role, slug in wrong.items() if not (slug == "entity_disabled" and self._to_enable)
        }

    def _is_counted_twice(self, proposal: DeviceProposal) -> bool:
        """Return whether a device of the site already counts what this one counts."""
        known = {each.unique_id for each in self._get_entry().subentries.values()}
        others = [
            other for kind in DeviceKind for other in proposals(self.hass, self._profiles, kind).values()
        ]
        return any(
            excludes(proposal, other) and device_unique_id(other.kind, entity.id) in known
            for other in others
            for role in other.roles.values()
            for entity in role.plus
        )

    async def _async_from_dashboard(self) -> dict[str, Any]:
        """Return what the Energy dashboard knows of a device that is not of the site yet."""
        known = {each.unique_id for each in self._get_entry().subentries.values()}
        for found in suggestions(self.kind, await async_sources_of_others(self.hass)):
            power = found.get(POWER)
            if power is None:
                return found
            if device_unique_id(self.kind, entity_input.held_by(self.hass, power)) not in known:
                return found
        return {}

    def _kept_choice(self) -> str:
        kept = self._kept()
        leading = leading_entity(self._kept_roles())
        for key, proposal in self._proposals.items():
            ids = {entity.id for role in proposal.roles.values() for entity in role.plus}
            if proposal.profile.id == kept.get(PROFILE) and leading in ids:
                return key
        return BY_HAND if self._reconfiguring else next(iter(self._proposals))

    def _kept_roles(self) -> dict[str, Source]:
        kept = self._kept()
        return binding.decode(kept[ROLES]) if ROLES in kept else {}

    def _kept_basics(self) -> dict[str, Any]:
        kept = self._kept()
        phases = kept.get(WIRED_PHASES, self._all_phases)
        return {CONF_NAME: kept.get(CONF_NAME, self.default_name), WIRED_PHASES: phases}

    def _kept_by_hand(self) -> dict[str, Any]:
        kept, roles = self._kept(), self._kept_roles()
        if not roles:
            return self._kept_basics()
        fresh, sign = binding.decode_fresh(kept[FRESH]), int(kept.get(SETPOINT_SIGN, 1))
        return {**self._kept_basics(), **entity_input.shown(self.hass, self.kind, roles, fresh, sign)}

    def _first_fields(self) -> dict[Any, Any]:
        return {probatio.Required(CONF_NAME): TEXT}

    def _last_fields(self) -> dict[Any, Any]:
        if not is_flexible(self.kind):
            return {}
        return {probatio.Required(WIRED_PHASES): wired_phases(self._all_phases)}

    def _ask(
        self,
        step_id: str,
        fields: Mapping[Any, Any],
        suggested: Mapping[str, Any],
        errors: Mapping[str, str],
        placeholders: Mapping[str, str] | None = None,
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(dict(fields)), suggested),
            errors=dict(errors),
            description_placeholders=placeholders,
        )


def _of_form(wrong: Mapping[str, str], fields: Mapping[Any, Any]) -> dict[str, str]:
    """Return what is wrong by field; what is wrong with a role that has none is said of the whole form."""
    return {role if role in fields else "base": slug for role, slug in wrong.items()}
