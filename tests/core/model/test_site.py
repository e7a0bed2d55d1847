"""What a connection to the grid cannot be."""

from dataclasses import replace
from decimal import Decimal
from math import inf, nan

import pytest

from custom_components.home_flex.core.model import Site

HOME = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.30"),
    export_price_per_kwh=Decimal("0.08"),
)


@pytest.mark.parametrize("rating", [0.0, -25.0, nan, inf, -inf])
@pytest.mark.parametrize("name", ["main_fuse_a", "nominal_voltage_v"])
def test_a_fuse_or_voltage_that_guards_nothing_is_no_site(name: str, rating: float) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        replace(HOME, **{name: rating})  # type: ignore[arg-type] # fields of a site


@pytest.mark.parametrize("phases", [-1, 0, 4])
def test_no_connection_has_this_number_of_phases(phases: int) -> None:
    with pytest.raises(ValueError, match="phases"):
        replace(HOME, phases=phases)


@pytest.mark.parametrize("phases", [1, 2, 3])
def test_the_smallest_fuse_there_is_is_one(phases: int) -> None:
    assert replace(HOME, phases=phases, main_fuse_a=0.5).main_fuse_a == 0.5
