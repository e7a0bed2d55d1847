"""What is said with a grid operator, over HTTP and in the database; the homes are a mock of this test."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

import httpx
import pytest
from community_hub.app import build
from community_hub.grid.hearing import PATH
from community_hub.grid.isps import Day
from community_hub.grid.messages import Keys, Message
from community_hub.grid.portfolio import Option, Place
from community_hub.grid.rules import Need, Order, Refused
from community_hub.grid.sending import GridSender
from community_hub.store import Store
from community_hub.store.tables import GridMessage
from community_hub.web.posting import MOST_ATTEMPTS
from nacl.bindings import crypto_sign
from shapeshifter_uftp import transport, uftp  # type: ignore[import-untyped] # has no types
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..running import BUSINESS_SCOPES, SETTINGS, VTN, Running, made, person_id, problem
from .samples import (
    OURS,
    POINT,
    THEIR_KEYS,
    THEIRS,
    TOMORROW,
    flex_order,
    flex_request,
    flex_settlement,
    metadata,
    posted,
    received,
    settlement_of,
)

KEYS = Keys.of(SETTINGS.secret)
ENDPOINT = "https://grid.example/shapeshifter/api/v3/message"


@dataclass
class Homes:
    """A mock of the homes at a feeder: what they have is set by the test."""

    power_w: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(1, 97), 20_000))
    on_offer: list[Option] = field(
        default_factory=lambda: [
            Option(power_w=dict.fromkeys(range(69, 73), 4_000), price=Decimal("2.50")),
            Option(power_w={69: 2_000}, price=Decimal("0.50")),
        ]
    )
    refuses: str | None = None
    ordered: list[tuple[str, str, Order]] = field(default_factory=list)
    delivered: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(69, 73), -4_000))

    async def foreseen_w(
        self, _session: AsyncSession, _now: datetime, _feeder: str, _day: Day
    ) -> Mapping[int, int]:
        return self.power_w

    async def options(
        self, _session: AsyncSession, _now: datetime, _place: Place, _need: Need
    ) -> Sequence[Option]:
        return self.on_offer

    async def call(self, _session: AsyncSession, _now: datetime, place: Place, order: Order) -> str:
        if self.refuses is not None:
            raise Refused(self.refuses)
        self.ordered.append((place.program_id, place.feeder, order))
        return f"dispatch-{len(self.ordered)}"

    async def delivered_w(self, _session: AsyncSession, _dispatch_id: str, _day: Day) -> Mapping[int, int]:
        return self.delivered

    async def metered_kw(self, _session: AsyncSession, ven_id: str, day: Day) -> Mapping[int, Decimal]:
        return dict.fromkeys(range(1, day.count + 1), Decimal("0.4")) if ven_id == "home-1" else {}


@dataclass
class Grid:
    """A hub that knows a grid operator, and the grid operator."""

    running: Running
    operator: httpx.AsyncClient
    homes: Homes
    program_id: str

    async def post(self, message: Message, **signed: Any) -> int:
        return await self.post_bytes(posted(message, **signed))

    async def post_bytes(self, body: bytes, content_type: str = "text/xml; charset=utf-8") -> int:
        answer = await self.running.visitor().post(PATH, content=body, headers={"Content-Type": content_type})
        return answer.status_code

    async def said(self) -> list[Message]:
        """Return what the hub says next, in order, as the library reads it."""
        posting = Recording()
        sender = GridSender(hub=self.running.hub, keys=KEYS, posting=posting)  # type: ignore[arg-type] # a mock
        while await sender.send_due():
            pass
        assert {url for url, _ in posting.posts} <= {ENDPOINT}
        return [received(body, KEYS) for _, body in posting.posts]

    async def ask(self, message: Message) -> list[Message]:
        assert await self.post(message) == 200
        return await self.said()

    async def offered(self) -> Message:
        return (await self.ask(flex_request()))[-1]

    async def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.operator.get("/api/v1/grid/messages")).json()
        return found


@dataclass
class Recording:
    """A mock of posting: everything is taken, or nothing is."""

    error: str | None = None
    posts: list[tuple[str, bytes]] = field(default_factory=list)

    def client(self) -> Recording:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def post(self, _client: object, url: str, body: bytes, _headers: Mapping[str, str]) -> str | None:
        self.posts.append((url, body))
        return self.error


def registration(program_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": "The grid",
        "public_key": "cs1." + base64.b64encode(THEIR_KEYS.public + bytes(32)).decode(),
        "endpoint": ENDPOINT,
        "program_id": program_id,
        "points": {POINT: "feeder-1"},
    } | fields


@pytest.fixture
async def grid(store: Store) -> Grid:
    return await grid_of(store)


async def grid_of(store: Store) -> Grid:
    running, homes = Running(store), Homes()
    settings = replace(running.hub.settings, uftp_domain=OURS)
    running.hub = replace(running.hub, settings=settings)
    running.app = build(running.hub, portfolio=homes)
    operator = await running.operator()
    business, _ = await running.program(operator, *BUSINESS_SCOPES)
    program = await made(business, f"{VTN}/programs", {"objectType": "PROGRAM", "programName": "congestion"})
    answer = await operator.put(f"/api/v1/grid/operators/{THEIRS}", json=registration(program["id"]))
    assert answer.status_code == 200, answer.text
    return Grid(running=running, operator=operator, homes=homes, program_id=program["id"])


def tampered(message: Message, said: str, instead: str) -> bytes:
    """Return a message as posted by a program of theirs that writes what the schema does not bound."""
    text = transport.to_xml(message)
    assert said in text
    content = crypto_sign(text.replace(said, instead).encode(), THEIR_KEYS.signing)
    envelope = uftp.SignedMessage(
        sender_domain=message.sender_domain, sender_role=uftp.UsefRole.DSO, body=content
    )
    found: str = transport.to_xml(envelope)
    return found.encode()


def rejections(said: Sequence[Message]) -> list[str | None]:
    return [each.rejection_reason for each in said]


async def test_a_request_is_accepted_and_answered_by_an_offer(grid: Grid) -> None:
    request = flex_request()

    response, offer = await grid.ask(request)

    assert (response.result, response.flex_request_message_id) == ("Accepted", request.message_id)
    assert offer.flex_request_message_id == request.message_id
    assert [each.conversation_id for each in (response, offer)] == [request.conversation_id] * 2
    assert [
        (option.price, [(isp.power, isp.start, isp.duration) for isp in option.isps])
        for option in offer.offer_options
    ] == [(Decimal("2.50"), [(-4_000, 69, 4)]), (Decimal("0.50"), [(-2_000, 69, 1)])]


async def test_where_nothing_is_on_offer_a_request_is_accepted_alone(grid: Grid) -> None:
    grid.homes.on_offer.clear()

    assert [type(each) for each in await grid.ask(flex_request())] == [uftp.FlexRequestResponse]


async def test_an_order_calls_the_homes(grid: Grid) -> None:
    (response,) = await grid.ask(flex_order(await grid.offered()))

    assert (response.result, response.rejection_reason) == ("Accepted", None)
    ((program_id, feeder, order),) = grid.homes.ordered
    assert (program_id, feeder, order.price) == (grid.program_id, "feeder-1", Decimal("2.50"))
    assert order.need.power_w == dict.fromkeys(range(69, 73), 4_000)


async def test_an_order_that_comes_twice_is_answered_twice_and_calls_once(grid: Grid) -> None:
    order = flex_order(await grid.offered())

    first, again = await grid.ask(order), await grid.ask(order)

    assert first == again
    assert len(grid.homes.ordered) == 1


async def test_an_offer_is_ordered_once(grid: Grid) -> None:
    offer = await grid.offered()
    await grid.ask(flex_order(offer))

    said = await grid.ask(flex_order(offer, option=1, order_reference="order-2"))

    assert rejections(said) == ["Invalid Message; this FlexOffer was ordered before"]
    assert len(grid.homes.ordered) == 1


async def test_what_the_homes_refuse_is_rejected_and_leaves_the_offer_open(grid: Grid) -> None:
    offer = await grid.offered()
    grid.homes.refuses = "limit_forbids_it"

    assert rejections(await grid.ask(flex_order(offer))) == ["limit_forbids_it"]

    grid.homes.refuses = None
    (response,) = await grid.ask(flex_order(offer))
    assert response.result == "Accepted"


async def test_an_order_without_an_offer_is_rejected(grid: Grid) -> None:
    offer = await grid.offered()

    said = await grid.ask(flex_order(offer, flex_offer_message_id=metadata()["message_id"]))
    said += await grid.ask(flex_order(offer, flex_offer_message_id=None, unsolicited=True))

    assert rejections(said) == [
        "Unknown FlexOfferMessageID reference",
        "Invalid Message; orders without an offer are not taken",
    ]
    assert grid.homes.ordered == []


async def test_an_offer_that_is_taken_back_is_not_ordered(grid: Grid) -> None:
    offer = await grid.offered()
    path = f"/api/v1/grid/offers/{offer.message_id}/revoke"
    assert (await grid.operator.post(path)).status_code == 200
    (revocation,) = await grid.said()
    assert revocation.flex_offer_message_id == offer.message_id

    assert rejections(await grid.ask(flex_order(offer))) == ["Reference message revoked"]


async def test_what_was_ordered_is_not_taken_back(grid: Grid) -> None:
    offer = await grid.offered()
    await grid.ask(flex_order(offer))

    answer = await grid.operator.post(f"/api/v1/grid/offers/{offer.message_id}/revoke")

    assert problem(answer) == (409, "ordered")


async def test_an_earlier_revision_of_a_request_is_rejected(grid: Grid) -> None:
    await grid.ask(flex_request(revision=5))

    assert rejections(await grid.ask(flex_request(revision=5))) == [
        "Invalid Message; a later Revision was accepted"
    ]


async def test_a_later_revision_of_a_request_takes_the_place_of_what_was_offered_before(grid: Grid) -> None:
    earlier = (await grid.ask(flex_request(revision=5)))[-1]

    _, revocation, offer = await grid.ask(flex_request(revision=6))

    assert revocation.flex_offer_message_id == earlier.message_id
    assert rejections(await grid.ask(flex_order(earlier))) == ["Reference message revoked"]
    (response,) = await grid.ask(flex_order(offer))
    assert response.result == "Accepted"


async def test_an_id_with_other_content_is_rejected(grid: Grid) -> None:
    request = flex_request()
    await grid.ask(request)
    request.revision = 2

    assert rejections(await grid.ask(request)) == ["Duplicate Identifier"]


async def test_a_settlement_is_accepted_or_disputed_order_by_order(grid: Grid) -> None:
    order = flex_order(await grid.offered())
    await grid.ask(order)
    unknown = settlement_of(order, order_reference="order-9")
    lacking = settlement_of(order)
    lacking.isps[0].power_deficiency = 3_000

    (fine,) = await grid.ask(flex_settlement(settlement_of(order)))
    (bad,) = await grid.ask(flex_settlement(lacking, unknown))

    assert [(each.order_reference, each.disposition) for each in fine.flex_order_settlement_statuses] == [
        ("order-1", "Accepted")
    ]
    assert [each.dispute_reason for each in bad.flex_order_settlement_statuses] == [
        "ISP 69: 3000 W are said to lack, 0 W did",
        "this order is not known here",
    ]


async def test_a_prognosis_is_sent_with_a_number_that_grows_and_its_answer_is_noted(grid: Grid) -> None:
    path = f"/api/v1/grid/operators/{THEIRS}/prognoses?day=2026-11-30&point={POINT}"

    made_ = [await made(grid.operator, path, None) for _ in range(2)]
    said = await grid.said()

    assert [each.revision for each in said] == [1, 2]
    assert [(isp.power, isp.start, isp.duration) for isp in said[0].isps] == [(20_000, 1, 96)]
    response = uftp.DPrognosisResponse(
        **metadata(),
        d_prognosis_message_id=said[1].message_id,
        result=uftp.AcceptedRejected.REJECTED,
        rejection_reason="Period out of bounds",
    )
    assert await grid.ask(response) == []
    noted = {each["message_id"]: (each["result"], each["reason"]) for each in await grid.messages()}
    assert noted[made_[1]["message_id"]] == ("Rejected", "Period out of bounds")


async def test_a_day_that_is_not_wholly_foreseen_is_not_told(grid: Grid) -> None:
    del grid.homes.power_w[50]

    answer = await grid.operator.post(
        f"/api/v1/grid/operators/{THEIRS}/prognoses?day=2026-11-30&point={POINT}"
    )

    assert problem(answer) == (409, "not-foreseen")
    assert await grid.said() == []


async def connected(grid: Grid, *, since: datetime | None) -> None:
    """Let two homes be connected, whose resident consents to the grid operator's programme since a time."""
    household = await grid.running.person(grid.operator, "household")
    owner_id = await person_id(household)
    for number in (1, 2):
        name = f"home-{number}"
        home = {"ven_id": name, "name": "A home", "feeder": "feeder-1", "owner_id": owner_id}
        await made(grid.operator, "/api/v1/homes", home)
        ean = {"ean": f"87168590001263654{number}"}
        answer = await grid.operator.put(f"/api/v1/grid/connections/{name}", json=ean)
        assert answer.status_code == 200
        if since is not None:
            consent = {
                "program_id": grid.program_id,
                "valid_from": since.isoformat(),
                "valid_until": "2026-12-20T00:00:00Z",
                "text": "Yes.",
            }
            await made(household, f"/api/v1/homes/{name}/consents", consent)


