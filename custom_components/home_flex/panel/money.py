"""What a day, week, month or year brought: energy, money and carbon, each with what is known of it.

Energies in Wh, money as texts in the site's currency, carbon in g, shares 0 to 1, times as ISO 8601.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..coordinator import HomeFlexCoordinator
from ..core.settlement.local_days import NEAR
from ..core.settlement.month import COURSES, day_row, event_row, money_sum
from ..core.settlement.receipt import Receipt
from ..core.statistics import Grouping, Period, civil_period, midnight, periods, rounded
from ..history.series_store import KEEP, SeriesStore
from ..runtime.accounts import Account, Amount, Valued, accounts, together
from ..runtime.statistics import Figures
from .shown import share, told

# What is drawn of a period: a day by its hours, a year by its months.
PARTS: Final[Mapping[Grouping, Grouping]] = {
    Grouping.DAY: Grouping.HOUR,
    Grouping.WEEK: Grouping.DAY,
    Grouping.MONTH: Grouping.DAY,
    Grouping.YEAR: Grouping.MONTH,
}
# Slots are written at most once a minute, a quarter of a minute after their end.
_WRITTEN_AFTER: Final = timedelta(minutes=2)
_MOST_EVENTS: Final = 200
_MOST_DAYS: Final = 40
_FAMILIES: Final = (
    "import",
    "export",
    "production",
    "charge",
    "discharge",
    "load",
    "direct_consumption",
)


def keep_s(grouping: Grouping) -> float:
    """Return how long a document is as good as a new one: what takes longest to reckon changes least."""
    return {Grouping.DAY: 20.0, Grouping.WEEK: 60.0}.get(grouping, 300.0)


async def money_document(
    coordinator: HomeFlexCoordinator, grouping: Grouping, day: date, first_weekday: int
) -> Mapping[str, Any]:
    """Return what the period of a local day brought. Raises RequestError, HistoryError.

    ``first_weekday``: on which day weeks begin, as ``date.weekday`` counts.
    """
    store = coordinator.series.opened().keeper.store
    zone, now = dt_util.get_default_time_zone(), dt_util.utcnow()
    within = midnight(day, zone) + timedelta(hours=1)
    whole = civil_period(within, grouping, zone, first_weekday=first_weekday)
    document = {
        "grouping": grouping.value,
        **_place(whole, grouping, now, zone, first_weekday),
        "currency": coordinator.site.currency,
        **await _receipts_of(coordinator, whole, zone),
    }
    until = min(whole.end, now - _WRITTEN_AFTER)
    if until - whole.start < timedelta(minutes=15):
        return {**document, "until": told(whole.start), "total": None, "parts": [], "devices": []}
    asked = periods(whole.start, until, PARTS[grouping], zone)
    found = await accounts(store, coordinator.site.currency, asked)
    account = together(found)
    return {
        **document,
        "until": told(account.period.end),
        "total": {
            **account_document(account),
            **await _beside_energy(coordinator, store, account, zone),
        },
        "parts": [{"start": told(each.period.start), **account_document(each)} for each in found],
        "devices": _devices(coordinator, account),
    }


def _place(
    whole: Period, grouping: Grouping, now: datetime, zone: tzinfo, first_weekday: int
) -> Mapping[str, Any]:
    """Return the period and those beside it, by a day of each; None where nothing is kept or yet to come."""
    before = whole.start - timedelta(hours=1)
    return {
        "date": _day(whole.start, zone),
        "start": told(whole.start),
        "end": told(whole.end),
        "before": None
        if whole.start < now - KEEP
        else _day(civil_period(before, grouping, zone, first_weekday=first_weekday).start, zone),
        "after": None if whole.end > now else _day(whole.end, zone),
    }


def _day(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def account_document(account: Account) -> Mapping[str, Any]:
    """Return what was counted, bought, sold and emitted, each with the share of its time that is known."""
    bought, sold = account.bought, account.sold
    return {
        "energy": {name: _amount(account.of(name)) for name in _FAMILIES},
        "bought": _money(bought),
        "sold": _money(sold),
        "paid": str(rounded(bought.amount - sold.amount)),
        "carbon_g": {
            "amount": round(account.carbon_g.amount) if account.carbon_g.known_slots else None,
            "known": share(account.carbon_g.known_share),
        },
        **_shares(account),
    }


def _amount(amount: Amount | None) -> Mapping[str, Any] | None:
    if amount is None:
        return None
    coverage = amount.coverage
    return {
        "wh": amount.energy_wh if coverage.known_share else None,
        "known": share(coverage.known_share),
        "measured": share(coverage.measured_share),
    }


def _money(valued: Valued) -> dict[str, Any]:
    return {
        "amount": str(rounded(valued.amount)) if valued.known_slots else None,
        "known": share(valued.known_share),
    }


def _shares(account: Account) -> Mapping[str, float | None]:
    """Return self-consumption and self-sufficiency, as ``core.statistics.energy`` defines them."""
    names = ("direct_consumption", "exported_production", "charged_production", "balanced_import", "load")
    direct, exported, charged, imported, load = (account.of(name) or Amount() for name in names)
    produced_wh = direct.energy_wh + exported.energy_wh + charged.energy_wh
    return {
        "self_consumption": share(1 - exported.energy_wh / produced_wh) if produced_wh > 0 else None,
        "self_sufficiency": share(1 - imported.energy_wh / load.energy_wh) if load.energy_wh > 0 else None,
    }


async def _beside_energy(
    coordinator: HomeFlexCoordinator, store: SeriesStore, account: Account, zone: tzinfo
) -> Mapping[str, Any]:
    """Return what the peak and fixed fees cost, None where none is paid, and what is paid with them."""
    charges, period = coordinator.charges, account.period
    figures = Figures(store=store, zone=zone, currency=coordinator.site.currency, charges=charges)
    peak, fees = await figures.peak_cost(period), figures.fees_cost(period)
    bought, sold = account.bought, account.sold
    lines = lines_of(bought=bought.amount, sold=sold.amount, peak=peak, fees=fees)
    return {
        "peak": str(lines["peak"]) if any(each.peak_per_kw_month for each in charges) else None,
        "fees": str(lines["fees"]) if any(each.fees for each in charges) else None,
        "bought": _money(bought) | ({"amount": str(lines["bought"])} if bought.known_slots else {}),
        "sold": _money(sold) | ({"amount": str(lines["sold"])} if sold.known_slots else {}),
        "paid": str(lines["paid"]),
    }


def lines_of(*, bought: Decimal, sold: Decimal, peak: Decimal, fees: Decimal) -> dict[str, Decimal]:
    """Return the lines of a sum and what is paid, in cents: they add up, and what is paid is rounded once.

    Cumulative rounding, fees first, which are whole cents: each line is off by less than a cent.
    """
    first = rounded(fees)
    second = rounded(fees + peak)
    third = rounded(fees + peak + bought)
    paid = rounded(fees + peak + bought - sold)
    return {
        "fees": first,
        "peak": second - first,
        "bought": third - second,
        "sold": third - paid,
        "paid": paid,
    }


def _devices(coordinator: HomeFlexCoordinator, account: Account) -> list[Mapping[str, Any]]:
    """Return what each device took and gave, in the home's order; the meter is the home's own figures."""
    return [
        {
            "device_id": device_id,
            "kind": device.kind.value,
            "name": device.name,
            "energy": {name: _amount(amount) for name, amount in account.devices[device_id].items()},
        }
        for device_id, device in coordinator.data.devices.items()
        if device_id in account.devices and not {"import", "export"} & set(account.devices[device_id])
    ]


async def _receipts_of(coordinator: HomeFlexCoordinator, whole: Period, zone: tzinfo) -> Mapping[str, Any]:
    """Return what the period's receipts say: what events brought, and what days would have cost otherwise."""
    store, currency = coordinator.receipts, coordinator.site.currency
    events = await store.receipts(kind="event", start=whole.start, end=whole.end, limit=_MOST_EVENTS)
    rows = [event_row(each, zone) | {"currency": _currency(each)} for each in events]
    ours = [row for row in rows if row["currency"] == currency]
    days = await _day_rows(coordinator, whole, zone)
    return {
        "events": rows,
        "earned": money_sum(ours, "paid"),
        "otherwise": _otherwise(days),
        "days": {"with_receipt": len(days), "all": _days_over(whole, zone)},
    }


