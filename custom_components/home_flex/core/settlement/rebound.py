"""What a home takes back after an event: it stands in its receipt, and is in no delivery.

By a rule of the meter's history, which learns nothing from the event and from the hours after any: what was
steered is not re-run. So it is as unsure as such rules are, and says how much.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ..statistics import midnight
from .baselines import HISTORY_RULES, Baseline, Missing, with_half_width
from .days import Asked, UseDay
from .past import REBOUND_MS, Span, asked_of
from .settlement import LEAST_COMPLETE
from .tally import QUARTER_MS, milliseconds

# The first that knows something says it.
RULES: Final = ("ten_working_days", "three_weeks")
_WH_A_KWH: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class After:
    """What is known of the hours after an event: the question, and what held in its quarter-hours.

    Prices per kWh in ``currency``, ``carbon`` in g/kWh; None where it is not known.
    """

    asked: Asked
    currency: str
    import_prices: tuple[Decimal | None, ...]
    export_prices: tuple[Decimal | None, ...]
    carbon: tuple[Decimal | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebound:
    """What was used above (positive) or below its baseline after an event, Wh.

    ``energy_wh`` is None while less than nine tenths of the time is ``known``. ``half_width_wh``: in nine of
    ten such times without an event the rule is off by no more; None when that cannot be told. ``cost``: what
    it cost more at the tariff, exact, and ``carbon_g`` what of carbon was imported more; None where a price
    or an intensity is not known.
    """

    energy_wh: int | None
    half_width_wh: int | None
    known: Fraction
    length_s: int
    rule: str
    cost: Decimal | None
    carbon_g: Decimal | None


def asked_after(
    days: Mapping[date, UseDay], zone: tzinfo, *, start_ms: int, end_ms: int, others: Iterable[Span]
) -> Asked | None:
    """Return the question about the whole quarter-hours after an event (ms of the UTC epoch).

    They are those of four hours, and end before midnight and before the next of the ``others`` begins. None
    where nothing is left, where another event went on, and while nothing is known of any day.
    """
    spans = tuple(others)
    local = datetime.fromtimestamp((end_ms - 1) / 1000, UTC).astimezone(zone).date()
    bounds_ms = [end_ms + REBOUND_MS, milliseconds(midnight(local + timedelta(days=1), zone))]
    bounds_ms += [first_ms for first_ms, last_ms in spans if last_ms > end_ms]
    first_ms = -(-end_ms // QUARTER_MS) * QUARTER_MS
    last_ms = min(bounds_ms) // QUARTER_MS * QUARTER_MS
    if first_ms >= last_ms:
        return None
    return asked_of(
        days,
        zone,
        start_ms=first_ms,
        end_ms=last_ms,
        others=[*spans, (start_ms, end_ms)],
        until_ms=end_ms + REBOUND_MS,
    )


def rebound(after: After) -> Rebound | Missing:
    """Return what was used above the baseline in the hours after an event."""
    missing = Missing.NO_HISTORY
    for name in RULES:
        answer = with_half_width(HISTORY_RULES[name], after.asked)
        if isinstance(answer, Baseline):
            return _above(after, answer, name)
        missing = answer
    return missing


def _above(after: After, baseline: Baseline, rule: str) -> Rebound:
    used_wh = [after.asked.today.use_wh[index] for index in after.asked.window]
    rows = [
        (used, expected, taken, given, carbon)
        for used, expected, taken, given, carbon in zip(
            used_wh, baseline.use_wh, after.import_prices, after.export_prices, after.carbon, strict=True
        )
        if used is not None
    ]
    known = Fraction(len(rows), len(used_wh))
    is_known = known >= LEAST_COMPLETE
    costs = [_more(used, expected, taken, given) for used, expected, taken, given, _ in rows]
    grams = [_more(used, expected, carbon, Decimal(0)) for used, expected, _, _, carbon in rows]
    return Rebound(
        energy_wh=sum(used - expected for used, expected, *_ in rows) if is_known else None,
        half_width_wh=baseline.half_width_wh if is_known else None,
        known=known,
        length_s=len(used_wh) * after.asked.interval_s,
        rule=rule,
        cost=_sum(costs) if is_known else None,
        carbon_g=_sum(grams) if is_known else None,
    )


def _more(used_wh: int, expected_wh: int, taken: Decimal | None, given: Decimal | None) -> Decimal | None:
    """Return what the one net energy (Wh) is worth above the other; None where a price lacks."""
    worth = [_worth(net_wh, taken, given) for net_wh in (used_wh, expected_wh)]
    return None if worth[0] is None or worth[1] is None else worth[0] - worth[1]


def _worth(net_wh: int, taken: Decimal | None, given: Decimal | None) -> Decimal | None:
    price = given if net_wh < 0 else taken
    return Decimal(0) if not net_wh else None if price is None else net_wh * price / _WH_A_KWH


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [each for each in amounts if each is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
