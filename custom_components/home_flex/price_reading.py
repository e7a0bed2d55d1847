"""Prices ahead as other integrations tell them: in an entity's attributes, or answered by an action."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .core.model import floor
from .core.signals import (
    Note,
    Published,
    PublishedBy,
    Signal,
    SignalError,
    SignalKind,
    Slot,
    age_note,
    check_size,
    overlay,
    published,
    recognised,
    shift_note,
    unit_factor,
)
from .entity_readings import number_of

_ANSWER_WITHIN_S: Final = 30.0
_HOUR_S: Final = 3600
_DAYS: Final = 2
_ENTRY, _DATE, _START, _END, _CURRENCY = "{entry}", "{date}", "{start}", "{end}", "{currency}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceAction:
    """The action that tells an integration's prices: what it is given, and its unit after the currency.

    ``by_day``: it answers for one day, and is asked for today and for tomorrow.
    """

    service: str
    data: Mapping[str, Any]
    per: str
    by_day: bool = False


# Integrations whose entities tell the price of now only; an entity that holds a list itself is read instead.
ACTIONS: Final[Mapping[str, PriceAction]] = {
    "nordpool": PriceAction(
        service="get_prices_for_date",
        data={"config_entry": _ENTRY, "date": _DATE, "currency": _CURRENCY},
        per="MWh",
        by_day=True,
    ),
    "tibber": PriceAction(service="get_prices", data={"start": _START, "end": _END}, per="kWh"),
    "energyzero": PriceAction(
        service="get_energy_prices",
        data={"config_entry": _ENTRY, "incl_vat": False, "start": _START, "end": _END},
        per="kWh",
    ),
    "easyenergy": PriceAction(
        service="get_energy_usage_prices",
        data={"config_entry": _ENTRY, "incl_vat": False, "start": _START, "end": _END},
        per="kWh",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """An action of an integration, and of which of its entries it is asked."""

    domain: str
    action: PriceAction
    entry_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceSource:
    """An entity that prices (or carbon intensities) are read from, for a site with a currency."""

    hass: HomeAssistant
    entity_id: str
    kind: SignalKind
    currency: str

    @property
    def asks(self) -> bool:
        """Whether somebody has to be asked for the prices, which is not done all the time."""
        state = self.hass.states.get(self.entity_id)
        return state is not None and self._action(state) is not None

    async def async_read(self, now: datetime) -> Published:
        """Return what is told, and what is odd about it.

        Raises SignalError: ``entity_missing``, ``action_failed``, and those of ``published``, ``check_size``.
        """
        state = self.hass.states.get(self.entity_id)
        if state is None:
            raise SignalError("entity_missing", entity=self.entity_id)
        asked = self._action(state)
        told = (
            published(state.attributes, self._by(state), now)
            if asked is None
            else await self._async_asked(state, asked, now)
        )
        check_size(told.signal)
        return replace(told, notes=(*told.notes, *self._doubts(state, told.signal, now)))

    def now_only(self, now: datetime) -> Signal:
        """Return what the entity shows now as the value of this hour. Raises SignalError."""
        state = self.hass.states.get(self.entity_id)
        if state is None or (value := number_of(state)) is None:
            raise SignalError("entity_missing", entity=self.entity_id)
        by = self._by(state)
        unit = unit_factor(by.kind, by.unit, by.currency)
        start = floor(now, _HOUR_S)
        slot = Slot(
            start=start,
            end=start + timedelta(seconds=_HOUR_S),
            value=Decimal(str(value)) * unit.factor,
            known_at=now,
            source=self.entity_id,
        )
        return Signal(kind=self.kind, unit=unit.unit, slots=(slot,))

    def _by(self, state: State, unit: str | None = None) -> PublishedBy:
        return PublishedBy(
            kind=self.kind,
            unit=unit or state.attributes.get(ATTR_UNIT_OF_MEASUREMENT),
            currency=self.currency,
            zone=dt_util.get_default_time_zone(),
            source=self.entity_id,
        )

    def _doubts(self, state: State, signal: Signal, now: datetime) -> list[Note]:
        notes = [age_note(signal, now), shift_note(signal, now, self._shown(state))]
        return [note for note in notes if note is not None]

    def _shown(self, state: State) -> Decimal | None:
        """Return the price that an entity shows as that of now; None of one that shows none, as an event."""
        by = self._by(state)
        if by.unit is None or (value := number_of(state)) is None:
            return None
        return Decimal(str(value)) * unit_factor(by.kind, by.unit, by.currency).factor

    def _action(self, state: State) -> _Asked | None:
        """Return the action that tells the prices of this entity's integration.

        None where none does, and where the entity itself holds a list.
        """
        registered = er.async_get(self.hass).async_get(self.entity_id)
        if registered is None or registered.config_entry_id is None:
            return None
        action = ACTIONS.get(registered.platform)
        if action is None or self.kind is SignalKind.CARBON_INTENSITY or _is_listed(state):
            return None
        return _Asked(domain=registered.platform, action=action, entry_id=registered.config_entry_id)

    async def _async_asked(self, state: State, asked: _Asked, now: datetime) -> Published:
        """Return what an action answers; a tomorrow that is not there yet is none."""
        by = self._by(state, f"{self.currency}/{asked.action.per}")
        today = dt_util.as_local(now).date()
        found = published(await self._async_answer(asked, today, today), by, now)
        if not asked.action.by_day:
            return found
        try:
            answer = await self._async_answer(asked, today, today + timedelta(days=1))
            tomorrow = published(answer, by, now)
        except SignalError:
            return found
        return replace(
            found,
            signal=overlay(found.signal, tomorrow.signal),
            notes=(*found.notes, *tomorrow.notes),
        )

    async def _async_answer(self, asked: _Asked, today: date, day: date) -> Mapping[str, Any]:
        """Return what the action answers. Raises SignalError ``action_failed`` (action)."""
        filled = {
            _ENTRY: asked.entry_id,
            _CURRENCY: self.currency,
            _DATE: day.isoformat(),
            _START: f"{today.isoformat()} 00:00:00",
            _END: f"{(today + timedelta(days=_DAYS)).isoformat()} 00:00:00",
        }
        action = asked.action
        data = {
            key: filled.get(value, value) if isinstance(value, str) else value
            for key, value in action.data.items()
        }
        name = f"{asked.domain}.{action.service}"
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                answer = await self.hass.services.async_call(
                    asked.domain, action.service, data, blocking=True, return_response=True
                )
        except Exception as error:  # another integration's, which may raise anything
            raise SignalError("action_failed", action=name) from error
        if not isinstance(answer, Mapping):
            raise SignalError("action_failed", action=name)
        return answer


def _is_listed(state: State) -> bool:
    try:
        recognised(state.attributes)
    except SignalError as error:
        return error.problem != "shape_unknown"
    return True
