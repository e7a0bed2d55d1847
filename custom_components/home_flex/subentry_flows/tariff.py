"""Adding and changing what a site pays: prices by the clock or from an entity, the peak's, and fees."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_CURRENCY, CONF_NAME
from homeassistant.helpers.selector import BooleanSelector, TimeSelector
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_ADDITION,
    CONF_ENTITY,
    CONF_FACTOR,
    CONF_FEE_PER_DAY,
    CONF_FEE_PER_MONTH,
    CONF_FEE_PER_YEAR,
    CONF_HIGH_PRICE,
    CONF_HIGH_SINCE,
    CONF_HIGH_UNTIL,
    CONF_KIND,
    CONF_LEAST_KW,
    CONF_LOW_PRICE,
    CONF_LOW_SINCE,
    CONF_LOW_UNTIL,
    CONF_PEAK_PRICE,
    CONF_PRICE,
    CONF_VAT_PERCENT,
    CONF_WEEKENDS_LOW,
    SUBENTRY_TARIFF,
)
from ..core.model import floor
from ..core.signals import Published, Signal, SignalError, SignalKind, summary, with_formula
from ..core.signals.contracts import CalendarContract, PublishedContract, agreed, wanted_from
from ..energy_prefill import async_sources_of_others, price_entity
from ..form_fields import TEXT, choice, decimal_text, entity, number, without_blanks
from ..price_reading import PriceSource
from ..settings import utc_now
from ..site_prices import async_read_or_now
from ..tariff_settings import FEES, PEAK, TariffError, contract_of, fees_of, peak_of
from .member_flow import MemberFlow

_SHOWN_HOURS: Final = 36
_PRICE: Final = number(-100, 1000)
_CALENDAR, _ENTITY_STEP, _CARBON = "calendar", "entity", "carbon"
_OF_PRICES: Final = choice([SignalKind.IMPORT_PRICE, SignalKind.EXPORT_PRICE], "tariff_kind")
_FEE_FIELDS: Final = (CONF_FEE_PER_DAY, CONF_FEE_PER_MONTH, CONF_FEE_PER_YEAR)
_DECIMALS: Final = frozenset(
    {
        CONF_PRICE,
        CONF_LOW_PRICE,
        CONF_HIGH_PRICE,
        CONF_FACTOR,
        CONF_ADDITION,
        CONF_PEAK_PRICE,
        *_FEE_FIELDS,
    }
)
# What is kept as it is entered: nothing is told ahead of it that could be shown.
_SETTLED: Final[Mapping[str, Callable[[Mapping[str, Any]], object]]] = {PEAK: peak_of, FEES: fees_of}
# What is odd about prices that nobody should accept; the other oddities are told with them.
_REFUSED: Final = frozenset({"old", "shifted"})
_FIELDS: Final[Mapping[str, Mapping[Any, Any]]] = {
    _CALENDAR: {
        probatio.Required(CONF_NAME): TEXT,
        probatio.Required(CONF_KIND): _OF_PRICES,
        probatio.Required(CONF_PRICE): _PRICE,
        probatio.Optional(CONF_LOW_PRICE): _PRICE,
        probatio.Optional(CONF_LOW_SINCE): TimeSelector(),
        probatio.Optional(CONF_LOW_UNTIL): TimeSelector(),
        probatio.Required(CONF_WEEKENDS_LOW, default=False): BooleanSelector(),
        probatio.Optional(CONF_HIGH_PRICE): _PRICE,
        probatio.Optional(CONF_HIGH_SINCE): TimeSelector(),
        probatio.Optional(CONF_HIGH_UNTIL): TimeSelector(),
    },
    _ENTITY_STEP: {
        probatio.Required(CONF_NAME): TEXT,
        probatio.Required(CONF_KIND): _OF_PRICES,
        probatio.Required(CONF_ENTITY): entity(["sensor", "event"]),
        probatio.Required(CONF_FACTOR): number(0, 10),
        probatio.Required(CONF_ADDITION): _PRICE,
        probatio.Required(CONF_VAT_PERCENT): number(0, 100, unit="%"),
    },
    _CARBON: {
        probatio.Required(CONF_NAME): TEXT,
        probatio.Required(CONF_ENTITY): entity(["sensor"]),
    },
    PEAK: {
        probatio.Required(CONF_NAME): TEXT,
        probatio.Required(CONF_PEAK_PRICE): number(0, 1000),
        probatio.Required(CONF_LEAST_KW): number(0, 100, unit="kW"),
    },
    FEES: {
        probatio.Required(CONF_NAME): TEXT,
        **{probatio.Optional(name): number(-100_000, 100_000) for name in _FEE_FIELDS},
    },
}
_USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    _CALENDAR: {CONF_KIND: SignalKind.IMPORT_PRICE},
    _ENTITY_STEP: {CONF_KIND: SignalKind.IMPORT_PRICE, CONF_FACTOR: 1, CONF_ADDITION: 0, CONF_VAT_PERCENT: 0},
    _CARBON: {},
    PEAK: {CONF_LEAST_KW: 0},
    FEES: {},
}


class TariffFlow(MemberFlow):
    """What is told ahead is shown before it is kept; a site has one tariff for each direction."""

    default_name = "Tariff"

    def __init__(self) -> None:
        """Nothing is entered yet."""
        self._entered: dict[str, Any] = {}
        self._shown: dict[str, str] = {}
        self._known_entity: str | None = None

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose where the prices come from."""
        return self.async_show_menu(step_id="user", menu_options=list(_FIELDS))

    async def async_step_reconfigure(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change what is kept; where it comes from stays."""
        kept = self._kept()
        if kept.get(CONF_KIND) == PEAK:
            return await self.async_step_peak()
        if kept.get(CONF_KIND) == FEES:
            return await self.async_step_fees()
        if kept.get(CONF_KIND) == SignalKind.CARBON_INTENSITY:
            return await self.async_step_carbon()
        return await (self.async_step_entity() if CONF_ENTITY in kept else self.async_step_calendar())

    async def async_step_calendar(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for prices and the hours they count in."""
        return await self._asked(_CALENDAR, user_input, {})

    async def async_step_entity(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which entity tells prices, and what comes on top of them; suggest the Energy dashboard's."""
        if user_input is None and not self._reconfiguring:
            self._known_entity = price_entity(await async_sources_of_others(self.hass))
        return await self._asked(_ENTITY_STEP, user_input, {})

    async def async_step_carbon(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which entity tells what a kWh emits."""
        return await self._asked(_CARBON, user_input, {CONF_KIND: SignalKind.CARBON_INTENSITY.value})

    async def async_step_peak(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what the month's peak costs."""
        return await self._asked(PEAK, user_input, {CONF_KIND: PEAK})

    async def async_step_fees(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what is paid however much is used."""
        return await self._asked(FEES, user_input, {CONF_KIND: FEES})

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what was understood, and keep it when it is right."""
        if user_input is not None:
            return self._finish(self._entered, _unique_id(self._entered))
        return self._form("confirm", {}, {}, placeholders=self._shown)

    async def _asked(
        self, step_id: str, user_input: dict[str, Any] | None, always: Mapping[str, Any]
    ) -> SubentryFlowResult:
        error: str | None = None
        placeholders = {"problem": ""}
        if user_input is not None:
            self._entered = {**_as_kept(user_input), **always}
            if self._is_taken(_unique_id(self._entered)):
                return self.async_abort(reason="already_configured")
            try:
                if (settled := _SETTLED.get(self._entered[CONF_KIND])) is not None:
                    settled(self._entered)
                    return self._finish(self._entered, _unique_id(self._entered))
                self._shown = await self._understood(utc_now())
                return await self.async_step_confirm()
            except TariffError as mistake:
                error = mistake.problem
            except SignalError as refused:
                error = refused.problem
                placeholders = {"problem": ", ".join(refused.placeholders.values())}
        suggested = user_input or {**_USUAL[step_id], CONF_ENTITY: self._known_entity, **self._kept()}
        return self._form(step_id, _FIELDS[step_id], suggested, error, placeholders=placeholders)

    def _is_taken(self, unique_id: str) -> bool:
        own = self._get_reconfigure_subentry().subentry_id if self._reconfiguring else None
        return any(
            each.unique_id == unique_id and each.subentry_id != own
            for each in self._get_entry().get_subentries_of_type(SUBENTRY_TARIFF)
        )

    async def _understood(self, now: datetime) -> dict[str, str]:
        """Return what to show of the prices that were entered. Raises SignalError or TariffError."""
        kind = SignalKind(self._entered[CONF_KIND])
        currency = str(self._get_entry().data[CONF_CURRENCY])
        contract = contract_of(self._entered)
        shape, left_out = "", 0
        match contract:
            case PublishedContract():
                source = PriceSource(
                    hass=self.hass, entity_id=contract.entity_id, kind=kind, currency=currency
                )
                told = await async_read_or_now(source, now)
                _refuse(told)
                shape = told.shape
                left_out = sum(note.slots for note in told.notes)
                signal = with_formula(told.signal, contract.formula)
            case CalendarContract():
                wanted = wanted_from(kind, currency, floor(now, 3600), now + timedelta(hours=_SHOWN_HOURS))
                signal = agreed(contract, wanted, dt_util.get_default_time_zone())
        return _words(signal, now) | {"shape": shape or "-", "left_out": str(left_out)}


def _as_kept(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept: prices as decimal texts, so that money never passes through a float."""
    data = without_blanks(user_input)
    return {key: decimal_text(value) if key in _DECIMALS else value for key, value in data.items()}


def _unique_id(data: Mapping[str, Any]) -> str:
    return f"{SUBENTRY_TARIFF}_{data[CONF_KIND]}"


def _refuse(told: Published) -> None:
    """Raise SignalError for prices that nobody should plan by."""
    for note in told.notes:
        if note.oddity in _REFUSED:
            raise SignalError(note.oddity.value, amount=str(abs(note.slots)))


def _words(signal: Signal, now: datetime) -> dict[str, str]:
    """Return the chart and the figures of the hours ahead. Raises SignalError ``nothing_ahead``."""
    found = summary(signal, now, _SHOWN_HOURS)
    if found is None:
        raise SignalError("nothing_ahead")

    def at(time: datetime) -> str:
        return dt_util.as_local(time).strftime("%H:%M")

    def amount(value: Decimal) -> str:
        return f"{value:.4f}" if signal.kind is not SignalKind.CARBON_INTENSITY else f"{value:.0f}"

    current = signal.at(now)
    return {
        "bars": found.bars,
        "from": at(now.replace(minute=0)),
        "unit": signal.unit,
        "now": amount(current.value) if current is not None else "-",
        "lowest": amount(found.lowest.value),
        "lowest_at": at(found.lowest.start),
        "highest": amount(found.highest.value),
        "highest_at": at(found.highest.start),
        "mean": amount(found.mean),
    }
