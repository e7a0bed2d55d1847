"""What a provider must answer to be believed, over real sockets: a stand-in lies in every way."""

import asyncio
import ssl
from typing import Any

import httpx
import pytest
import trustme
from aiohttp import web
from community_hub.accounts.openid_connect.fetching import Fetching, ProviderError
from community_hub.accounts.openid_connect.id_token import TokenRefusedError, UnknownKeyError
from community_hub.accounts.openid_connect.relying_party import Asked, RelyingParty
from joserfc.jwk import ECKey, RSAKey

from ...running import Clock
from . import provider as answers
from .provider import CLIENT_ID, CLIENT_SECRET, StandIn, back_of

PUBLIC_URL = "https://hub.example"
# The verifier and its challenge are those of RFC 7636, appendix B.
ASKED = Asked(state="s" * 43, nonce="n" * 43, verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")


def party_of(city: StandIn, **changes: Any) -> RelyingParty:
    fetching = Fetching(patience_s=changes.pop("patience_s", 5.0))
    return RelyingParty.of(city.provider(**changes), PUBLIC_URL, fetching)


async def code_of(party: RelyingParty, asked: Asked = ASKED) -> str:
    """Let the browser go there, and return the code that it is sent back with."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(await party.address(asked))
    assert answer.status_code == 302, answer.text
    return back_of(answer.headers["Location"])["code"]


async def subject_of(party: RelyingParty, city: StandIn) -> str:
    vouched = await party.vouched(await code_of(party), None, ASKED, city.clock())
    return vouched.subject


async def test_a_browser_is_sent_with_state_nonce_and_a_challenge(city: StandIn) -> None:
    await code_of(party_of(city, acr=("gold", "silver")))

    [told] = city.authorized
    assert told == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "https://hub.example/api/v1/openid-connect/city/callback",
        "scope": "openid",
        "state": ASKED.state,
        "nonce": ASKED.nonce,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "acr_values": "gold silver",
    }


async def test_it_vouches_for_whom_it_let_in(city: StandIn) -> None:
    city.claims = {"amr": ["pwd", "otp"], "acr": "gold"}

    party = party_of(city)
    vouched = await party.vouched(await code_of(party), city.issuer, ASKED, city.clock())

    assert (vouched.subject, vouched.amr, vouched.acr) == ("anna", frozenset({"pwd", "otp"}), "gold")
    assert vouched.authenticated_at == city.clock()


@pytest.mark.parametrize("key", [RSAKey.generate_key(2048), ECKey.generate_key("P-256")], ids=["PS", "ES"])
async def test_it_signs_by_other_algorithms_of_public_keys(city: StandIn, key: Any) -> None:
    city.signed_by, city.listed = key, [key]
    city.header = {"alg": "PS256" if isinstance(key, RSAKey) else "ES256"}

    assert await subject_of(party_of(city), city) == "anna"


async def test_it_is_given_the_secret_as_it_takes_it(city: StandIn) -> None:
    city.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert await subject_of(party_of(city), city) == "anna"


NOW = int(Clock().now.timestamp())
PUBLIC = StandIn(clock=Clock()).signed_by.as_pem(private=False)
FOREIGN = RSAKey.generate_key(2048, {"kid": "key 1"})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"claims": {"nonce": "of another"}}, "another request"),
        ({"claims": {"nonce": None}}, "another request"),
        ({"claims": {"iss": "https://evil.example"}}, "another issuer"),
        ({"claims": {"iss": None}}, "another issuer"),
        ({"claims": {"aud": "another client"}}, "somebody else"),
        ({"claims": {"aud": None}}, "somebody else"),
        ({"claims": {"aud": {CLIENT_ID: 1}}}, "somebody else"),
        ({"claims": {"aud": [CLIENT_ID, "another"]}}, "for several"),
        ({"claims": {"azp": "another client"}}, "issued to somebody else"),
        ({"claims": {"iat": NOW - 400, "exp": NOW - 61}}, "expired"),
        ({"claims": {"exp": None}}, "from when to when"),
        ({"claims": {"exp": "later"}}, "no time"),
        ({"claims": {"exp": True}}, "no time"),
        ({"claims": {"exp": 1e300}}, "no time"),
        ({"claims": {"iat": None}}, "from when to when"),
        ({"claims": {"iat": NOW + 61}}, "later than now"),
        ({"claims": {"nbf": NOW + 61}}, "later than now"),
        ({"claims": {"iat": NOW - 700}}, "too old"),
        ({"claims": {"sub": None}}, "whom it is about"),
        ({"claims": {"sub": ""}}, "whom it is about"),
        ({"claims": {"sub": 7}}, "whom it is about"),
        ({"claims": {"sub": "a\0b"}}, "whom it is about"),
        ({"claims": {"sub": "x" * 256}}, "whom it is about"),
        ({"header": {"alg": "none"}}, "signature"),
        ({"header": {"alg": "none", "kid": None}}, "signature"),
        ({"header": {"alg": "HS256", "kid": "key 1"}, "signed_by": PUBLIC}, "signature"),
        ({"header": {"alg": "HS256", "kid": "key 1"}, "signed_by": CLIENT_SECRET.encode()}, "signature"),
        ({"signed_by": FOREIGN}, "signature"),
        ({"header": {"kid": "key 3"}}, "key 3"),
    ],
    ids=lambda value: str(value)[:70],
)
async def test_a_token_that_is_not_what_it_seems_is_refused(
    city: StandIn, changes: dict[str, Any], why: str
) -> None:
    for name, value in changes.items():
        setattr(city, name, value)

    with pytest.raises(TokenRefusedError, match=why):
        await subject_of(party_of(city), city)


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": NOW - 400, "exp": NOW - 59},
        {"iat": NOW + 59},
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
    ],
    ids=str,
)
async def test_a_clock_that_is_off_by_less_than_a_minute_and_an_audience_in_a_list_are_taken(
    city: StandIn, claims: dict[str, Any]
) -> None:
    city.claims = claims

    assert await subject_of(party_of(city), city) == "anna"


async def test_a_token_that_was_changed_is_refused(city: StandIn) -> None:
    async def changed(request: Any) -> Any:
        token = city.token({"nonce": ASKED.nonce})
        head, body, signature = token.split(".")
        other = city.token({"nonce": "another"}).split(".")[1]
        assert other != body
        return web.json_response({"id_token": f"{head}.{other}.{signature}"})

    city.instead["/token"] = changed

    with pytest.raises(TokenRefusedError, match="signature"):
        await subject_of(party_of(city), city)


async def test_a_new_key_is_asked_for_once_and_no_more_within_a_minute(city: StandIn) -> None:
    party, seconds = party_of(city), [0.0]
    party.directory._monotonic = lambda: seconds[0]
    assert await subject_of(party, city) == "anna"
    seconds[0] = 60.0
    city.rotate()

    assert await subject_of(party, city) == "anna"
    assert city.asked.count("/keys") == 2

    city.header = {"kid": "key 3"}
    for _ in range(5):
        with pytest.raises(UnknownKeyError):
            await subject_of(party, city)
    assert city.asked.count("/keys") == 2


async def test_endpoints_and_keys_are_asked_for_once_an_hour(city: StandIn) -> None:
    party, seconds = party_of(city), [0.0]
    party.directory._monotonic = lambda: seconds[0]
    for seconds[0] in (0.0, 3599.0, 3601.0):
        assert await subject_of(party, city) == "anna"

    assert city.asked.count("/keys") == city.asked.count("/.well-known/openid-configuration") == 2


async def test_a_code_is_good_once(city: StandIn) -> None:
    party = party_of(city)
    code = await code_of(party)
    await party.vouched(code, None, ASKED, city.clock())

    with pytest.raises(ProviderError, match="invalid_grant"):
        await party.vouched(code, None, ASKED, city.clock())


async def test_a_code_without_its_verifier_is_worth_nothing(city: StandIn) -> None:
    party = party_of(city)
    code = await code_of(party)
    stolen = Asked(state=ASKED.state, nonce=ASKED.nonce, verifier="w" * 43)

    with pytest.raises(ProviderError, match="invalid_grant"):
        await party.vouched(code, None, stolen, city.clock())


@pytest.mark.parametrize(
    ("names_issuer", "issuer", "is_taken"),
    [
        (True, "own", True),
        (True, None, False),
        (True, "https://evil.example", False),
        (False, None, True),
        (False, "https://evil.example", False),
    ],
)
async def test_another_issuer_does_not_send_browsers_back(
    city: StandIn, names_issuer: bool, issuer: str | None, is_taken: bool
) -> None:
    city.metadata = {"authorization_response_iss_parameter_supported": names_issuer}
    party = party_of(city)
    code, told = await code_of(party), city.issuer if issuer == "own" else issuer

    if is_taken:
        assert (await party.vouched(code, told, ASKED, city.clock())).subject == "anna"
    else:
        with pytest.raises(TokenRefusedError, match="another issuer"):
            await party.vouched(code, told, ASKED, city.clock())
        # The code is not given away.
        assert "/token" not in city.asked


@pytest.mark.parametrize("path", ["/token", "/keys", "/.well-known/openid-configuration"])
@pytest.mark.parametrize(
    ("name", "why"),
    [("huge", "larger"), ("packed", "packed"), ("slow", "Timeout"), ("elsewhere", "302"), ("broken", "JSON")],
)
async def test_an_answer_beyond_its_bounds_is_refused(city: StandIn, path: str, name: str, why: str) -> None:
    party = party_of(city, patience_s=1.0 if name == "slow" else 10.0)
    city.instead[path] = getattr(answers, name)

    with pytest.raises(ProviderError, match=why):
        async with asyncio.timeout(60):
            await subject_of(party, city)


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"issuer": "https://evil.example"}, "another issuer"),
        ({"issuer": None}, "another issuer"),
        ({"token_endpoint": "http://elsewhere.example/token"}, "https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "https"),
        ({"jwks_uri": None}, "https"),
    ],
    ids=str,
)
async def test_a_provider_that_tells_nonsense_of_itself_is_refused(
    city: StandIn, metadata: dict[str, Any], why: str
) -> None:
    city.metadata = metadata

    with pytest.raises(ProviderError, match=why):
        await subject_of(party_of(city), city)


@pytest.mark.parametrize(
    "keys",
    [
        None,
        [],
        [1],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "key 1"}],
        [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "key 1"}],
        [{"kty": "RSA", "n": 7, "e": "AQAB"}],
        [{"kty": "EC", "crv": "none", "x": "AA", "y": "AA"}],
        [{"kty": "AKP", "kid": "key 1"}],
        [{**StandIn(clock=Clock()).signed_by.as_dict(private=False), "use": "enc"}],
        [{}] * 65,
    ],
    ids=lambda value: str(value)[:40],
)
async def test_keys_that_sign_nothing_are_none(city: StandIn, keys: Any) -> None:
    async def told(_: Any) -> Any:
        return web.json_response({"keys": keys})

    city.instead["/keys"] = told

    with pytest.raises(ProviderError, match="keys"):
        await subject_of(party_of(city), city)


def over_tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a provider on this machine shows, and what trusts its authority."""
    authority, own = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(own)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return own, trusting


async def test_the_certificate_of_a_provider_is_verified() -> None:
    (own, trusting), city = over_tls(), StandIn(clock=Clock())
    async with city.running(own):
        with pytest.raises(ProviderError, match="certificate"):
            await RelyingParty.of(city.provider(), PUBLIC_URL, Fetching()).address(ASKED)
        address = await RelyingParty.of(city.provider(), PUBLIC_URL, Fetching(tls=trusting)).address(ASKED)
    assert address.startswith(f"{city.issuer}/authorize?")


async def test_a_provider_over_tls_names_no_endpoint_in_the_clear() -> None:
    own, trusting = over_tls()
    city = StandIn(clock=Clock(), metadata={"token_endpoint": "http://127.0.0.1:1/token"})
    async with city.running(own):
        with pytest.raises(ProviderError, match="not encrypted"):
            await RelyingParty.of(city.provider(), PUBLIC_URL, Fetching(tls=trusting)).address(ASKED)


async def test_nobody_there_is_told_as_such(city: StandIn) -> None:
    party = RelyingParty.of(city.provider(issuer="http://127.0.0.1:1"), PUBLIC_URL, Fetching())

    with pytest.raises(ProviderError, match="ConnectError"):
        await party.address(ASKED)


@pytest.mark.parametrize(
    ("trusted", "claims", "is_second_factor"),
    [
        ({}, {"amr": ["mfa"], "acr": "gold"}, False),
        ({"is_second_factor": True}, {}, True),
        ({"amr": frozenset({"mfa", "hwk"})}, {"amr": ["pwd", "mfa"]}, True),
        ({"amr": frozenset({"mfa", "hwk"})}, {"amr": ["pwd"]}, False),
        ({"amr": frozenset({"mfa"})}, {"amr": "mfa"}, False),
        ({"acr": ("gold",)}, {"acr": "gold"}, True),
        ({"acr": ("gold",)}, {"acr": "silver"}, False),
        ({"acr": ("gold",)}, {}, False),
    ],
    ids=str,
)
async def test_a_provider_stands_for_the_second_factor_as_it_is_trusted_for(
    city: StandIn, trusted: dict[str, Any], claims: dict[str, Any], is_second_factor: bool
) -> None:
    city.claims = claims
    party = party_of(city, **trusted)

    vouched = await party.vouched(await code_of(party), None, ASKED, city.clock())

    assert party.is_second_factor(vouched) is is_second_factor