async def test_a_wholly_metered_day_of_a_connection_is_told(grid: Grid) -> None:
    await connected(grid, since=datetime(2026, 11, 1, tzinfo=UTC))

    await made(grid.operator, f"/api/v1/grid/operators/{THEIRS}/meterings?day=2026-11-28", None)

    (metering,) = await grid.said()
    assert metering.ean == "E871685900012636541"
    assert [(isp.start, isp.value) for isp in metering.profiles[0].isps][:2] == [
        (1, Decimal("0.4")),
        (2, Decimal("0.4")),
    ]
    assert len(metering.profiles[0].isps) == 96


@pytest.mark.parametrize("since", [None, datetime(2026, 11, 28, 12, tzinfo=UTC)], ids=["never", "later"])
async def test_of_a_home_that_did_not_consent_then_nothing_is_told(
    grid: Grid, since: datetime | None
) -> None:
    await connected(grid, since=since)

    await made(grid.operator, f"/api/v1/grid/operators/{THEIRS}/meterings?day=2026-11-28", None)

    assert await grid.said() == []


async def test_a_test_is_answered(grid: Grid) -> None:
    message = uftp.TestMessage(**metadata())

    (answer,) = await grid.ask(message)

    assert (type(answer), answer.conversation_id) == (uftp.TestMessageResponse, message.conversation_id)


