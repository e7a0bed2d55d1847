"""A whole decision: energy is shared between batteries, and the resident chooses who gives first."""

import pytest

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import SITE, Asks, Demand, Envelope, Target
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import DeviceMemory, Response
from custom_components.home_flex.core.control.merit import Preference, Take
from custom_components.home_flex.core.control.state import ControlMemory, Decision, SiteState
from custom_components.home_flex.core.control.stores import SharingMemory
from custom_components.home_flex.core.model import MeterReading, Owner

from .house import SITE as HOME
from .parts import TIME, battery, car


def decided(
    asks: Asks,
    *parts: Flexibility,
    base_w: float,
    preference: Preference = Preference.CAR_FIRST,
    memory: ControlMemory | None = None,
) -> tuple[Decision, ControlMemory]:
    power_w = base_w + sum(part.power_w for part in parts)
    state = SiteState(
        site=HOME,
        meter=MeterReading(time=TIME, power_w=power_w, phase_power_w=(power_w / 3,) * 3),
        meter_heard_s=0.0,
        devices=tuple(part.device for part in parts),
        preference=preference,
    )
    asked = Demand(owner=Owner.AGGREGATOR, scope=SITE, asks=asks, reason="asked", source_id="event")
    return arbitrate(state, [asked], memory or ControlMemory(), 0.0)


def values(decision: Decision) -> dict[str, float | None]:
    return {setpoint.device_id: setpoint.value for setpoint in decision.wanted}


def test_one_battery_does_not_charge_from_the_other() -> None:
    """The house draws 2 kW, one battery covers it by itself, the other is idle; 500 W are to be drawn."""
    decision, _ = decided(Target(power_w=500.0), battery("one", -1708.0), battery("two", 0.0), base_w=2000.0)
    assert values(decision) == {"one": -750, "two": -750}


def test_the_fuller_battery_gives_more_so_that_both_last() -> None:
    decision, _ = decided(
        Target(power_w=1500.0), battery("nine", soc=0.9), battery("two", soc=0.2), base_w=5900.0
    )
    assert values(decision) == pytest.approx({"nine": -3600, "two": -800}, abs=1)


def test_a_little_power_is_one_batterys_and_stays_its() -> None:
    parts = (battery("a", soc=0.52), battery("b", soc=0.5))
    decision, memory = decided(Target(power_w=500.0), *parts, base_w=1000.0)
    assert values(decision) == {"a": -500, "b": None}
    assert memory.sharing == SharingMemory(sign=-1, alone="a", alone_since_s=0.0)
    kept = ControlMemory(sharing=SharingMemory(sign=-1, alone="b", alone_since_s=0.0))
    decision, _ = decided(Target(power_w=500.0), *parts, base_w=1000.0, memory=kept)
    assert values(decision) == {"a": None, "b": -500}


LIMIT = Envelope(high_w=7000.0)


@pytest.mark.parametrize("preference", [Preference.CAR_FIRST, Preference.EARN])
def test_the_car_goes_on_while_the_battery_can_give(preference: Preference) -> None:
    known = ControlMemory(devices={"car": DeviceMemory(response=Response(full_s=(2.0,)))})
    decision, _ = decided(LIMIT, battery(), car(), base_w=1000.0, preference=preference, memory=known)
    battery_w, car_a = values(decision).values()
    assert battery_w is not None
    assert car_a is not None
    assert battery_w < -4000
    assert car_a >= 15


def test_the_battery_is_left_alone_while_the_car_can_be_slowed() -> None:
    decision, _ = decided(LIMIT, battery(), car(), base_w=1000.0, preference=Preference.HOUSE_FIRST)
    battery_w, car_a = values(decision).values()
    assert battery_w is None
    assert car_a is not None
    assert 7.5 < car_a < 9


def test_how_each_battery_would_use_surplus_is_remembered() -> None:
    _, memory = decided(LIMIT, battery("half"), battery("full", soc=0.9), car(), base_w=1000.0)
    assert memory.stages == {"half": Take.BATTERY_FOR_HOUSE, "full": Take.BATTERY_TO_FULL}
