"""A Shelly over a real HTTP server: meters and switches of both generations, and the actuator's contract."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.kinds.sub_meter import SubMeterReading
from custom_components.home_flex.core.kinds.switched_load import SwitchedLoadReading
from custom_components.home_flex.core.model import MeterReading, PvReading, Quantity
from custom_components.home_flex.devices.driver import DeviceError, settable
from custom_components.home_flex.devices.shelly.api import ShellyApi
from custom_components.home_flex.devices.shelly.http import ShellyHttp
from custom_components.home_flex.devices.shelly.meter import ShellyMeter, ShellySubMeter
from custom_components.home_flex.devices.shelly.netting import NettedCounters
from custom_components.home_flex.devices.shelly.pv import ShellyPv
from custom_components.home_flex.devices.shelly.status import measured, passed, switched
from custom_components.home_flex.devices.shelly.switch import ShellySwitch

from .fakes.listener import NOON, Listener, noon, running
from .fakes.shelly import FakeShelly, Relay, shelly

GENERATIONS = pytest.mark.parametrize("generation", [1, 3])


class Shelf:
    """Keeps a document as the home's store does."""

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.document = document

    async def load(self) -> Mapping[str, Any] | None:
        return self.document

    def put(self, document: Mapping[str, Any]) -> None:
        self.document = document


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def api(session: ClientSession, host: str, password: str | None = None) -> ShellyApi:
    return ShellyApi(ShellyHttp(session, host, password))


def meter(asked: ShellyApi, **more: Any) -> ShellyMeter:
    return ShellyMeter(asked, clock=noon, every_s=0.02, **more)


def switch(asked: ShellyApi, shelf: Shelf | None = None, *, channel: int = 0) -> ShellySwitch:
    return ShellySwitch(
        asked,
        clock=noon,
        monotonic_s=time.monotonic,
        kept=shelf or Shelf(),
        channel=channel,
        rated_power_w=1500.0,
        every_s=0.02,
    )


async def tell(device: ShellySwitch, value: float | None, expires_in_s: float = 900.0) -> None:
    await device.set_value(Quantity.SWITCH, value, expires_in_s=expires_in_s)


async def refused(coroutine: Any) -> str:
    with pytest.raises(DeviceError) as error:
        await coroutine
    return error.value.reason


async def test_a_three_phase_meter_tells_each_phase_and_its_counters(session: ClientSession) -> None:
    async with shelly(FakeShelly(phases_w=(461.0, -922.0, 230.5))) as host:
        device = meter(api(session, host))
        assert await device.read() == MeterReading(
            time=NOON,
            power_w=-230.5,
            phase_power_w=(461.0, -922.0, 230.5),
            phase_voltage_v=(230.5, 230.5, 230.5),
            phase_current_a=(2.0, 4.0, 1.0),
            energy_import_wh=12_345.6,
            energy_export_wh=789.0,
        )
        assert device.identity is not None
        assert (device.identity.model, device.identity.serial_number) == ("Pro3EM", "A4CF12F3C8B5")


TAKEN_GIVEN = {
    "sun on one phase": ([(100.0, 500.0), (200.0, 800.0)], (100.0, 700.0)),
    "a load on another": ([(100.0, 500.0), (400.0, 550.0)], (350.0, 500.0)),
    "one after the other": ([(0.0, 0.0), (50.0, 0.0), (50.0, 30.0)], (50.0, 30.0)),
    "counters that were cleared": ([(100.0, 500.0), (0.0, 0.0), (10.0, 4.0)], (106.0, 500.0)),
}


@pytest.mark.parametrize(("counted", "netted"), TAKEN_GIVEN.values(), ids=TAKEN_GIVEN)
@pytest.mark.parametrize("is_killed", [False, True])
async def test_phases_are_counted_against_each_other_also_over_a_restart(
    counted: list[tuple[float, float]], netted: tuple[float, float], is_killed: bool
) -> None:
    shelf, counters = Shelf(), None
    for taken_wh, given_wh in counted:
        if counters is None or is_killed:
            counters = NettedCounters(shelf, lambda: 0.0)
        found = await counters.netted(taken_wh, given_wh)
    assert found == netted


