"""The sum of a period on the panel: its lines add up to what is paid, rounded once as receipts are."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.panel.money import lines_of

AMOUNTS = st.decimals(min_value=0, max_value=10_000, places=6)
CENT = Decimal("0.01")


def test_a_cent_is_not_lost_between_what_was_bought_and_sold() -> None:
    lines = lines_of(bought=Decimal("40.0251"), sold=Decimal("4.6649"), peak=Decimal(0), fees=Decimal(0))
    assert lines["paid"] == Decimal("35.36")
    assert lines["bought"] - lines["sold"] == lines["paid"]


@given(bought=AMOUNTS, sold=AMOUNTS, peak=AMOUNTS, fees=AMOUNTS)
def test_lines_add_up_to_what_is_paid_and_none_is_off_by_a_cent(
    bought: Decimal, sold: Decimal, peak: Decimal, fees: Decimal
) -> None:
    lines = lines_of(bought=bought, sold=sold, peak=peak, fees=fees)
    assert lines["bought"] - lines["sold"] + lines["peak"] + lines["fees"] == lines["paid"]
    assert lines["paid"] == (bought - sold + peak + fees).quantize(CENT, ROUND_HALF_UP)
    exact = {"bought": bought, "sold": sold, "peak": peak, "fees": fees}
    assert all(abs(lines[name] - amount) <= CENT for name, amount in exact.items())
