"""Chargers that others wrote, as processes, get on with the central system."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from custom_components.home_flex.core.model import ChargerStatus
from custom_components.home_flex.devices.driver import DeviceError
from tests.counterparts.programs import MODULES, TEST_OCPP, node, output, program, running
from tests.devices.forwarding_home import eventually
from tests.devices.ocpp_clients import QUICK, SETTINGS, driving, serving

STRICT = "strict_charger.js"
# Another process may be slow to answer; a late answer would count as one that nobody waits for.
PATIENT = replace(QUICK, set_up_s=10.0, limit_s=10.0, write_s=15.0)
EM_OCPP = MODULES / "em-ocpp-chargepoint-simulator" / "build" / "src" / "main.js"


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_ocpp_rpc_finds_nothing_wrong_by_the_schemas(version: str) -> None:
    async with driving(patience=PATIENT) as home:
        address = f"ws://127.0.0.1:{home.port}"
        async with running(node(), STRICT, address, "CP1", str(SETTINGS.password), version) as charger:
            await charger.until(lambda: bool(charger.all("charging")))
            await eventually(lambda: home.driver.connector.power_w == 7200.0)
            assert home.reading.status is ChargerStatus.CHARGING
            await home.driver.set_current_limit(9.0, expires_in_s=60.0)
            await home.driver.set_current_limit(0.0, expires_in_s=60.0)
            await home.driver.set_current_limit(None, expires_in_s=60.0)
            home.driver.keep_default(6.0)
            await eventually(lambda: len(charger.all("SetChargingProfile")) >= 3)
            await eventually(lambda: bool(charger.all("ClearChargingProfile")))
            assert charger.all("broken") == []
            assert charger.all("failed") == []
            assert home.driver.ignored_messages == 0


async def test_em_ocpp_charges_though_it_never_answers_a_profile() -> None:
    async with driving() as home:
        env = {
            "CHARGER_ADDRESS": f"ws://CP1:{SETTINGS.password}@127.0.0.1:{home.port}/CP1",
            "CHARGES_FOR_MS": "2500",
        }
        async with running(node(), str(EM_OCPP), "scripted_charger.js", env=env) as charger:
            await charger.until(lambda: bool(charger.all("charging")))
            await eventually(lambda: home.driver.connector.power_w == 3600.0)
            with pytest.raises(DeviceError):
                await home.driver.set_current_limit(9.0, expires_in_s=60.0)
            await charger.until(lambda: bool(charger.all("done")))
            assert charger.all("failed") == []
            await eventually(lambda: home.driver.connector.transactions.session_energy_wh == 200.0)
            assert home.driver.connector.status is ChargerStatus.AVAILABLE


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_test_ocpp_gets_in_with_the_password_only(version: str) -> None:
    command = program(TEST_OCPP)
    async with driving() as home:
        address = (f"ws://127.0.0.1:{home.port}", "CP1", "--ocpp", version)
        code, text = await output(command, *address, "--password", str(SETTINGS.password))
        assert (code, home.driver.identity is not None) == (0, True), text
        assert (await output(command, *address, "--password", "wrong"))[0] != 0
        assert (await output(command, *address))[0] != 0


async def test_test_ocpp_gets_in_by_its_certificate(tmp_path: Path) -> None:
    command, authority = program(TEST_OCPP), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    authority.configure_trust(context)
    own = authority.issue_cert("CP1", common_name="CP1")
    own.cert_chain_pems[0].write_to_path(tmp_path / "own.pem")
    own.private_key_pem.write_to_path(tmp_path / "own.key")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trusted = ("--ca", str(tmp_path / "ca.pem"))
    shown = ("--cert", str(tmp_path / "own.pem"), "--key", str(tmp_path / "own.key"))
    async with serving(QUICK, tls=context) as (central, port, _):
        driver = central.add(SETTINGS)
        address = (f"wss://127.0.0.1:{port}", "CP1")
        assert (await output(command, *address, *trusted))[0] != 0
        code, text = await output(command, *address, *trusted, *shown)
        assert (code, driver.identity is not None) == (0, True), text
