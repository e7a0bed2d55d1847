"""Random homes: sun, batteries, a car with a deadline, two programmes, and prices of many kinds."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from custom_components.home_flex.core.model import DeviceKind, TimeGrid, even, tiers
from custom_components.home_flex.core.planner import (
    Appliance,
    Battery,
    CircuitLimit,
    Consumer,
    ErrorPath,
    LimitOwner,
    MeterLimit,
    Peak,
    Problem,
    Pv,
    Series,
    Signals,
)

START = datetime(2026, 4, 14, 18, tzinfo=UTC)
PRICE_KINDS = ("dynamic", "flat_full", "negative_hours", "negative_all_day", "zero_export", "feed_in_above")
FUSE_W = 17_000.0
_PROGRAMMES = ((2000.0, 1800.0, 200.0, 100.0, 1500.0, 50.0), (2100.0, 300.0, 200.0, 400.0, 100.0, 100.0))
_FEED_IN = {"zero_export": 0.0, "feed_in_above": 0.08}


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What a home has; ``seed`` decides the rest."""

    seed: int
    prices: str = "dynamic"
    with_car: bool = True
    with_programmes: bool = True
    batteries: int = 1
    phases: bool = False
    error_paths: int = 0


def quarters(hours: int = 24) -> TimeGrid:
    """Return quarter-hours from the evening on."""
    return even(START, 900, hours * 4)


def fives(hours: int = 48) -> TimeGrid:
    """Return steps of five minutes."""
    return even(START, 300, hours * 12)


def tiered() -> TimeGrid:
    """Return the steps that plans are made on."""
    return tiers(START)


def problem(home: Home, grid: TimeGrid, noise: int | None = None) -> Problem:
    """Return the problem of a home; ``noise`` changes load (5 %), sun (8 %) and state as time does."""
    rng = np.random.default_rng(home.seed)
    hours = np.array([(step.start - START).total_seconds() / 3600 + START.hour for step in grid])
    load, sun = _load(rng, hours), _sun(rng, hours)
    price, feed_in = _prices(rng, home.prices, hours)
    batteries = tuple(_battery(rng, index, home.prices) for index in range(home.batteries))
    car = _car(rng, grid) if home.with_car else None
    if noise is not None:
        shaken = np.random.default_rng(noise)
        load *= 1 + 0.05 * shaken.standard_normal(len(hours))
        sun *= np.clip(1 + 0.08 * shaken.standard_normal(len(hours)), 0, None)
    return Problem(
        grid=grid,
        signals=Signals(import_per_kwh=_series(price), export_per_kwh=_series(feed_in)),
        load_w=_series(load),
        meter_limits=(
            MeterLimit(
                limit_id="fuse",
                owner=LimitOwner.FUSE,
                import_w=(FUSE_W,) * len(hours),
                export_w=(FUSE_W,) * len(hours),
            ),
        ),
        circuit_limits=_phases(car, load) if home.phases and car else (),
        peaks=(Peak(per_kw=float(rng.choice([0.0, 0.15, 0.4])), so_far_w=float(rng.uniform(1500, 5000))),),
        pv=(Pv(device_id="pv", available_w=_series(sun), most_w=12_000.0),),
        batteries=batteries,
        consumers=(car,) if car else (),
        appliances=_appliances(rng, grid) if home.with_programmes else (),
        error_paths=tuple(_error_path(home.seed, past, load, sun) for past in range(home.error_paths)),
    )


def _error_path(seed: int, past: int, load: NDArray[np.float64], sun: NDArray[np.float64]) -> ErrorPath:
    """Return by how much forecasts missed on a past day: load by 30 %, sun by 25 %."""
    rng = np.random.default_rng((seed, past))
    return ErrorPath(
        load_w=_series(0.30 * load * rng.standard_normal(len(load))),
        available_w=_series(0.25 * sun * rng.standard_normal(len(sun))),
    )


def _load(rng: np.random.Generator, hours: NDArray[np.float64]) -> NDArray[np.float64]:
    day = 250 + 350 * np.exp(-(((hours % 24) - 19) ** 2) / 6) + 200 * np.exp(-(((hours % 24) - 7.5) ** 2) / 3)
    return np.asarray(day * rng.uniform(0.6, 2.0) * rng.lognormal(0, 0.35, len(hours)))


