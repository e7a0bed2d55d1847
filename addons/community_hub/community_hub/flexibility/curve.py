"""What a group of homes offers, as it is shown: a price curve of now, and the next hours. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from ..arrays import Real
from .direction import Direction, kilo, price_text
from .packed import NOT_TOLD, StandingOffers, place_at
from .targets import Candidate

_MOST_SHOWN: Final = 200
# A home that plans anew tells from the next half-hour on: until then that is what it offers now.
SOON: Final = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Holding:
    """Homes, what those that told anything offer, and the share that each has proven, in the homes' order."""

    homes: Sequence[Candidate]
    told: StandingOffers
    share: Real


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    price_micro: int
    power_w: int
    expected_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shown:
    """What a home offers now: powers (W) and prices by point, the price None where it told none."""

    home: Candidate
    told_at: datetime
    share: float
    power_w: Sequence[int]
    price_micro: Sequence[int | None]

    @property
    def most_w(self) -> int:
        return self.power_w[-1] if self.power_w else 0

    @property
    def first_micro(self) -> int | None:
        """The price of the first kW; None where there is none."""
        return self.price_micro[0] if self.most_w else None

    @property
    def merit(self) -> tuple[float, float, str]:
        price = (self.first_micro or 0) if self.most_w else float("inf")
        return price / max(self.share, 0.01), -self.most_w * self.share, self.home.ven_id


def current_told(held: Holding, direction: Direction, now: datetime) -> dict[str, Any]:
    """Return what is told of now: in all, as a curve by price, by feeder, and by home."""
    rows = list(_rows(held, now))
    steps = [step for row in rows for step in _steps(row)]
    by_feeder: dict[str | None, list[_Shown]] = defaultdict(list)
    for row in rows:
        by_feeder[row.home.feeder].append(row)
    ranked = sorted(rows, key=lambda row: row.merit)
    return {
        "at": now,
        "direction": direction,
        "homes": sum(row.most_w > 0 for row in rows),
        "silent_homes": len(held.homes) - len(held.told.ven_ids),
        "power_kw": kilo(sum(row.most_w for row in rows)),
        "expected_kw": kilo(sum(row.most_w * row.share for row in rows)),
        "stored_kwh": kilo(held.told.stored_wh),
        "capacity_kwh": kilo(held.told.capacity_wh),
        "curve": _curve(steps),
        "feeders": [
            {
                "feeder": feeder,
                "homes": len(its),
                "power_kw": kilo(sum(row.most_w for row in its)),
                "expected_kw": kilo(sum(row.most_w * row.share for row in its)),
            }
            for feeder, its in sorted(by_feeder.items(), key=lambda each: each[0] or "")
        ],
        "offers": [
            {
                "ven_id": row.home.ven_id,
                "name": row.home.name,
                "feeder": row.home.feeder,
                "power_kw": kilo(row.most_w),
                "price_per_kwh": price_text(row.first_micro),
                "proven_share": round(row.share, 3),
                "told_at": row.told_at,
            }
            for row in ranked[:_MOST_SHOWN]
        ],
    }


def forecast_told(held: Holding, direction: Direction, now: datetime) -> dict[str, Any]:
    """Return what is offered in each interval that homes have told within the window they were read in."""
    share = dict(zip((home.ven_id for home in held.homes), held.share.tolist(), strict=True))
    of_home = np.array([share[ven_id] for ven_id in held.told.ven_ids])
    offered = held.told.offered
    home, number = np.nonzero(offered.end_s > offered.start_s)
    spans, which = np.unique(
        np.column_stack((offered.start_s[home, number], offered.end_s[home, number])),
        axis=0,
        return_inverse=True,
    )
    power_w = offered.most_w[home, number]
    sums = [
        np.bincount(which, weights=weights, minlength=len(spans))
        for weights in (
            np.ones(len(which)),
            offered.baseline_w[home, number],
            power_w,
            power_w * of_home[home],
        )
    ]
    return {
        "at": now,
        "direction": direction,
        "intervals": [
            {
                "start": datetime.fromtimestamp(start_s, UTC),
                "duration_s": end_s - start_s,
                "homes": int(homes),
                "baseline_kw": kilo(baseline_w),
                "power_kw": kilo(most_w),
                "expected_kw": kilo(expected_w),
            }
            for (start_s, end_s), homes, baseline_w, most_w, expected_w in zip(
                spans.tolist(), *(each.tolist() for each in sums), strict=True
            )
        ],
    }


def _rows(held: Holding, now: datetime) -> Iterator[_Shown]:
    told, offered = held.told, held.told.offered
    at_once, soon = (
        place_at(offered.start_s, offered.end_s, moment.timestamp()) for moment in (now, now + SOON)
    )
    interval = np.where(at_once >= 0, at_once, soon).tolist()
    for home, share in zip(held.homes, held.share.tolist(), strict=True):
        place = told.place_of.get(home.ven_id)
        if place is None or interval[place] < 0:
            continue
        prices = offered.price_micro[place, interval[place]].tolist()
        yield _Shown(
            home=home,
            told_at=told.told_at[place],
            share=share,
            power_w=offered.power_w[place, interval[place]].tolist(),
            price_micro=[None if price == NOT_TOLD else price for price in prices],
        )


def _steps(row: _Shown) -> Iterator[_Step]:
    before_w = 0
    for power_w, price_micro in zip(row.power_w, row.price_micro, strict=True):
        if (step_w := power_w - before_w) > 0:
            yield _Step(price_micro=price_micro or 0, power_w=step_w, expected_w=step_w * row.share)
        before_w = power_w


def _curve(steps: Sequence[_Step]) -> list[dict[str, Any]]:
    """Return the curve by price: power in all, and what is to be expected; steps of one price are one."""
    by_price: dict[int, list[_Step]] = defaultdict(list)
    for step in steps:
        by_price[step.price_micro].append(step)
    power_w, expected_w = 0, 0.0
    found = []
    for price_micro, same in sorted(by_price.items()):
        power_w += sum(step.power_w for step in same)
        expected_w += sum(step.expected_w for step in same)
        found.append(
            {
                "power_kw": kilo(power_w),
                "expected_kw": kilo(expected_w),
                "price_per_kwh": price_text(price_micro),
            }
        )
    every = -(-len(found) // _MOST_SHOWN) or 1
    # The last point is always there: it says how much there is in all.
    return found[::-1][::every][::-1]
