"""Capacity tariffs and demand charges: what one more kW of the month's peak costs, seen from now."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from ..model import TimeGrid


@dataclass(frozen=True, kw_only=True, slots=True)
class PeakTariff:
    """A price per kW of the highest mean power of a month, measured over ``measured_s`` each.

    A tariff by the year, on the mean of twelve months' peaks (Flanders), has a twelfth of its price here.
    ``least_w`` is charged whatever the peak was. Raises ValueError for what is below 0.
    """

    price_per_kw_month: Decimal
    least_w: float = 0.0
    measured_s: int = 900

    def __post_init__(self) -> None:
        """Raise for what is no tariff."""
        if self.price_per_kw_month < 0 or self.least_w < 0 or self.measured_s <= 0:
            raise ValueError("A peak has a price, a least power and a time it is measured over")


@dataclass(frozen=True, kw_only=True, slots=True)
class PeakPrice:
    """What the steps from ``first_step`` until before ``end_step``, all of one month, pay for a peak.

    The month began at ``since``; what was drawn until then is of another one.
    ``price_per_kw`` for each kW above ``free_w``; ``share`` of the month's whole price (0 to 1) is in it.
    """

    since: datetime
    first_step: int
    end_step: int
    free_w: float
    price_per_kw: float
    share: float


def peak_prices(
    tariff: PeakTariff, grid: TimeGrid, zone: tzinfo, month_peak_w: float | None
) -> tuple[PeakPrice, ...]:
    """Return the price of a peak for each local month that the grid touches.

    A kW of peak is paid once, and only when no later one of the same month is higher. With days that are
    alike, the highest of the days that are over and planned, k of the month's n, is the month's with
    probability k/n (every order of days is equally likely): that share of the price is what a peak costs the
    plan. Its first days are not bought off with what later days undo; its last ones pay in full.

    ``month_peak_w`` is what the month that runs has reached; None when nobody knows it, and then only
    ``least_w`` is free.
    """
    found: list[PeakPrice] = []
    steps = tuple(grid)
    first = 0
    while first < len(steps):
        month_start, month_end = _month(steps[first].start, zone)
        end = next(
            (index for index in range(first, len(steps)) if steps[index].start >= month_end), len(steps)
        )
        seen = (min(steps[end - 1].end, month_end) - month_start) / (month_end - month_start)
        reached_w = month_peak_w if not found and month_peak_w is not None else 0.0
        found.append(
            PeakPrice(
                since=month_start,
                first_step=first,
                end_step=end,
                free_w=max(tariff.least_w, reached_w),
                price_per_kw=float(tariff.price_per_kw_month) * seen,
                share=seen,
            )
        )
        first = end
    return tuple(found)


def _month(time: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    local = time.astimezone(zone)
    start = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (start + timedelta(days=32)).replace(day=1)
    return start.astimezone(UTC), after.astimezone(UTC)
