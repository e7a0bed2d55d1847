"""Under which names the home answers, in plain and over TLS."""

import ssl

import pytest

from .conftest import Entrance
from .door import DEVICE, HOME_ID, PUBLIC_NAME
from .visitors import any_certificate, speak, trusting, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

KNOWN = ["home.local", "HOME.local", "homeassistant.local", "localhost", f"{HOME_ID}.local", PUBLIC_NAME]
# What balenaOS announces, and what a router makes of the name it hears from the gateway.
ANNOUNCED = [DEVICE[:7] + ending for ending in ("", ".local", ".lan", ".home.arpa", ".fritz.box")]
ADDRESSES = ["192.168.1.20", "192.168.1.20:80", "[fd00::20]", "[fd00::20]:80"]
UNKNOWN = [
    "home.example",
    "home.local.example",
    "xhome.local",
    "_",
    "1.2.3.4.example",
    "127.0.0.1.nip.example",
]


@pytest.mark.parametrize("host", [*KNOWN, *ANNOUNCED, "home.local:8080"])
async def test_its_own_names_lead_to_home_assistant(host: str, entrance: Entrance) -> None:
    answer = await visit(entrance.door, "/", host=host)
    assert (answer.status, answer.text) == (200, "HOME_ASSISTANT")
    assert entrance.behind["HOME_ASSISTANT"].last("/").headers.getall("Host") == [host]


@pytest.mark.parametrize("host", ADDRESSES)
async def test_an_address_does_too_for_no_page_can_give_it_to_somebody_else(
    host: str, entrance: Entrance
) -> None:
    assert (await visit(entrance.door, "/", host=host)).status == 200


@pytest.mark.parametrize("host", UNKNOWN)
async def test_any_other_name_is_told_plainly_that_it_is_not_this_home(host: str, entrance: Entrance) -> None:
    asked = len(entrance.behind["HOME_ASSISTANT"].asked)
    answer = await visit(entrance.door, "/status", host=host)
    assert answer.status == 421
    assert "HOME" not in answer.text
    assert len(entrance.behind["HOME_ASSISTANT"].asked) == asked


@pytest.mark.parametrize(
    ("accepted", "language", "heading"),
    [
        ("", "en", "This home has another name"),
        ("nl-BE,nl;q=0.9", "nl", "Dit huis heet anders"),
        ("de", "de", "Dieses Zuhause heißt anders"),
        ("fr-FR,fr;q=0.9", "fr", "Cette maison porte un autre nom"),
        ("pt-PT", "pt", "Esta casa tem outro nome"),
    ],
)
async def test_it_is_told_in_the_language_of_the_browser(
    accepted: str, language: str, heading: str, entrance: Entrance
) -> None:
    page = await visit(entrance.door, "/", host=UNKNOWN[0], headers={"Accept-Language": accepted})
    assert page.status == 421
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{heading}</h1><p>" in page.text


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\n\r\n", b"400"),
        ("GET / HTTP/1.0\r\n\r\n", b"421"),
        ("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", b"400"),
        ("GET / HTTP/1.1\r\nHost: home.local\r\nHost: evil.example\r\n\r\n", b"400"),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: home.local\r\nConnection: close\r\n\r\n", b"421"),
    ],
    ids=["no host", "HTTP/1.0", "empty", "two", "another in the request line"],
)
async def test_a_request_that_names_nobody_or_two_gets_nowhere(
    request_text: str, status: bytes, entrance: Entrance
) -> None:
    said = await speak(entrance.door.http_port, request_text)
    assert said.split()[1] == status


async def test_the_name_that_was_checked_is_the_one_that_goes_on(entrance: Entrance) -> None:
    request = "GET http://home.local/twice HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert b" 200 OK" in await speak(entrance.door.http_port, request)
    assert entrance.behind["HOME_ASSISTANT"].last("/twice").headers.getall("Host") == ["home.local"]


async def test_the_home_answers_in_plain_and_over_tls_and_says_which_it_was(entrance: Entrance) -> None:
    for tls, scheme in ((None, "http"), (trusting(entrance.door), "https")):
        answer = await visit(entrance.door, f"/{scheme}", tls=tls)
        assert (answer.status, answer.text) == (200, "HOME_ASSISTANT")
        asked = entrance.behind["HOME_ASSISTANT"].last(f"/{scheme}")
        assert asked.headers.getall("X-Forwarded-Proto") == [scheme]


async def test_tls_for_another_name_ends_before_a_word_is_said(entrance: Entrance) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        await _ask_over_tls(entrance, name="evil.example")


@pytest.mark.parametrize(
    ("name", "host", "status"),
    [
        ("", "192.168.1.20", b"200"),
        ("", "home.local", b"200"),
        ("", "evil.example", b"421"),
        ("home.local", "evil.example", b"421"),
        ("home.local", "192.168.1.20", b"200"),
    ],
)
async def test_the_name_that_tls_asked_for_opens_no_door_for_another(
    name: str, host: str, status: bytes, entrance: Entrance
) -> None:
    assert (await _ask_over_tls(entrance, name=name, host=host)).split()[1] == status


@pytest.mark.skipif(not ssl.HAS_TLSv1_1, reason="the client's own library speaks no old TLS")
@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=lambda each: each.name
)
async def test_old_tls_is_refused_by_the_home(version: ssl.TLSVersion, entrance: Entrance) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)alert.protocol.version"):
        await _ask_over_tls(entrance, version=version)


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda each: each.name
)
async def test_the_tls_of_today_is_taken(version: ssl.TLSVersion, entrance: Entrance) -> None:
    assert (await _ask_over_tls(entrance, version=version)).split()[1] == b"200"


async def _ask_over_tls(
    entrance: Entrance,
    *,
    name: str = "home.local",
    host: str = "home.local",
    version: ssl.TLSVersion | None = None,
) -> bytes:
    return await speak(
        entrance.door.https_port,
        f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        tls=any_certificate(version),
        name=name,
    )