def _currency(receipt: Receipt) -> str | None:
    document: Mapping[str, Any] = receipt.document
    terms = document["terms"]
    return None if terms is None else terms["currency"]


async def _day_rows(coordinator: HomeFlexCoordinator, whole: Period, zone: tzinfo) -> list[Mapping[str, Any]]:
    """Return the days of the period, month by month: a receipt is some kilobytes."""
    rows: dict[str, Mapping[str, Any]] = {}
    for stretch in periods(whole.start, whole.end, Grouping.MONTH, zone):
        found = await coordinator.receipts.receipts(
            kind="day", start=stretch.start - NEAR, end=stretch.end + NEAR, limit=_MOST_DAYS
        )
        of_currency = (each for each in found if each.document["currency"] == coordinator.site.currency)
        rows |= {row["date"]: row for row in map(day_row, of_currency)}
    first, last = _day(whole.start, zone), _day(whole.end - timedelta(hours=1), zone)
    return [row for name, row in sorted(rows.items()) if first <= name <= last]


def _otherwise(days: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what each other course would have cost more than what happened, and of how many days."""
    found: list[Mapping[str, Any]] = []
    for course in COURSES:
        saved = [row["saved"] for row in days if row["saved"][course] is not None]
        if saved:
            found.append({"course": course, "saved": money_sum(saved, course), "days": len(saved)})
    return found


def _days_over(whole: Period, zone: tzinfo) -> int:
    """Return how many days of the period are over."""
    now = dt_util.utcnow()
    return sum(each.end <= now for each in periods(whole.start, whole.end, Grouping.DAY, zone))