@given(st.lists(st.tuples(*[st.floats(0.0, 1e5)] * 2), min_size=1, max_size=20))
async def test_netted_counters_never_fall_and_keep_the_difference(steps: list[tuple[float, float]]) -> None:
    counters, taken_wh, given_wh, last = NettedCounters(Shelf(), lambda: 0.0), 0.0, 0.0, (0.0, 0.0)
    await counters.netted(0.0, 0.0)
    for more_wh, less_wh in steps:
        taken_wh, given_wh = taken_wh + more_wh, given_wh + less_wh
        found = await counters.netted(taken_wh, given_wh)
        assert found[0] >= last[0]
        assert found[1] >= last[1]
        assert found[0] - found[1] == pytest.approx(taken_wh - given_wh, abs=1e-3)
        last = found


@pytest.mark.parametrize("document", [None, {}, {"last": 1, "netted": None}, {"last": [1, "x"]}])
async def test_counters_that_were_kept_and_make_no_sense_begin_anew(
    document: Mapping[str, Any] | None,
) -> None:
    assert await NettedCounters(Shelf(document), lambda: 0.0).netted(7.0, 3.0) == (7.0, 3.0)


async def test_a_three_phase_meter_tells_what_was_netted(session: ClientSession) -> None:
    device, shelf = FakeShelly(phases_w=(1.0, 2.0, 3.0)), Shelf({"last": [0.0, 0.0], "netted": [5.0, 5.0]})
    async with shelly(device) as host:
        netting = NettedCounters(shelf, lambda: 0.0)
        reading = await meter(api(session, host), netting=netting).read()
        assert reading.energy_import_wh == pytest.approx(5.0 + 12_345.6 - 789.0)
        assert reading.energy_export_wh == 5.0


async def test_clamps_that_count_what_is_fed_in_are_turned_with_their_counters(
    session: ClientSession,
) -> None:
    async with shelly(FakeShelly(phases_w=(400.0, -900.0, 0.0))) as host:
        reading = await meter(api(session, host), is_feed_in_positive=True).read()
        assert (reading.power_w, reading.phase_power_w) == (500.0, (-400.0, 900.0, 0.0))
        assert (reading.energy_import_wh, reading.energy_export_wh) == (789.0, 12_345.6)


def sun(asked: ShellyApi, **more: Any) -> ShellyPv:
    settings = {"channel": 0, "is_feed_in_positive": False, "rated_power_w": 800.0} | more
    return ShellyPv(asked, clock=noon, every_s=0.02, **settings)


BEHIND = {
    "three phases": (FakeShelly(phases_w=(-200.0, -210.0, -190.0)), 789.0, "A4CF12F3C8B5"),
    "one clamp": (FakeShelly(phases_w=(-600.0,), profile="monophase"), 1.0, "A4CF12F3C8B5-0"),
    "a plug": (FakeShelly(relays=[Relay(load_w=-600.0)]), None, "A4CF12F3C8B5-0"),
    "an older plug without a sign": (
        FakeShelly(generation=1, relays=[Relay(load_w=600.0)]),
        100.0,
        "A4CF12F3C8B5-0",
    ),
}


@pytest.mark.parametrize(("device", "produced_wh", "serial"), BEHIND.values(), ids=BEHIND)
async def test_the_sun_is_read_through_any_meter(
    session: ClientSession, device: FakeShelly, produced_wh: float | None, serial: str
) -> None:
    async with shelly(device) as host:
        read = sun(api(session, host), is_feed_in_positive=device.generation == 1)
        assert await read.read() == PvReading(
            time=NOON, power_w=-600.0, rated_power_w=800.0, energy_produced_wh=produced_wh
        )
        assert read.identity is not None
        assert read.identity.serial_number == serial
        assert settable(read) == frozenset()


