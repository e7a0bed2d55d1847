"""The hub with a provider that others wrote (oidc-provider-mock), over real sockets, whatever it asks for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import httpx
import oidc_provider_mock  # type: ignore[import-untyped] # it has no types
import pytest
from community_hub.accounts.openid_connect.providers import Provider
from community_hub.store import Store

from ...running import SETTINGS, Clock, Running
from .journeys import account, back, begun, invited

SUBJECT: Final = "somebody"


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # Else its library refuses to speak in the clear.
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def hub(store: Store, issuer: str) -> Running:
    provider = Provider(name="city", title="The city", issuer=issuer, client_id="hub", client_secret="secret")
    settings = replace(SETTINGS, openid_providers=(provider,))
    return Running(store, clock=Clock(datetime.now(UTC)), settings=settings)


async def consented(location: str, **answer: str) -> str:
    """Fill in the form that the provider shows; return the address that it sends the browser back to."""
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(location)).status_code == 200
        sent = await browser.post(location, data={"sub": SUBJECT} | answer)
    assert sent.status_code == 302, sent.text
    return sent.headers["Location"]


async def test_somebody_joins_proves_anew_and_signs_in(hub: Running) -> None:
    visitor = hub.visitor()
    code = await invited(await hub.operator())
    address = await consented(await begun(visitor, "join", {"code": code}))
    assert await back(visitor, address) == ""

    assert await back(visitor, await consented(await begun(visitor, "proof"))) == "account"
    answer = await visitor.post("/api/v1/account/password", json={"new_password": "quite another one"})
    assert answer.status_code == 204

    other = hub.visitor()
    assert await back(other, await consented(await begun(other, "sign-in"))) == ""
    assert (await account(other))["name"] == "Hanna"


async def test_somebody_whom_nobody_knows_and_who_says_no_are_not_let_in(hub: Running) -> None:
    await hub.operator()
    visitor = hub.visitor()

    address = await consented(await begun(visitor, "sign-in"))
    assert await back(visitor, address) == "refused/identity-unknown"
    address = await consented(await begun(visitor, "sign-in"), action="deny")
    assert await back(visitor, address) == "refused/provider-refused"
