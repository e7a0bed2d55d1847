"""What is watched at one tick: which meters are believed and speak, and the load that they show."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control import watching
from custom_components.home_flex.core.control.load import Possible, remembered
from custom_components.home_flex.core.control.memory import (
    DeviceMemory,
    LoadSample,
    MeterMemory,
    Order,
    Rhythm,
    Shown,
    Still,
)
from custom_components.home_flex.core.control.nodes import Layout, layout, meters
from custom_components.home_flex.core.control.state import (
    ControlMemory,
    DeviceState,
    MeterState,
    SiteState,
)
from custom_components.home_flex.core.control.watched import Blind, Unwatched
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import MeterReading, Network

from .guarded_home import NOW, car, full_battery, garage, sun, told
from .house import SITE


def near(value: Any) -> Any:
    return pytest.approx(value)


def site(
    *devices: DeviceState,
    meter: MeterReading | None = None,
    network: Network | None = None,
    heard_s: float = 100.0,
) -> SiteState:
    return SiteState(site=SITE, meter=meter, meter_heard_s=heard_s, devices=devices, network=network)


def seen(device: DeviceState, memory: DeviceMemory | None = None) -> Seen[Any]:
    return Seen(
        device=device,
        memory=memory or DeviceMemory(),
        reading=device.reading,
        share=(),
        voltage_v=235.0,
        window_s=5.0,
        report_window_s=5.0,
        now_s=100.0,
    )


def all_seen(*devices: DeviceState) -> dict[str, Seen[Any]]:
    return {one.device_id: seen(one) for one in devices}


RATCHET = MeterMemory(zeros=20)
STANDS = MeterMemory(still=Still(values=(), since_s=0.0, is_standing=True))


def test_a_meter_is_believed_unless_it_stands_still() -> None:
    state = site(sun(2000.0), meter=told(100.0, 200.0, 300.0))
    shown = all_seen(sun(2000.0))
    assert watching.believed(state, shown, ControlMemory()) == (state, 0.0)
    assert watching.believed(state, shown, ControlMemory(meter=STANDS)) == (replace(state, meter=None), 0.0)


def test_one_that_reads_zero_for_all_that_is_fed_in_is_believed_less_what_it_hides() -> None:
    state = site(sun(2000.0), meter=told(0.0, 0.0, 0.0))
    found, fed_in_w = watching.believed(state, all_seen(sun(2000.0)), ControlMemory(meter=RATCHET))
    assert fed_in_w == 500.0
    assert found.meter is not None
    assert (found.meter.power_w, found.meter.phase_power_w) == (-500.0, near((-500 / 3,) * 3))
    silent = site(sun(2000.0))
    assert watching.believed(silent, all_seen(sun(2000.0)), ControlMemory(meter=RATCHET)) == (silent, 0.0)


def test_a_device_counts_on_the_phases_it_has_shown_else_on_those_of_its_kind() -> None:
    state = site(car(), sun(2000.0))
    shown = {**all_seen(sun(2000.0)), "car": seen(car(), DeviceMemory(active_phases=1))}
    found, wired = watching.wired(state, shown)
    assert (found.wirings["car"].used, found.wirings["pv"].used) == (1, 3)
    assert wired["car"].share == (1.0, 1.0, 0.0, 0.0)
    assert wired["pv"].share == (1.0, *(near(1 / 3),) * 3)
    one_phase = car(phases=1)
    assert watching.wired(site(one_phase), all_seen(one_phase))[0].wirings["car"].used == 1


@pytest.mark.parametrize(("period_s", "hold_s"), [(1.0, 3.0), (2.0, 3.0), (10.0, 15.0)])
def test_limits_are_kept_for_the_worst_of_three_seconds_or_of_the_last_telegrams(
    period_s: float, hold_s: float
) -> None:
    memory = ControlMemory(meter=MeterMemory(rhythm=Rhythm(gaps_s=(period_s,) * 3)))
    assert watching.hold_s(memory) == hold_s


GARAGE = garage(meter_id="sub")
NESTED = layout(site(car(), network=GARAGE), {})
TOLD = {
    "main": MeterState(reading=told(1000.0, 0.0, 0.0), heard_s=100.0),
    "garage": MeterState(reading=told(500.0, 0.0, 0.0), heard_s=70.0),
}


@pytest.mark.parametrize(
    ("now_s", "meter_lost", "speak"),
    [
        (100.0, False, {"main", "garage"}),
        (100.1, False, {"main"}),
        (100.0, True, {"garage"}),
        (500.0, False, {"main"}),
    ],
)
def test_a_circuits_meter_speaks_for_half_a_minute_and_the_sites_by_its_rhythm(
    now_s: float, speak: set[str], *, meter_lost: bool
) -> None:
    assert set(watching.speaking(NESTED, TOLD, now_s, meter_lost=meter_lost)) == speak


ROOT = layout(site(car()), {})
SPEAKS = {"main": TOLD["main"]}
STILL = ControlMemory(meter=STANDS)
WHY: dict[str, tuple[Layout, dict[str, MeterState], ControlMemory, float, set[tuple[str, Blind]]]] = {
    "it speaks": (ROOT, SPEAKS, ControlMemory(), 0.0, set()),
    "it is silent": (ROOT, {}, ControlMemory(), 0.0, {("main", Blind.METER_SILENT)}),
    "it stands still": (ROOT, {}, STILL, 0.0, {("main", Blind.METER_STANDS_STILL)}),
    "it hides what is fed in": (
        ROOT,
        SPEAKS,
        ControlMemory(),
        500.0,
        {("main", Blind.FEED_IN_NOT_SHOWN)},
    ),
    "another is silent": (NESTED, SPEAKS, ControlMemory(), 0.0, {("garage", Blind.METER_SILENT)}),
    "it stands still, and another is silent": (
        NESTED,
        {},
        STILL,
        0.0,
        {("main", Blind.METER_STANDS_STILL), ("garage", Blind.METER_SILENT)},
    ),
    "it stands still, and speaks of no phases": (
        ROOT,
        {"main": MeterState(reading=MeterReading(time=NOW, power_w=1.0), heard_s=100.0)},
        STILL,
        0.0,
        {("main", Blind.NO_PHASES_TOLD)},
    ),
}


@pytest.mark.parametrize(("layed", "speaking", "memory", "fed_in_w", "why"), WHY.values(), ids=WHY)
def test_what_is_not_watched_is_told(
    layed: Layout,
    speaking: dict[str, MeterState],
    memory: ControlMemory,
    fed_in_w: float,
    why: set[tuple[str, Blind]],
) -> None:
    state = site(car(), network=GARAGE if layed is NESTED else None)
    found = watching.unwatched_of(state, layed, speaking, memory, fed_in_w)
    assert set(found) == {Unwatched(circuit_id=key, why=one) for key, one in why}
    assert len(found) == len(why)


SAMPLE = LoadSample(
    heard_s=99.0,
    heard_by_s={"main": 99.0},
    keys=ROOT.keys,
    low_w=(500.0, 200.0, 200.0, 100.0),
    high_w=(700.0, 300.0, 200.0, 200.0),
)


def test_what_an_order_no_longer_counts_is_load() -> None:
    battery = full_battery()
    layed = layout(site(battery), {})
    ordered = DeviceMemory(orders=(Order(sent_s=50.0, value=2000.0, power_w=2000.0),))
    weak = replace(ordered, high=Shown(share=0.7))
    known = ControlMemory(load=(replace(SAMPLE, keys=layed.keys),))
    found = watching.rebooked(layed, {"battery": ordered}, {"battery": seen(battery, weak)}, known)
    assert found.load[0].high_w == pytest.approx((1300.0, 500.0, 400.0, 400.0))
    assert found.load[0].low_w == pytest.approx((1100.0, 400.0, 400.0, 300.0))
    same = watching.rebooked(layed, {"battery": weak}, {"battery": seen(battery, weak)}, known)
    assert same is known
    assert watching.rebooked(layed, {}, {"battery": seen(battery, weak)}, known) is known


def tick(
    meter: MeterReading,
    *devices: DeviceState,
    heard_s: float = 100.0,
    memory: ControlMemory | None = None,
    network: Network | None = None,
) -> ControlMemory:
    state = site(*devices, meter=meter, network=network, heard_s=heard_s)
    layed = layout(state, {})
    return watching.with_load(
        layed, meters(state, layed.network), all_seen(*devices), memory or ControlMemory()
    )


def test_a_telegram_less_what_the_devices_draw_is_the_load() -> None:
    memory = tick(told(4680.0, 3680.0, 3680.0), car(16.0))
    assert memory.load[-1].high_w == pytest.approx((1000.0, 1000.0, 0.0, 0.0))
    assert memory.meter.device_ids == {"car"}
    assert memory.meter.open_w == 0.0


def test_an_old_telegram_shows_nothing_new() -> None:
    memory = tick(told(4680.0, 3680.0, 3680.0), car(16.0))
    assert tick(told(9000.0, 3680.0, 3680.0), car(16.0), memory=memory) is memory
    again = tick(told(9000.0, 3680.0, 3680.0), car(16.0), heard_s=100.5, memory=memory)
    assert again.load[-1].heard_s == 100.5
    assert len(again.load) == 2


def test_one_that_can_be_read_from_now_on_was_load_before() -> None:
    before = tick(told(4680.0, 3680.0, 3680.0))
    assert before.load[-1].high_w[0] == 12_040.0
    after = tick(told(4680.0, 3680.0, 3680.0), car(16.0), heard_s=101.0, memory=before)
    assert [one.high_w[0] for one in after.load] == [pytest.approx(1000.0)]
    assert after.meter.device_ids == {"car"}
    once_more = tick(told(4680.0, 3680.0, 3680.0), car(16.0), heard_s=102.0, memory=after)
    assert len(once_more.load) == 2


def test_the_site_is_not_moved_by_a_circuits_own_meter() -> None:
    state = replace(site(car(16.0), network=GARAGE), circuit_meters={"sub": TOLD["garage"]})
    layed = layout(state, {})
    told_by = meters(state, layed.network)
    memory = ControlMemory(meter=MeterMemory(open_w=7.0))
    found = watching.with_load(layed, told_by, all_seen(car(16.0)), memory)
    assert found.meter is memory.meter
    assert found.load == remembered(
        (), layed, told_by, {"garage": {"car": Possible(11_040.0, 11_040.0)}}, 3.0
    )


def test_what_the_meter_may_not_show_yet_is_remembered() -> None:
    battery = full_battery()
    state = site(battery, meter=told(0.0, 0.0, 0.0))
    layed = layout(state, {})
    ordered = DeviceMemory(
        orders=(
            Order(sent_s=50.0, value=500.0, power_w=500.0),
            Order(sent_s=99.0, value=2000.0, power_w=2000.0),
        )
    )
    found = watching.with_load(
        layed, meters(state, layed.network), {"battery": seen(battery, ordered)}, ControlMemory()
    )
    assert found.meter.open_w == 1500.0
