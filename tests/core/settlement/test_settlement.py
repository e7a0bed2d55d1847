"""What was delivered, how far limits were exceeded, and what it is worth."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.settlement.baselines import Baseline
from custom_components.home_flex.core.settlement.money import Penalty, Rounding, Step, Terms, pay
from custom_components.home_flex.core.settlement.settlement import (
    Asks,
    Exceeded,
    Interval,
    delivered,
    exceeded,
)

QUARTER_MS = 900_000


def _intervals(*used_wh: int | None) -> tuple[Interval, ...]:
    """Return quarter-hours; None: it was not measured."""
    return tuple(
        Interval(
            length_ms=QUARTER_MS,
            covered_ms=0 if energy_wh is None else QUARTER_MS,
            used_wh=energy_wh or 0,
        )
        for energy_wh in used_wh
    )


def test_delivered_is_what_was_not_used_and_keeps_its_sign() -> None:
    found = delivered(_intervals(700, 1200), Baseline(use_wh=(1000, 1000)), Asks.LESS)
    assert found.by_interval_wh == (300, -200)
    assert found.delivered_wh == 100


def test_who_is_asked_for_more_delivers_by_using_more() -> None:
    assert delivered(_intervals(1500), Baseline(use_wh=(1000,)), Asks.MORE).delivered_wh == 500


def test_with_less_than_nine_tenths_measured_delivery_is_unknown() -> None:
    nine = delivered(_intervals(*[0] * 9, None), Baseline(use_wh=(*(100,) * 9, 0)), Asks.LESS)
    assert (nine.delivered_wh, nine.known) == (900, Fraction(9, 10))
    eight = delivered(_intervals(*[0] * 8, None, None), Baseline(use_wh=(*(100,) * 8, 0, 0)), Asks.LESS)
    assert (eight.delivered_wh, eight.half_width_wh) == (None, None)


def test_noise_around_nothing_done_is_no_delivery() -> None:
    assert delivered(_intervals(900, 1100) * 50, Baseline(use_wh=(1000,) * 100), Asks.LESS).delivered_wh == 0


def _watched(length_s: int, watched_s: int, kept_s: int, exceeded_w: int = 0) -> Interval:
    return Interval(
        length_ms=1000 * length_s,
        covered_ms=0,
        used_wh=0,
        high_w=1000,
        watched_ms=1000 * watched_s,
        kept_ms=1000 * kept_s,
        exceeded_w_ms=1000 * exceeded_w * (watched_s - kept_s),
        worst_w=exceeded_w,
    )


# 600 s at 2,000 W beyond it are 333 Wh.
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([_watched(900, 900, 900)] * 2, Exceeded(energy_wh=0, worst_w=0, kept_share=Fraction(1))),
        (
            [_watched(900, 900, 300, 2000), _watched(300, 300, 300)],
            Exceeded(energy_wh=333, worst_w=2000, kept_share=Fraction(1, 2)),
        ),
        ([_watched(1000, 900, 900)], Exceeded(energy_wh=0, worst_w=0, kept_share=Fraction(1))),
        ([_watched(1000, 899, 899)], Exceeded(energy_wh=0, worst_w=0, kept_share=None)),
        ([_watched(900, 0, 0)], Exceeded(energy_wh=0, worst_w=0, kept_share=None)),
        (_intervals(500), None),
    ],
    ids=["kept", "half", "nine tenths watched", "less watched", "not watched", "nothing asked"],
)
def test_what_is_asked_of_the_power_is_kept_or_exceeded_or_unknown(
    rows: list[Interval], expected: Exceeded | None
) -> None:
    assert exceeded(rows) == expected


EURO = {"currency": "EUR", "per_kwh": Decimal("0.40")}


@pytest.mark.parametrize(
    ("terms", "delivered_wh", "total"),
    [
        ({}, 1000, "0.40"),
        ({}, 1013, "0.41"),  # 0.4052
        ({"per_kwh": Decimal("0.125")}, 1000, "0.13"),
        ({"per_kwh": Decimal("0.125"), "rounding": Rounding.HALF_EVEN}, 1000, "0.12"),
        ({}, -500, "0.00"),
        ({"charges_negative": True}, -500, "-0.20"),
        ({"charges_negative": True, "at_least": Decimal(0)}, -500, "0.00"),
        ({"paid_up_to_share": Decimal("1.2")}, 9000, "0.96"),  # 2,400 Wh of 2,000 agreed
        ({"penalty": Penalty(per_kwh=Decimal(1), tolerated_share=Decimal("0.1"))}, 1000, "-0.40"),
        ({"penalty": Penalty(per_kwh=Decimal(1), tolerated_share=Decimal("0.5"))}, 1000, "0.40"),
    ],
    ids=str,
)
def test_a_programmes_rule_pays(terms: dict[str, object], delivered_wh: int, total: str) -> None:
    paid = pay(Terms(**{**EURO, **terms}), delivered_wh=delivered_wh, agreed_wh=2000)  # type: ignore[arg-type] # a table
    assert str(paid.total) == total


# 2 kW for 1.5 h at 0.10: 0.30 in full.
@pytest.mark.parametrize(("delivered_wh", "total"), [(3000, "0.30"), (2000, "0.15"), (500, "0.00")])
def test_availability_is_paid_by_steps(delivered_wh: int, total: str) -> None:
    steps = (
        Step(delivered_share=Decimal("0.9"), paid_share=Decimal(1)),
        Step(delivered_share=Decimal("0.5"), paid_share=Decimal("0.5")),
    )
    terms = Terms(currency="EUR", per_kwh=Decimal(0), per_kw_hour=Decimal("0.10"), steps=steps)
    paid = pay(terms, delivered_wh=delivered_wh, agreed_wh=3000, agreed_w=2000, length_s=5400)
    assert str(paid.total) == total


def test_what_was_agreed_is_no_negative_energy() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        pay(Terms(**EURO), delivered_wh=0, agreed_wh=-1)  # type: ignore[arg-type] # a table


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_more_delivered_is_never_worth_less(delivered_wh: int, more_wh: int) -> None:
    terms = Terms(
        **EURO,  # type: ignore[arg-type] # a table
        penalty=Penalty(per_kwh=Decimal("0.1"), tolerated_share=Decimal("0.1")),
    )
    less, more = (
        pay(terms, delivered_wh=energy_wh, agreed_wh=5000)
        for energy_wh in (delivered_wh, delivered_wh + more_wh)
    )
    assert more.total >= less.total