async def test_a_message_for_another_role_is_rejected(grid: Grid) -> None:
    revocation = uftp.FlexOfferRevocation(**metadata(), flex_offer_message_id=metadata()["message_id"])

    assert rejections(await grid.ask(revocation)) == [
        "Invalid Message; FlexOfferRevocation is not for an aggregator, or not served"
    ]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"keys": KEYS}, 401),
        ({"role": "AGR"}, 419),
        ({"domain": "other.example"}, 419),
        ({"content_type": "application/json"}, 400),
        ({"body": b"<x/>"}, 400),
    ],
)
async def test_what_no_known_grid_operator_signed_leaves_nothing_behind(
    grid: Grid, change: dict[str, Any], status: int
) -> None:
    request = flex_request(sender_domain=change.get("domain", THEIRS))
    signed = {key: change[key] for key in ("keys", "role") if key in change}
    body = change.get("body", posted(request, **signed))

    assert await grid.post_bytes(body, change.get("content_type", "text/xml")) == status

    assert await grid.messages() == []
    assert await grid.said() == []


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('Period="2026-11-30"', 'Period="9999-12-31"'),
        ('Period="2026-11-30"', 'Period="-0001-01-01"'),
        ('Revision="1"', f'Revision="{10**23}"'),
        ('MinPower="-5000"', f'MinPower="-{10**30}"'),
        ('ExpirationDateTime="2026-11-30T10:00:00Z"', 'ExpirationDateTime="2026-13-45T10:00:00Z"'),
    ],
)
async def test_a_message_beyond_all_reason_is_refused_and_leaves_nothing_behind(
    grid: Grid, said: str, instead: str
) -> None:
    assert await grid.post_bytes(tampered(flex_request(), said, instead)) == 400

    assert await grid.messages() == []


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('Price="2.5000"', 'Price="NaN"'),
        ('Price="2.5000"', 'Price="INF"'),
        ('Price="2.5000"', 'Price="1E400"'),
        ('ActivationFactor="1.00"', 'ActivationFactor="NaN"'),
    ],
)
async def test_an_order_with_a_number_that_is_none_calls_nobody(grid: Grid, said: str, instead: str) -> None:
    order = flex_order(await grid.offered())

    assert await grid.post_bytes(tampered(order, said, instead)) == 400

    assert grid.homes.ordered == []


