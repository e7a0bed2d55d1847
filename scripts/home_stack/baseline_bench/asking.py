"""What the product knows of such a home, through imperfect meters, and what its rules answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import numpy as np

from custom_components.home_flex.core.settlement.baselines import (
    HISTORY_RULES,
    Baseline,
    half_width_wh,
    with_half_width,
)
from custom_components.home_flex.core.settlement.baselines.as_dispatched import Dispatched, as_dispatched
from custom_components.home_flex.core.settlement.days import Asked, UseDay
from custom_components.home_flex.core.settlement.heat import HeatDay, heat_use_wh
from custom_components.home_flex.core.settlement.rerun import Battery, Car, Cover

from .fleet import Event, Fleet
from .homes import Floats

INTERVAL_S: Final = 900
LIVE: Final = "as_dispatched, live"
AFTER: Final = "as_dispatched"
METHODS: Final = (*HISTORY_RULES, LIVE, AFTER)
_PLACEBOS: Final = 20
_MOST_W: Final = 18_976
_QUARTER_MS: Final = 900_000
_BEFORE: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a method said of one event of one home: import in Wh, the truth, and how near it claims to be."""

    said_wh: int
    true_wh: int
    half_width_wh: int | None
    quarters: int


@dataclass(slots=True)
class Known:
    """One home as its meters told it, whole Wh per day and quarter; device meters are off by up to 2 %."""

    fleet: Fleet
    home: int
    random: np.random.Generator
    import_wh: Floats = field(init=False)
    rest_wh: Floats = field(init=False)
    sun_wh: Floats = field(init=False)
    heat_wh: Floats = field(init=False)
    car_wh: Floats = field(init=False)
    days: tuple[UseDay, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the meters."""
        run, home = self.fleet.happened, self.home
        gain = self.random.uniform(0.98, 1.02, 4)
        net_wh = run.net_w[home] / 4
        self.import_wh = np.rint(np.maximum(net_wh, 0))
        self.sun_wh = np.rint(run.sun_w[home] / 4 * gain[0])
        self.heat_wh = np.rint(run.heat_w[home] / 4 * gain[1])
        self.car_wh = np.rint(run.car_w[home] / 4 * gain[2])
        battery_wh = np.rint(run.battery_w[home] / 4 * gain[3])
        self.rest_wh = np.rint(net_wh) - self.sun_wh - self.heat_wh - self.car_wh - battery_wh
        self.days = tuple(self._day(day) for day in range(len(net_wh)))

    def _day(self, day: int) -> UseDay:
        # One day in a hundred is missing.
        is_missing = self.random.random() < 0.01
        return UseDay(
            date=self.fleet.start + timedelta(days=day),
            use_wh=(None,) * 96 if is_missing else tuple(int(value) for value in self.import_wh[day]),
            is_working=self.fleet.is_working(day),
            held_event=any(event.day == day for event in self.fleet.events),
            is_away=bool(self.fleet.homes.is_away[self.home, day]),
        )

    def asked(self, day: int, first: int, last: int) -> Asked:
        """Return the question that the rules of history are asked."""
        return Asked(
            today=self.days[day], past=self.days[:day], first=first, last=last, interval_s=INTERVAL_S
        )

    def as_dispatched(self, asked: Asked, day: int, *, car_guess: float = 1.0) -> Baseline | None:
        """Return the re-run; ``car_guess`` times the session's energy is what the car is thought to take."""
        window = slice(asked.first, asked.last)
        heat = self._heat(asked, day)
        if heat is None:
            return None
        answer = as_dispatched(
            Dispatched(
                lengths_ms=(_QUARTER_MS,) * (asked.last - asked.first),
                rest_wh=_whole(self.rest_wh[day, window]),
                sun_wh=_whole(self.sun_wh[day, window]),
                cars=self._cars(asked, day, car_guess),
                heat_wh=heat,
                batteries=self._batteries(asked, day),
                most_w=_MOST_W,
            )
        )
        return answer if isinstance(answer, Baseline) else None

    def _heat(self, asked: Asked, day: int) -> tuple[tuple[int, ...], ...] | None:
        if not self.fleet.homes.heat_w_per_k[self.home]:
            return ()
        start = self.fleet.start
        like = [self._heat_day(asked, (past.date - start).days) for past in asked.eligible()[:_PLACEBOS]]
        today = self._heat_day(asked, day)
        use_wh = heat_use_wh(like, outdoor_dk=today.outdoor_dk, before_wh=today.before_wh)
        return (use_wh,) if isinstance(use_wh, tuple) else None

    def _heat_day(self, asked: Asked, day: int) -> HeatDay:
        window = slice(asked.first, asked.last)
        outdoor_c = float(self.fleet.outdoor_c[day, window].mean())
        return HeatDay(
            window_wh=_whole(self.heat_wh[day, window]),
            before_wh=int(self.heat_wh[day, asked.first - _BEFORE : asked.first].sum()),
            outdoor_dk=round(10 * outdoor_c),
        )

    def _cars(self, asked: Asked, day: int, guess: float) -> tuple[Car, ...]:
        homes = self.fleet.homes
        if not homes.car_w[self.home]:
            return ()
        shares = self.fleet.plugged[self.home, day, asked.first : asked.last]
        allowed_wh = tuple(int(share * homes.car_w[self.home] / 4) for share in shares)
        session_wh = self._session_wh(day, asked.first)
        return (
            Car(
                plugged=tuple(bool(share > 0) for share in shares),
                allowed_wh=allowed_wh,
                need_wh=int(session_wh * guess),
            ),
        )

    def _session_wh(self, day: int, first: int) -> float:
        """Return what the session took from the window on until the car was unplugged."""
        if first < 40:
            return float(self.car_wh[day, first:40].sum())
        evening_wh = float(self.car_wh[day, first:].sum())
        return evening_wh + (float(self.car_wh[day + 1, :40].sum()) if day + 1 < len(self.car_wh) else 0.0)

    def _batteries(self, asked: Asked, day: int) -> tuple[tuple[Battery, tuple[Cover, ...]], ...]:
        homes = self.fleet.homes
        if not homes.battery_wh[self.home]:
            return ()
        told_wh = int(homes.battery_wh[self.home] * self.random.uniform(0.92, 1.08))
        soc_wh = self.fleet.happened.soc_wh[self.home, day, asked.first] * self.random.uniform(0.98, 1.02)
        most_w = int(homes.battery_w[self.home])
        battery = Battery(
            stored_wh=int(soc_wh),
            lowest_wh=told_wh // 10,
            highest_wh=told_wh,
            most_in_w=most_w,
            most_out_w=most_w,
            charging_per_mille=950,
            discharging_per_mille=950,
        )
        return ((battery, (Cover(),) * (asked.last - asked.first)),)


def answers(fleet: Fleet, seed: int) -> Iterator[tuple[str, Event, Found]]:
    """Yield what each method says of each event of each home that joined it."""
    random = np.random.default_rng(seed + 1000)
    for home in range(len(fleet.homes.sun_w)):
        known = Known(fleet=fleet, home=home, random=random)
        for event in fleet.events:
            if event.joined[home]:
                yield from _of_event(known, event)


def _of_event(known: Known, event: Event) -> Iterator[tuple[str, Event, Found]]:
    asked = known.asked(event.day, event.first, event.last)
    twin_w = known.fleet.twin.net_w[known.home, event.day, event.first : event.last]
    true_wh = int(np.rint(np.maximum(twin_w, 0) / 4).sum())
    for name, rule in HISTORY_RULES.items():
        answer = with_half_width(rule, asked)
        if isinstance(answer, Baseline):
            yield name, event, _found(answer, answer.half_width_wh, true_wh)
    guess = known.random.uniform(0.65, 1.35)
    for name, car_guess in ((LIVE, guess), (AFTER, 1.0)):
        answer_now = known.as_dispatched(asked, event.day, car_guess=car_guess)
        if answer_now is not None:
            yield (
                name,
                event,
                _found(answer_now, half_width_wh(_residuals_wh(known, asked, car_guess)), true_wh),
            )


def _residuals_wh(known: Known, asked: Asked, car_guess: float) -> Iterator[int]:
    for past in asked.eligible()[:_PLACEBOS]:
        day = (past.date - known.fleet.start).days
        placebo = known.asked(day, asked.first, asked.last)
        answer = known.as_dispatched(placebo, day, car_guess=car_guess)
        if answer is not None:
            yield int(known.import_wh[day, asked.first : asked.last].sum()) - _import_wh(answer)


def _found(answer: Baseline, half_width: int | None, true_wh: int) -> Found:
    return Found(
        said_wh=_import_wh(answer), true_wh=true_wh, half_width_wh=half_width, quarters=len(answer.use_wh)
    )


def _import_wh(answer: Baseline) -> int:
    return sum(max(energy_wh, 0) for energy_wh in answer.use_wh)


def _whole(values: Floats) -> tuple[int, ...]:
    return tuple(int(value) for value in values)
