"""Webhooks: who is told what, and where a notification never goes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import trustme
from aiohttp import web
from community_hub.openadr.webhooks import WebhookSender
from community_hub.store.tables import Subscription, WebhookDelivery
from community_hub.web.posting import MOST_ATTEMPTS, Posting, is_public
from sqlalchemy import select

from ..running import BUSINESS_SCOPES, VEN_SCOPES, VTN, Running, made, problem


@dataclass
class Subscriber:
    """A callback on this machine, with a certificate of an authority of its own."""

    authority: trustme.CA = field(default_factory=trustme.CA)
    got: list[tuple[str | None, Any]] = field(default_factory=list)
    status: int = 200
    url: str = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async def callback(request: web.Request) -> web.Response:
            self.got.append((request.headers.get("Authorization"), await request.json()))
            return web.Response(status=self.status, headers={"Location": f"{self.url}elsewhere"})

        application = web.Application()
        application.router.add_post("/{tail:.*}", callback)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert("localhost").configure_cert(tls)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "localhost", 0, ssl_context=tls)
            await site.start()
            port = runner.addresses[0][1]
            self.url = f"https://localhost:{port}/"
            yield
        finally:
            await runner.cleanup()

    def sender(self, hub: Running, *, is_anywhere: bool = True) -> WebhookSender:
        trusting = ssl.create_default_context()
        self.authority.configure_trust(trusting)
        allowed = (lambda _: True) if is_anywhere else is_public
        return WebhookSender(hub.hub, Posting(is_allowed=allowed, tls=trusting))

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(document["objectType"], document["operation"]) for _, document in self.got]


@pytest.fixture
async def subscriber() -> AsyncIterator[Subscriber]:
    found = Subscriber()
    async with found.listening():
        yield found


def subscription(url: str, *objects: str, operations: tuple[str, ...] = ("CREATE",), **fields: Any) -> Any:
    operation = {
        "objects": list(objects),
        "operations": list(operations),
        "callbackUrl": url,
        "bearerToken": "the subscriber's",
    }
    return {"clientName": "c", "objectOperations": [operation]} | fields


async def business(hub: Running) -> httpx.AsyncClient:
    client, _ = await hub.program(await hub.operator(), *BUSINESS_SCOPES)
    return client


async def deliveries(hub: Running) -> list[WebhookDelivery]:
    async with hub.store.reading() as session:
        return list(await session.scalars(select(WebhookDelivery)))


async def test_a_subscriber_is_told_what_it_asked_for_with_its_token(
    hub: Running, subscriber: Subscriber
) -> None:
    client = await business(hub)
    every = ("CREATE", "UPDATE", "DELETE")
    await made(client, f"{VTN}/subscriptions", subscription(subscriber.url, "PROGRAM", operations=every))

    program = await made(client, f"{VTN}/programs", {"programName": "p"})
    await client.put(f"{VTN}/programs/{program['id']}", json={"programName": "q"})
    await made(client, f"{VTN}/events", {"programID": program["id"]})
    await client.delete(f"{VTN}/programs/{program['id']}")
    assert await subscriber.sender(hub).send_due()

    assert sorted(subscriber.told) == [("PROGRAM", operation) for operation in sorted(every)]
    assert {token for token, _ in subscriber.got} == {"Bearer the subscriber's"}
    created = next(told for _, told in subscriber.got if told["operation"] == "CREATE")
    assert created["object"] == program
    assert not await subscriber.sender(hub).send_due()


async def test_nothing_is_told_of_what_was_refused(hub: Running, subscriber: Subscriber) -> None:
    client = await business(hub)
    await made(client, f"{VTN}/subscriptions", subscription(subscriber.url, "PROGRAM"))
    await made(client, f"{VTN}/programs", {"programName": "p"})

    assert problem(await client.post(f"{VTN}/programs", json={"programName": "p"})) == (409, "conflict")

    assert len(await deliveries(hub)) == 1


async def test_a_ven_is_told_only_of_what_it_may_see(hub: Running, subscriber: Subscriber) -> None:
    operator = await hub.operator()
    client, _ = await hub.program(operator, *BUSINESS_SCOPES)
    ven, client_id = await hub.program(operator, *VEN_SCOPES)
    body = {"objectType": "BL_VEN_REQUEST", "clientID": client_id, "venName": "v", "targets": ["f1", "g"]}
    await made(client, f"{VTN}/vens", body)
    await made(ven, f"{VTN}/subscriptions", subscription(subscriber.url, "EVENT", targets=["f1"]))
    program = await made(client, f"{VTN}/programs", {"programName": "p"})

    for name, targets in (("f1", ["f1"]), ("f2", ["f2"]), ("g", ["g"]), ("all", []), ("f1 g", ["f1", "g"])):
        event = {"programID": program["id"], "eventName": name, "targets": targets}
        await made(client, f"{VTN}/events", event)
    await subscriber.sender(hub).send_due()

    assert sorted(told["object"]["eventName"] for _, told in subscriber.got) == ["f1", "f1 g"]


async def test_a_subscription_to_a_programme_is_told_of_that_one(
    hub: Running, subscriber: Subscriber
) -> None:
    client = await business(hub)
    ids = [(await made(client, f"{VTN}/programs", {"programName": name}))["id"] for name in "pq"]
    body = subscription(subscriber.url, "EVENT", programID=ids[0])
    await made(client, f"{VTN}/subscriptions", body)

    for program_id in ids:
        await made(client, f"{VTN}/events", {"programID": program_id})
    await subscriber.sender(hub).send_due()

    assert [told["object"]["programID"] for _, told in subscriber.got] == ids[:1]


async def test_what_is_not_taken_is_tried_again_later_and_later_and_then_given_up(
    hub: Running, subscriber: Subscriber
) -> None:
    client = await business(hub)
    await made(client, f"{VTN}/subscriptions", subscription(subscriber.url, "PROGRAM"))
    await made(client, f"{VTN}/programs", {"programName": "p"})
    subscriber.status = 500
    sender = subscriber.sender(hub)
    begun, waits = hub.clock(), []

    for _ in range(MOST_ATTEMPTS):
        assert await sender.send_due()
        [delivery] = await deliveries(hub)
        waits.append((delivery.due_at - hub.clock()).total_seconds())
        hub.clock.now = delivery.due_at

    assert delivery.last_error == "answered 500"
    assert delivery.ended_at is not None
    assert waits[:4] == [10, 20, 40, 80]
    assert max(waits) == 3600
    assert 0.9 < (hub.clock() - begun).total_seconds() / 86400 < 1.1
    hub.clock.go_on(days=1)
    assert not await sender.send_due()


async def test_several_workers_on_one_database_send_each_notification_once(
    hub: Running, subscriber: Subscriber
) -> None:
    client = await business(hub)
    await made(client, f"{VTN}/subscriptions", subscription(subscriber.url, "PROGRAM"))
    names = [f"p{number}" for number in range(30)]
    for name in names:
        await made(client, f"{VTN}/programs", {"programName": name})

    async def work() -> None:
        sender = subscriber.sender(hub)
        while await sender.send_due():
            pass

    await asyncio.gather(work(), work(), work())

    assert sorted(told["object"]["programName"] for _, told in subscriber.got) == sorted(names)
    assert all(delivery.attempts == 1 for delivery in await deliveries(hub))


async def test_a_redirect_is_not_followed(hub: Running, subscriber: Subscriber) -> None:
    client = await business(hub)
    await made(client, f"{VTN}/subscriptions", subscription(subscriber.url, "PROGRAM"))
    await made(client, f"{VTN}/programs", {"programName": "p"})
    subscriber.status = 307

    await subscriber.sender(hub).send_due()

    [delivery] = await deliveries(hub)
    assert (len(subscriber.got), delivery.last_error) == (1, "answered 307")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_nothing_is_sent_to_an_address_that_is_not_public(
    hub: Running, subscriber: Subscriber, host: str
) -> None:
    client = await business(hub)
    url = subscriber.url.replace("localhost", host)
    await made(client, f"{VTN}/subscriptions", subscription(url, "PROGRAM"))
    await made(client, f"{VTN}/programs", {"programName": "p"})

    await subscriber.sender(hub, is_anywhere=False).send_due()

    [delivery] = await deliveries(hub)
    assert subscriber.got == []
    assert "not public" in (delivery.last_error or "")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::a00:1", False),
        ("a name", False),
    ],
)
def test_public_addresses(address: str, expected: bool) -> None:
    assert is_public(address) is expected


async def test_a_subscribers_token_is_sealed_and_never_told(hub: Running) -> None:
    client = await business(hub)
    answer = await made(client, f"{VTN}/subscriptions", subscription("https://x.example/", "EVENT"))

    async with hub.store.reading() as session:
        [kept] = await session.scalars(select(Subscription))
    assert "subscriber's" not in str(answer)
    assert "subscriber's" not in str(kept.document) + str(kept.bearer_tokens_sealed)
