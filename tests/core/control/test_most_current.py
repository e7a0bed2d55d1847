"""The most current that the resident allows a charger holds in every mode, also where nothing else limits."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control import charge_modes
from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish, ChargingMemory
from custom_components.home_flex.core.control.charging.model import Sun

from .parts import car, lines


@pytest.mark.parametrize("insists", [False, True])
@pytest.mark.parametrize(("most_a", "told_a"), [(8.0, 8.0), (16.0, None), (32.0, None), (None, None)])
def test_a_fast_charge_is_left_alone_only_where_the_resident_allows_all(
    most_a: float | None, told_a: float | None, insists: bool
) -> None:
    charger = car()
    wish = ChargeWish(mode=ChargeMode.FAST, max_current_a=most_a)
    charger = replace(charger, device=replace(charger.device, charge=wish))
    seen = charge_modes.charger_input(charger, (1, 2, 3), 230.0, 6.0, insists=insists, beside_store=False)
    intents, _ = charge_modes.intended(
        [charger], [seen], lines((charger,)), None, Sun.SHOWN, {}, ChargingMemory(), 0.0
    )
    assert intents["car"].current_a == told_a
