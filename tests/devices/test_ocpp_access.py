"""Who is let in, and what becomes of who is not."""

import ssl
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import trustme

from custom_components.home_flex.devices.ocpp.access import why_not
from custom_components.home_flex.devices.ocpp.callers import Attempt, Refusal, shown
from tests.devices.ocpp_clients import SETTINGS, Driven, basic, dial, driving, serving

KEY = "00112233445566778899aabbccddeeff"
OPEN = replace(SETTINGS, password=None)


def attempt(**changes: Any) -> Attempt:
    told = {"path": "/CP1", "protocols": "ocpp1.6", "user": "CP1", "remote": "192.168.1.20"}
    return Attempt(**({"identity": "CP1", "password": "secret"} | told | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"user": "cp1"}, None),
        ({"user": "CP2"}, Refusal.WRONG_PASSWORD),
        ({"password": "Secret"}, Refusal.WRONG_PASSWORD),
        ({"password": ""}, Refusal.WRONG_PASSWORD),
        ({"password": None}, Refusal.NO_PASSWORD),
        ({"user": None, "password": None}, Refusal.NO_PASSWORD),
    ],
)
def test_a_charger_is_let_in_by_its_identity_and_password(
    changes: dict[str, Any], reason: Refusal | None
) -> None:
    assert why_not(attempt(**changes), SETTINGS) is reason


@pytest.mark.parametrize("sent", [KEY.encode(), bytes.fromhex(KEY)], ids=["as text", "as bytes"])
def test_a_key_in_hexadecimal_is_taken_as_text_and_as_the_bytes_it_writes(sent: bytes) -> None:
    settings = replace(SETTINGS, password=KEY)
    assert why_not(attempt(password=sent.decode("latin-1")), settings) is None
    assert why_not(attempt(password=sent[1:].decode("latin-1")), settings) is Refusal.WRONG_PASSWORD


@pytest.mark.parametrize(
    ("remote", "reason"),
    [
        ("192.168.1.20", None),
        ("127.0.0.1", None),
        ("fe80::1", None),
        ("8.8.8.8", Refusal.NOT_LOCAL),
        ("2a00:1450::1", Refusal.NOT_LOCAL),
        (None, Refusal.NOT_LOCAL),
        ("nowhere", Refusal.NOT_LOCAL),
    ],
)
def test_without_a_password_a_charger_is_let_in_from_the_home_s_own_network_only(
    remote: str | None, reason: Refusal | None
) -> None:
    assert why_not(attempt(remote=remote, user=None, password=None), OPEN) is reason


async def test_a_charger_without_a_password_field_is_served_by_choice() -> None:
    async with driving(OPEN) as home, dial(home.port, password=None) as charger:
        assert (await charger.boot())["status"] == "Accepted"


