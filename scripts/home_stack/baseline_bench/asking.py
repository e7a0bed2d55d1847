"""What the product knows of such a home, through imperfect meters, and what its rules answer."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.settlement.baselines import HISTORY_RULES, Baseline, with_half_width
from custom_components.home_flex.core.settlement.baselines.as_dispatched import as_dispatched
from custom_components.home_flex.core.settlement.days import Asked, UseDay
from custom_components.home_flex.core.settlement.device_past import DevicePast
from custom_components.home_flex.core.settlement.tally import Before, Part, Tally, milliseconds
from custom_components.home_flex.core.settlement.tried import dispatched_and_tried
from custom_components.home_flex.core.settlement.window import window_of
from custom_components.home_flex.core.statistics import Mark, SlotSeries, series_of

from .fleet import Event, Fleet, fleet
from .homes import QUARTERS, Floats

INTERVAL_S: Final = 900
LIVE: Final = "as_dispatched, live"
AFTER: Final = "as_dispatched"
METHODS: Final = (*HISTORY_RULES, LIVE, AFTER)
_MOST_W: Final = 18_976
_QUARTER_MS: Final = 900_000
# Of a Wh, in watts times milliseconds.
_A_WH: Final = 3_600_000
_KINDS: Final = {
    "roof": DeviceKind.PV,
    "pump": DeviceKind.HEAT_PUMP,
    "car": DeviceKind.EV_CHARGER,
    "battery": DeviceKind.BATTERY,
}
# Before this quarter-hour no car comes.
_AFTERNOON: Final = 40
_STEERED: Final = _KINDS.keys() - {"roof"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a method said of one event of one home: import in Wh, the truth, and how near it claims to be.

    ``off_wh``: the truth less what it said, of that for which it claims ``half_width_wh``.
    """

    said_wh: int
    true_wh: int
    off_wh: int
    half_width_wh: int | None
    quarters: int


