"""Homes for tests: small ones by hand, and random ones."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from custom_components.home_flex.core.model import DeviceKind, TimeGrid, even
from custom_components.home_flex.core.planner import (
    Appliance,
    Battery,
    CircuitLimit,
    Consumer,
    FastCharge,
    LimitOwner,
    MeterLimit,
    Peak,
    Plan,
    Preferences,
    Problem,
    Pv,
    Series,
    Signals,
)
from custom_components.home_flex.core.planner.planner import Planner

START = datetime(2026, 4, 14, 18, tzinfo=UTC)
# No price but money: what an independent model reckons with.
ONLY_MONEY = Preferences(earlier=0.0, stickiness=0.0, least_gain=0.0)


def grid(steps: int, step_s: int = 3600) -> TimeGrid:
    return even(START, step_s, steps)


def fuse(steps: int, watts: float = 17_000.0) -> MeterLimit:
    return MeterLimit(
        limit_id="fuse", owner=LimitOwner.FUSE, import_w=(watts,) * steps, export_w=(watts,) * steps
    )


def home(price: Series, feed_in: float | Series = 0.08, load_w: float = 500.0, **parts: object) -> Problem:
    """Return a home of one hour a step."""
    steps = len(price)
    sold = (feed_in,) * steps if isinstance(feed_in, float) else feed_in
    problem = Problem(
        grid=grid(steps),
        signals=Signals(import_per_kwh=price, export_per_kwh=sold),
        load_w=(load_w,) * steps,
        meter_limits=(fuse(steps),),
    )
    return replace(problem, **parts)  # type: ignore[arg-type] # fields of the problem


def battery(stored_wh: float = 5000.0, device_id: str = "battery") -> Battery:
    return Battery(
        device_id=device_id, capacity_wh=10_000, stored_wh=stored_wh, charge_w=5000, discharge_w=5000
    )


def sun(available_w: Series) -> Pv:
    return Pv(device_id="pv", available_w=available_w, most_w=10_000)


def car(steps: int, ready: int, need_wh: float = 9000.0) -> Consumer:
    return Consumer(
        device_id="car",
        kind=DeviceKind.EV_CHARGER,
        min_w=1380,
        max_w=7360,
        available=tuple(step < ready for step in range(steps)),
        need_wh=need_wh,
        room_wh=40_000,
        ready_step=ready,
        margin_s=0.0,
    )


def fast_charge(steps: int, hours: int, watts: float = 3000.0) -> FastCharge:
    return FastCharge(
        device_id="fast", expected_w=tuple(watts if step < hours else 0.0 for step in range(steps))
    )


def programme(steps: int, profile_w: Series = (2000.0, 300.0)) -> Appliance:
    return Appliance(
        device_id="washer", profile_w=profile_w, part_s=3600, earliest_step=0, latest_end_step=steps
    )


def planned(problem: Problem, before: Plan | None = None) -> Plan:
    return Planner(limit_s=20.0).plan(problem, before)


def phases(problem: Problem, fuse_a: float = 25.0) -> tuple[CircuitLimit, ...]:
    """Return three phases: car on the first, battery and fast charge on the others, the sun on all."""
    steps = len(problem.grid)
    return tuple(
        CircuitLimit(
            limit_id=f"phase-{phase}",
            owner=LimitOwner.FUSE,
            shares={
                "car": float(phase == 1),
                "battery": float(phase == 2),
                "fast": float(phase == 3),
                "pv": 1 / 3,
            },
            load_w=tuple(load / 3 for load in problem.load_w),
            upper_w=(230 * fuse_a,) * steps,
            lower_w=(-230 * fuse_a,) * steps,
        )
        for phase in (1, 2, 3)
    )


def _floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda value: round(value, 3))


@st.composite
def _fast_charges(draw: st.DrawFn, steps: int) -> FastCharge:
    waiting = replace(car(steps, steps), device_id="fast") if draw(st.booleans()) else None
    return replace(fast_charge(steps, draw(st.integers(0, steps))), waiting=waiting)


@st.composite
def homes(draw: st.DrawFn, steps: int = 12) -> Problem:
    """Draw a home with what it may have, and prices of all kinds."""
    series = {
        name: tuple(draw(st.lists(_floats(*ends), min_size=steps, max_size=steps)))
        for name, ends in {
            "price": (-0.2, 0.5),
            "load": (100, 4000),
            "sun": (0, 6000),
        }.items()
    }
    spread = draw(_floats(0.0, 0.2))
    has = {name: draw(st.booleans()) for name in ("battery", "car", "programme", "pv", "phases", "fast")}
    problem = Problem(
        grid=grid(steps),
        signals=Signals(
            import_per_kwh=series["price"], export_per_kwh=tuple(each - spread for each in series["price"])
        ),
        load_w=series["load"],
        meter_limits=(fuse(steps),),
        peaks=(Peak(per_kw=draw(st.sampled_from([0.0, 0.3])), so_far_w=2000.0),),
        pv=(sun(series["sun"]),) if has["pv"] else (),
        batteries=(battery(draw(_floats(0, 10_000))),) if has["battery"] else (),
        consumers=(car(steps, draw(st.integers(2, steps)), draw(_floats(0, 30_000))),) if has["car"] else (),
        fast_charges=(draw(_fast_charges(steps)),) if has["fast"] else (),
        appliances=(programme(steps),) if has["programme"] else (),
    )
    return replace(problem, circuit_limits=phases(problem)) if has["phases"] else problem