async def test_a_sun_that_draws_is_one_read_the_wrong_way_and_a_little_by_night_is_not(
    session: ClientSession,
) -> None:
    device = FakeShelly(relays=[Relay(load_w=-600.0)])
    async with shelly(device) as host:
        turned = sun(api(session, host), is_feed_in_positive=True)
        assert await refused(turned.read()) == "power_reversed"
        device.relays[0].load_w = 6.0
        assert (await sun(api(session, host)).read()).power_w == 6.0


async def test_one_clamp_is_a_meter_of_its_own(session: ClientSession) -> None:
    async with shelly(FakeShelly(phases_w=(10.0, 750.0), profile="monophase")) as host:
        device = meter(api(session, host), channel=1)
        assert await device.read() == MeterReading(
            time=NOON, power_w=750.0, energy_import_wh=100.0, energy_export_wh=1.0
        )
        assert device.identity is not None
        assert device.identity.serial_number == "A4CF12F3C8B5-1"


async def test_a_part_of_the_home_is_read_through_three_phases_or_a_plug(session: ClientSession) -> None:
    async with shelly(FakeShelly(phases_w=(-400.0, -900.0, 230.5))) as host:
        cellar = ShellySubMeter(api(session, host), clock=noon, is_feed_in_positive=True)
        assert await cellar.read() == SubMeterReading(
            time=NOON,
            power_w=1069.5,
            phase_power_w=(400.0, 900.0, -230.5),
            phase_voltage_v=(230.5, 230.5, 230.5),
            phase_current_a=(400.0 / 230.5, 900.0 / 230.5, 1.0),
            energy_wh=789.0,
        )
    async with shelly(FakeShelly(relays=[Relay(load_w=60.0)])) as host:
        fridge = ShellySubMeter(api(session, host), clock=noon)
        assert await fridge.read() == SubMeterReading(time=NOON, power_w=60.0, energy_wh=4321.0)
        assert settable(fridge) == frozenset()


async def test_the_first_generation_tells_its_three_meters_as_phases(session: ClientSession) -> None:
    async with shelly(FakeShelly(generation=1, phases_w=(100.0, 200.0, -50.0))) as host:
        reading = await meter(api(session, host)).read()
        assert (reading.power_w, reading.phase_power_w) == (250.0, (100.0, 200.0, -50.0))
        assert (reading.energy_import_wh, reading.energy_export_wh) == (300.0, None)


@GENERATIONS
async def test_a_switch_tells_its_state_and_its_power(session: ClientSession, generation: int) -> None:
    relays = [Relay(), Relay(load_w=800.0, is_on=False)]
    async with shelly(FakeShelly(generation=generation, relays=relays)) as host:
        asked = api(session, host)
        first, second = await switch(asked).read(), await switch(asked, channel=1).read()
        assert (first.power_w, first.is_on, first.switched) == (1500.0, True, None)
        assert (second.power_w, second.is_on, second.switched) == (0.0, False, None)


async def test_a_switch_without_a_meter_draws_what_its_owner_said(session: ClientSession) -> None:
    async with shelly(FakeShelly(relays=[Relay(has_meter=False)])) as host:
        assert await switch(api(session, host)).read() == SwitchedLoadReading(
            time=NOON, power_w=1500.0, is_on=True, rated_power_w=1500.0
        )


@GENERATIONS
async def test_an_order_is_written_with_a_timer_shown_and_given_back(
    session: ClientSession, generation: int
) -> None:
    device = FakeShelly(generation=generation, relays=[Relay()])
    async with shelly(device) as host:
        driver, relay = switch(api(session, host)), device.relays[0]
        assert settable(driver) == {Quantity.SWITCH}
        await tell(driver, 0.0, 300.0)
        assert (relay.is_on, relay.timer_s) == (False, 300.0)
        assert (await driver.read()).switched is False
        await tell(driver, None)
        assert (relay.is_on, relay.timer_s) == (True, None)
        assert (await driver.read()).switched is None


