"""One tick as a whole: who stays held, what a silent meter does, and what a decision tells and remembers."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish, Reason
from custom_components.home_flex.core.control.commands import STORES
from custom_components.home_flex.core.control.demand import (
    SITE as AT_THE_METER,
)
from custom_components.home_flex.core.control.demand import (
    Asks,
    ChargeTo,
    Demand,
    Envelope,
    Scope,
    Target,
)
from custom_components.home_flex.core.control.demand import device as scope_of
from custom_components.home_flex.core.control.memory import DeviceMemory, Judgement, MeterMemory
from custom_components.home_flex.core.control.merit import Take
from custom_components.home_flex.core.control.reserve import ReserveWish
from custom_components.home_flex.core.control.state import (
    ControlMemory,
    Decision,
    DeviceState,
    LimitSource,
    SiteState,
)
from custom_components.home_flex.core.control.watched import Blind
from custom_components.home_flex.core.model import (
    BatteryReading,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Quantity,
    Setpoint,
)

from . import guarded_home
from .guarded_home import NOW, told
from .house import SITE, insisting

NOW_S = 100.0
HOUSE = told(300.0, 300.0, 300.0)


def battery(power_w: float = 0.0, **state: Any) -> DeviceState:
    reading = BatteryReading(
        time=NOW,
        power_w=power_w,
        state_of_charge=0.5,
        capacity_wh=10_000.0,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )
    return DeviceState(
        device_id="battery",
        kind=DeviceKind.BATTERY,
        wired_phases=(1, 2, 3),
        reading=reading,
        heard_s=NOW_S,
        **state,
    )


def car(current_a: float = 16.0, **state: Any) -> DeviceState:
    return replace(guarded_home.car(current_a), heard_s=NOW_S, **state)


def sun(power_w: float = 2000.0, **state: Any) -> DeviceState:
    return replace(guarded_home.sun(power_w), heard_s=NOW_S, **state)


def demand(
    asks: Asks, scope: Scope = AT_THE_METER, owner: Owner = Owner.AGGREGATOR, *, standing: bool = False
) -> Demand:
    return Demand(owner=owner, scope=scope, asks=asks, reason="asked", source_id="event", standing=standing)


def decide(
    *devices: DeviceState,
    demands: tuple[Demand, ...] = (),
    memory: ControlMemory | None = None,
    meter: MeterReading | None = HOUSE,
    heard_s: float = NOW_S,
    now_s: float = NOW_S,
) -> tuple[Decision, ControlMemory]:
    state = SiteState(site=SITE, meter=meter, meter_heard_s=heard_s, devices=devices)
    return arbitrate(state, demands, memory or ControlMemory(), now_s)


def knows(**devices: DeviceMemory) -> ControlMemory:
    return ControlMemory(devices=devices)


TAKEN = DeviceMemory(taken=Owner.AGGREGATOR, reason="limit", source_id="event", bound_s=90.0)
WIDE = Envelope(high_w=50_000.0)
STAYS: dict[str, tuple[tuple[Demand, ...], bool]] = {
    "nobody asks anything": ((), False),
    "an event goes on": ((demand(WIDE),), True),
    "a limit without an end": ((demand(WIDE, standing=True),), False),
    "a plan for others": ((demand(Target(power_w=1.0), scope_of("other"), Owner.PLAN),), False),
    "a plan for it": ((demand(WIDE, scope_of("battery"), Owner.PLAN),), True),
    "a plan for it without an end": (
        (demand(WIDE, scope_of("battery"), Owner.PLAN, standing=True),),
        False,
    ),
    "an event, and the resident wants all of another": ((demand(WIDE), insisting("car")), True),
}


@pytest.mark.parametrize(("demands", "stays"), STAYS.values(), ids=STAYS)
def test_a_device_once_taken_stays_taken_while_what_passes_goes_on(
    demands: tuple[Demand, ...], *, stays: bool
) -> None:
    decision, memory = decide(battery(), demands=demands, memory=knows(battery=TAKEN))
    (wanted,) = decision.wanted
    assert (wanted.value is not None) is stays
    assert (memory.devices["battery"].taken is Owner.AGGREGATOR) is stays


def test_one_of_which_the_resident_wants_all_is_not_held_for_events() -> None:
    decision, _ = decide(battery(), demands=(demand(WIDE), insisting("battery")), memory=knows(battery=TAKEN))
    assert decision.wanted[0].owner is Owner.RESIDENT


def test_a_reserve_holds_its_battery_by_itself_once_it_was_stopped() -> None:
    wish = ReserveWish(reserve=0.5)
    decision, memory = decide(battery(-900.0, reserve=wish))
    assert (decision.wanted[0].value, decision.wanted[0].reason) == (0.0, "reserve")
    assert memory.reserves["battery"].holding
    held = replace(memory.devices["battery"], bound_s=0.0)
    again, _ = decide(
        battery(0.0, reserve=wish), memory=replace(memory, devices={"battery": held}), now_s=NOW_S + 1.0
    )
    assert again.wanted[0].value is not None
    assert decide(battery(-900.0))[0].wanted[0].value is None


def test_a_meter_that_is_lost_makes_chargers_fall_back() -> None:
    with_car = told(3980.0, 3980.0, 3980.0)
    _, memory = decide(car(), meter=with_car)
    for later_s, value, reason in [(30.0, None, "own_control"), (30.1, 10.0, "meter_lost")]:
        decision, _ = decide(car(), memory=memory, meter=with_car, now_s=NOW_S + later_s)
        assert (decision.wanted[0].value, decision.wanted[0].reason) == (value, reason)
    gone, _ = decide(car(), memory=memory, meter=None, now_s=NOW_S + 1.0)
    assert gone.wanted[0].reason == "meter_lost"


def test_where_no_meter_was_ever_read_they_fall_back_only_when_something_is_asked() -> None:
    assert decide(car(), meter=None)[0].wanted[0].value is None
    asked, _ = decide(car(), meter=None, demands=(demand(WIDE),))
    assert (asked.wanted[0].value, asked.wanted[0].reason) == (12.0, "meter_lost")


def test_what_is_not_watched_is_told_once_a_meter_was_read() -> None:
    assert decide(car(), meter=None)[0].unwatched == ()
    decision, memory = decide(car())
    assert decision.unwatched == ()
    lost, _ = decide(car(), memory=memory, now_s=NOW_S + 31.0)
    assert [one.why for one in lost.unwatched] == [Blind.METER_SILENT]


def current(value: float) -> Setpoint:
    return Setpoint(
        device_id="car",
        quantity=Quantity.CURRENT_LIMIT_A,
        value=value,
        owner=Owner.PLAN,
        reason="fast",
        life_s=120.0,
    )


@pytest.mark.parametrize(
    ("later_s", "phases_shown_s", "is_raised"),
    [(2.5, 0.0, True), (2.6, 0.0, False), (1.0, NOW_S - 0.1, True), (1.0, NOW_S, False)],
)
def test_no_mode_raises_a_charger_by_an_old_telegram(
    later_s: float, phases_shown_s: float, *, is_raised: bool
) -> None:
    """Nor by one that is from before its vehicle showed its phases."""
    charges = car(8.0, written=current(8.0), written_s=90.0, changed_s=50.0)
    charges = replace(charges, charge=ChargeWish(mode=ChargeMode.FAST))
    _, memory = decide(charges)
    known = replace(memory.devices["car"], active_phases=3, phases_shown_s=phases_shown_s)
    decision, _ = decide(charges, memory=replace(memory, devices={"car": known}), now_s=NOW_S + later_s)
    assert (decision.wanted[0].value == 8.0) is not is_raised


def test_limits_and_whose_they_are_are_told() -> None:
    asked = (
        demand(Envelope(high_w=9000.0)),
        demand(Envelope(low_w=-4000.0), owner=Owner.GRID_OPERATOR),
        demand(Envelope(high_w=1.0), STORES),
    )
    decision, _ = decide(battery(), demands=asked)
    assert (decision.import_limit_w, decision.export_limit_w) == (9000.0, 4000.0)
    assert decision.limit_owner is Owner.AGGREGATOR
    assert decision.import_limited_by == LimitSource(owner=Owner.AGGREGATOR, source_id="event")
    assert decision.export_limited_by == LimitSource(owner=Owner.GRID_OPERATOR, source_id="event")
    free, _ = decide(battery())
    assert (free.import_limit_w, free.export_limit_w, free.limit_owner) == (None, None, None)


def test_where_power_flows_is_told_as_it_was_read() -> None:
    decision, _ = decide(battery(200.0), sun(2000.0), car(2.0), meter=told(500.0, 500.0, 500.0))
    balance = decision.balance
    assert balance is not None
    assert (balance.grid_w, balance.battery_w, balance.pv_w, balance.ev_charger_w) == (
        1500.0,
        200.0,
        -2000.0,
        1380.0,
    )
    assert balance.rest_w == 1920.0
    unread, _ = decide(battery(), replace(sun(), reading=None))
    assert unread.balance is not None
    assert (unread.balance.pv_w, unread.balance.battery_w) == (None, 0.0)
    assert decide(battery(), meter=None)[0].balance is None


def test_a_meter_that_hides_what_is_fed_in_is_told_as_it_reads() -> None:
    hides = ControlMemory(meter=MeterMemory(zeros=20))
    decision, _ = decide(sun(2000.0), meter=told(0.0, 0.0, 0.0), memory=hides)
    assert decision.balance is not None
    assert decision.balance.grid_w == 0.0
    assert [one.why for one in decision.unwatched] == [Blind.FEED_IN_NOT_SHOWN]


@pytest.mark.parametrize(
    ("limit_w", "shortfall_w", "bent"),
    [(800.0, 0.0, ()), (500.0, 400.0, ("unreachable:asked",))],
    ids=["within the margin", "beyond"],
)
def test_what_cannot_be_reached_is_told(limit_w: float, shortfall_w: float, bent: tuple[str, ...]) -> None:
    full = replace(battery(), reading=replace(battery().reading, state_of_charge=0.0))  # type: ignore[type-var]
    limit = (demand(Envelope(high_w=limit_w)),)
    decision, memory = decide(full, demands=limit, meter=told(270.0, 270.0, 200.0 if not bent else 360.0))
    assert decision.shortfall_w == pytest.approx(shortfall_w)
    assert decision.bent == bent
    assert memory.devices["battery"].judgement is Judgement.UNKNOWN


def test_one_that_does_not_follow_is_told() -> None:
    deaf = DeviceMemory(judgement=Judgement.NOT_FOLLOWED)
    refuses = battery(refusals=3, refused_s=0.0)
    assert decide(refuses)[0].bent == ("not_following:battery",)
    assert decide(battery(), memory=knows(battery=deaf))[0].bent != ("turned:battery",)


def test_a_battery_is_brought_to_its_charge_and_its_power_remembered() -> None:
    asked = demand(ChargeTo(left_s=3600.0, state_of_charge=0.7), STORES)
    decision, memory = decide(battery(), demands=(asked,))
    assert (decision.wanted[0].value, decision.wanted[0].reason) == (2000.0, "asked")
    assert memory.charge_plans["event", "battery"].power_w == pytest.approx(2000.0)
    later = demand(ChargeTo(left_s=1800.0, state_of_charge=0.7), STORES)
    again, _ = decide(battery(), demands=(later,), memory=memory, now_s=NOW_S + 1.0)
    assert again.wanted[0].value == 2000.0
    assert decide(battery(), memory=memory)[1].charge_plans == {}


def test_how_stores_share_and_use_surplus_is_remembered() -> None:
    asked = (demand(Target(power_w=-2000.0)),)
    _, memory = decide(battery(), demands=asked)
    assert memory.sharing.sign == -1
    assert memory.stages == {"battery": Take.BATTERY_FOR_HOUSE}


def test_what_is_written_is_remembered_with_its_device() -> None:
    decision, memory = decide(battery(), demands=(demand(Target(power_w=-2000.0)),))
    assert [one.value for one in decision.setpoints] == [-2900.0]
    assert memory.devices["battery"].taken is Owner.AGGREGATOR
    assert memory.devices["battery"].actuator.tokens == 59.0


def test_a_charger_is_told_by_its_mode() -> None:
    off = car(charge=ChargeWish(mode=ChargeMode.OFF))
    decision, memory = decide(off)
    assert decision.charging["car"].reason is Reason.OFF
    assert (decision.wanted[0].value, decision.wanted[0].owner) == (0.0, Owner.RESIDENT)
    assert memory.charging.chargers["car"].mode is ChargeMode.OFF
    insisted, _ = decide(off, demands=(insisting("car"),))
    assert insisted.charging["car"].reason is Reason.CHARGE_NOW
    unsteered, _ = decide(replace(off, reach=Owner.GRID_OPERATOR), demands=(insisting("car"),))
    assert unsteered.charging["car"].reason is Reason.FAST


def test_one_that_does_as_it_likes_has_no_mode() -> None:
    decision, _ = decide(car(refusals=3, refused_s=0.0))
    assert decision.charging == {}


def test_a_device_that_can_be_read_from_now_on_counts_once_the_meter_was_reckoned_with_it() -> None:
    _, memory = decide(battery())
    between, after = decide(battery(), sun(2000.0), memory=memory, now_s=NOW_S + 0.5)
    assert {one.device_id for one in between.wanted} == {"battery"}
    assert set(after.devices) == {"battery", "pv"}
    then, _ = decide(battery(), sun(2000.0), memory=after, heard_s=NOW_S + 1.0, now_s=NOW_S + 1.0)
    assert {one.device_id for one in then.wanted} == {"battery", "pv"}


def test_an_inverter_is_limited_to_what_an_export_limit_leaves() -> None:
    dark = told(-500.0, -500.0, -500.0)
    decision, _ = decide(
        sun(2400.0), demands=(demand(Envelope(low_w=-1000.0), owner=Owner.GRID_OPERATOR),), meter=dark
    )
    assert isinstance(sun().reading, PvReading)
    assert (decision.wanted[0].value, decision.wanted[0].owner) == (1850.0, Owner.GRID_OPERATOR)