@dataclass(slots=True)
class Known:
    """One home as its meters told it, whole Wh per day and quarter; device meters are off by up to 2 %."""

    fleet: Fleet
    home: int
    random: np.random.Generator
    net_wh: Floats = field(init=False)
    import_wh: Floats = field(init=False)
    devices_wh: dict[str, Floats] = field(init=False)
    capacity_wh: int = field(init=False)
    told_per_mille: NDArray[np.int64] = field(init=False)
    charge: dict[str, SlotSeries] = field(init=False)
    midnights_ms: dict[date, int] = field(init=False)
    days: tuple[UseDay, ...] = field(init=False)
    net_days: tuple[UseDay, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the meters."""
        run, home, homes = self.fleet.happened, self.home, self.fleet.homes
        gain = self.random.uniform(0.98, 1.02, 4)
        self.net_wh = np.rint(run.net_w[home] / 4)
        self.import_wh = np.maximum(self.net_wh, 0)
        there = {
            "roof": (homes.sun_w[home], run.sun_w[home]),
            "pump": (homes.heat_w_per_k[home], run.heat_w[home]),
            "car": (homes.car_w[home], run.car_w[home]),
            "battery": (homes.battery_wh[home], run.battery_w[home]),
        }
        self.devices_wh = {
            name: np.rint(power_w / 4 * error)
            for (name, (is_there, power_w)), error in zip(there.items(), gain, strict=True)
            if is_there
        }
        self.capacity_wh = int(homes.battery_wh[home] * self.random.uniform(0.92, 1.08))
        first = datetime.combine(self.fleet.start, datetime.min.time(), UTC)
        self.midnights_ms = {
            self.fleet.start + timedelta(days=day): milliseconds(first + timedelta(days=day))
            for day in range(len(self.net_wh))
        }
        self.told_per_mille = self._told_per_mille(run.soc_wh[home], float(homes.battery_wh[home]))
        self.charge = {"battery": self._charge(first)} if self.capacity_wh else {}
        self.days = tuple(self._day(day, self.import_wh) for day in range(len(self.net_wh)))
        self.net_days = tuple(
            replace(day, use_wh=day.use_wh if None in day.use_wh else _whole(row))
            for day, row in zip(self.days, self.net_wh, strict=True)
        )

    def _told_per_mille(self, soc_wh: Floats, battery_wh: float) -> NDArray[np.int64]:
        """Return how full the battery told to be just before each quarter-hour, by up to 2 % off.

        A share of what it really holds, at most all of it: what the home was told that it holds is another
        matter.
        """
        gain = self.random.uniform(0.98, 1.02, soc_wh.shape)
        share = np.minimum(soc_wh * gain / battery_wh, 1.0) if battery_wh else np.zeros_like(soc_wh)
        return np.rint(1000 * share).astype(np.int64)

    def _charge(self, first: datetime) -> SlotSeries:
        slot = int(first.timestamp()) // 300
        told = self.told_per_mille.reshape(-1).tolist()
        cells = {slot + 3 * index - 1: (per_mille, Mark.MEASURED) for index, per_mille in enumerate(told)}
        return series_of(cells)

    def _day(self, day: int, use_wh: Floats) -> UseDay:
        # One day in a hundred is missing.
        is_missing = self.random.random() < 0.01
        return UseDay(
            date=self.fleet.start + timedelta(days=day),
            use_wh=(None,) * 96 if is_missing else _whole(use_wh[day]),
            is_working=self.fleet.is_working(day),
            held_event=any(event.day == day for event in self.fleet.events),
            is_away=bool(self.fleet.homes.is_away[self.home, day]),
        )

    def asked(self, day: int, first: int, last: int) -> Asked:
        """Return the question that the rules of history are asked."""
        return Asked(
            today=self.days[day], past=self.days[:day], first=first, last=last, interval_s=INTERVAL_S
        )

    def as_dispatched(self, asked: Asked, day: int, *, is_over: bool) -> Baseline | None:
        """Return the re-run, as it is told with the event's end, or once the hours after it are over."""
        window = range(asked.first, asked.last)
        past = self._past(asked, day, is_over=is_over)
        tally = self._tally(day, window)
        start_ms = past.start_ms
        spans = window_of(tally, start_ms, start_ms + len(window) * _QUARTER_MS, ())
        dispatched = dispatched_and_tried(tally, spans, most_w=_MOST_W, of_group=False, past=past)
        answer = None if dispatched is None else as_dispatched(dispatched)
        return answer if isinstance(answer, Baseline) else None

    def _past(self, asked: Asked, day: int, *, is_over: bool) -> DevicePast:
        until = asked.last if not is_over else QUARTERS
        use_wh = {
            name: {
                self._date(one): _whole(row)
                if one != day
                else (*_whole(row[:until]), *(None,) * (QUARTERS - until))
                for one, row in enumerate(rows[: day + 1])
            }
            for name, rows in self.devices_wh.items()
        }
        net = Asked(
            today=self.net_days[day],
            past=self.net_days[:day],
            first=asked.first,
            last=asked.last,
            interval_s=INTERVAL_S,
        )
        return DevicePast(
            asked=net,
            midnights_ms=self.midnights_ms,
            use_wh=use_wh,
            charge=self.charge,
            outdoor_dk={self._date(one): _whole(10 * row) for one, row in enumerate(self.fleet.outdoor_c)},
        )

    def _tally(self, day: int, window: range) -> Tally:
        homes, home = self.fleet.homes, self.home
        before = tuple(self._before(name, day, window.start) for name in self.devices_wh)
        # The meter as it stood then, too: with the car that came in the middle of the quarter-hour.
        mean_w = {name: int(4 * rows[day, window.start - 1]) for name, rows in self.devices_wh.items()}
        moved_w = sum(each.power_w - mean_w[each.device_id] for each in before)
        meter = Before(
            device_id="",
            kind=DeviceKind.GRID_METER,
            power_w=int(4 * self.net_wh[day, window.start - 1]) + moved_w,
        )
        shares = self.fleet.plugged[home, day]
        had_car = shares[window.start - 1] > 0
        draws_w = {each.device_id: each.power_w if had_car else each.arrives_w for each in before}.get(
            "car", 0
        )
        parts = tuple(
            Part(
                start_ms=self.midnights_ms[self._date(day)] + quarter * _QUARTER_MS,
                covered_ms=_QUARTER_MS,
                energy_w_ms=int(self.net_wh[day, quarter]) * _A_WH,
                devices={name: int(rows[day, quarter]) * _A_WH for name, rows in self.devices_wh.items()},
                heard_ms=dict.fromkeys(self.devices_wh, _QUARTER_MS),
                plugged={"car": int(shares[quarter] * draws_w * _QUARTER_MS)} if homes.car_w[home] else {},
                plugged_ms={"car": int(shares[quarter] * _QUARTER_MS)} if homes.car_w[home] else {},
            )
            for quarter in window
        )
        return Tally(
            parts=parts, before=(meter, *before), steered=frozenset(_STEERED & self.devices_wh.keys())
        )

    def _before(self, name: str, day: int, first: int) -> Before:
        homes, home = self.fleet.homes, self.home
        before = Before(
            device_id=name, kind=_KINDS[name], power_w=int(4 * self.devices_wh[name][day, first - 1])
        )
        if name == "car":
            is_plugged = bool(self.fleet.plugged[home, day, first - 1] > 0)
            # The last reading before: its most until its session is over.
            session_wh = self.devices_wh[name][day, first:].sum() if first >= _AFTERNOON else 0
            power_w = int(homes.car_w[home]) if is_plugged and session_wh else 0
            return replace(before, power_w=power_w, is_plugged=is_plugged, arrives_w=int(homes.car_w[home]))
        if name == "battery":
            stored_wh = self.capacity_wh * int(self.told_per_mille[day, first]) // 1000
            most_w = int(homes.battery_w[home])
            return replace(
                before,
                stored_wh=stored_wh,
                capacity_wh=self.capacity_wh,
                most_in_w=most_w,
                most_out_w=most_w,
            )
        return before

    def _date(self, day: int) -> date:
        return self.fleet.start + timedelta(days=day)


def answers(seed: int, homes: int) -> dict[str, list[Found]]:
    """Return what each method says of each event of each home that joined it, of the fleet of a seed."""
    asked_of, random = fleet(seed, homes), np.random.default_rng(seed + 1000)
    found: defaultdict[str, list[Found]] = defaultdict(list)
    for home in range(homes):
        known = Known(fleet=asked_of, home=home, random=random)
        for event in asked_of.events:
            if event.joined[home]:
                for name, answer in _of_event(known, event):
                    found[name].append(answer)
    return dict(found)


def _of_event(known: Known, event: Event) -> Iterator[tuple[str, Found]]:
    asked = known.asked(event.day, event.first, event.last)
    twin_wh = known.fleet.twin.net_w[known.home, event.day, event.first : event.last] / 4
    true_wh = int(np.rint(np.maximum(twin_wh, 0)).sum())
    for name, rule in HISTORY_RULES.items():
        answer = with_half_width(rule, asked)
        if isinstance(answer, Baseline):
            yield name, _found(answer, true_wh, true_wh - _import_wh(answer))
    for name, is_over in ((LIVE, False), (AFTER, True)):
        answer_now = known.as_dispatched(asked, event.day, is_over=is_over)
        if answer_now is not None:
            # It is of import minus export, and so is its interval.
            off_wh = round(float(twin_wh.sum())) - answer_now.sum_wh
            yield name, _found(answer_now, true_wh, off_wh)


def _found(answer: Baseline, true_wh: int, off_wh: int) -> Found:
    return Found(
        said_wh=_import_wh(answer),
        true_wh=true_wh,
        off_wh=off_wh,
        half_width_wh=answer.half_width_wh,
        quarters=len(answer.use_wh),
    )


def _import_wh(answer: Baseline) -> int:
    return sum(max(energy_wh, 0) for energy_wh in answer.use_wh)


def _whole(values: Floats) -> tuple[int, ...]:
    return tuple(int(value) for value in np.rint(values))