async def test_an_order_that_goes_on_starts_the_timer_anew(session: ClientSession) -> None:
    device = FakeShelly(relays=[Relay()])
    async with shelly(device) as host:
        driver = switch(api(session, host))
        await tell(driver, 0.0, 300.0)
        await tell(driver, 0.0, 600.0)
        assert device.relays[0].timer_s == 600.0


async def test_what_it_is_already_is_not_written_and_its_own_timer_is_left(session: ClientSession) -> None:
    relay = Relay()
    relay.tell(is_on=True, back_after_s=3600.0, source="button")
    device = FakeShelly(relays=[relay])
    async with shelly(device) as host:
        driver = switch(api(session, host))
        await tell(driver, 1.0)
        await tell(driver, None)
        assert (device.told, relay.timer_s) == ([], 3600.0)


async def test_a_timer_that_ends_an_order_leaves_it_as_it_was_and_is_nobodys_fault(
    session: ClientSession,
) -> None:
    device = FakeShelly(relays=[Relay()])
    async with shelly(device) as host:
        driver = switch(api(session, host))
        await tell(driver, 0.0, 0.05)
        await asyncio.sleep(0.1)
        reading = await driver.read()
        assert (reading.is_on, reading.switched, driver.troubles) == (True, None, frozenset())


async def test_who_switches_it_against_an_order_has_it_for_a_while(session: ClientSession) -> None:
    device = FakeShelly(relays=[Relay()])
    async with shelly(device) as host:
        driver = switch(api(session, host))
        await tell(driver, 0.0)
        device.relays[0].tell(is_on=True, back_after_s=None, source="button")
        assert (await driver.read()).switched is None
        assert driver.troubles == {"overridden"}
        assert await refused(tell(driver, 0.0)) == "overridden"
        assert device.relays[0].is_on


async def test_an_order_that_is_not_taken_is_told_and_nothing_is_taken_back(session: ClientSession) -> None:
    device = FakeShelly(relays=[Relay()], ignores=True)
    async with shelly(device) as host:
        driver = switch(api(session, host))
        assert await refused(tell(driver, 0.0)) == "write_ignored"
        reading = await driver.read()
        assert (reading.switched, driver.troubles) == (None, frozenset())
        told = len(device.told)
        await tell(driver, None)
        assert len(device.told) == told


async def test_an_order_that_is_refused_is_told(session: ClientSession) -> None:
    device = FakeShelly(relays=[Relay()])
    async with shelly(device) as host:
        driver = switch(api(session, host))
        await driver.read()
        device.error = 500
        assert await refused(tell(driver, 0.0)) == "write_refused"


@pytest.mark.parametrize(("has_no_timer", "is_on"), [(True, True), (False, False)])
async def test_who_leaves_gives_back_what_no_timer_ends(
    session: ClientSession, has_no_timer: bool, is_on: bool
) -> None:
    device = FakeShelly(relays=[Relay()], has_no_timer=has_no_timer)
    async with shelly(device) as host:
        driver = switch(api(session, host))
        async with running(driver) as heard:
            await heard.until(lambda: bool(heard.readings))
            await tell(driver, 0.0)
        assert device.relays[0].is_on is is_on


async def test_a_home_that_was_killed_knows_what_it_held_and_gives_it_back(session: ClientSession) -> None:
    device, shelf = FakeShelly(relays=[Relay()]), Shelf()
    async with shelly(device) as host:
        await tell(switch(api(session, host), shelf), 0.0)
        after = switch(api(session, host), shelf)
        assert (await after.read()).switched is False
        await tell(after, None)
        assert device.relays[0].is_on
        assert shelf.document == {"version": 1}