async def test_a_settlement_is_answered_at_once_however_long_its_isps_are(grid: Grid) -> None:
    order = flex_order(await grid.offered())
    await grid.ask(order)
    settlement = settlement_of(order)
    settlement.isps[0].duration = 10**12

    async with asyncio.timeout(5):
        (response,) = await grid.ask(flex_settlement(settlement))

    assert response.flex_order_settlement_statuses[0].disposition == "Accepted"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_without_a_midnight_on_every_clock_is_refused(grid: Grid, day: str) -> None:
    path = f"/api/v1/grid/operators/{THEIRS}"

    prognosis = await grid.operator.post(f"{path}/prognoses?day={day}&point={POINT}")
    metering = await grid.operator.post(f"{path}/meterings?day={day}")

    assert (problem(prognosis), problem(metering)) == ((400, "invalid-request"), (400, "invalid-request"))


async def test_what_a_grid_operator_does_not_take_is_tried_for_a_day(grid: Grid) -> None:
    await grid.post(flex_request())
    down = Recording(error="answered 503")
    sender = GridSender(hub=grid.running.hub, keys=KEYS, posting=down)  # type: ignore[arg-type] # a mock
    began = grid.running.clock.now
    for _ in range(MOST_ATTEMPTS):
        await sender.send_due()
        grid.running.clock.go_on(hours=1)

    assert not await sender.send_due()
    assert len(down.posts) == 2 * MOST_ATTEMPTS
    assert grid.running.clock.now - began > (TOMORROW.ends_at - TOMORROW.begins_at)
    assert {each["last_error"] for each in await grid.messages() if each["is_ours"]} == {"answered 503"}


