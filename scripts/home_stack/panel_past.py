"""A past for a home that is stopped: weeks of its series, what they cost, receipts of days and events.

What is made up is only what meters would have counted; all that follows from it the integration derives.
"""

import json
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from custom_components.home_flex.core.settlement.baselines.as_dispatched import Dispatched
from custom_components.home_flex.core.settlement.canonical import digest
from custom_components.home_flex.core.settlement.money import Terms
from custom_components.home_flex.core.settlement.receipt import EventAccount, Receipt, receipt
from custom_components.home_flex.core.settlement.settlement import Asks, Interval
from custom_components.home_flex.core.signals import Slot
from custom_components.home_flex.core.statistics import Mark, Period, slot_at, slot_start
from custom_components.home_flex.core.statistics.blocks import SLOTS_A_DAY, Block, BlockKind
from custom_components.home_flex.history.batch import Batch
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_runs import Run, RunKind
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.day_balance import DayBalance
from custom_components.home_flex.runtime.day_receipts import BatteryFacts, DayReceipts, Home

from .stack import HomeStack

type Cells = dict[tuple[str, str, str], dict[int, tuple[int | None, Mark]]]

_ZONE: Final = ZoneInfo("Europe/Amsterdam")
_CAPACITY_WH: Final = 10_000
_QUARTER_MS: Final = 900_000
_EVENT_DAYS: Final = (2, 5, 9, 12)
_EVENT_HOUR: Final = 18
_EVENT_LASTS: Final = timedelta(minutes=90)
_SLOT_S: Final = 300


async def give_past(stack: HomeStack, *, days: int) -> None:
    """Stop Home Assistant, put so many days into its stores, and start it again."""
    await stack.home_assistant.stored("core.config_entries", holding="ev_charger")
    await stack.home_assistant.kill()
    storage = stack.home_assistant.folder / ".storage"
    entry = _entry(storage)
    kinds = {each["subentry_type"]: each["subentry_id"] for each in entry["subentries"]}
    now = datetime.now(UTC)
    await _write(storage / f"home_flex.{entry['entry_id']}", entry["entry_id"], kinds, now, days)
    await stack.home_assistant.start()
    await stack.home_flex.ready()


def _entry(storage: Path) -> dict[str, Any]:
    entries = json.loads((storage / "core.config_entries").read_text())["data"]["entries"]
    found: dict[str, Any] = next(each for each in entries if each["domain"] == "home_flex")
    return found


async def _write(path: Path, entry_id: str, kinds: dict[str, str], now: datetime, days: int) -> None:
    series = await SeriesStore.open(path.with_name(f"{path.name}.series.sqlite"))
    store = await HistoryStore.open(path.with_name(f"{path.name}.sqlite"))
    try:
        first = slot_at(now - timedelta(days=days)) // SLOTS_A_DAY * SLOTS_A_DAY
        await series.write(_counted(kinds, range(first, slot_at(now))))
        name = digest(entry_id)
        events = {each.digest: each for each in _events(name, now)}
        await store.write(Batch(receipts=events))
        await _derive(series, store, name, kinds["battery"], range(first, slot_at(now)))
    finally:
        await series.close()
        await store.close()


