"""What others reported of their servers, tried against the hub: refused, and never a failure."""

from datetime import timedelta
from typing import Final
from urllib.parse import quote

import httpx
import pytest

from ..openadr.test_objects import event, with_program
from ..running import VTN, Running, made

# More than any database counts to.
HUGE: Final = 10**20
# Where each was reported, and what is asked of the hub with GET.
ASKED: Final[dict[str, list[str]]] = {
    "smithyhq/sqladmin#1136": [
        f"{VTN}/events?skip={HUGE}",
        f"{VTN}/events?limit={HUGE}",
        f"/api/v1/audit?after={HUGE}",
        f"/api/v1/audit?after={2**63 - 1}",
        f"/api/v1/invitations?limit={HUGE}",
        f"/api/v1/flexibility/forecast?hours={HUGE}",
    ],
    "pallets-eco/flask-sqlalchemy#1143": [
        f"/api/v1/homes?limit={2 * 10**27}",
        f"/api/v1/market/orders?limit={2 * 10**27}",
    ],
    "modelcontextprotocol/registry#862": [
        "/api/v1/homes/%00/consents",
        "/api/v1/homes?after=%00",
        "/api/v1/invitations/a%00b",
        "/api/v1/settlements?dispatch_id=%00",
        "/api/v1/flexibility/current?feeder=%00",
        f"{VTN}/events/%00",
        f"{VTN}/events?programID=%00",
        f"{VTN}/vens?venName=%00",
    ],
    "oceanbase/powercontext#1305": [
        "/api/v1/homes/%ED%A0%80/consents",
        "/api/v1/homes?after=%ED%A0%80",
        "/api/v1/benefits?month=%ED%A0%80",
        f"{VTN}/events?targets=%ED%A0%80",
    ],
    "open-webui/open-webui#15760": [
        f"/api/v1/homes/health?limit={HUGE}&after=x",
        f"{VTN}/reports?skip=-{HUGE}",
    ],
}


@pytest.mark.parametrize("where", ASKED)
async def test_what_is_asked_in_odd_words_is_answered_or_refused(hub: Running, where: str) -> None:
    program, _ = await with_program(hub)
    person = await hub.signed_in("olga@hub.example")

    for address in ASKED[where]:
        asks = program if address.startswith(VTN) else person
        answer = await asks.get(address)
        assert answer.status_code in {200, 400, 404, 422}, (address, answer.text)


@pytest.mark.parametrize(
    "field", ["NaN", "Infinity", "-Infinity", "1e999", 1e300], ids="pydantic/pydantic#3994: {}".format
)
async def test_a_number_that_is_none_calls_nobody(hub: Running, field: object) -> None:
    operator = await hub.operator()
    program = await made(operator, "/api/v1/programs", {"name": "p", "kind": "aggregator"})
    start = (hub.clock() + timedelta(hours=1)).isoformat()
    need = {"program_id": program["id"], "start": start, "duration_minutes": 30, "need_kw": field}

    answer = await operator.post("/api/v1/dispatches", json=need)

    assert answer.status_code == 400, answer.text
    assert (await operator.get("/api/v1/dispatches")).json() == []


# As the bodies of apache/airflow#73258, and the form of zenml-io/kitaru#927.
TOKEN_BODIES: Final[dict[str, bytes]] = {
    "empty": b"",
    "no form": b"{",
    "no UTF-8": b"grant_type=client_credentials&client_id=\xff\xfe&client_secret=x",
    "no UTF-8 behind per cents": b"grant_type=client_credentials&client_id=%ff%fe&client_secret=x",
    "a NUL": b"grant_type=client_credentials&client_id=a%00b&client_secret=%00",
    "twice the same": b"grant_type=client_credentials&client_id=a&client_id=b&client_secret=x",
    "many fields": b"&".join(b"a%d=1" % number for number in range(2000)),
    "half a pair": b"grant_type=client_credentials&client_id=a%u0000%",
}


@pytest.mark.parametrize("body", TOKEN_BODIES.values(), ids=TOKEN_BODIES)
async def test_whoever_asks_for_a_token_in_odd_words_gets_none(hub: Running, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = await hub.visitor().post(f"{VTN}/auth/token", content=body, headers=headers)

    assert answer.status_code in {400, 401, 413, 422}, answer.text


async def test_a_form_that_names_its_charset_is_read(hub: Running) -> None:
    """fastapi/fastapi#2433: forms whose media type names a charset came out garbled."""
    operator = await hub.operator()
    client = await made(operator, "/api/v1/clients", {"name": "あいう", "scopes": ["read_all"]})
    form = f"grant_type=client_credentials&client_id={quote(client['client_id'])}"
    form += f"&client_secret={quote(client['client_secret'])}"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

    answer = await hub.visitor().post(f"{VTN}/auth/token", content=form.encode(), headers=headers)

    assert answer.status_code == 200, answer.text
    assert (await operator.get("/api/v1/clients")).json()[0]["name"] == "あいう"


@pytest.mark.parametrize(
    "body",
    [
        b'{"programName": "p", "retailerLongName": ' + b"9" * 5000 + b"}",
        b'{"programName": "p", "intervalPeriod": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    ],
    ids=["a number of 5000 digits", "20000 lists"],
)
async def test_a_body_that_no_parser_likes_is_refused(hub: Running, body: bytes) -> None:
    """apache/airflow#73258: the same as JSON."""
    program, _ = await with_program(hub)

    answer = await program.post(f"{VTN}/programs", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 413, 422}, answer.text


async def test_intervals_without_a_period_of_their_own_follow_each_other(hub: Running) -> None:
    """OpenLEADR/openleadr-rs#55: they all began when the event does; so the event ended too early."""
    client, program_id = await with_program(hub)
    start = hub.clock() - timedelta(minutes=50)
    payloads = [{"type": "PRICE", "values": [0.1]}]
    four = [{"id": number, "payloads": payloads} for number in range(4)]
    period = {"start": start.isoformat(), "duration": "PT15M"}
    made_event = await made(client, f"{VTN}/events", event(program_id, intervals=four, intervalPeriod=period))

    assert await active(client) == [made_event["id"]]
    hub.clock.go_on(minutes=11)
    assert await active(client) == []


async def active(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get(f"{VTN}/events", params={"active": "true"})
    return [each["id"] for each in answer.json()]


@pytest.mark.parametrize("duration", ["P1S", "PT", "P", "PT15", "15M", "PT-15M", "P1DT"])
async def test_a_duration_that_is_none_is_not_taken_for_no_time_at_all(hub: Running, duration: str) -> None:
    """ajvb/kala#106: "P1S" in place of "PT1S" was taken for no time at all, without a word."""
    client, program_id = await with_program(hub)
    period = {"start": hub.clock().isoformat(), "duration": duration}

    answer = await client.post(f"{VTN}/events", json=event(program_id, intervalPeriod=period))

    assert answer.status_code in {400, 422}, answer.text
    assert (await client.get(f"{VTN}/events")).json() == []
