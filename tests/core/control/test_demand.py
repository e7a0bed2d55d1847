"""When the resident wants all of a device."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.demand import (
    SITE,
    Demand,
    Envelope,
    Scope,
    ScopeKind,
    Target,
    device,
    is_insisting,
)
from custom_components.home_flex.core.model import Owner

ALL = Demand(owner=Owner.RESIDENT, scope=device("car"), asks=Envelope(low_w=math.inf), reason="charge_now")


@pytest.mark.parametrize(
    ("demand", "insists"),
    [
        (ALL, True),
        (replace(ALL, owner=Owner.AGGREGATOR), False),
        (replace(ALL, scope=SITE), False),
        (replace(ALL, scope=Scope(ScopeKind.GROUP, "car")), False),
        (replace(ALL, asks=Envelope(low_w=11_040.0)), False),
        (replace(ALL, asks=Envelope(high_w=math.inf)), False),
        (replace(ALL, asks=Target(power_w=math.inf)), False),
    ],
)
def test_the_resident_insists_on_the_full_power_of_one_device(demand: Demand, *, insists: bool) -> None:
    assert is_insisting(demand) is insists


def test_a_device_is_named_by_its_id() -> None:
    assert device("car") == Scope(ScopeKind.DEVICE, "car")
