"""What one more kW of the month's peak costs, seen from now."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.model import quarter_hours
from custom_components.home_flex.core.signals import PeakTariff, peak_prices

BRUSSELS = ZoneInfo("Europe/Brussels")
FLANDERS = PeakTariff(price_per_kw_month=Decimal("3.50"), least_w=2500)


def test_the_last_days_of_a_month_pay_in_full() -> None:
    (price,) = peak_prices(
        FLANDERS, quarter_hours(datetime(2026, 11, 28, 23, tzinfo=UTC), 48), BRUSSELS, 4000
    )
    assert price.share == pytest.approx(1)
    assert price.price_per_kw == pytest.approx(3.5)
    assert price.free_w == 4000


def test_the_first_days_of_a_month_pay_as_far_as_it_has_gone() -> None:
    (price,) = peak_prices(
        FLANDERS, quarter_hours(datetime(2026, 10, 31, 23, tzinfo=UTC), 48), BRUSSELS, 3000
    )
    assert price.share == pytest.approx(2 / 30)
    assert price.price_per_kw == pytest.approx(3.5 * 2 / 30)


def test_a_month_that_begins_in_the_plan_has_a_peak_of_its_own() -> None:
    grid = quarter_hours(datetime(2026, 11, 29, 23, tzinfo=UTC), 48)
    november, december = peak_prices(FLANDERS, grid, BRUSSELS, 6000)
    assert (november.first_step, november.end_step, november.free_w) == (0, 96, 6000)
    assert (december.first_step, december.end_step, december.free_w) == (96, 192, 2500)
    assert december.since == datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(("peak_w", "free_w"), [(None, 2500), (1000, 2500), (2600, 2600)])
def test_what_is_charged_anyway_is_free(peak_w: float | None, free_w: float) -> None:
    (price,) = peak_prices(FLANDERS, quarter_hours(datetime(2026, 11, 10, tzinfo=UTC), 48), BRUSSELS, peak_w)
    assert price.free_w == free_w


def test_a_negative_price_is_no_tariff() -> None:
    with pytest.raises(ValueError, match="peak"):
        PeakTariff(price_per_kw_month=Decimal(-1))
