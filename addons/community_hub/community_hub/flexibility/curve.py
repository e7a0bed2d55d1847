"""What a group of homes offers, as it is shown: a price curve of now, and the next hours. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ..arrays import Real
from .direction import Direction, kilo, price_text
from .targets import Candidate
from .told import Side, ToldInterval, ToldOffer

_MOST_SHOWN: Final = 200
# A home that plans anew tells from the next half-hour on: until then that is what it offers now.
_SOON: Final = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Holding:
    """Homes, what those that told anything offer, and the share that each has proven, in the homes' order."""

    homes: Sequence[Candidate]
    told: Mapping[str, ToldOffer]
    share: Real


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    price_micro: int
    power_w: int
    expected_w: float


def current_told(held: Holding, direction: Direction, now: datetime) -> dict[str, Any]:
    """Return what is told of now: in all, as a curve by price, by feeder, and by home."""
    rows = list(_rows(held, direction, now))
    steps = [step for _, offer, side, share in rows for step in _steps(side, share)]
    by_feeder: dict[str | None, list[tuple[int, float]]] = defaultdict(list)
    for home, _, side, share in rows:
        by_feeder[home.feeder].append((side.most_w, side.most_w * share))
    ranked = sorted(rows, key=_by_price)
    return {
        "at": now,
        "direction": direction,
        "homes": sum(side.most_w > 0 for _, _, side, _ in rows),
        "silent_homes": len(held.homes) - len(held.told),
        "power_kw": kilo(sum(side.most_w for _, _, side, _ in rows)),
        "expected_kw": kilo(sum(side.most_w * share for _, _, side, share in rows)),
        "stored_kwh": kilo(sum(offer.stored_wh or 0 for offer in held.told.values())),
        "capacity_kwh": kilo(sum(offer.capacity_wh or 0 for offer in held.told.values())),
        "curve": _curve(steps),
        "feeders": [
            {
                "feeder": feeder,
                "homes": len(powers),
                "power_kw": kilo(sum(power for power, _ in powers)),
                "expected_kw": kilo(sum(expected for _, expected in powers)),
            }
            for feeder, powers in sorted(by_feeder.items(), key=lambda each: each[0] or "")
        ],
        "offers": [
            {
                "ven_id": home.ven_id,
                "name": home.name,
                "feeder": home.feeder,
                "power_kw": kilo(side.most_w),
                "price_per_kwh": price_text(side.points[0].price_micro if side.points else None),
                "proven_share": round(share, 3),
                "told_at": offer.told_at,
            }
            for home, offer, side, share in ranked[:_MOST_SHOWN]
        ],
    }


def forecast_told(held: Holding, direction: Direction, now: datetime, hours: int) -> dict[str, Any]:
    """Return what is offered in each interval that homes have told, until so many hours from now."""
    share = dict(zip((home.ven_id for home in held.homes), held.share.tolist(), strict=True))
    found: dict[tuple[datetime, datetime], list[tuple[str, ToldInterval]]] = defaultdict(list)
    for ven_id, offer in held.told.items():
        for interval in offer.intervals:
            if interval.end > now and interval.start < now + timedelta(hours=hours):
                found[interval.start, interval.end].append((ven_id, interval))
    return {
        "at": now,
        "direction": direction,
        "intervals": [
            {
                "start": start,
                "duration_s": int((end - start).total_seconds()),
                "homes": len(rows),
                "baseline_kw": kilo(sum(interval.baseline_w for _, interval in rows)),
                "power_kw": kilo(sum(interval.sides[direction].most_w for _, interval in rows)),
                "expected_kw": kilo(
                    sum(interval.sides[direction].most_w * share[ven_id] for ven_id, interval in rows)
                ),
            }
            for (start, end), rows in sorted(found.items())
        ],
    }


def _rows(
    held: Holding, direction: Direction, now: datetime
) -> Iterator[tuple[Candidate, ToldOffer, Side, float]]:
    for home, share in zip(held.homes, held.share.tolist(), strict=True):
        offer = held.told.get(home.ven_id)
        interval = None if offer is None else offer.at(now) or offer.at(now + _SOON)
        if offer is not None and interval is not None:
            yield home, offer, interval.sides[direction], share


def _steps(side: Side, share: float) -> Iterator[_Step]:
    before_w = 0
    for point in side.points:
        power_w = point.power_w - before_w
        yield _Step(price_micro=point.price_micro or 0, power_w=power_w, expected_w=power_w * share)
        before_w = point.power_w


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


def _by_price(row: tuple[Candidate, ToldOffer, Side, float]) -> tuple[float, float, str]:
    home, _, side, share = row
    price = (side.points[0].price_micro or 0) if side.points else float("inf")
    return price / max(share, 0.01), -side.most_w * share, home.ven_id
