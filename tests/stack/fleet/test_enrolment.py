"""A four-word code opens one enrolment, of one home, once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from community_hub.enrolment.authority import (
    AuthorityError,
    FleetAuthority,
    new_private_key,
    signing_request,
)
from community_hub.enrolment.codes import ENTROPY_BITS, WORDS, new_code, normalised
from community_hub.enrolment.limits import AddressLimit, visitor
from community_hub.enrolment.service import EnrolmentService, HomeBroker
from community_hub.enrolment.store import MOST_ATTEMPTS, EnrolmentRefused, EnrolmentStore
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TOKEN = "operator-token-0123456789"
HOME = "home-0001"
CODE = "bado-kilu-mena-soru"
AUTHORITY = FleetAuthority.create("Test fleet", now=NOW)
PROXY = [ip_network("127.0.0.1/32")]
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
FIELDS = st.sampled_from(["ven_id", "code", "csr", "expires_at"])
FOREIGN = st.one_of(
    st.text(),
    st.integers(),
    st.none(),
    st.lists(st.text()),
    st.sampled_from(["\ud800", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-11-21"]),
)


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Hub:
    """The service on a loopback port, and the operator's and the home's side of it."""

    def __init__(self, store: EnrolmentStore, session: ClientSession, url: str) -> None:
        self.store = store
        self._session = session
        self._url = url

    async def admit(self, code: str = CODE, *, ven_id: str = HOME, token: str = TOKEN) -> tuple[int, Any]:
        body = {"code": code, "expires_at": (NOW + timedelta(days=14)).isoformat()}
        return await self._send("PUT", f"/enrolments/{ven_id}", body, {"Authorization": f"Bearer {token}"})

    async def redeem(
        self, code: str = CODE, *, ven_id: str = HOME, csr: str | None = None, address: str = "192.0.2.77"
    ) -> tuple[int, Any]:
        request = csr or signing_request(ven_id, new_private_key())
        body = {"ven_id": ven_id, "code": code, "csr": request}
        return await self._send("POST", "/redeem", body, {"X-Forwarded-For": address})

    async def send_raw(self, method: str, path: str, body: bytes, *, kind: str = "application/json") -> int:
        headers = {"Content-Type": kind}
        async with self._session.request(method, self._url + path, data=body, headers=headers) as response:
            return response.status

    async def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        async with self._session.request(method, self._url + path, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)


@asynccontextmanager
async def hub(database: Path, clock: Clock | None = None, *, attempts: int = 1000) -> AsyncIterator[Hub]:
    """Run the service until the block ends; its database stays."""
    at = clock or Clock()
    service = EnrolmentService(
        store=EnrolmentStore(database, clock=at),
        authority=AUTHORITY,
        operator_token=TOKEN,
        limit=AddressLimit(attempts),
        broker=HomeBroker(host="mqtt.example.org", port=8883, prefix="home_flex", ca_certificate="PEM"),
        proxies=PROXY,
        clock=at,
    )
    runner = web.AppRunner(service.application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with ClientSession() as session:
            host, port = runner.addresses[0][:2]
            yield Hub(service.store, session, f"http://{host}:{port}")
    finally:
        await runner.cleanup()


async def test_a_home_exchanges_its_code_for_a_certificate_of_its_own_key(tmp_path: Path) -> None:
    key = new_private_key()
    async with hub(tmp_path / "e.sqlite") as service:
        assert (await service.admit())[0] == 200
        status, answer = await service.redeem(csr=signing_request(HOME, key))
    assert status == 200
    certificate = x509.load_pem_x509_certificate(answer["certificate"].encode())
    assert certificate.subject.rfc4514_string() == f"CN={HOME}"
    assert answer["broker"] == {
        "host": "mqtt.example.org",
        "port": 8883,
        "prefix": "home_flex",
        "ca_certificate": "PEM",
    }
    assert certificate.public_key() == key.public_key()
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(answer["authority"].encode()))


async def test_of_twenty_requests_at_the_same_time_exactly_one_succeeds(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        answers = await asyncio.gather(*(service.redeem() for _ in range(20)))
        enrolment = service.store.enrolment(HOME)
    assert sorted(status for status, _ in answers) == [200] + [403] * 19
    assert enrolment is not None
    assert len(enrolment.serials) == 1


def test_of_many_threads_with_stores_of_their_own_exactly_one_succeeds(tmp_path: Path) -> None:
    stores = [EnrolmentStore(tmp_path / "e.sqlite", clock=Clock()) for _ in range(6)]
    stores[0].admit(HOME, CODE, NOW + timedelta(days=1))

    async def all_at_once() -> list[str | BaseException]:
        def redeem(store: EnrolmentStore) -> str:
            request = signing_request(HOME, new_private_key())
            return store.redeem(HOME, CODE, lambda: AUTHORITY.sign(request, HOME, now=NOW), address="test")

        attempts = (asyncio.to_thread(redeem, store) for store in stores)
        return await asyncio.gather(*attempts, return_exceptions=True)

    outcomes = asyncio.run(all_at_once())
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, EnrolmentRefused) for outcome in outcomes) == 5


async def test_a_used_code_stays_used_after_a_restart(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        assert (await service.redeem())[0] == 200
    async with hub(tmp_path / "e.sqlite") as service:
        assert (await service.redeem())[0] == 403
        await service.admit()  # the same code again, as an interrupted enrolment that is run again sends it
        assert (await service.redeem())[0] == 403


async def test_wrong_used_expired_and_unknown_are_refused_with_the_same_words(tmp_path: Path) -> None:
    clock = Clock()
    async with hub(tmp_path / "e.sqlite", clock) as service:
        await service.admit()
        answers = [await service.redeem("bado-kilu-mena-sora"), await service.redeem(ven_id="home-9999")]
        await service.redeem()
        answers.append(await service.redeem())
        await service.admit("dila-kosu-bemo-rati", ven_id="home-0002")
        clock.now += timedelta(days=15)
        answers.append(await service.redeem("dila-kosu-bemo-rati", ven_id="home-0002"))
    assert [status for status, _ in answers] == [403] * 4
    assert len({str(answer) for _, answer in answers}) == 1
    assert answers[0][1]["error"] == "enrolment_refused"


async def test_a_code_does_not_open_another_home(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        await service.admit("dila-kosu-bemo-rati", ven_id="home-0002")
        assert (await service.redeem(CODE, ven_id="home-0002"))[0] == 403


async def test_who_guesses_too_often_is_refused_even_with_the_right_code_and_nobody_else_is(
    tmp_path: Path,
) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        for number in range(MOST_ATTEMPTS):
            await service.redeem(
                "bado-kilu-mena-sora", address=f"203.0.113.9, 198.51.100.{number}, 192.0.2.1"
            )
        assert (await service.redeem(address="192.0.2.1"))[0] == 403
        assert (await service.redeem(address="192.0.2.2"))[0] == 200


@pytest.mark.parametrize("code", [CODE, "dila-kosu-bemo-rati"], ids=["the same code", "a new code"])
async def test_admitting_a_home_again_lets_everybody_try_anew(tmp_path: Path, code: str) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        for _ in range(MOST_ATTEMPTS):
            await service.redeem("bado-kilu-mena-sora")
        assert (await service.redeem())[0] == 403
        await service.admit(code)
        assert (await service.redeem(code))[0] == 200


async def test_after_very_many_guesses_of_all_together_nobody_may_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community_hub.enrolment.store.MOST_ATTEMPTS_OF_ALL", 5)
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        for number in range(5):
            await service.redeem("bado-kilu-mena-sora", address=f"192.0.2.{number}")
        assert (await service.redeem(address="192.0.2.99"))[0] == 403
        await service.admit()
        assert (await service.redeem(address="192.0.2.99"))[0] == 200


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "who"),
    [
        ("127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "nobody", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ("127.0.0.1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", None, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),
        (None, None, "unknown"),
    ],
)
def test_who_asks_is_whom_our_proxy_saw(peer: str | None, forwarded_for: str | None, who: str) -> None:
    assert visitor(peer, forwarded_for, PROXY) == who


async def test_behind_the_proxy_one_visitor_does_not_use_up_the_attempts_of_another(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite", attempts=2) as service:
        await service.admit()
        statuses = [(await service.redeem("bado-kilu-mena-sora", address="192.0.2.1"))[0] for _ in range(3)]
        assert statuses == [403, 403, 429]
        assert (await service.redeem(address="192.0.2.2"))[0] == 200


@given(
    st.dictionaries(st.sampled_from(["ven_id", "code", "csr", "expires_at"]), FOREIGN), st.binary(max_size=40)
)
@settings(max_examples=40, deadline=None)
def test_no_body_is_answered_with_a_fault_of_ours(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any], noise: bytes
) -> None:
    async def ask() -> list[int]:
        async with hub(tmp_path_factory.mktemp("fuzz") / "e.sqlite") as service:
            body = {"ven_id": HOME, **document}
            return [
                (await service._send("POST", "/redeem", body))[0],
                (await service._send("PUT", f"/enrolments/{HOME}", body, OPERATOR))[0],
                await service.send_raw("POST", "/redeem", json.dumps(body).encode() + noise),
                await service.send_raw("POST", "/redeem", noise),
            ]

    assert all(status < 500 for status in asyncio.run(ask()))


@pytest.mark.parametrize(
    "body",
    [
        b'{"ven_id": "home-0001", "code": "\\ud800", "csr": "x"}',
        b'{"ven_id": "home-0001", "code": ' + b"9" * 5000 + b', "csr": "x"}',
        b"[" * 10_000,
        b"\xff\xfe",
    ],
)
async def test_foreign_texts_are_refused_as_they_are(tmp_path: Path, body: bytes) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        for kind in ("application/json", "application/json; charset=klingon"):
            assert await service.send_raw("POST", "/redeem", body, kind=kind) == 400


async def test_a_request_in_another_name_is_refused_and_spends_nothing(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        status, answer = await service.redeem(csr=signing_request("home-0002", new_private_key()))
        assert status == 400
        assert "venID" in answer["message"]
        assert (await service.redeem())[0] == 200


async def test_the_operators_routes_want_the_operators_token(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        assert (await service.admit(token="guess"))[0] == 401
        assert service.store.enrolment(HOME) is None


async def test_an_address_that_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite", attempts=2) as service:
        await service.admit()
        statuses = [(await service.redeem("bado-kilu-mena-sora"))[0] for _ in range(3)]
    assert statuses == [403, 403, 429]


async def test_bodies_that_are_no_request_are_refused_plainly(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        bodies: list[Any] = [
            [],
            {},
            {"ven_id": HOME, "code": CODE, "csr": 3},
            {"ven_id": HOME, "code": CODE, "csr": "x"},
        ]
        for body in bodies:
            status, _ = await service._send("POST", "/redeem", body)
            assert status == 400
        status, _ = await service._send("POST", "/redeem", {"ven_id": "x" * 20_000})
        assert status == 413


async def test_neither_codes_nor_keys_are_kept_in_the_database(tmp_path: Path) -> None:
    async with hub(tmp_path / "e.sqlite") as service:
        await service.admit()
        await service.redeem()
        assert [(line[3], line[4]) for line in service.store.audit()] == [
            ("admit", "new code"),
            ("redeem", "issued"),
        ]
    files = list(tmp_path.iterdir())  # noqa: ASYNC240 # the service has ended
    kept = b"".join(path.read_bytes() for path in files)
    assert CODE.encode() not in kept
    assert b"PRIVATE KEY" not in kept
    assert EnrolmentStore(tmp_path / "e.sqlite").audit()
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_four_words_hold_at_least_forty_bits_and_survive_how_people_type() -> None:
    assert len(WORDS) == len(set(WORDS)) >= 2048
    assert ENTROPY_BITS >= 40
    code = new_code()
    assert len(code.split("-")) == 4
    assert normalised(f"  {code.upper().replace('-', '  ')}\n") == code


def test_only_a_p256_key_that_signed_the_request_is_certified() -> None:
    with pytest.raises(AuthorityError, match="P-256"):
        AUTHORITY.sign(signing_request(HOME, ec.generate_private_key(ec.SECP384R1())), HOME, now=NOW)