def _counted(kinds: dict[str, str], slots: range) -> SeriesBatch:
    """Return what the meters of a winter's home count: sun at noon, a battery that waits for the evening."""
    cells: Cells = {}

    def put(kind: str, name: str, slot: int, value: float, unit: str = "Wh") -> None:
        cells.setdefault((kind, name, unit), {})[slot] = (round(value), Mark.MEASURED)

    stored_wh = 0.4 * _CAPACITY_WH
    for slot in slots:
        hour, day = _hour(slot), slot // SLOTS_A_DAY
        sun_wh = max(0.0, math.cos((hour - 12.5) * math.pi / 9)) * (170 + 110 * math.sin(day * 2.1))
        home_wh = 28 + 14 * math.sin(hour / 24 * 2 * math.pi - 2) + (55 if 17 <= hour < 21 else 0)
        car_wh = 300 if day % 2 and 1 <= hour < 4 else 0
        net_wh = home_wh + car_wh - sun_wh
        charge_wh = min(250.0, max(0.0, -net_wh), (_CAPACITY_WH - stored_wh) / 0.95)
        discharge_wh = min(250.0, max(0.0, net_wh - car_wh), max(0.0, stored_wh - 1000) * 0.95)
        discharge_wh = 0.0 if hour < 17 else discharge_wh
        stored_wh += charge_wh * 0.95 - discharge_wh / 0.95
        # A meter that counts whole watt-hours: what is bought and sold is what the rest leaves.
        whole = [round(each) for each in (home_wh, car_wh, sun_wh, charge_wh, discharge_wh)]
        grid_wh = whole[0] + whole[1] - whole[2] + whole[3] - whole[4]
        put("grid_meter", "import", slot, max(0, grid_wh))
        put("grid_meter", "export", slot, max(0, -grid_wh))
        put("pv", "production", slot, whole[2])
        put("battery", "charge", slot, whole[3])
        put("battery", "discharge", slot, whole[4])
        put("battery", "state_of_charge", slot, 1000 * stored_wh / _CAPACITY_WH, "per_mille")
        put("ev_charger", "consumption", slot, whole[1])
        powers = {
            "grid_meter": grid_wh,
            "pv": -whole[2],
            "battery": whole[3] - whole[4],
            "ev_charger": whole[1],
        }
        for kind, wh in powers.items():
            put(kind, "power", slot, wh * 12, "W")
    batch = SeriesBatch()
    for (kind, name, unit), values in cells.items():
        batch.put(SeriesKey(device_id=kinds[kind], name=name, unit=unit), values)
    batch.prices |= dict(_prices(slots))
    batch.runs.extend(_runs(kinds, cells, slots))
    return batch


def _runs(kinds: dict[str, str], cells: Cells, slots: range) -> Iterator[Run]:
    """Yield what was expected of the last day, every three hours: a little less sun and a little more use."""
    today = range(slots.stop - SLOTS_A_DAY, slots.stop)
    imported, exported, sun, car = (
        {slot: (cells[key][slot][0] or 0) * 12 for slot in today}
        for key in (
            ("grid_meter", "import", "Wh"),
            ("grid_meter", "export", "Wh"),
            ("pv", "production", "Wh"),
            ("ev_charger", "consumption", "Wh"),
        )
    )
    battery_w = {slot: cells["battery", "power", "W"][slot][0] or 0 for slot in today}
    expected = {
        (RunKind.PLAN, ""): [imported[slot] - exported[slot] + 150 for slot in today],
        (RunKind.FORECAST, "load"): [
            round(1.1 * (imported[slot] - exported[slot] + sun[slot] - battery_w[slot] - car[slot]))
            for slot in today
        ],
        (RunKind.FORECAST, kinds["pv"]): [round(0.85 * sun[slot]) for slot in today],
    }
    for first in range(0, SLOTS_A_DAY, 36):
        for (kind, subject), powers_w in expected.items():
            start = slot_start(today[first])
            yield Run(
                kind=kind,
                subject=subject,
                known_at=start,
                start=start,
                lengths_s=(_SLOT_S,) * (SLOTS_A_DAY - first),
                powers_w=tuple(powers_w[first:]),
            )


