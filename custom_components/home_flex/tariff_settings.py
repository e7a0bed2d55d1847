"""What the subentries of a site say of its prices, as contracts; what cannot be read is left out and told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .const import (
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
    LOGGER,
    SUBENTRY_TARIFF,
)
from .core.model import Site
from .core.signals import PeakTariff, PriceFormula, SignalKind
from .core.signals.contracts import (
    CalendarContract,
    Contract,
    FixedContract,
    Hours,
    PublishedContract,
    day_and_night,
)
from .core.statistics import Fee, Grouping
from .core.statistics.charges import Charges

PEAK = "peak"
FEES = "fees"
_FEES_PER = {
    CONF_FEE_PER_DAY: Grouping.DAY,
    CONF_FEE_PER_MONTH: Grouping.MONTH,
    CONF_FEE_PER_YEAR: Grouping.YEAR,
}


class TariffError(ValueError):
    """A form of a tariff says what no tariff is: which mistake, as a slug."""

    def __init__(self, problem: str) -> None:
        """Name the mistake."""
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Tariffs:
    """What a site pays: a contract for each kind of signal that has one, the price of its peak, its fees."""

    contracts: Mapping[SignalKind, Contract]
    names: Mapping[SignalKind, str]
    peak: PeakTariff | None = None
    fees: tuple[Fee, ...] = ()


def tariffs_of(entry: ConfigEntry[Any], site: Site) -> Tariffs:
    """Return what a site pays; for prices that have no tariff, what was typed with the site."""
    typed = {
        SignalKind.IMPORT_PRICE: site.import_price_per_kwh,
        SignalKind.EXPORT_PRICE: site.export_price_per_kwh,
    }
    contracts: dict[SignalKind, Contract] = {
        kind: FixedContract(price_per_kwh=price) for kind, price in typed.items() if price is not None
    }
    names: dict[SignalKind, str] = {}
    peak = None
    fees: tuple[Fee, ...] = ()
    for subentry in entry.get_subentries_of_type(SUBENTRY_TARIFF):
        try:
            if subentry.data.get(CONF_KIND) == PEAK:
                peak = peak_of(subentry.data)
            elif subentry.data.get(CONF_KIND) == FEES:
                fees = fees_of(subentry.data)
            else:
                kind = SignalKind(subentry.data[CONF_KIND])
                contracts[kind] = contract_of(subentry.data)
                names[kind] = subentry.title
        except (KeyError, ValueError) as error:
            LOGGER.warning("The tariff %s cannot be read and is left out: %r", subentry.title, error)
    return Tariffs(contracts=contracts, names=names, peak=peak, fees=fees)


def charges_of(tariffs: Tariffs) -> Charges:
    """Return what is paid beside energy."""
    peak = tariffs.peak
    return Charges(
        fees=tariffs.fees,
        peak_per_kw_month=Decimal(0) if peak is None else peak.price_per_kw_month,
        least_peak_w=0 if peak is None else round(peak.least_w),
    )


def contract_of(data: Mapping[str, Any]) -> Contract:
    """Return the contract that a form or a subentry says. Raises TariffError, KeyError or ValueError."""
    if CONF_ENTITY in data:
        formula = PriceFormula(
            factor=_decimal(data.get(CONF_FACTOR, "1")),
            addition_per_kwh=_decimal(data.get(CONF_ADDITION, "0")),
            vat_share=_decimal(data.get(CONF_VAT_PERCENT, "0")) / 100,
        )
        return PublishedContract(entity_id=str(data[CONF_ENTITY]), formula=formula)
    low = _hours(data, CONF_LOW_PRICE, CONF_LOW_SINCE, CONF_LOW_UNTIL)
    high = _hours(data, CONF_HIGH_PRICE, CONF_HIGH_SINCE, CONF_HIGH_UNTIL)
    weekends_low = bool(data.get(CONF_WEEKENDS_LOW, False))
    return CalendarContract(
        calendar=day_and_night(_decimal(data[CONF_PRICE]), low, high, weekends_low=weekends_low)
    )


def peak_of(data: Mapping[str, Any]) -> PeakTariff:
    """Return the price of a peak that a form or a subentry says. Raises KeyError or ValueError."""
    least_kw = float(data.get(CONF_LEAST_KW, 0.0))
    return PeakTariff(price_per_kw_month=_decimal(data[CONF_PEAK_PRICE]), least_w=1000.0 * least_kw)


def fees_of(data: Mapping[str, Any]) -> tuple[Fee, ...]:
    """Return the fixed fees that a form or a subentry says; a rebate is below 0.

    Raises TariffError for none at all, and ValueError.
    """
    fees = tuple(
        Fee(amount=_decimal(data[name]), per=per)
        for name, per in _FEES_PER.items()
        if data.get(name) is not None
    )
    if not fees:
        raise TariffError("no_fee")
    return fees


def _hours(data: Mapping[str, Any], price: str, since: str, until: str) -> Hours | None:
    told = [data.get(name) is not None for name in (price, since, until)]
    if not any(told):
        return None
    if not all(told):
        raise TariffError("hours_incomplete")
    hours = Hours(
        price_per_kwh=_decimal(data[price]),
        since=time.fromisoformat(data[since]),
        until=time.fromisoformat(data[until]),
    )
    if hours.since == hours.until:
        raise TariffError("hours_equal")
    return hours


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error