async def knock(home: Driven, **how: Any) -> int:
    """Dial in without success; return the status."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        async with dial(home.port, **how):
            pass
    return error.value.status


async def test_a_refused_attempt_is_told_once_with_all_that_helps_and_no_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with driving() as home:
        for _ in range(3):
            assert await knock(home, identity="CP7", path="/ocpp/CP7", password="another-secret") == 404
        (caller,) = home.central.callers.newest()
        assert caller.reason is Refusal.UNKNOWN
        assert caller.attempts == 3
        told = shown(caller)
        assert (told["identity"], told["path"], told["protocols"], told["user"], told["host"]) == (
            "CP7",
            "/ocpp/CP7",
            "ocpp1.6",
            "CP7",
            "127.0.0.1",
        )
    assert caplog.text.count("was not let in") == 1
    assert "another-secret" not in caplog.text + str(told) + repr(caller)


async def test_a_browser_is_no_charger_that_waits(caplog: pytest.LogCaptureFixture) -> None:
    async with driving() as home, aiohttp.ClientSession() as http:
        for path in ("", "favicon.ico", "CP1"):
            response = await http.get(f"http://127.0.0.1:{home.port}/{path}")
            assert response.status in {401, 404}
        assert home.central.callers.newest() == []
    assert "was not let in" not in caplog.text


async def test_another_version_of_ocpp_is_told_as_that() -> None:
    async with driving() as home, dial(home.port, protocols=("ocpp2.1",)) as charger:
        await charger.until_closed()
        assert [each.reason for each in home.central.callers.newest()] == [Refusal.PROTOCOL]


async def test_who_tries_too_often_is_refused_unheard_and_others_are_not() -> None:
    async with driving() as home:
        statuses = [await knock(home, password="wrong") for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert await knock(home, identity="CP2") == 404
        home.clock.advance(60)
        async with dial(home.port) as charger:
            assert (await charger.boot())["status"] == "Accepted"


async def test_another_spelling_gives_no_further_tries() -> None:
    async with driving() as home:
        spellings = ["CP1", "cp1", "Cp1", "cP1"] * 3
        statuses = [await knock(home, identity=each, password="wrong") for each in spellings]
        assert statuses == [401] * 10 + [429] * 2


async def test_who_is_let_in_in_the_end_is_no_stranger_any_more() -> None:
    async with driving() as home:
        await knock(home, password="wrong")
        async with dial(home.port) as charger:
            await charger.boot()
            assert home.central.callers.newest() == []


async def test_a_flood_of_identities_is_remembered_only_so_far() -> None:
    async with driving() as home:
        for number in range(40):
            await knock(home, identity=f"CP{number + 100}")
        assert len(home.central.callers.newest()) == 32


async def test_the_password_of_an_unknown_charger_can_be_consented_to() -> None:
    async with driving() as home:
        await knock(home, identity="CP7", password="its-own-secret")
        assert home.central.callers.password_of("CP7") == "its-own-secret"
        assert home.central.callers.password_of("CP8") is None


async def test_a_refused_attempt_is_called_out_when_it_is_new_or_has_another_reason() -> None:
    changes: list[int] = []
    async with serving(on_caller=lambda: changes.append(1)) as (central, port, _):
        central.add(SETTINGS)
        for password, count in (("wrong", 1), ("wrong", 1), (None, 2)):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                async with dial(port, password=password):
                    pass
            assert len(changes) == count


class Encrypted:
    """A central system's and a charger's side of TLS; ``name`` has the charger show a certificate."""

    def __init__(self, name: str | None = None, *, asks: bool = False) -> None:
        authority = trustme.CA()
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(self.server)
        self.client = ssl.create_default_context()
        authority.configure_trust(self.client)
        if asks:
            self.server.verify_mode = ssl.CERT_REQUIRED
            authority.configure_trust(self.server)
        if name is not None:
            authority.issue_cert(name, common_name=name).configure_cert(self.client)

    async def status(self, **headers: str) -> int:
        """Dial in; return the status that is answered, 101 when the connection was made and serves."""
        async with serving(tls=self.server) as (central, port, _), aiohttp.ClientSession() as http:
            central.add(SETTINGS)
            url = f"https://localhost:{port}/CP1"
            try:
                socket = await http.ws_connect(url, headers=headers, ssl=self.client)
            except aiohttp.WSServerHandshakeError as error:
                return error.status
            await socket.send_str('[2,"1","Heartbeat",{}]')
            assert "currentTime" in await socket.receive_str()
            await socket.close()
            return 101


async def test_an_encrypted_line_still_asks_for_the_password() -> None:
    line = Encrypted()
    assert await line.status(Authorization=basic("CP1", "secret")) == 101
    assert await line.status() == 401


@pytest.mark.parametrize(("name", "status"), [("CP1", 101), ("CP2", 401)])
async def test_a_charger_may_come_by_a_certificate_of_its_own(name: str, status: int) -> None:
    assert await Encrypted(name, asks=True).status() == status


async def test_where_certificates_are_asked_for_a_password_is_not_enough() -> None:
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await Encrypted(asks=True).status(Authorization=basic("CP1", "secret"))
