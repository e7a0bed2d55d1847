"""Yesterday's receipt in plain words: a file of that day is taken in, and what came of it is told."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from .api import HomeAssistantApi, wait_until
from .receipt_story import Tell, holds_elsewhere

_FILE: Final = "yesterday.csv"
_COLUMNS: Final = ("import", "export", "production", "charge", "discharge")
_BACK: Final = timedelta(hours=60)
_STEP: Final = timedelta(minutes=15)
_STORE_KWH: Final = 8.0
_MOST_KWH: Final = 1.0
_KEPT_SHARE: Final = 0.9
# What is derived of a day comes a few minutes after it was told.
_LONGEST_S: Final = 420
_OTHERWISE: Final = {
    "without_plan": "without the plan",
    "without_battery": "without the battery",
    "without_sun": "without sun and battery",
    "without_event": "without the events",
    "flat_tariff": "with one price for all hours",
}


async def yesterday_told(api: HomeAssistantApi, folder: Path, tell: Tell) -> None:
    """Take in a file of the last days of the house, as a meter's portal would give it."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    (folder / _FILE).write_text("\n".join(_rows(now - _BACK, now)))
    asked = {
        "path": _FILE,
        "time_column": "time",
        "columns": {name: name for name in _COLUMNS},
        "unit": "kWh",
    }
    answer = await api.call("home_flex", "import_history", asked, answers=True)
    found = sum(column["new"] for column in answer["columns"])
    tell(f"a file of the house's last {_BACK // timedelta(hours=1)} hours is taken in: {found} figures")


async def day_receipt_told(api: HomeAssistantApi, folder: Path, tell: Tell) -> bool:
    """Tell what stands in yesterday's receipt; return whether it holds when it is reckoned again."""
    since = datetime.now(UTC) - timedelta(hours=50)

    async def kept() -> dict[str, Any] | None:
        asked = {"kind": "day", "start": since.isoformat()}
        answer = await api.call("home_flex", "get_receipts", asked, answers=True)
        return next(iter(answer["receipts"]), None)

    tell("yesterday's receipt follows when its day is derived, some minutes after the file was taken in")
    bundle = await wait_until(kept, "yesterday's receipt", timeout_s=_LONGEST_S, every_s=2)
    for line in sentences(bundle["receipt"]):
        tell(line)
    return await holds_elsewhere(bundle, folder / "day.json", tell)


def sentences(document: dict[str, Any]) -> Iterator[str]:
    """Yield a day's receipt as sentences."""
    results, currency = document["results"], document["currency"]
    happened = results["happened"]
    known = f"{float(results['known']):.0%} of it known"
    yield (
        f"your day {document['day']['date']}: {_kwh(happened['import_wh'])} bought, "
        f"{_kwh(happened['export_wh'])} sold, {_kwh(happened['production_wh'])} from the roof, {known}"
    )
    yield f"it cost {happened['cost']} {currency}, fixed fees not counted"
    for name, words in _OTHERWISE.items():
        if (other := results["otherwise"].get(name)) is not None:
            saved = _saved(other["saved"], currency)
            yield f"  {words} it would have cost {other['cost']} {currency}: {saved}"
    gone = results["given_up"]
    if gone is not None:
        lacked = f", and a car lacked {_kwh(gone['lacked_wh'])} at its hour" if gone["lacked_wh"] else ""
        yield f"you gave up {gone['unmet_s'] // 60} minutes in which it was not as you wished{lacked}"
    if document["priced_afterwards"]:
        yield "its prices are those that you entered today: nobody told them yesterday"


def _saved(amount: str, currency: str) -> str:
    return (
        f"{amount} {currency} saved" if float(amount) >= 0 else f"{amount.removeprefix('-')} {currency} lost"
    )


def _kwh(energy_wh: int) -> str:
    return f"{energy_wh / 1000:.2f} kWh"


def _rows(start: datetime, end: datetime) -> Iterator[str]:
    """Yield the lines of the file: a house with its evening, a roof of 3 kW and a battery."""
    yield ",".join(("time", *_COLUMNS))
    stored_kwh, moment = 0.0, start
    while moment < end:
        hour = moment.hour + moment.minute / 60
        load = 0.1 + 0.35 * math.exp(-((hour - 18.5) ** 2) / 4)
        sun = 0.75 * max(math.sin(math.pi * (hour - 7) / 11), 0.0) if 7 <= hour <= 18 else 0.0
        over = sun - load
        charge = min(max(over, 0.0), _MOST_KWH, (_STORE_KWH - stored_kwh) / _KEPT_SHARE)
        give = min(max(-over, 0.0), _MOST_KWH, stored_kwh)
        stored_kwh += charge * _KEPT_SHARE - give
        net = load - sun + charge - give
        values = (max(net, 0.0), max(-net, 0.0), sun, charge, give)
        yield ",".join((moment.isoformat(), *(f"{value:.3f}" for value in values)))
        moment += _STEP
