"""A Fronius site over a real HTTP server, and recorded answers of four others."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import BatteryReading, MeterReading, PvReading
from custom_components.home_flex.devices.driver import DeviceError, settable
from custom_components.home_flex.devices.fronius import answers
from custom_components.home_flex.devices.fronius.devices import (
    FroniusBattery,
    FroniusMeter,
    FroniusNameplate,
    FroniusPv,
)
from custom_components.home_flex.devices.fronius.solar_api import METERS, POWER_FLOW, SolarApi, solar_api_of

from .fakes.listener import NOON, noon, running
from .fakes.solar_api import SolarNet, answered, solar_api

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "fronius"
BATTERY_PLATE = FroniusNameplate(max_charge_w=5000.0, max_discharge_w=4000.0)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def meter(api: SolarApi) -> FroniusMeter:
    return FroniusMeter(api, clock=noon, every_s=0.05)


def pv(api: SolarApi, **plate: float) -> FroniusPv:
    return FroniusPv(api, clock=noon, plate=FroniusNameplate(**plate), every_s=0.05)


def battery(api: SolarApi, plate: FroniusNameplate = BATTERY_PLATE) -> FroniusBattery:
    return FroniusBattery(api, clock=noon, plate=plate, every_s=0.05)


async def refused(device: FroniusMeter | FroniusPv | FroniusBattery) -> str:
    with pytest.raises(DeviceError) as error:
        await device.read()
    return error.value.reason


async def test_the_meter_tells_each_phase_with_import_positive(session: ClientSession) -> None:
    async with solar_api(SolarNet(pv_w=1000.0, house_w=4000.0)) as host:
        device = meter(SolarApi(session, host))
        assert await device.read() == MeterReading(
            time=NOON,
            power_w=3000.0,
            phase_power_w=(1000.0, 1000.0, 1000.0),
            phase_voltage_v=(231.0, 232.0, 233.0),
            phase_current_a=(4.5, 4.5, 4.5),
            energy_import_wh=2_013_105.0,
            energy_export_wh=3_863_340.0,
        )
        assert device.identity is not None
        assert (device.identity.model, device.identity.serial_number) == ("Smart Meter TS 65A-3", "MTR-1")


async def test_the_grid_of_a_meter_in_the_path_of_the_loads_is_what_the_inverter_reckons(
    session: ClientSession,
) -> None:
    async with solar_api(SolarNet(pv_w=1000.0, house_w=4000.0, location=1)) as host:
        device = meter(SolarApi(session, host))
        assert await device.read() == MeterReading(time=NOON, power_w=3000.0)
        assert device.identity is not None
        assert device.identity.serial_number == "INV-1"


async def test_sun_is_production_and_a_battery_that_discharges_is_negative(session: ClientSession) -> None:
    house = SolarNet(pv_w=3000.0, battery_w=700.0, battery_wh=10_000.0, soc_percent=42.0)
    async with solar_api(house) as host:
        api = SolarApi(session, host)
        assert await pv(api).read() == PvReading(time=NOON, power_w=-3000.0, rated_power_w=5000.0)
        assert await battery(api).read() == BatteryReading(
            time=NOON,
            power_w=-700.0,
            state_of_charge=0.42,
            capacity_wh=10_000.0,
            max_charge_w=5000.0,
            max_discharge_w=4000.0,
        )


async def test_nothing_can_be_set_over_the_solar_api(session: ClientSession) -> None:
    api = SolarApi(session, "inverter.local")
    assert [settable(device) for device in (meter(api), pv(api), battery(api))] == [frozenset()] * 3


@pytest.mark.parametrize(
    "night",
    [
        {"inverter_w": 0.0},
        {"status": 13, "inverter_w": 5.0},
        {"battery_w": 300.0, "battery_wh": 10_000.0, "inverter_w": 270.0},
    ],
    ids=["it gives nothing", "it says that it sleeps", "what it gives comes out of the battery"],
)
async def test_no_power_told_is_no_sun_where_the_answers_say_so(
    session: ClientSession, night: dict[str, Any]
) -> None:
    async with solar_api(SolarNet(pv_w=None, **night)) as host:
        assert (await pv(SolarApi(session, host)).read()).power_w == 0.0


@pytest.mark.parametrize(
    ("unknown", "reason"),
    [
        ({"inverter_w": 1200.0}, "missing_value"),
        ({"inverter_w": 1200.0, "battery_w": 300.0, "battery_wh": 10_000.0}, "missing_value"),
        ({"inverters": False}, "inverter_asleep"),
    ],
    ids=["it gives something", "more than the battery", "no inverter is reached"],
)
async def test_no_power_told_is_unknown_where_nothing_says_that_it_is_dark(
    session: ClientSession, unknown: dict[str, Any], reason: str
) -> None:
    async with solar_api(SolarNet(pv_w=None, **unknown)) as host:
        assert await refused(pv(SolarApi(session, host))) == reason


@pytest.mark.parametrize(
    ("mode", "power_w"), [("suspended", 0.0), ("normal", None)], ids=["at rest", "untold"]
)
async def test_a_battery_without_power_rests_only_where_it_says_so(
    session: ClientSession, mode: str, power_w: float | None
) -> None:
    house = SolarNet(battery_w=None, battery_wh=10_000.0, battery_mode=mode)
    async with solar_api(house) as host:
        device = battery(SolarApi(session, host))
        if power_w is None:
            assert await refused(device) == "missing_value"
        else:
            assert (await device.read()).power_w == power_w


async def test_what_was_entered_comes_before_what_the_inverter_tells(session: ClientSession) -> None:
    async with solar_api(SolarNet(battery_wh=10_000.0)) as host:
        api = SolarApi(session, host)
        assert (await pv(api, rated_power_w=8000.0).read()).rated_power_w == 8000.0
        assert (await battery(api, FroniusNameplate(capacity_wh=7000.0)).read()).capacity_wh == 7000.0


@pytest.mark.parametrize(
    ("house", "device", "reason"),
    [
        (SolarNet(location=None), meter, "no_meter"),
        (SolarNet(), battery, "no_battery"),
        (SolarNet(peak_w=0.0), pv, "missing_rating"),
        (SolarNet(battery_wh=0.0), battery, "missing_capacity"),
        (SolarNet(pv_w=-500.0), pv, "implausible"),
        (SolarNet(battery_wh=5000.0, soc_percent=142.0), battery, "missing_value"),
    ],
)
async def test_what_is_not_there_or_cannot_be_is_told_apart(
    session: ClientSession, house: SolarNet, device: Any, reason: str
) -> None:
    async with solar_api(house) as host:
        assert await refused(device(SolarApi(session, host))) == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            lambda: web.Response(status=404, text="Solar API disabled"),
            "solar_api_disabled",
        ),
        (lambda: web.Response(status=404, text="File not found"), "not_fronius"),
        (lambda: web.Response(text="<html>"), "not_fronius"),
        (lambda: web.Response(text="[" * 100_000), "not_fronius"),
        (lambda: web.Response(text="x" * 1_000_000), "not_fronius"),
        (lambda: web.json_response({"Head": {}}), "not_fronius"),
        (lambda: web.Response(status=503), "busy"),
        (lambda: answered({}, code=8, reason="LNRequestTimeout"), "busy"),
        (lambda: answered({}, code=9, reason="LNParseError"), "bad_answer"),
        (lambda: answered([], code=0), "bad_answer"),
        (lambda: answered({"Inverters": {}}), "bad_answer"),
        (lambda: web.Response(status=302, headers={"Location": "http://elsewhere.invalid/"}), "not_fronius"),
    ],
)
async def test_each_answer_that_is_none_has_its_cause(
    session: ClientSession, answer: Any, reason: str
) -> None:
    async with solar_api(SolarNet(answers={POWER_FLOW: answer})) as host:
        assert await refused(pv(SolarApi(session, host))) == reason


async def test_where_nothing_listens_it_is_unreachable(session: ClientSession, unused_tcp_port: int) -> None:
    assert await refused(pv(SolarApi(session, f"127.0.0.1:{unused_tcp_port}"))) == "unreachable"


async def test_an_answer_that_does_not_come_ends_in_time(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{SolarApi.__module__}._TIMEOUT", ClientTimeout(total=0.2))
    async with solar_api(SolarNet(delay_s=5.0)) as host:
        assert await refused(pv(SolarApi(session, host))) == "timeout"


async def test_the_drivers_of_one_site_ask_once_for_all(session: ClientSession) -> None:
    house = SolarNet(battery_wh=10_000.0)
    async with solar_api(house) as host:
        api = solar_api_of(session, host)
        assert solar_api_of(session, host.upper()) is api
        await pv(api).read()
        await battery(api).read()
        assert house.asked.count(POWER_FLOW) == 1


async def test_a_site_that_is_lost_is_told_once_and_read_again(session: ClientSession) -> None:
    house = SolarNet()
    async with solar_api(house) as host, running(meter(SolarApi(session, host))) as heard:
        await heard.until(lambda: bool(heard.readings))
        house.answers[METERS] = lambda: web.Response(status=503)
        await heard.until(lambda: bool(heard.losses))
        read = len(heard.readings)
        house.answers.clear()
        await heard.until(lambda: len(heard.readings) > read)
        assert [loss.reason for loss in heard.losses] == ["busy"]


async def test_a_counter_that_loses_an_inverter_does_not_run_back(session: ClientSession) -> None:
    house = SolarNet(energy_wh=22_910_919.0)
    async with solar_api(house) as host:
        device = pv(SolarApi(session, host))
        device._api.ask = forgetful(device._api)  # type: ignore[method-assign]
        first = await device.read()
        house.energy_wh = 17_114_930.0
        assert (await device.read()).energy_produced_wh == first.energy_produced_wh == 22_910_919.0


def forgetful(api: SolarApi) -> Any:
    ask = api.ask

    async def anew(path: str, *, older_s: float = 0.0) -> Any:
        return await ask(path, older_s=0.0)

    return anew


def recorded(site: str, name: str) -> Any:
    file = CORPUS / site / f"{name}.json"
    if not file.exists():
        pytest.skip("the corpus of shared test data is not here")
    return json.loads(file.read_text(encoding="utf-8"))["Body"]["Data"]


@pytest.mark.parametrize(
    ("site", "name", "powers", "is_dark"),
    [
        ("symo", "GetPowerFlowRealtimeData", (1703.74, -1111.0, None), False),
        ("symo", "GetPowerFlowRealtimeData_night", (975.31, None, None), True),
        ("gen24", "GetPowerFlowRealtimeData", (658.4, -62.94814872741699, None), False),
        ("primo_s0", "GetPowerFlowRealtimeData", (384.9349143729901, -1834.0, None), False),
        ("igplus_v2", "GetPowerFlowRealtimeData", (None, -2241.0, None), False),
        ("igplus_v2", "GetPowerFlowRealtimeData_night", (None, None, None), False),
    ],
)
def test_recorded_power_flows_are_read_as_they_are(
    site: str, name: str, powers: tuple[float | None, ...], is_dark: bool
) -> None:
    flow = answers.power_flow(recorded(site, name))
    assert (flow.grid_w, flow.pv_w, flow.battery_w) == powers
    assert flow.is_dark is is_dark
    assert not flow.has_battery


@pytest.mark.parametrize(
    ("site", "power_w"), [("symo", 5592.57), ("gen24", 653.1), ("primo_s0", None), ("igplus_v2", None)]
)
def test_a_recorded_meter_is_the_grids_only_at_the_feed_in(site: str, power_w: float | None) -> None:
    found = answers.feed_in_meter(recorded(site, "GetMeterRealtimeData"))
    assert (None if found is None else answers.value(found, "PowerReal_P_Sum")) == power_w
    if found is not None:
        assert sum(answers.per_phase(found, "PowerReal_P")) == pytest.approx(power_w, abs=0.2)


@pytest.mark.parametrize(
    ("site", "peak_w", "name"),
    [("symo", 23_100.0, "Symo 20"), ("gen24", 9360.0, "Inverter name"), ("primo_s0", 8400.0, "Primo 5.0-1")],
)
def test_recorded_inverters_tell_their_modules_and_their_name(site: str, peak_w: float, name: str) -> None:
    data = recorded(site, "GetInverterInfo")
    identity = answers.inverter_identity(data)
    assert identity is not None
    assert (answers.peak_w(data), identity.model) == (peak_w, name)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.just(10**400) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Site",
                    "Inverters",
                    "1",
                    "P",
                    "P_PV",
                    "P_Akku",
                    "P_Grid",
                    "SOC",
                    "Battery_Mode",
                    "Controller",
                ]
            )
            | st.text(max_size=8),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["Site", "Inverters", "0", "1"]), JSON))
def test_no_answer_is_read_as_sun_that_consumes_or_as_more_than_a_number(data: dict[str, Any]) -> None:
    for read in (answers.feed_in_meter, answers.inverter_identity, answers.peak_w, answers.all_sleep):
        read(data)
    try:
        answers.storage(data)
        flow = answers.power_flow(data)
    except DeviceError:
        return
    assert flow.pv_w is None or flow.pv_w <= 0.0
    assert flow.state_of_charge is None or 0.0 <= flow.state_of_charge <= 1.0