def _prices(slots: range) -> Iterator[tuple[tuple[str, datetime], tuple[Slot, str]]]:
    for slot in range(slots.start, slots.stop, 12):
        start, hour = slot_start(slot), _hour(slot)
        dear = math.exp(-((hour - 18.5) ** 2) / 8) + 0.6 * math.exp(-((hour - 8) ** 2) / 4)
        price = Decimal(round(0.17 + 0.16 * dear, 4)).quantize(Decimal("0.0001"))
        for kind, value, unit in (
            ("import_price", price, "EUR/kWh"),
            ("export_price", (price / 3).quantize(Decimal("0.0001")), "EUR/kWh"),
            ("carbon_intensity", Decimal(round(180 + 240 * dear)), "g/kWh"),
        ):
            yield (
                (kind, start),
                (
                    Slot(start=start, end=slot_start(slot + 12), value=value, known_at=start, source="past"),
                    unit,
                ),
            )


def _hour(slot: int) -> float:
    local = slot_start(slot).astimezone(_ZONE)
    return local.hour + local.minute / 60


def _events(home: str, now: datetime) -> Iterator[Receipt]:
    """Yield receipts of evenings on which the community asked for less, each of an hour and a half."""
    today = now.astimezone(_ZONE).replace(hour=_EVENT_HOUR, minute=0, second=0, microsecond=0)
    for number, back in enumerate(_EVENT_DAYS):
        start = today - timedelta(days=back)
        used_wh = [80 + 30 * number + 10 * quarter for quarter in range(6)]
        rest_wh = [300 + 20 * quarter for quarter in range(6)]
        intervals = tuple(
            Interval(
                length_ms=_QUARTER_MS,
                covered_ms=_QUARTER_MS,
                used_wh=wh,
                quarter=quarter,
                high_w=1000,
                watched_ms=_QUARTER_MS,
                kept_ms=_QUARTER_MS if number != 1 else _QUARTER_MS * 8 // 10,
            )
            for quarter, wh in enumerate(used_wh)
        )
        yield receipt(
            EventAccount(
                home=home,
                event={
                    "id": f"evening-{start:%m-%d}",
                    "program": "evening-peak",
                    "name": "Evening peak",
                    "status": "SUCCEEDED",
                    "scope": "SITE",
                    "start": start.astimezone(UTC).isoformat(),
                    "end": (start + _EVENT_LASTS).astimezone(UTC).isoformat(),
                    # Nobody saw it begin: these receipts are not reckoned anew from the series.
                    "started": None,
                    "ended": None,
                },
                asks=Asks.LESS,
                intervals=intervals,
                asked=None,
                dispatched=Dispatched(
                    lengths_ms=(_QUARTER_MS,) * 6, rest_wh=tuple(rest_wh), sun_wh=(0,) * 6, most_w=17_250
                ),
                rules=(),
                programme_rule="as_dispatched",
                terms=Terms(currency="EUR", per_kwh=Decimal("0.40")),
            )
        )


async def _derive(series: SeriesStore, store: HistoryStore, home: str, battery_id: str, slots: range) -> None:
    """Have the integration reckon each day's balance and receipt."""
    put: list[Receipt] = []

    async def receipts(kind: str, subject: str | None, day: Period) -> list[Receipt]:
        return await store.receipts(kind=kind, subject=subject, start=day.start, end=day.end)

    battery = BatteryFacts(device_id=battery_id, capacity_wh=_CAPACITY_WH, most_in_w=3000, most_out_w=3000)
    of_home = Home(
        name=home,
        currency="EUR",
        zone=lambda: _ZONE,
        clock=lambda: slot_start(slots.stop),
        batteries=lambda: [battery],
        receipts=receipts,
        put=put.append,
    )
    for rule in (DayBalance(series), DayReceipts(series, of_home)):
        for block in _blocks(rule.kind, slots):
            made = await rule.make(block)
            made.batch.blocks.append(made.block)
            await series.write(made.batch)
            await store.write(Batch(receipts={each.digest: each for each in put}))
            put.clear()


def _blocks(kind: BlockKind, slots: range) -> Iterable[Block]:
    return (
        Block(kind=kind, day=day) for day in range(slots.start // SLOTS_A_DAY, slots.stop // SLOTS_A_DAY + 1)
    )
