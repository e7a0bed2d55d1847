"""A home's past from statistics and files: filled in once, told in full, and refused by name."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from custom_components.home_flex.core.model import Site
from custom_components.home_flex.core.signals import Signal, SignalKind, Slot
from custom_components.home_flex.core.signals.contracts import wanted_from
from custom_components.home_flex.core.signals.tariffs import fixed
from custom_components.home_flex.core.statistics.backfill import Interval
from custom_components.home_flex.core.statistics.meter_file import FileLayout
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime.backfill import Backfill
from custom_components.home_flex.runtime.one_task import OneTask
from custom_components.home_flex.runtime.view import RequestError

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
IMPORT = SeriesKey(device_id="meter", name="import", unit="Wh")
SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.3"),
    export_price_per_kwh=Decimal("0.05"),
)


class Recorder:
    """Statistics of 400 W for a year by the hour, and by five minutes for ten days; progress is looked at."""

    def __init__(self, task: OneTask) -> None:
        self._task = task
        self.shares: list[float] = []
        self.amount_w = 400.0

    async def __call__(
        self, _statistic_id: str, unit: str, start: datetime, end: datetime, length_s: int
    ) -> Iterable[Interval]:
        assert unit == "Wh"
        assert self._task.progress is not None
        self.shares.append(self._task.progress.share)
        known = max(start, NOW - (timedelta(days=10) if length_s == 300 else timedelta(days=365)))
        first = -(-int(known.timestamp()) // length_s)
        return [
            Interval(start_s=at * length_s, amount=self.amount_w * length_s / 3600)
            for at in range(first, int(end.timestamp()) // length_s)
        ]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    yield opened
    await opened.close()


async def total(store: SeriesStore) -> int:
    end = int(NOW.timestamp()) // 300
    (found,) = await store.sums([IMPORT], [Stretch(first_slot=end - 400 * 288, end_slot=end)])
    return found[IMPORT].total


async def test_a_year_of_statistics_is_filled_in_once(store: SeriesStore) -> None:
    backfill = Backfill(store, SITE, task := OneTask())
    recorder = Recorder(task)

    fine, coarse = await backfill.from_statistics({IMPORT: "sensor.import"}, recorder, NOW)

    assert (fine["new"], fine["interval"]) == (10 * 288, 300)
    assert (coarse["new"], coarse["kept"]) == (355 * 24, 10 * 24)
    assert await total(store) == 365 * 24 * 400
    assert recorder.shares == sorted(recorder.shares)
    assert task.progress is None

    again = await backfill.from_statistics({IMPORT: "sensor.import"}, recorder, NOW)
    assert [each["new"] for each in again] == [0, 0]
    assert await total(store) == 365 * 24 * 400


async def test_statistics_in_another_unit_are_refused_as_a_whole_and_named(store: SeriesStore) -> None:
    backfill = Backfill(store, SITE, task := OneTask())
    recorder = Recorder(task)
    recorder.amount_w = 400_000.0

    report = await backfill.from_statistics({IMPORT: "sensor.import"}, recorder, NOW)

    assert [(each["looks_like"], each["new"]) for each in report] == [("Wh", 0), ("Wh", 0)]
    assert report[1]["refused"] == {"too_much": 365 * 24}


async def test_a_file_fills_in_its_quarter_hours_and_tells_what_it_refused(store: SeriesStore) -> None:
    lines = [
        "Time,Used",
        *(f"2026-06-0{1 + at // 96}T{at % 96 // 4:02}:{at % 4 * 15:02}Z,0.1" for at in range(192)),
    ]
    lines.append("2026-06-03T00:00Z,broken")
    layout = FileLayout(time="Time", columns={"import": "Used"}, unit="kWh")
    backfill = Backfill(store, SITE, OneTask())

    (found,) = await backfill.from_file(lines, layout, {"import": IMPORT})

    assert (found["found"], found["total"], found["new"]) == (192, 19_200, 576)
    assert (found["start"], found["end"]) == ("2026-06-01T00:00:00+00:00", "2026-06-03T00:00:00+00:00")
    assert found["refused"] == {"not_a_number": 1}
    (again,) = await backfill.from_file(lines, layout, {"import": IMPORT})
    assert (again["new"], again["kept"]) == (0, 576)


async def test_what_is_filled_in_is_priced_by_what_was_agreed_on_where_no_price_is_kept(
    store: SeriesStore,
) -> None:
    day = datetime(2026, 6, 1, tzinfo=UTC)
    noon = day + timedelta(hours=12)
    kept = Slot(start=noon, end=noon + timedelta(hours=1), value=Decimal("0.40"), known_at=day, source="then")
    await store.write(SeriesBatch(prices={("import_price", noon): (kept, "EUR/kWh")}))

    def agreed(kind: SignalKind, start: datetime, end: datetime) -> Signal | None:
        if kind is not SignalKind.IMPORT_PRICE:
            return None
        return fixed(Decimal("0.30"), wanted_from(kind, "EUR", start, end))

    lines = ["Time,Used", *(f"2026-06-01T{hour:02}:00Z,0.1" for hour in range(24))]
    layout = FileLayout(time="Time", columns={"import": "Used"}, unit="kWh")
    for _ in range(2):
        await Backfill(store, SITE, OneTask(), agreed).from_file(lines, layout, {"import": IMPORT})
    told = await store.prices(SignalKind.IMPORT_PRICE, "EUR/kWh", day, day + timedelta(days=1))
    assert [(slot.start.hour, slot.end.hour, slot.value) for slot in told.slots] == [
        (0, 12, Decimal("0.30")),
        (12, 13, Decimal("0.40")),
        (13, 0, Decimal("0.30")),
    ]
    # What was filled in says that nobody knew it then.
    assert [slot.known_at > slot.end for slot in told.slots] == [True, False, True]


async def test_one_source_is_filled_in_at_a_time(store: SeriesStore) -> None:
    backfill = Backfill(store, SITE, task := OneTask())

    async def ask(*_: object) -> Iterable[Interval]:
        with pytest.raises(RequestError, match="being done"):
            await backfill.from_file([], FileLayout(time="", columns={}, unit="kWh"), {})
        return []

    await backfill.from_statistics({IMPORT: "sensor.import"}, ask, NOW)

    assert task.progress is None
