"""What the resident gave up is counted while it happens, and stands in the series like any other figure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from custom_components.home_flex.core.control.charging import ChargeIntent, Reason
from custom_components.home_flex.core.control.memory import Judgement
from custom_components.home_flex.core.model import DeviceKind, Reading
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.core.statistics.registers import LACKED, UNMET
from custom_components.home_flex.history.series_rows import SeriesBatch
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime.comfort_feed import ComfortCollector, given_up, is_as_wished
from custom_components.home_flex.runtime.view import DeviceView

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SLOT = slot_at(NOON)


@dataclass(frozen=True)
class Tank:
    """As much of a heater as comfort looks at."""

    temperature_c: float | None
    min_c: float = 45.0
    max_c: float = 60.0


def device(reading: object = None, lacks_wh: float | str | None = "no car") -> DeviceView:
    intent = (
        None
        if isinstance(lacks_wh, str)
        else ChargeIntent(current_a=0.0, reason=Reason.SURPLUS, lacks_wh=lacks_wh)
    )
    return DeviceView(
        device_id="d",
        kind=DeviceKind.EV_CHARGER,
        name="d",
        reading=cast("Reading | None", reading),
        identity=None,
        link_reason=None,
        setpoint=None,
        judgement=Judgement.UNKNOWN,
        charge_now=False,
        reserve=0.0,
        intent=intent,
    )


@pytest.mark.parametrize(
    ("it", "expected"),
    [
        (device(Tank(50.0)), True),
        # Half a kelvin is what a sensor's steps may hide.
        (device(Tank(44.5)), True),
        (device(Tank(44.4)), False),
        (device(Tank(60.6)), False),
        (device(Tank(None)), None),
        (device(Tank(float("nan"))), None),
        (device(lacks_wh=0.0), True),
        (device(lacks_wh=1500.0), False),
        (device(lacks_wh=None), False),
        (device(), None),
    ],
)
def test_what_is_as_wished(it: DeviceView, expected: bool | None) -> None:
    assert is_as_wished(it) is expected


def told(collector: ComfortCollector, end_slot: int) -> dict[str, Any]:
    return {key.name: cells for key, cells in collector.close("d", end_slot)}


def test_seconds_below_the_least_temperature_are_counted_by_slots() -> None:
    collector = ComfortCollector()
    for second in range(0, 601, 10):
        # Too cold from 12:02 to 12:06.
        cold = 120 <= second < 360
        collector.add(device(Tank(40.0 if cold else 50.0)), NOON.timestamp() + second)
    assert told(collector, SLOT + 2) == {UNMET: {SLOT: (180, Mark.MEASURED), SLOT + 1: (60, Mark.MEASURED)}}


def test_a_sensor_that_is_silent_tells_nothing() -> None:
    collector = ComfortCollector()
    for second in (0, 10, 290, 300):
        collector.add(device(Tank(40.0)), NOON.timestamp() + second)
    assert told(collector, SLOT + 1) == {UNMET: {SLOT: (None, Mark.MISSING)}}


@pytest.mark.parametrize(
    ("lacks_wh", "lacked"),
    [
        # What it lacked when its hour passed, not what it lacks while it catches up.
        ([0.0, 1500.4, 1200.0, 0.0], 1500),
        # Its hour had passed before anybody looked.
        ([1500.0, 1200.0], None),
        # Nobody knows how much.
        ([0.0, None, 800.0], None),
    ],
    ids=str,
)
def test_what_a_car_lacks_is_noted_when_its_hour_passes(
    lacks_wh: list[float | None], lacked: int | None
) -> None:
    collector = ComfortCollector()
    for index, each in enumerate(lacks_wh):
        collector.add(device(lacks_wh=each), NOON.timestamp() + 10 * index)
    expected = {} if lacked is None else {LACKED: {SLOT: (lacked, Mark.MEASURED)}}
    assert {name: cells for name, cells in told(collector, SLOT + 1).items() if name == LACKED} == expected
    assert LACKED not in told(collector, SLOT + 2)


async def test_what_was_given_up_in_a_stretch_is_summed_by_device(tmp_path: Path) -> None:
    collector = ComfortCollector()
    for second in range(0, 601, 10):
        lacks_wh = 0.0 if second < 300 else 1500.0
        collector.add(device(lacks_wh=lacks_wh), (NOON + timedelta(seconds=second)).timestamp())
    batch = SeriesBatch()
    for key, cells in collector.close("d", SLOT + 2):
        batch.put(key, cells)
    store = await SeriesStore.open(tmp_path / "series.sqlite")
    await store.write(batch)
    found = await given_up(store, Stretch(first_slot=SLOT, end_slot=SLOT + 2))
    nothing = await given_up(store, Stretch(first_slot=SLOT + 12, end_slot=SLOT + 24))
    await store.close()
    assert found == {"d": {"unmet_s": 300, "lacked_wh": 1500}}
    assert nothing == {}
