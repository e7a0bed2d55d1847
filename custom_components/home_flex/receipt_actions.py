"""The actions about receipts: show and verify them, sum up a month, and compare an aggregator's statement."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.settlement.local_days import NEAR
from .core.settlement.month import month_statement
from .core.settlement.statement import Compared, Line, compared
from .core.settlement.verify import bundle_of, receipt_from, verify
from .core.statistics import Grouping, civil_period
from .export_actions import folder_of
from .runtime.view import RequestError
from .statement_page import statement_page

_SITE: Final = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_EVENT_ID: Final = probatio.All(cv.string, probatio.Length(min=1, max=128))
_MOST: Final = 200
_LARGEST: Final = Decimal(10) ** 9


def _decimal(value: object) -> Decimal:
    """Return a number as it was written. Raises Invalid for what is none, or beyond any statement."""
    try:
        number = Decimal(str(value))
        is_sound = number.is_finite() and abs(number) < _LARGEST
    except ArithmeticError as error:
        raise probatio.Invalid("no number") from error
    if isinstance(value, bool) or not is_sound:
        raise probatio.Invalid("no number")
    return number


_GET_SCHEMA: Final = probatio.Schema(
    {
        **_SITE,
        probatio.Optional("kind"): probatio.In(["event", "day"]),
        probatio.Optional("event_id"): _EVENT_ID,
        probatio.Optional("start"): cv.datetime,
        probatio.Optional("end"): cv.datetime,
        probatio.Optional("limit", default=10): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=_MOST)
        ),
    }
)
_VERIFY_SCHEMA: Final = probatio.Schema({**_SITE, probatio.Required("receipt"): dict})
_STATEMENT_SCHEMA: Final = probatio.Schema(
    {
        **_SITE,
        probatio.Required("month"): cv.date,
        probatio.Optional("folder", default="media"): probatio.In(("media", "share")),
    }
)
_COMPARE_SCHEMA: Final = probatio.Schema(
    {
        **_SITE,
        probatio.Required("lines"): [
            probatio.Schema(
                {
                    probatio.Required("event_id"): _EVENT_ID,
                    probatio.Optional("delivered"): _decimal,
                    probatio.Optional("paid"): _decimal,
                }
            )
        ],
        probatio.Optional("start"): cv.datetime,
        probatio.Optional("end"): cv.datetime,
    }
)


async def _read(coordinator: HomeFlexCoordinator, call: ServiceCall, **asked: Any) -> list[Any]:
    start, end = call.data.get("start"), call.data.get("end")
    return await coordinator.receipts.receipts(
        start=dt_util.as_utc(start) if start else None, end=dt_util.as_utc(end) if end else None, **asked
    )


async def _get_receipts(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    event_id = call.data.get("event_id")
    found = await _read(
        coordinator,
        call,
        kind="event" if event_id else call.data.get("kind"),
        subject=event_id,
        limit=call.data["limit"],
    )
    return {"receipts": [bundle_of(each) for each in found]}


async def _verify_receipt(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    bundle = call.data["receipt"]
    try:
        found, told = receipt_from(bundle), bundle.get("digest")
    except (KeyError, TypeError) as error:
        raise RequestError("no_receipt", "This is no receipt") from error
    differences = await coordinator.hass.async_add_executor_job(verify, found, told)
    return {"holds": not differences, "differences": differences}


async def _compare_statement(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    receipts = await _read(coordinator, call, kind="event", limit=_MOST)
    results = {each.document["event"]["id"]: each.document["results"] for each in receipts}
    named = {line["event_id"] for line in call.data["lines"]}
    if "start" not in call.data:
        # Without a time the statement is about what it names.
        results = {event_id: each for event_id, each in results.items() if event_id in named}
    lines = [
        Line(event_id=line["event_id"], delivered_wh=_wh(line.get("delivered")), paid=line.get("paid"))
        for line in call.data["lines"]
    ]
    rows = compared(lines, results)
    return {
        "lines": [_row(row) for row in rows],
        "agrees": all(row.comparison == "agrees" for row in rows),
    }


def _wh(energy_kwh: Decimal | None) -> Decimal | None:
    return None if energy_kwh is None else 1000 * energy_kwh


def _row(row: Compared) -> dict[str, Any]:
    theirs, ours = row.delivered_wh, row.ours_wh
    return {
        "event_id": row.event_id,
        "comparison": row.comparison.value,
        "delivered": None if theirs is None else str(theirs / 1000),
        "delivered_here": None if ours is None else str(Decimal(ours) / 1000),
        "paid": None if row.paid is None else str(row.paid),
        "paid_here": None if row.ours_paid is None else str(row.ours_paid),
    }


async def _get_statement(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    hass, zone = coordinator.hass, dt_util.get_default_time_zone()
    month = civil_period(dt_util.start_of_local_day(call.data["month"]), Grouping.MONTH, zone)
    store, start, end = coordinator.receipts, month.start, month.end
    days = await store.receipts(kind="day", start=start - NEAR, end=end + NEAR, limit=_MOST)
    events = await store.receipts(kind="event", start=start, end=end, limit=_MOST)
    name = month.start.astimezone(zone).strftime("%Y-%m")
    statement = month_statement(name, coordinator.site.currency, days, events, zone)
    language = hass.config.language
    said = await async_get_translations(hass, language, "common", [DOMAIN])
    prefix = f"component.{DOMAIN}.common.statement_"
    texts = {key.removeprefix(prefix): text for key, text in said.items() if key.startswith(prefix)}
    page = statement_page(statement, coordinator.site.name, language, texts)

    def write() -> Path:
        path = folder_of(hass, call.data["folder"]) / f"{slugify(coordinator.site.name)}_{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page)
        return path

    try:
        path = await hass.async_add_executor_job(write)
    except OSError as error:
        raise RequestError("not_written", str(error)) from error
    return {"path": str(path), "statement": statement}


RECEIPT_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema, SupportsResponse]]
] = {
    "get_receipts": (_get_receipts, _GET_SCHEMA, SupportsResponse.ONLY),
    "verify_receipt": (_verify_receipt, _VERIFY_SCHEMA, SupportsResponse.ONLY),
    "get_statement": (_get_statement, _STATEMENT_SCHEMA, SupportsResponse.ONLY),
    "compare_statement": (_compare_statement, _COMPARE_SCHEMA, SupportsResponse.ONLY),
}
