"""The series as a file: every value with its mark, sums and means, whole or not at all, and one at a time."""

import csv
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.home_flex.core.statistics import Mark
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime.export import Export, FileFormat, write_out
from custom_components.home_flex.runtime.one_task import OneTask
from custom_components.home_flex.runtime.view import RequestError
from tests.history.test_parquet import read

USED = SeriesKey(device_id="meter", name="import", unit="Wh")
POWER = SeriesKey(device_id="meter", name="power", unit="W")
FIRST = 5_900_001  # a quarter-hour begins there


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    batch = SeriesBatch()
    batch.put(USED, {FIRST + at: (100 + at, Mark.MEASURED) for at in range(9)})
    batch.put(USED, {FIRST + 4: (None, Mark.MISSING), FIRST + 8: (7, Mark.ESTIMATED)})
    batch.put(POWER, {FIRST + at: (-1_200, Mark.MEASURED) for at in range(9)})
    await opened.write(batch)
    yield opened
    await opened.close()


def export(step_s: int, file_format: FileFormat, slots: int = 9) -> Export:
    return Export(
        columns={"Meter import (Wh)": USED, "Meter power (W)": POWER},
        stretch=Stretch(first_slot=FIRST, end_slot=FIRST + slots),
        step_s=step_s,
        format=file_format,
    )


async def test_quarter_hours_are_summed_powers_are_means_and_holes_stay_holes(
    store: SeriesStore, tmp_path: Path
) -> None:
    path = tmp_path / "out" / "home.csv"

    rows = await write_out(store, export(900, FileFormat.CSV), path, OneTask())

    with path.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert rows == len(found) == 3
    assert [row["Meter import (Wh)"] for row in found] == ["303", "", "220"]
    assert [row["Meter import (Wh) mark"] for row in found] == ["measured", "missing", "estimated"]
    assert {row["Meter power (W)"] for row in found} == {"-1200"}
    assert found[0]["start"].endswith("+00:00")


@pytest.mark.parametrize("name", ["=HYPERLINK(A1)", "+1", "-1", "@SUM(A1)", "\t=1"])
async def test_no_name_is_a_formula_to_a_spreadsheet(store: SeriesStore, tmp_path: Path, name: str) -> None:
    path = tmp_path / "home.csv"
    asked = replace(export(900, FileFormat.CSV), columns={name: USED})

    await write_out(store, asked, path, OneTask())

    with path.open(newline="") as file:
        assert next(csv.reader(file)) == ["start", f"'{name}", f"'{name} mark"]


async def test_both_formats_say_the_same(store: SeriesStore, tmp_path: Path) -> None:
    path = tmp_path / "home.parquet"

    await write_out(store, export(300, FileFormat.PARQUET, slots=3_000), path, OneTask())

    columns = read(path.read_bytes())
    assert columns["Meter import (Wh)"][:9] == [100, 101, 102, 103, None, 105, 106, 107, 7]
    assert columns["Meter import (Wh) mark"][3:10] == [0, 3, 0, 0, 0, 2, 3]
    assert columns["start"] == [1_000 * 300 * (FIRST + at) for at in range(3_000)]


async def test_a_file_that_cannot_be_written_leaves_nothing(store: SeriesStore, tmp_path: Path) -> None:
    path = tmp_path / "home.csv"
    path.mkdir()
    task = OneTask()

    with pytest.raises(OSError, match=r"home\.csv"):
        await write_out(store, export(300, FileFormat.CSV), path, task)

    assert not list(tmp_path.glob(".home*"))  # noqa: ASYNC240 # a test
    assert task.progress is None


async def test_how_far_it_is_can_be_seen_and_a_second_one_is_held_off(
    store: SeriesStore, tmp_path: Path
) -> None:
    task = OneTask()
    seen = []
    original = store.read

    async def read_and_look(*args: object) -> object:
        assert task.progress is not None
        seen.append(task.progress.share)
        with pytest.raises(RequestError, match="being done"):
            await write_out(store, export(300, FileFormat.CSV), tmp_path / "b.csv", task)
        return await original(*args)  # type: ignore[arg-type] # passed on

    store.read = read_and_look  # type: ignore[method-assign, assignment] # looks on
    await write_out(store, export(300, FileFormat.CSV, slots=3 * 2016), tmp_path / "a.csv", task)

    assert seen == [0.0, 0.333, 0.667]
