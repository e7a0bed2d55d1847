"""Adding and changing the aggregator, against a real Mosquitto."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from scripts.home_stack.processes import free_port
from tests.aggregator.broker import Broker

from .house import SubentryFlow, suggested, until


def settings(broker: Broker, **more: Any) -> dict[str, Any]:
    return {
        "name": "Aggregator",
        "host": broker.host,
        "port": broker.port,
        "ven_id": "ven-1",
        "prefix": "home_flex",
        "tls": False,
        "username": "home",
        "password": "secret-of-home",
    } | more


async def test_the_aggregator_is_kept_once_its_broker_let_the_home_in(
    hass: HomeAssistant, site: HomeFlexConfigEntry, broker: Broker
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "aggregator")
    menu = await flow.start()
    assert menu["menu_options"] == ["code", "broker"]
    form = await flow.choose("broker")
    assert suggested(form, "port") == 8883
    assert suggested(form, "tls") is True
    created = await flow.enter(**settings(broker, grid_operator_programs=["dso"], ca_certificate=" "))
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = site.subentries.values()
    assert subentry.data == {
        "host": broker.host,
        "port": broker.port,
        "ven_id": "ven-1",
        "prefix": "home_flex",
        "tls": False,
        "username": "home",
        "password": "secret-of-home",
        "grid_operator_programs": ["dso"],
    }
    second = await flow.start()
    assert (second["type"], second["reason"]) == (FlowResultType.ABORT, "only_one")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"username": "", "password": ""}, "no_credentials"),
        ({"password": "wrong"}, "bad_credentials"),
        ({"host": " "}, "address_missing"),
        ({"ven_id": "a/+"}, "invalid_topic"),
        ({"port": None}, "cannot_connect"),
        ({"tls": True}, "protocol"),
        ({"tls": True, "ca_certificate": "no PEM"}, "invalid_pem"),
        ({"client_certificate": "x", "client_key": "y"}, "certificate_needs_tls"),
    ],
)
async def test_what_is_wrong_with_a_broker_is_said_and_can_be_put_right(
    hass: HomeAssistant, site: HomeFlexConfigEntry, broker: Broker, wrong: dict[str, Any], error: str
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "aggregator")
    await flow.start()
    await flow.choose("broker")
    values = {key: free_port() if value is None else value for key, value in wrong.items()}
    refused = await flow.enter(**settings(broker, **values))
    assert refused["errors"] == {"base": error}
    assert suggested(refused, "password") is None
    created = await flow.enter(**settings(broker, prefix=""))
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert created["data"]["prefix"] == ""
    await hass.async_block_till_done()


async def test_a_certificate_must_be_signed_by_the_given_authority(
    hass: HomeAssistant, site: HomeFlexConfigEntry, tmp_path: Path
) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = authority.issue_cert("127.0.0.1")
    server.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    for file in ("ca.pem", "server.pem"):
        (tmp_path / file).chmod(0o644)
    home = authority.issue_cert("ven-1")
    broker = Broker(
        folder=tmp_path / "tls",
        options=(
            f"cafile {tmp_path}/ca.pem",
            f"certfile {tmp_path}/server.pem",
            f"keyfile {tmp_path}/server.pem",
            "require_certificate true",
        ),
    )
    broker.start()
    try:
        flow = SubentryFlow(hass, site.entry_id, "aggregator")
        await flow.start()
        await flow.choose("broker")
        values = settings(
            broker,
            tls=True,
            username="",
            password="",
            client_certificate=home.cert_chain_pems[0].bytes().decode(),
            client_key=home.private_key_pem.bytes().decode(),
        )
        refused = await flow.enter(**values, ca_certificate=stranger.cert_pem.bytes().decode())
        assert refused["errors"] == {"base": "bad_certificate_unknown_authority"}
        created = await flow.enter(**values, ca_certificate=authority.cert_pem.bytes().decode())
        await hass.async_block_till_done()
        assert created["type"] is FlowResultType.CREATE_ENTRY
        assert ssl.PEM_cert_to_DER_cert(created["data"]["client_certificate"])
        assert await hass.config_entries.async_unload(site.entry_id)
    finally:
        broker.kill()


async def test_a_changed_aggregator_keeps_the_password_that_is_left_empty(
    hass: HomeAssistant, site: HomeFlexConfigEntry, broker: Broker
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "aggregator")
    await flow.start()
    await flow.choose("broker")
    await flow.enter(**settings(broker))
    await hass.async_block_till_done()
    await until(lambda: site.runtime_data.data.aggregator_connected)
    (subentry,) = site.subentries.values()
    form = await flow.start(subentry.subentry_id)
    assert suggested(form, "username") == "home"
    assert suggested(form, "password") is None
    changed = settings(broker, prefix="other")
    del changed["password"]
    done = await flow.enter(**changed)
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    await until(lambda: site.runtime_data.data.aggregator_connected)
    (kept,) = site.subentries.values()
    assert (kept.data["prefix"], kept.data["password"]) == ("other", "secret-of-home")
    await flow.start(subentry.subentry_id)
    stranger = await flow.enter(**changed | {"username": "stranger"})
    assert stranger["errors"] == {"base": "bad_credentials"}  # the password belongs to "home" only
