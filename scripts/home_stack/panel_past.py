"""A past for a home that is stopped: weeks of its series, what they cost, receipts of days and events.

What is made up is only what meters would have counted; all that follows from it the integration derives.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from custom_components.home_flex.core.events.codec import record_to_json
from custom_components.home_flex.core.settlement.canonical import digest
from custom_components.home_flex.core.settlement.receipt import Receipt
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
from custom_components.home_flex.runtime.planning.measured import LOAD, STEP_S, Measured

from .past_events import ZONE, past_receipts, past_records
from .stack import HomeStack

type Cells = dict[tuple[str, str, str], dict[int, tuple[int | None, Mark]]]

CAPACITY_WH: Final = 10_000.0
_SLOT_S: Final = 300
_HALF_HOURS_A_DAY: Final = 48


type House = Callable[[datetime], tuple[float, float]]
"""What a house uses and what the sun gives at a time, W."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """So many days of a house, and what its battery holds."""

    days: int
    house: House
    capacity_wh: float


async def give_past(
    stack: HomeStack, *, days: int, house: House | None = None, capacity_wh: float = CAPACITY_WH
) -> None:
    """Stop Home Assistant, put days of a house (a made-up one) into its stores, and start it again."""
    past = Past(days=days, house=house or _made_up, capacity_wh=capacity_wh)
    await stack.home_assistant.stored("core.config_entries", holding="ev_charger")
    await stack.home_assistant.kill()
    storage = stack.home_assistant.folder / ".storage"
    entry = _entry(storage)
    kinds = {each["subentry_type"]: each["subentry_id"] for each in entry["subentries"]}
    now = datetime.now(UTC)
    await _write(storage / f"home_flex.{entry['entry_id']}", entry["entry_id"], kinds, now, past)
    await stack.home_assistant.start()
    await stack.home_flex.ready()


def _entry(storage: Path) -> dict[str, Any]:
    entries = json.loads((storage / "core.config_entries").read_text())["data"]["entries"]
    found: dict[str, Any] = next(each for each in entries if each["domain"] == "home_flex")
    return found


async def _write(path: Path, entry_id: str, kinds: dict[str, str], now: datetime, past: Past) -> None:
    series = await SeriesStore.open(path.with_name(f"{path.name}.series.sqlite"))
    store = await HistoryStore.open(path.with_name(f"{path.name}.sqlite"))
    try:
        first = slot_at(now - timedelta(days=past.days)) // SLOTS_A_DAY * SLOTS_A_DAY
        await series.write(_counted(kinds, range(first, slot_at(now)), past))
        name = digest(entry_id)
        events = {each.digest: each for each in past_receipts(name, now)}
        records = {each.event.event_id: record_to_json(each) for each in past_records(now)}
        settings = _remembered(kinds, now, past)
        await store.write(Batch(receipts=events, records=dict(records), settings=settings))
        facts = BatteryFacts(
            device_id=kinds["battery"], capacity_wh=round(past.capacity_wh), most_in_w=3000, most_out_w=3000
        )
        await _derive(series, store, name, facts, range(first, slot_at(now)))
    finally:
        await series.close()
        await store.close()


class _Kept:
    """Takes documents that are to be kept, as the store has them."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}

    def put_document(self, key: str, document: Mapping[str, Any]) -> None:
        self.settings[key] = json.dumps(document)


def _remembered(kinds: dict[str, str], now: datetime, past: Past) -> dict[str, str]:
    """Return what forecasts are made from: what the house used and the sun gave in past half-hours."""
    kept = _Kept()
    measured = Measured(None, documents=kept, clock=lambda: now, monotonic_s=lambda: 0.0)
    last = int(now.timestamp()) // STEP_S
    steps = range(last - past.days * _HALF_HOURS_A_DAY, last)
    powers = {step: past.house(datetime.fromtimestamp((step + 0.5) * STEP_S, UTC)) for step in steps}
    measured.learn(
        {
            LOAD: {step: home_w for step, (home_w, _) in powers.items()},
            kinds["pv"]: {step: sun_w for step, (_, sun_w) in powers.items()},
        }
    )
    return kept.settings


def _made_up(time: datetime) -> tuple[float, float]:
    hour, day = _hour(time), slot_at(time) // SLOTS_A_DAY
    sun_wh = max(0.0, math.cos((hour - 12.5) * math.pi / 9)) * (170 + 110 * math.sin(day * 2.1))
    home_wh = 28 + 14 * math.sin(hour / 24 * 2 * math.pi - 2) + (55 if 17 <= hour < 21 else 0)
    return home_wh * 12, sun_wh * 12


def _counted(kinds: dict[str, str], slots: range, past: Past) -> SeriesBatch:
    """Return what the meters of a home count: beside the house a car at night, a battery for the evening."""
    cells: Cells = {}

    def put(kind: str, name: str, slot: int, value: float, unit: str = "Wh") -> None:
        cells.setdefault((kind, name, unit), {})[slot] = (round(value), Mark.MEASURED)

    capacity_wh = past.capacity_wh
    stored_wh = 0.4 * capacity_wh
    for slot in slots:
        hour, day = _hour(slot_start(slot)), slot // SLOTS_A_DAY
        home_w, sun_w = past.house(slot_start(slot))
        home_wh, sun_wh = home_w / 12, sun_w / 12
        car_wh = 300 if day % 2 and 1 <= hour < 4 else 0
        net_wh = home_wh + car_wh - sun_wh
        charge_wh = min(250.0, max(0.0, -net_wh), (capacity_wh - stored_wh) / 0.95)
        discharge_wh = min(250.0, max(0.0, net_wh - car_wh), max(0.0, stored_wh - 0.1 * capacity_wh) * 0.95)
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
        put("battery", "state_of_charge", slot, 1000 * stored_wh / capacity_wh, "per_mille")
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
        start, hour = slot_start(slot), _hour(slot_start(slot))
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


def _hour(time: datetime) -> float:
    local = time.astimezone(ZONE)
    return local.hour + local.minute / 60


async def _derive(
    series: SeriesStore, store: HistoryStore, home: str, battery: BatteryFacts, slots: range
) -> None:
    """Have the integration reckon each day's balance and receipt."""
    put: list[Receipt] = []

    async def receipts(kind: str, subject: str | None, day: Period) -> list[Receipt]:
        return await store.receipts(kind=kind, subject=subject, start=day.start, end=day.end)

    of_home = Home(
        name=home,
        currency="EUR",
        zone=lambda: ZONE,
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
