"""What was planned and forecast is kept now and then, with the time at which it was known."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from custom_components.home_flex.core.forecast import Forecast
from custom_components.home_flex.history.series_rows import SeriesBatch
from custom_components.home_flex.history.series_runs import RunKind
from custom_components.home_flex.runtime.planning.outlook import Outlook
from custom_components.home_flex.runtime.run_recorder import RunRecorder

from .planning.plans import GRID, device, signals
from .planning.test_behind import MADE, made


def test_the_newest_plan_and_its_forecasts_are_kept_once_in_three_hours() -> None:
    load = Forecast(grid=GRID, expected_w=np.full(len(GRID), 399.6), made_at=MADE, source="yesterday")
    newest = [replace(made(device("car")), outlook=Outlook(signals=signals(), load=load))]
    batches: list[SeriesBatch] = []
    recorder = RunRecorder(lambda: newest[-1], batches.append)

    recorder.look()
    recorder.look()
    newest.append(replace(newest[0], made_at=MADE + timedelta(minutes=1)))
    recorder.look()
    newest.append(replace(newest[0], made_at=MADE + timedelta(hours=3)))
    recorder.look()

    assert [{(run.kind, run.subject) for run in batch.runs} for batch in batches] == [
        {(RunKind.FORECAST, "load"), (RunKind.PLAN, ""), (RunKind.PLAN, "car")}
    ] * 2
    forecast, *_ = batches[0].runs
    assert (forecast.known_at, forecast.start) == (MADE, GRID.start)
    assert set(forecast.powers_w) == {400}


def test_without_a_plan_nothing_is_kept() -> None:
    batches: list[SeriesBatch] = []

    RunRecorder(lambda: None, batches.append).look()

    assert not batches
