"""The parts of a home that hang on its entry besides devices: wiring, groups, helpers, and what they tell."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError

from .const import (
    CONF_CAR_CAPACITY_KWH,
    CONF_CAR_SOC,
    CONF_HELPERS,
    CONF_METER_CURRENTS,
    CONF_METER_POWER,
    CONF_PREFERENCE,
    CONF_QUIET,
    CONF_SIGNAL,
    DOMAIN,
)
from .core.control.merit import Preference, Prices
from .core.model import Network, NetworkError
from .core.signals import SignalKind
from .core.wishes import Car
from .entity_readings import CircuitMeter, CircuitMeters, is_on, share_of
from .network_settings import network_of, wiring_of
from .runtime.home_settings import Heard, HomeSettings
from .site_prices import SitePrices

_PRICES_HOLD_S: Final = 30.0


def home_settings(hass: HomeAssistant, entry: ConfigEntry[Any], prices: SitePrices) -> HomeSettings:
    """Return what was set of a home. Raises ConfigEntryError for wiring that contradicts itself."""
    preference = preference_of(entry.data)
    # Only who wants to earn goes by prices, each second.
    price_now = PricesNow(prices, time.monotonic) if preference is Preference.EARN else lambda: None
    return HomeSettings(
        network=_network(entry), preference=preference, heard=_Ears.of(hass, entry, price_now).listen
    )


class PricesNow:
    """What a kWh costs and brings now by the tariffs, looked up twice a minute."""

    def __init__(self, prices: SitePrices, monotonic_s: Callable[[], float]) -> None:
        """Know nothing yet."""
        self._prices = prices
        self._monotonic_s = monotonic_s
        self._known: tuple[float, Prices | None] | None = None

    def __call__(self) -> Prices | None:
        """Return both, None where either is not known: then nothing is ordered by them."""
        now_s = self._monotonic_s()
        if self._known is None or now_s - self._known[0] >= _PRICES_HOLD_S:
            self._known = now_s, self._look()
        return self._known[1]

    def _look(self) -> Prices | None:
        buys, sells = (
            self._prices.current(kind) for kind in (SignalKind.IMPORT_PRICE, SignalKind.EXPORT_PRICE)
        )
        if buys is None or sells is None:
            return None
        return Prices(import_per_kwh=buys.value, export_per_kwh=sells.value)


def preference_of(data: Mapping[str, Any]) -> Preference:
    """Return who gets the surplus first; as it always was until somebody says so."""
    try:
        return Preference(data[CONF_PREFERENCE])
    except KeyError, ValueError:
        return Preference.CAR_FIRST


def _network(entry: ConfigEntry[Any]) -> Network | None:
    try:
        return network_of(wiring_of(entry))
    except NetworkError as error:
        names = {subentry.subentry_id: subentry.title for subentry in entry.subentries.values()}
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="wiring",
            translation_placeholders={
                "problem": error.problem,
                "names": ", ".join(names.get(each, each) for each in error.ids),
            },
        ) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ears:
    """Reads the entities that were named in the settings, from the state machine as it is."""

    hass: HomeAssistant
    meters: CircuitMeters
    signals: Mapping[str, str]
    helpers: Mapping[str, Mapping[str, Any]]
    price_now: Callable[[], Prices | None]

    @classmethod
    def of(
        cls, hass: HomeAssistant, entry: ConfigEntry[Any], price_now: Callable[[], Prices | None]
    ) -> _Ears:
        """Return those of an entry."""
        wiring = wiring_of(entry)
        meters = [
            CircuitMeter(
                meter_id=circuit_id,
                power=data[CONF_METER_POWER],
                currents=data.get(CONF_METER_CURRENTS, ()),
            )
            for circuit_id, data in wiring.circuits.items()
            if data.get(CONF_METER_POWER)
        ]
        return cls(
            hass=hass,
            meters=CircuitMeters(hass=hass, meters=meters, monotonic_s=time.monotonic),
            signals={key: data[CONF_SIGNAL] for key, data in wiring.groups.items() if data.get(CONF_SIGNAL)},
            helpers=entry.options.get(CONF_HELPERS, {}),
            price_now=price_now,
        )

    def listen(self) -> Heard:
        """Return what they say now; a device whose times cannot be read is not disturbed."""
        states = self.hass.states
        return Heard(
            prices=self.price_now(),
            circuit_meters=self.meters.read(),
            signals={key: is_on(states.get(entity_id)) for key, entity_id in self.signals.items()},
            quiet=frozenset(
                device_id
                for device_id, helper in self.helpers.items()
                if (entity_id := helper.get(CONF_QUIET)) and is_on(states.get(entity_id)) is not False
            ),
            cars={
                device_id: Car(
                    state_of_charge=share_of(states.get(helper[CONF_CAR_SOC])),
                    capacity_wh=float(helper[CONF_CAR_CAPACITY_KWH]) * 1000.0,
                )
                for device_id, helper in self.helpers.items()
                if helper.get(CONF_CAR_SOC) and helper.get(CONF_CAR_CAPACITY_KWH)
            },
        )
