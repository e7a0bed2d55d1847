"""What a device's own readings show of its range, and between which powers the meter may have seen it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.home_flex.core.control.hull import possible_w
from custom_components.home_flex.core.control.judging import has_swallowed, is_settled
from custom_components.home_flex.core.control.memory import (
    DeviceMemory,
    Order,
    Response,
    Run,
    Sample,
    Shown,
    Step,
)
from custom_components.home_flex.core.control.ranging import ranged, replaced
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    PvReading,
    Reading,
)

TIME = datetime(2026, 6, 1, 12, tzinfo=UTC)


def seen(
    kind: DeviceKind, reading: Reading, orders: Sequence[Order], powers_w: Sequence[float], now_s: float
) -> Seen[Any]:
    """Return a device that told ``powers_w``, one each second until ``now_s``; it answers within 6 s."""
    first_s = now_s - len(powers_w) + 1.0
    reports = tuple(
        Sample(heard_s=first_s + number, power_w=power_w) for number, power_w in enumerate(powers_w)
    )
    return Seen(
        device=DeviceState(
            device_id="one", kind=kind, wired_phases=(1, 2, 3), reading=reading, heard_s=now_s
        ),
        memory=DeviceMemory(orders=tuple(orders), reports=reports),
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=6.0,
        now_s=now_s,
    )


def battery(orders: Sequence[Order], powers_w: Sequence[float], now_s: float) -> Seen[Any]:
    """Return a battery of 5 kW."""
    reading = BatteryReading(
        time=TIME,
        power_w=powers_w[-1],
        state_of_charge=0.5,
        capacity_wh=10000.0,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )
    return seen(DeviceKind.BATTERY, reading, orders, powers_w, now_s)


def order(sent_s: float, power_w: float) -> Order:
    """Return an order of a power."""
    return Order(sent_s=sent_s, value=power_w, power_w=power_w)


FULL = [order(0.0, 4800.0)]
FADING = [4200.0 - 15.0 * second for second in range(30)]
NOISY = [4200.0 + (200.0 if second % 2 else -200.0) for second in range(30)]


@pytest.mark.parametrize(
    ("orders", "powers_w", "is_bounded"),
    [
        (FULL, FADING, True),
        (FULL, [4200.0] * 30, False),
        (FULL, NOISY, False),
        ([order(0.0, 4800.0), order(22.0, 1000.0)], FADING, False),
        ([order(0.0, 2400.0), order(13.0, 1300.0)], [1200.0] * 15 + [650.0] * 15, False),
    ],
    ids=["fades", "weak", "noisy", "asked for less than it gives", "weak and asked for less"],
)
def test_power_that_falls_under_an_order_that_stands_is_the_range(
    orders: Sequence[Order], powers_w: Sequence[float], is_bounded: bool
) -> None:
    assert (ranged(battery(orders, powers_w, 30.0)).high.bound_w is not None) is is_bounded


@pytest.mark.parametrize(
    ("orders", "settles"),
    [
        ([order(20.0, 2000.0)], True),
        ([order(17.0, 1000.0), order(20.0, 2000.0)], False),
    ],
    ids=["the only order", "it may still answer the one before"],
)
def test_an_order_settles_early_when_power_has_come_to_rest(orders: Sequence[Order], settles: bool) -> None:
    one = battery(orders, [0.0] * 8 + [1000.0] * 4, 25.0)
    assert is_settled(one, orders[-1]) is settles


@pytest.mark.parametrize(
    ("age_s", "possible"),
    [(5.0, (4830.0, 8280.0)), (7.0, (4830.0, 4830.0))],
    ids=["its reading may be old", "its reading has had its time"],
)
def test_a_raised_limit_may_show_at_the_meter_before_the_device_tells_it(
    age_s: float, possible: tuple[float, float]
) -> None:
    reading = ChargerReading(
        time=TIME,
        power_w=4830.0,
        status=ChargerStatus.CHARGING,
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
    )
    orders = [Order(sent_s=0.0, value=7.0, power_w=4830.0), Order(sent_s=100.0, value=12.0, power_w=8280.0)]
    one = seen(DeviceKind.EV_CHARGER, reading, orders, [4830.0] * 8, 100.0 + age_s)
    assert possible_w(one, control_of(DeviceKind.EV_CHARGER), 100.0 + age_s, 1.0) == pytest.approx(possible)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_what_an_order_at_rest_brings_is_kept_for_its_direction(sign: float) -> None:
    one = battery([order(0.0, sign * 2000.0)], [sign * 1500.0] * 28 + [sign * 1470.0, sign * 1530.0], 30.0)
    up, down = Shown(settled=((900.0, 880.0),)), Shown(settled=((800.0, 790.0),))
    found = ranged(replace(one, memory=replace(one.memory, high=up, low=down)))
    side, other = (found.high, found.low) if sign > 0 else (found.low, found.high)
    before, (order_w, power_w) = side.settled
    assert before == (up if sign > 0 else down).settled[0]
    assert (order_w, power_w) == pytest.approx((2000.0, 1500.0))
    assert other == (down if sign > 0 else up)


@pytest.mark.parametrize("value", [2000.0, -2000.0])
def test_power_against_an_order_counts_as_none(value: float) -> None:
    one = battery([order(0.0, value)], [-value / 2] * 30, 30.0)
    assert ranged(one) == one.memory


@pytest.mark.parametrize(
    "orders",
    [
        [],
        [order(0.0, 0.0)],
        [Order(sent_s=0.0, value=None, power_w=0.0)],
        # Power has not come to rest under it.
        [order(29.0, 4000.0)],
    ],
)
def test_without_an_order_that_rests_nothing_is_shown(orders: list[Order]) -> None:
    one = battery(orders, [1500.0] * 30, 30.0)
    assert ranged(one) is one.memory


@pytest.mark.parametrize(
    ("sent_s", "window_s", "is_tested"),
    # A larger order would have been sent five seconds after the meter has shown this one.
    [(21.0, 4.0, True), (21.1, 4.0, False), (10.0, 15.0, True), (10.1, 15.0, False), (24.0, 0.0, True)],
)
def test_a_short_order_is_tested_when_a_larger_one_would_have_come(
    sent_s: float, window_s: float, is_tested: bool
) -> None:
    one = replace(battery([order(sent_s, 4000.0)], [1500.0] * 30, 30.0), window_s=window_s)
    assert (ranged(one).high.tested_w is not None) is is_tested


MET = Shown(bound_w=2000.0, wait_s=60.0, probe_s=500.0)


def at_its_bound(
    powers_w: Sequence[float], *, sent_s: float = -20.0, report_s: tuple[float, ...] = ()
) -> Shown:
    """Return what a battery of which 2 kW are known shows under an order of as much."""
    one = battery([order(sent_s, 2000.0)], powers_w, 30.0)
    memory = replace(one.memory, high=MET, response=Response(report_s=report_s))
    return ranged(replace(one, memory=memory)).high


@pytest.mark.parametrize(
    ("powers_w", "is_resting"),
    [
        ([2000.0] * 30, True),
        # A trend of more than 20 W over ten seconds is none.
        ([2000.0] * 19 + [2000.0] * 5 + [1980.0] * 6, True),
        ([2000.0] * 19 + [2000.0] * 5 + [1979.0] * 6, False),
        ([2000.0] * 19 + [1979.0] * 5 + [2000.0] * 6, False),
        # What moved before that is over.
        ([1000.0] * 19 + [2000.0] * 11, True),
        # Noise is no trend.
        ([2000.0 + (40.0 if number % 2 else 0.0) for number in range(30)], True),
        ([2000.0] * 3, False),
        ([2000.0] * 4, True),
    ],
)
def test_power_rests_that_neither_falls_nor_rises_lately(powers_w: list[float], is_resting: bool) -> None:
    # Only at rest is a bound that is met probed at once.
    assert (at_its_bound(powers_w).probe_s == 30.0) is is_resting


@pytest.mark.parametrize(("sent_s", "is_resting"), [(21.0, True), (21.1, False), (20.0, True)])
def test_only_what_was_told_under_the_order_shows_that_it_rests(sent_s: float, is_resting: bool) -> None:
    assert (at_its_bound([2000.0] * 30, sent_s=sent_s).probe_s == 30.0) is is_resting


@pytest.mark.parametrize(
    ("report_s", "soon_w"),
    [((), 1500.0), ((4.0,), 1460.0), ((9.0, 4.0, 6.0), 1460.0), ((400.0,), 0.0)],
)
def test_what_falls_counts_as_it_will_be_when_it_can_be_answered(
    report_s: tuple[float, ...], soon_w: float
) -> None:
    falling = [1500.0 + 10.0 * (28 - number) for number in range(30)]
    bound_w = at_its_bound(falling, report_s=report_s).bound_w
    assert bound_w == pytest.approx(1.03 * soon_w + 60.0)


def test_what_rises_counts_as_it_is() -> None:
    rising = [1500.0 - 10.0 * (28 - number) for number in range(30)]
    assert at_its_bound(rising, report_s=(9.0,)).bound_w == pytest.approx(1.03 * 1500.0 + 60.0)


def fades(fell_w: float, *, orders: Sequence[Order] = FULL, count: int = 25, base_w: float = 4000.0) -> bool:
    """Return whether a battery has faded that gave ``base_w`` and gives ``fell_w`` less."""
    powers_w = [base_w] * (count - 12) + [base_w - fell_w] * 12
    return ranged(battery(orders, powers_w, 30.0)).high.bound_w is not None


@pytest.mark.parametrize(
    ("base_w", "fell_w", "is_faded"),
    [
        (4000.0, 149.0, False),
        (4000.0, 151.0, True),
        (4400.0, 149.0, False),
        (4400.0, 151.0, True),
    ],
)
def test_a_battery_fades_that_gives_less_than_it_gave_under_the_same_order(
    base_w: float, fell_w: float, is_faded: bool
) -> None:
    assert fades(fell_w, base_w=base_w) is is_faded


@pytest.mark.parametrize(
    ("orders", "is_faded"),
    [
        ([order(0.0, 4800.0)], True),
        # Larger orders since do not make it give less, smaller ones might.
        ([order(0.0, 4600.0), order(10.0, 4800.0)], True),
        ([order(0.0, 4800.0), order(14.0, 4600.0)], False),
        # Less was asked before that, which it has answered.
        ([order(0.0, 4800.0), order(10.0, 4600.0)], True),
        # What it gave before it could answer an order says nothing of it.
        ([order(0.0, 1000.0), order(16.0, 4800.0)], False),
        # It gives what it is asked for.
        ([order(0.0, 3600.0)], False),
    ],
)
def test_it_fades_only_while_it_is_asked_for_no_less(orders: list[Order], is_faded: bool) -> None:
    assert fades(400.0, orders=orders) is is_faded


@pytest.mark.parametrize(
    ("value", "report_w", "at_s", "run_w"),
    [
        (2000.0, 1500.0, 20.0, (2000.0, 1500.0)),
        (-2000.0, -1500.0, 20.0, (2000.0, 1500.0)),
        (2000.0, -1500.0, 20.0, None),
        (-2000.0, 1500.0, 20.0, None),
        (2000.0, 0.0, 20.0, None),
        (0.0, 1500.0, 20.0, None),
        # Nothing was told yet.
        (2000.0, 1500.0, 0.9, None),
    ],
)
def test_an_order_that_is_replaced_leaves_what_it_has_brought_until_then(
    value: float, report_w: float, at_s: float, run_w: tuple[float, float] | None
) -> None:
    one = battery([order(0.5, value)], [report_w] * 20 + [9.0] * 10, 30.0)
    found = replaced(one.memory, at_s, one)
    side = found.high if value > 0 else found.low
    expected = None if run_w is None else Run(order_w=run_w[0], power_w=run_w[1], sent_s=0.5)
    assert side.run == expected
    assert (found.low if value > 0 else found.high) == Shown()


@pytest.mark.parametrize("orders", [[], [Order(sent_s=0.0, value=None, power_w=0.0)]])
def test_own_control_that_is_replaced_leaves_nothing(orders: list[Order]) -> None:
    one = battery(orders, [1500.0] * 30, 30.0)
    assert replaced(one.memory, 20.0, one) is one.memory


def wavy(*steps_w: float) -> list[float]:
    """Return a power a second that goes up and down by 40 W around each of ``steps_w``."""
    return [step_w + (40.0 if number % 2 else 0.0) for number, step_w in enumerate(steps_w)]


@pytest.mark.parametrize(
    ("powers_w", "is_resting"),
    [
        # The halves of the last seconds are compared, the middle of an odd number left out.
        ([2000.0] * 19 + [1970.0] * 3 + [2000.0] * 8, True),
        ([2000.0] * 19 + [1970.0] * 5 + [2000.0] * 6, False),
        # A trend is more than twice the noise.
        (wavy(*[2000.0] * 25, *[2080.0] * 5), True),
        (wavy(*[2000.0] * 25, *[2100.0] * 5), False),
    ],
)
def test_a_trend_is_more_than_its_noise(powers_w: list[float], is_resting: bool) -> None:
    top_w = max(powers_w)
    one = battery([order(-20.0, top_w)], powers_w, 30.0)
    memory = replace(one.memory, high=Shown(bound_w=top_w, probe_s=500.0))
    found = ranged(replace(one, memory=memory)).high
    assert (found.probe_s == 30.0) is is_resting


@pytest.mark.parametrize(
    ("powers_w", "is_resting"),
    [
        ([2000.0] * 4, True),
        ([1000.0] * 4 + [2000.0] * 4, True),
        ([2000.0] * 6 + [1979.0] * 2, False),
        ([2000.0] * 5 + [1979.0] * 1 + [2000.0] * 2, True),
    ],
)
def test_of_one_that_speaks_seldom_the_last_four_readings_tell(
    powers_w: list[float], is_resting: bool
) -> None:
    one = battery([order(-99.0, 2000.0)], powers_w, 30.0)
    times_s = [30.0 - 5.0 * back for back in reversed(range(len(powers_w)))]
    told = tuple(Sample(heard_s=at_s, power_w=each) for at_s, each in zip(times_s, powers_w, strict=True))
    memory = replace(one.memory, high=MET, reports=told)
    assert (ranged(replace(one, memory=memory)).high.probe_s == 30.0) is is_resting


@pytest.mark.parametrize(("fell_w", "is_faded"), [(180.0, False), (190.0, True)])
def test_one_that_gives_much_fades_by_a_share_of_it(fell_w: float, is_faded: bool) -> None:
    assert fades(fell_w, base_w=5400.0, orders=[order(0.0, 6000.0)]) is is_faded


@pytest.mark.parametrize(("fell_w", "is_faded"), [(170.0, False), (220.0, True)])
def test_one_that_is_noisy_fades_by_more_than_its_noise(fell_w: float, is_faded: bool) -> None:
    steps_w = [4000.0] * 12 + [4000.0 - fell_w] * 13
    powers_w = [step_w + (60.0 if number % 2 else 0.0) for number, step_w in enumerate(steps_w)]
    assert (ranged(battery(FULL, powers_w, 30.0)).high.bound_w is not None) is is_faded


@pytest.mark.parametrize(("before", "is_faded"), [(3, True), (2, False)])
def test_three_readings_before_and_three_after_tell_that_it_faded(before: int, is_faded: bool) -> None:
    powers_w = [4000.0] * before + [3600.0] * 3
    assert (ranged(battery(FULL, powers_w, 30.0)).high.bound_w is not None) is is_faded


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("at_s", "power_w"), [(19.0, 1500.0), (20.0, 1600.0), (25.0, 1600.0)])
def test_what_was_told_last_before_an_order_was_replaced_counts(
    sign: float, at_s: float, power_w: float
) -> None:
    told_w = [sign * each for each in (*[900.0] * 17, 1400.0, 1500.0, 1600.0)]
    one = battery([order(0.0, sign * 2000.0)], told_w, 20.0)
    found = replaced(one.memory, at_s, one)
    side = found.high if sign > 0 else found.low
    assert side.run == Run(order_w=2000.0, power_w=power_w, sent_s=0.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("at_s", "is_bounded"), [(25.9, False), (26.0, True)])
def test_orders_that_grew_in_vain_for_as_long_as_its_reading_needs_bound_it(
    sign: float, at_s: float, is_bounded: bool
) -> None:
    one = battery([order(20.0, sign * 3000.0)], [sign * 1500.0] * 30, 30.0)
    grew = Shown(run=Run(order_w=2000.0, power_w=1500.0, sent_s=0.0))
    found = replaced(replace(one.memory, high=grew, low=grew), at_s, one)
    side, other = (found.high, found.low) if sign > 0 else (found.low, found.high)
    assert (side.bound_w is not None) is is_bounded
    assert other == grew


def test_power_that_fades_across_two_orders_is_foreseen_by_what_it_did_under_both() -> None:
    orders = [order(0.0, 4800.0), order(22.0, 4400.0)]
    one = battery(orders, FADING, 29.0)
    known = Shown(bound_w=4400.0, probe_s=999.0)
    one = replace(one, memory=replace(one.memory, high=known, response=Response(report_s=(10.0,))))
    falls_w = 15.0 * 10.0
    # The mean of the last three readings, each a second older.
    power_w = FADING[-2]
    bound_w = ranged(one).high.bound_w
    assert bound_w is not None
    assert bound_w == pytest.approx(1.03 * (power_w - falls_w) + 60.0, abs=1.0)


@pytest.mark.parametrize(
    ("told_w", "by_meter", "possible"),
    [
        (0.0, 0.0, (0.0, 2000.0)),
        (0.0, 0.5, (2000.0, 2000.0)),
        (1000.0, 0.0, (2000.0, 2000.0)),
        (-2000.0, 0.0, (2000.0, 2000.0)),
    ],
    ids=["nobody shows it", "the meter shows it", "its reading shows it", "a turned reading shows it"],
)
def test_an_order_is_under_way_until_meter_or_device_shows_it(
    told_w: float, by_meter: float, possible: tuple[float, float]
) -> None:
    one = battery([order(0.0, 2000.0)], [told_w] * 3, 5.0)
    step = Step(sent_s=0.0, delta_w=2000.0, meter_w=0.0, report_w=0.0, seen=((4.0, by_meter),))
    one = replace(one, memory=replace(one.memory, step=step))
    assert possible_w(one, control_of(DeviceKind.BATTERY), 5.0, 1.0) == possible


def test_the_first_of_orders_that_nobody_shows_is_still_under_way() -> None:
    one = battery([order(0.0, 2000.0), order(4.0, 2500.0)], [0.0] * 3, 8.0)
    assert possible_w(one, control_of(DeviceKind.BATTERY), 8.0, 1.0) == (0.0, 2500.0)


def test_no_order_is_waited_for_without_end() -> None:
    one = battery([order(0.0, 2000.0)], [0.0] * 3, 13.0)
    assert possible_w(one, control_of(DeviceKind.BATTERY), 13.0, 1.0) == (2000.0, 2000.0)


@pytest.mark.parametrize(
    ("power_w", "age_s", "possible"),
    [
        (-1200.0, 25.0, (-2800.0, -1200.0)),
        (-1200.0, 27.0, (-1200.0, -1200.0)),
        (-1900.0, 25.0, (-1900.0, -1900.0)),
    ],
    ids=["the limit before is held", "it was renewed in vain", "the sun gives no more"],
)
def test_an_inverter_that_holds_the_limit_before_may_have_swallowed_the_new_one(
    power_w: float, age_s: float, possible: tuple[float, float]
) -> None:
    reading = PvReading(time=TIME, power_w=power_w, rated_power_w=8000.0)
    orders = [
        Order(sent_s=0.0, value=1200.0, power_w=-1200.0),
        Order(sent_s=100.0, value=2800.0, power_w=-2800.0, found_w=-1200.0),
    ]
    one = seen(DeviceKind.PV, reading, orders, [power_w] * 4, 100.0 + age_s)
    assert possible_w(one, control_of(DeviceKind.PV), 100.0 + age_s, 1.0) == pytest.approx(possible)


def test_an_order_whose_predecessors_are_forgotten_accuses_nobody() -> None:
    # Weak: each order brought half; what the old one asked for more than those before is not known any more.
    orders = [
        Order(sent_s=0.0, value=4573.0, power_w=4573.0, found_w=2230.0),
        Order(sent_s=150.0, value=5000.0, power_w=5000.0, found_w=2286.0),
    ]
    assert not has_swallowed(battery(orders, [2500.0] * 8, 170.0), control_of(DeviceKind.BATTERY))


@pytest.mark.parametrize(("power_w", "is_swallowed"), [(0.0, True), (-2000.0, False), (-1000.0, True)])
def test_a_reading_that_shows_the_opposite_of_an_order_proves_that_it_arrived(
    power_w: float, is_swallowed: bool
) -> None:
    one = battery([order(0.0, 2000.0)], [power_w] * 8, 20.0)
    assert has_swallowed(one, control_of(DeviceKind.BATTERY)) is is_swallowed


def test_a_limit_that_changes_nothing_is_not_waited_for() -> None:
    reading = PvReading(time=TIME, power_w=-500.0, rated_power_w=8000.0)
    orders = [
        Order(sent_s=0.0, value=1200.0, power_w=-1200.0, found_w=-500.0),
        Order(sent_s=100.0, value=2800.0, power_w=-2800.0, found_w=-500.0),
    ]
    one = seen(DeviceKind.PV, reading, orders, [-500.0] * 4, 107.0)
    assert possible_w(one, control_of(DeviceKind.PV), 107.0, 1.0) == (-500.0, -500.0)