@pytest.mark.parametrize("document", [None, {}, {"was": 1, "told": "x"}, {"was": False, "told": True}])
async def test_what_a_former_life_kept_and_is_not_so_is_forgotten(
    session: ClientSession, document: Mapping[str, Any] | None
) -> None:
    device = FakeShelly(relays=[Relay(is_on=False)])
    async with shelly(device) as host:
        driver = switch(api(session, host), Shelf(document))
        assert (await driver.read()).switched is None
        await tell(driver, None)
        assert device.told == []


@GENERATIONS
@pytest.mark.parametrize(
    ("entered", "reason"), [("right", None), ("wrong", "wrong_password"), (None, "password_needed")]
)
async def test_a_password_is_asked_for_and_used(
    session: ClientSession, generation: int, entered: str | None, reason: str | None
) -> None:
    device = FakeShelly(generation=generation, relays=[Relay()], password="right")
    async with shelly(device) as host:
        driver = switch(api(session, host, entered))
        if reason is None:
            await tell(driver, 0.0)
            assert (await driver.read()).is_on is False
        else:
            assert await refused(driver.read()) == reason


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        (FakeShelly(phases_w=(1.0, 2.0, 3.0)), "no_switch"),
        (FakeShelly(relays=[Relay()], error=503), "busy"),
        (FakeShelly(relays=[Relay()], error=500), "write_refused"),
    ],
)
async def test_what_keeps_a_switch_from_being_read_is_told_apart(
    session: ClientSession, device: FakeShelly, reason: str
) -> None:
    async with shelly(device) as host:
        assert await refused(switch(api(session, host)).read()) == reason


async def test_a_shelly_without_a_meter_is_none(session: ClientSession) -> None:
    async with shelly(FakeShelly(relays=[Relay()])) as host:
        assert await refused(meter(api(session, host)).read()) == "not_a_meter"


@pytest.mark.parametrize(
    "status",
    [
        {"em:0": {"total_act_power": None}},
        {"em1:0": {"voltage": 230.0}},
        {"emeters": [{"power": 12.0, "is_valid": False}]},
    ],
)
def test_a_clamp_that_tells_no_power_is_never_none_drawn(status: dict[str, Any]) -> None:
    with pytest.raises(DeviceError, match="no power"):
        measured(status, 0)


async def test_where_nothing_listens_it_is_unreachable(session: ClientSession, unused_tcp_port: int) -> None:
    assert await refused(meter(api(session, f"127.0.0.1:{unused_tcp_port}")).read()) == "unreachable"


async def test_what_says_nothing_ends_in_time(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{ShellyHttp.__module__}._TIMEOUT", ClientTimeout(total=0.2))
    async with shelly(FakeShelly(phases_w=(1.0, 2.0, 3.0), delay_s=5.0)) as host:
        assert await refused(meter(api(session, host)).read()) == "timeout"


async def test_a_meter_that_is_lost_is_told_once_and_read_again(session: ClientSession) -> None:
    device = FakeShelly(phases_w=(1.0, 2.0, 3.0))
    async with shelly(device) as host, running(meter(api(session, host))) as heard:
        await _lost_and_found(device, heard)
        assert [loss.reason for loss in heard.losses] == ["busy"]


async def _lost_and_found(device: FakeShelly, heard: Listener) -> None:
    await heard.until(lambda: bool(heard.readings))
    device.error = 503
    await heard.until(lambda: bool(heard.losses))
    read = len(heard.readings)
    device.error = None
    await heard.until(lambda: len(heard.readings) > read)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.just(10**400) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["output", "apower", "act_power", "total_act_power", "a_current", "ison", "power", "is_valid"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=15,
)
PARTS = st.sampled_from(["em:0", "em1:0", "pm1:0", "switch:0", "relays", "meters", "emeters", "emdata:0"])


@given(st.dictionaries(PARTS, JSON))
def test_any_status_is_read_or_is_none(status: dict[str, Any]) -> None:
    relay = switched(status, 0)
    assert relay is None or relay.power_w is None or abs(relay.power_w) < float("inf")
    for read in (measured, passed):
        with suppress(DeviceError):
            found = read(status, 0)
            assert found is None or abs(found.power_w) < float("inf")
