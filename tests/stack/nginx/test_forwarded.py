"""Who asks: what Home Assistant is told about the visitor, whatever the visitor claims."""

import pytest

from scripts.home_stack.api import wait_until

from .conftest import Entrance, HomeEntrance
from .home import ATTEMPTS, counted, fail_to_log_in
from .stand_in import OPERATOR
from .visitors import TUNNEL, browser, speak, visit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

# A loopback address too: Home Assistant looks its name up, which must not take long.
CLAIMED = "127.0.0.200"
CLAIMS = {
    "127.0.0.21": {"X-Forwarded-For": CLAIMED},
    "127.0.0.22": {"X-Forwarded-For": f"{CLAIMED}, {CLAIMED}", "X-Forwarded-Proto": "https, https"},
    "127.0.0.23": {"Forwarded": f"for={CLAIMED};host=evil.example;proto=https"},
    "127.0.0.24": {"X-Real-IP": CLAIMED, "X-Client-IP": CLAIMED, "True-Client-IP": CLAIMED},
    "127.0.0.25": {"X-Forwarded-For": CLAIMED, "Connection": "close, X-Forwarded-For"},
    "127.0.0.26": {"X_Forwarded_For": CLAIMED},
    "127.0.0.27": {"X-Forwarded-For": "127.0.0.1"},
}
REFUSED_BY_HOME_ASSISTANT = [
    {"X-Forwarded-For": "nobody"},
    {"X-Forwarded-For": ""},
    {"X-Forwarded-For": "192.0.2.1:80"},
    {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https,http"},
    {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": ""},
    {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": ""},
]


@pytest.mark.parametrize("address", CLAIMS)
async def test_a_wrong_password_counts_for_who_gave_it(address: str, home_entrance: HomeEntrance) -> None:
    await fail_to_log_in(home_entrance.door, address=address, headers=CLAIMS[address])
    await _is_counted(home_entrance, address)
    assert CLAIMED not in counted(home_entrance.home)


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("127.0.0.31", "127.0.0.31"),
        (f"{CLAIMED}, 127.0.0.32", "127.0.0.32"),
        (f"{CLAIMED},nobody,  127.0.0.33 ", "127.0.0.33"),
        (f"{CLAIMED}, ::ffff:127.0.0.34", "::ffff:127.0.0.34"),
        (f"{CLAIMED}, 2001:db8::35", "2001:db8::35"),
    ],
)
async def test_through_the_tunnel_it_counts_for_the_last_the_tunnel_saw(
    chain: str, address: str, home_entrance: HomeEntrance
) -> None:
    await fail_to_log_in(home_entrance.door, address=TUNNEL, headers={"X-Forwarded-For": chain})
    await _is_counted(home_entrance, address)
    assert CLAIMED not in counted(home_entrance.home)


@pytest.mark.parametrize("headers", REFUSED_BY_HOME_ASSISTANT, ids=str)
async def test_claims_that_home_assistant_refuses_do_not_reach_it(
    headers: dict[str, str], home_entrance: HomeEntrance
) -> None:
    async with browser() as session, session.get(home_entrance.home.url, headers=headers) as answer:
        assert answer.status == 400
    assert (await visit(home_entrance.door, "/auth/providers", headers=headers)).status == 200


async def test_who_guesses_is_banned_and_nobody_else(home_entrance: HomeEntrance) -> None:
    guesser, neighbour = {"X-Forwarded-For": "127.0.0.41"}, {"X-Forwarded-For": "127.0.0.42"}
    for _ in range(ATTEMPTS):
        await fail_to_log_in(home_entrance.door, address=TUNNEL, headers=guesser)

    async def is_banned() -> bool:
        answer = await visit(home_entrance.door, "/auth/providers", address=TUNNEL, headers=guesser)
        return answer.status == 403

    await wait_until(is_banned, "the guesser to be banned", timeout_s=60)
    for address, headers in ((TUNNEL, neighbour), (TUNNEL, {}), ("127.0.0.1", {})):
        answer = await visit(home_entrance.door, "/auth/providers", address=address, headers=headers)
        assert answer.status == 200


@pytest.mark.parametrize("chain", ["nobody", "", "192.0.2.1:80", "192.0.2.1, unknown", "[2001:db8::1]:80"])
async def test_a_tunnel_that_names_no_address_is_the_visitor_itself(chain: str, entrance: Entrance) -> None:
    await visit(entrance.door, "/tunnel", address=TUNNEL, headers={"X-Forwarded-For": chain})
    assert entrance.behind["HOME_ASSISTANT"].last("/tunnel").headers.getall("X-Forwarded-For") == [TUNNEL]


@pytest.mark.parametrize(
    ("address", "claimed", "told"),
    [
        (TUNNEL, "https", "https"),
        (TUNNEL, "http", "http"),
        (TUNNEL, "ftp", "http"),
        (TUNNEL, "https, http", "http"),
        ("127.0.0.51", "https", "http"),
    ],
)
async def test_only_the_tunnel_says_that_the_visitor_uses_tls(
    address: str, claimed: str, told: str, entrance: Entrance
) -> None:
    await visit(entrance.door, "/scheme", address=address, headers={"X-Forwarded-Proto": claimed})
    assert entrance.behind["HOME_ASSISTANT"].last("/scheme").headers.getall("X-Forwarded-Proto") == [told]


@pytest.mark.parametrize(
    "path", ["/", "/auth/token", "/status", "/owner", "/configurator/", "/influxdb/health"]
)
async def test_no_service_hears_what_a_visitor_claims(path: str, entrance: Entrance) -> None:
    claims = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP", "Forwarded")
    headers = {**dict.fromkeys(claims, "claimed.example"), "Authorization": OPERATOR}
    for service in entrance.behind.values():
        service.asked.clear()
    await visit(entrance.door, path, address="127.0.0.52", headers=headers)
    heard = [asked for service in entrance.behind.values() for asked in service.asked]
    assert [asked.path for asked in heard if asked.path != "/check"] == [path.removeprefix("/influxdb")]
    for asked in heard:
        assert asked.headers.getall("X-Forwarded-For") == ["127.0.0.52"]
        assert "claimed.example" not in str(asked.headers)


async def test_a_second_request_hidden_in_a_body_is_none(entrance: Entrance) -> None:
    hidden = "GET /hidden HTTP/1.1\r\nHost: home.local\r\n\r\n"
    request = (
        "POST /outer HTTP/1.1\r\nHost: home.local\r\nConnection: close\r\n"
        f"Content-Length: {len(hidden)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
    )
    assert b" 400 " in await speak(entrance.door.http_port, request)
    assert not [each for each in entrance.behind["HOME_ASSISTANT"].asked if each.path == "/hidden"]


async def _is_counted(home_entrance: HomeEntrance, address: str) -> None:
    async def look() -> bool:
        return address in counted(home_entrance.home)

    try:
        await wait_until(look, f"{address} to be counted", timeout_s=60)
    except Exception as error:
        error.add_note(f"counted: {counted(home_entrance.home)}")
        raise