def _sun(rng: np.random.Generator, hours: NDArray[np.float64]) -> NDArray[np.float64]:
    clear = np.maximum(np.sin(((hours % 24) - 6) / 12 * np.pi), 0.0) ** 1.3
    clouds = np.clip(rng.uniform(0.3, 1.0) + 0.15 * rng.standard_normal(len(hours)), 0.05, 1.0)
    return np.asarray(rng.uniform(2000, 10_000) * clear * clouds)


def _prices(
    rng: np.random.Generator, kind: str, hours: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return import and export prices, constant within each hour."""
    which = (hours - hours[0]).astype(int)
    shape = 0.05 * np.sin((hours.astype(int) - 9) / 24 * 4 * np.pi)
    noise = 0.03 * rng.standard_normal(int(which.max()) + 1)[which]
    market = 0.09 + shape + noise
    if kind == "flat_full":
        return np.full(len(hours), 0.30), np.full(len(hours), 0.08)
    if kind == "negative_hours":
        market = market - 0.14 * ((hours % 24 > 10) & (hours % 24 < 16)) - 0.05
    if kind == "negative_all_day":
        market = market - 0.45
    feed_in = market - 0.01
    if kind in _FEED_IN:
        feed_in = np.full(len(hours), _FEED_IN[kind])
    fees = 0.14 if kind != "feed_in_above" else -0.02
    return market + fees, feed_in


def _battery(rng: np.random.Generator, index: int, prices: str) -> Battery:
    capacity_wh = float(rng.choice([5000, 10_000, 15_000]))
    full = prices == "flat_full"
    return Battery(
        device_id=f"battery-{index}",
        capacity_wh=capacity_wh,
        stored_wh=capacity_wh * (1.0 if full else float(rng.uniform(0.1, 0.9))),
        charge_w=5000.0,
        discharge_w=5000.0,
        reserve_wh=0.1 * capacity_wh,
    )


def _car(rng: np.random.Generator, grid: TimeGrid) -> Consumer:
    hours = float(rng.uniform(6, 12))
    bounds = grid.bounds()
    ready = sum((bound - grid.start).total_seconds() / 3600 <= hours for bound in bounds[1:])
    three = bool(rng.random() < 0.5)
    need_wh = float(rng.uniform(5000, 30_000))
    return Consumer(
        device_id="car",
        kind=DeviceKind.EV_CHARGER,
        min_w=4140.0 if three else 1380.0,
        max_w=11_000.0 if three else 7360.0,
        available=tuple(index < ready for index in range(len(grid))),
        need_wh=need_wh,
        room_wh=need_wh + float(rng.uniform(0, 20_000)),
        ready_step=ready,
    )


def _phases(car: Consumer, load_w: NDArray[np.float64]) -> tuple[CircuitLimit, ...]:
    """Return three phases of 25 A, on which car, battery and sun hang as they usually do."""
    three = car.min_w > 4000
    return tuple(
        CircuitLimit(
            limit_id=f"phase-{phase}",
            owner=LimitOwner.FUSE,
            shares={
                "car": 1 / 3 if three else float(phase == 1),
                "battery-0": float(phase == 2),
                "pv": 1 / 3,
            },
            load_w=_series(load_w / 3),
            upper_w=(25 * 230.0,) * len(load_w),
            lower_w=(-25 * 230.0,) * len(load_w),
        )
        for phase in (1, 2, 3)
    )


def _appliances(rng: np.random.Generator, grid: TimeGrid) -> tuple[Appliance, ...]:
    return tuple(
        Appliance(
            device_id=name,
            profile_w=profile,
            part_s=900.0,
            earliest_step=int(rng.integers(0, len(grid) // 8)),
            latest_end_step=int(rng.integers(len(grid) // 2, len(grid))),
        )
        for name, profile in zip(("dishwasher", "washer"), _PROGRAMMES, strict=True)
    )


def _series(values: NDArray[np.float64]) -> Series:
    return tuple(float(value) for value in values)