@pytest.mark.parametrize(
    "fields",
    [
        {"endpoint": "http://grid.example/"},
        {"endpoint": "https://user@grid.example/"},
        {"public_key": "cs1.AAAA"},
        {"zone": "Europe/Nowhere"},
        {"points": {}},
        {"points": {"here": "feeder-1"}},
    ],
)
async def test_a_grid_operator_that_could_not_be_spoken_with_is_refused(
    grid: Grid, fields: dict[str, Any]
) -> None:
    answer = await grid.operator.put(
        "/api/v1/grid/operators/new.example", json=registration(grid.program_id, **fields)
    )

    assert problem(answer) == (400, "invalid-request")


async def test_a_point_is_of_one_grid_operator(grid: Grid) -> None:
    answer = await grid.operator.put("/api/v1/grid/operators/new.example", json=registration(grid.program_id))

    assert problem(answer) == (409, "point-taken")


async def test_only_the_operator_changes_what_grid_operators_are_told(grid: Grid) -> None:
    for role in ("aggregator", "grid_operator", "household", "auditor"):
        visitor = await grid.running.person(grid.operator, role, name=role.replace("_", ""))
        reads = await visitor.get("/api/v1/grid/messages")
        writes = await visitor.post(f"/api/v1/grid/operators/{THEIRS}/meterings?day=2026-11-28")
        assert (reads.status_code, writes.status_code) == (403 if role == "household" else 200, 403)


async def test_every_message_is_in_the_audit_log(grid: Grid) -> None:
    await grid.ask(flex_request())

    acts = (await grid.operator.get("/api/v1/audit")).json()

    assert [each["act"] for each in acts][-1] == "grid.hear"


async def test_messages_are_kept_as_they_were_signed(grid: Grid) -> None:
    request = flex_request()
    await grid.ask(request)

    async with grid.running.store.reading() as session:
        row = await session.scalar(select(GridMessage).where(GridMessage.message_id == request.message_id))

    assert row is not None
    assert b"<FlexRequest " in row.content
