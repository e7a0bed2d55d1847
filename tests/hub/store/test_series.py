"""A home's day as one small row."""

import numpy as np
import pytest
from community_hub.store.series import (
    BLOB_BYTES,
    MISSING,
    MOST_WH,
    QUARTERS,
    UNKNOWN,
    Counted,
    DaySeries,
    decoded,
    encoded,
    folded,
)
from hypothesis import given
from hypothesis import strategies as st


@st.composite
def _days(draw: st.DrawFn) -> DaySeries:
    shape = (draw(st.integers(1, 3)), QUARTERS)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    marks = random.integers(0, MISSING + 1, shape).astype(np.uint8)
    energies = [
        np.where(marks == MISSING, UNKNOWN, random.integers(0, MOST_WH + 1, shape)).astype(np.int32)
        for _ in range(2)
    ]
    return DaySeries(import_wh=energies[0], export_wh=energies[1], marks=marks)


@given(_days())
def test_what_is_written_is_read(days: DaySeries) -> None:
    blobs = encoded(days)
    assert {len(blob) for blob in blobs} == {BLOB_BYTES}
    read = decoded(blobs)
    assert np.array_equal(read.import_wh, days.import_wh)
    assert np.array_equal(read.export_wh, days.export_wh)
    assert np.array_equal(read.marks, days.marks)


def test_the_layout_is_the_one_that_is_written_down() -> None:
    blob = folded(None, [Counted(0, 258, 1, 2), Counted(95, 7, 0)])
    assert blob[0] == 1
    assert blob[1:9] == b"\x02\x01\x00\x00" + b"\xff\xff\xff\xff"
    assert blob[381:385] == b"\x07\x00\x00\x00"
    assert blob[385:389] == b"\x01\x00\x00\x00"
    assert (blob[769], blob[-1]) == (0b11111110, 0b00111111)


def test_a_day_without_a_blob_is_missing_and_counts_nothing() -> None:
    days = decoded([None, folded(None, [Counted(3, 100, 40)])])
    assert days.known.sum(axis=1).tolist() == [0, 1]
    assert days.net_wh.sum(axis=1).tolist() == [0, 60]


def test_a_later_report_on_a_quarter_hour_replaces_it_and_leaves_the_others() -> None:
    first = folded(None, [Counted(10, 100, 0, 2), Counted(11, 50, 0)])
    days = decoded([folded(first, [Counted(10, 120, 0)])])
    assert days.import_wh[0, 10:12].tolist() == [120, 50]
    assert days.marks[0, 10:12].tolist() == [0, 0]


@pytest.mark.parametrize(
    "counted",
    [
        Counted(96, 1, 0),
        Counted(-1, 1, 0),
        Counted(0, -1, 0),
        Counted(0, 0, MOST_WH + 1),
        Counted(0, 1, 0, 3),
    ],
)
def test_a_quarter_hour_that_cannot_be_is_refused(counted: Counted) -> None:
    with pytest.raises(ValueError, match="quarter-hour"):
        folded(None, [counted])


@pytest.mark.parametrize("blob", [b"", b"\x01" * (BLOB_BYTES - 1), b"\x02" + bytes(BLOB_BYTES - 1)])
def test_a_blob_of_another_length_or_release_is_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match=r"bytes|layout 2"):
        decoded([blob])


def test_a_garbled_blob_is_refused() -> None:
    blob = bytearray(folded(None, [Counted(0, 1, 1)]))
    blob[4] = 0x7F
    with pytest.raises(ValueError, match="counts"):
        decoded([bytes(blob)])
