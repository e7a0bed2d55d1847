"""A device that was found by a profile: what was found of it, and what a person has to add."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector, EntitySelector, EntitySelectorConfig

from ..devices.entities.binding import Constant, EntitySource, Source
from ..devices.entities.choosing import chosen, missing, roles_of
from ..devices.entities.finding import DeviceProposal, Match
from ..devices.entities.reader import POWER
from ..entity_fields import ENTERED, SIGN, SIGNS, entered_in, role_field
from ..entity_port import HomeAssistantEntities
from ..form_fields import choice, entity
from . import entity_input
from .entity_texts import async_errors, async_role_names

ENABLE = "enable"


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """One proposal. ``kept`` are the roles as they were, when a device is changed.

    ``unreadable``: the roles that were found and could not be read; a number may be entered where it will do.
    """

    hass: HomeAssistant
    proposal: DeviceProposal
    kept: Mapping[str, Source]
    unreadable: frozenset[str] = frozenset()

    @property
    def to_enable(self) -> tuple[str, ...]:
        """The registry ids of the entities that a person is asked to enable."""
        return self.proposal.to_enable

    def fields(self) -> dict[Any, Any]:
        """Return the fields for what was not found, or could be two things."""
        fields: dict[Any, Any] = {}
        for role in self._asked():
            needed = role in self._needed()
            fields[(probatio.Required if needed else probatio.Optional)(role)] = self._field(role)
        if self._asks_sign():
            ways = list(SIGNS[self.proposal.kind])
            fields[probatio.Required(SIGN)] = choice(ways, "power_sign")
        if self.to_enable:
            fields[probatio.Optional(ENABLE)] = BooleanSelector()
        return fields

    def roles(self, entered: Mapping[str, Any], *, with_disabled: bool) -> dict[str, Source]:
        """Return the sources of all roles: those found, and those that a person added."""
        roles = roles_of(self.proposal, with_disabled=with_disabled)
        for role in self._asked():
            if role not in entered:
                continue
            found = self.proposal.roles.get(role)
            if found is not None and found.match is Match.AMBIGUOUS:
                roles[role] = chosen(found, entity_input.held_by(self.hass, entered[role]))
            else:
                roles[role] = entity_input.source_of(self.hass, role, entered[role])
        power = roles.get(POWER)
        if SIGN in entered and isinstance(power, EntitySource):
            roles[POWER] = replace(power, sign=entity_input.sign_of(self.proposal.kind, entered[SIGN]))
        return roles

    def suggested(self) -> dict[str, Any]:
        """Return what stands in the form beforehand: what was kept of it."""
        port, found = HomeAssistantEntities(self.hass), dict[str, Any]({ENABLE: True})
        for role in self._asked():
            source = self.kept.get(role)
            if isinstance(source, Constant):
                found[role] = entered_in(self.hass)[role].shown(source.value)
            elif source is not None and (entity_id := port.look(source.plus[0]).entity_id) is not None:
                found[role] = entity_id
        power = self.kept.get(POWER)
        if self._asks_sign() and isinstance(power, EntitySource):
            found[SIGN] = SIGNS[self.proposal.kind][0 if power.sign == 1 else 1]
        return found

    async def told(self, wrong: Mapping[str, str]) -> str:
        """Return what was found, a line for each role; ``wrong`` says by slugs why one cannot be used."""
        names = await async_role_names(self.hass, self.proposal.kind)
        reasons = await async_errors(self.hass, self.proposal.kind)
        port = HomeAssistantEntities(self.hass)
        lines = []
        for role, source in roles_of(self.proposal, with_disabled=True).items():
            if role in names and isinstance(source, EntitySource):
                ids = [port.look(each).entity_id or "?" for each in source.entities]
                why = f". **{reasons.get(wrong[role], wrong[role])}**" if role in wrong else ""
                lines.append(f"- {names[role]}: {', '.join(ids)}{why}")
        return "\n".join(lines) or "-"

    def _asked(self) -> tuple[str, ...]:
        device = self.proposal.device
        found = roles_of(self.proposal, with_disabled=True)
        by_person = [role for role, alternatives in device.roles.items() if not alternatives]
        lacking = missing(self.proposal.kind, found)
        instead = sorted(self.unreadable & ENTERED.keys())
        asked = [*self.proposal.to_choose, *by_person, *lacking, *self.proposal.to_enter, *instead]
        return tuple(dict.fromkeys(asked))

    def _needed(self) -> frozenset[str]:
        device = self.proposal.device
        lacking = missing(self.proposal.kind, roles_of(self.proposal, with_disabled=True))
        return frozenset({*device.needs, *lacking, *self.proposal.to_enter}) - self.unreadable

    def _field(self, role: str) -> Any:
        found = self.proposal.roles.get(role)
        if found is not None and found.match is Match.AMBIGUOUS:
            port = HomeAssistantEntities(self.hass)
            ids = [port.look(each.id).entity_id for each in found.plus]
            return EntitySelector(EntitySelectorConfig(include_entities=[each for each in ids if each]))
        if (domain := self.proposal.device.chosen.get(role)) is not None:
            return entity([domain])
        return role_field(self.hass, role, self.proposal.kind)

    def _asks_sign(self) -> bool:
        found = self.proposal.roles.get(POWER)
        alternative = found.alternative if found is not None else None
        return alternative is not None and not alternative.is_sign_known
