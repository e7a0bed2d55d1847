"""Adding the aggregator with the code on a job sheet: the real enrolment service, a real Mosquitto."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from community_hub.enrolment.authority import FleetAuthority
from community_hub.enrolment.codes import new_code
from community_hub.enrolment.limits import AddressLimit
from community_hub.enrolment.service import EnrolmentService, HomeBroker
from community_hub.enrolment.store import EnrolmentStore
from cryptography import x509
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from scripts.home_stack.processes import free_port
from tests.aggregator.broker import Broker, mosquitto_program
from tests.aggregator.certificates import new_authority, server_options

from .house import SubentryFlow, suggested, until

HOME = "home-0001"
ATTEMPTS = 20


@dataclass
class Centre:
    """A community: its broker, and the service that admits homes to it."""

    url: str
    broker: Broker
    store: EnrolmentStore

    def admit(self) -> str:
        """Return a fresh code for the home."""
        code = new_code()
        self.store.admit(HOME, code, datetime.now(UTC) + timedelta(days=1))
        return code


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    if mosquitto_program() is None:
        pytest.skip("mosquitto is not installed")
    public, fleet = new_authority(), FleetAuthority.create("Fleet", now=datetime.now(UTC))
    server = public.issue("127.0.0.1")
    options = server_options(tmp_path, server, client_authority=fleet.certificate_pem)
    for name in ("server.pem", "server.key", "clients.pem"):
        (tmp_path / name).chmod(0o644)
    broker = Broker(folder=tmp_path / "broker", options=options)
    broker.start()
    service = EnrolmentService(
        store=EnrolmentStore(tmp_path / "enrolment.sqlite"),
        authority=fleet,
        operator_token="operator-token-0123456789",
        limit=AddressLimit(ATTEMPTS),
        broker=HomeBroker(
            host="127.0.0.1", port=broker.port, prefix="home_flex", ca_certificate=public.certificate
        ),
    )
    runner = web.AppRunner(service.application(), access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield Centre(url=f"http://127.0.0.1:{port}", broker=broker, store=service.store)
    await runner.cleanup()
    broker.kill()


async def opened(hass: HomeAssistant, site: HomeFlexConfigEntry) -> SubentryFlow:
    """Return the dialog at the form for the code."""
    flow = SubentryFlow(hass, site.entry_id, "aggregator")
    await flow.start()
    await flow.choose("code")
    return flow


def sheet(centre: Centre, code: str) -> dict[str, Any]:
    return {"name": "My community", "enrolment_url": centre.url, "ven_id": HOME, "code": code}


async def test_four_words_from_a_sheet_connect_a_home_to_its_community(
    hass: HomeAssistant, site: HomeFlexConfigEntry, centre: Centre
) -> None:
    flow = await opened(hass, site)
    typed = centre.admit().replace("-", " ").title()
    created = await flow.enter(**sheet(centre, f" {typed} "))
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert created["title"] == "My community"
    kept = created["data"]
    certificate = x509.load_pem_x509_certificate(kept["client_certificate"].encode())
    assert certificate.subject.rfc4514_string() == f"CN={HOME}"
    assert (kept["port"], kept["prefix"], kept["tls"]) == (centre.broker.port, "home_flex", True)
    assert "code" not in kept
    await until(lambda: site.runtime_data.data.aggregator_connected)
    assert await hass.config_entries.async_unload(site.entry_id)


async def test_a_code_that_was_used_is_refused_and_another_one_works(
    hass: HomeAssistant, site: HomeFlexConfigEntry, centre: Centre
) -> None:
    flow = await opened(hass, site)
    refused = await flow.enter(**sheet(centre, "bado-kilu-mena-soru"))
    assert refused["errors"] == {"base": "code_refused"}
    assert suggested(refused, "code") is None, "a code is not shown again"
    assert suggested(refused, "ven_id") == HOME
    created = await flow.enter(**sheet(centre, centre.admit()))
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(site.entry_id)


async def test_a_broker_that_is_away_costs_no_code(
    hass: HomeAssistant, site: HomeFlexConfigEntry, centre: Centre
) -> None:
    flow = await opened(hass, site)
    code = centre.admit()
    centre.broker.kill()
    refused = await flow.enter(**sheet(centre, code))
    assert refused["errors"] == {"base": "cannot_connect"}
    centre.broker.start()
    created = await flow.enter(**sheet(centre, code))
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(site.entry_id)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"enrolment_url": "http://enrol.example.org"}, "invalid_enrolment_url"),
        ({"enrolment_url": "enrol.example.org"}, "invalid_enrolment_url"),
        ({"enrolment_url": "https://user:secret@enrol.example.org"}, "invalid_enrolment_url"),
        ({"enrolment_url": "https://127.0.0.1:1"}, "enrolment_unreachable"),
        ({"ven_id": "no spaces"}, "code_refused"),
        ({"ven_id": "x" * 100}, "code_refused"),
        ({"code": " "}, "code_missing"),
    ],
)
async def test_what_is_wrong_with_a_sheet_is_said_and_uses_up_no_code(
    hass: HomeAssistant, site: HomeFlexConfigEntry, centre: Centre, wrong: dict[str, Any], error: str
) -> None:
    flow = await opened(hass, site)
    refused = await flow.enter(**sheet(centre, centre.admit()) | wrong)
    assert refused["errors"] == {"base": error}
    enrolment = centre.store.enrolment(HOME)
    assert enrolment is not None
    assert enrolment.state == "open"


async def test_something_else_at_the_address_is_said_to_be_none(
    hass: HomeAssistant, site: HomeFlexConfigEntry, centre: Centre
) -> None:
    flow = await opened(hass, site)
    refused = await flow.enter(**sheet(centre, centre.admit()) | {"enrolment_url": f"{centre.url}/else"})
    assert refused["errors"] == {"base": "no_enrolment_service"}


async def test_who_guesses_is_slowed_down(
    hass: HomeAssistant, site: HomeFlexConfigEntry, centre: Centre
) -> None:
    flow = await opened(hass, site)
    for _ in range(ATTEMPTS + 1):
        refused = await flow.enter(**sheet(centre, "bado-kilu-mena-soru"))
        if refused["errors"] == {"base": "too_many_codes"}:
            return
    raise AssertionError("nobody was slowed down")
