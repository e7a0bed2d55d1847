"""Messages on their way out, by a broker of the test's own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from community_hub.store import Store
from community_hub.store.tables import OutgoingMessage
from community_hub.wire import outbox
from community_hub.wire.leading import Leading, NoLeaderError
from community_hub.wire.outbox import BATCH, OutboxSender, Outgoing, forget, put
from community_hub.wire.session import Publication, SessionLostError
from sqlalchemy import func, select

from ..running import Clock
from .samples import NOW


@dataclass
class BrokerOfTest:
    """Takes ``full`` messages at once at most; ``reasons`` are its answers by topic."""

    full: int = 1_000_000
    reasons: dict[str, int] = field(default_factory=dict)
    taken: list[tuple[str, int]] = field(default_factory=list)

    def check(self) -> None:
        """Say that the line is there."""

    async def publish(self, messages: Sequence[Publication], /) -> list[int]:
        if len(messages) > self.full:
            raise SessionLostError("it is gone")
        self.taken += [(each.topic, each.expiry_s) for each in messages]
        return [self.reasons.get(each.topic, 0) for each in messages]


def outgoing(number: int, **ends_in: float) -> Outgoing:
    return Outgoing(
        ven_id="home-1",
        event_id=f"event-{number}",
        topic=f"topic-{number}",
        payload=b"{}",
        expires_at=NOW + timedelta(**(ends_in or {"seconds": 90.7})),
    )


async def sender(store: Store, holder: str = "worker-1") -> OutboxSender:
    leading = Leading(store=store, holder=holder, lease_s=0)
    await leading.wait()
    return OutboxSender(store=store, leading=leading, clock=Clock())


async def leave(store: Store, *messages: Outgoing) -> None:
    async with store.writing() as session:
        await put(session, messages)


async def outcomes(store: Store) -> list[str | None]:
    async with store.reading() as session:
        return list(await session.scalars(select(OutgoingMessage.outcome).order_by(OutgoingMessage.number)))


async def test_messages_go_out_once_in_their_order_and_end_with_their_event(store: Store) -> None:
    await leave(store, outgoing(2), outgoing(1))
    broker, sending = BrokerOfTest(), await sender(store)

    assert await sending.once(broker) == {"published": 2}
    assert await sending.once(broker) == {}

    assert broker.taken == [("topic-2", 90), ("topic-1", 90)]


async def test_what_has_ended_is_not_sent_and_what_is_refused_is_noted(store: Store) -> None:
    await leave(store, outgoing(1, seconds=0.5), outgoing(2), outgoing(3))
    broker = BrokerOfTest(reasons={"topic-2": 0x87})

    await (await sender(store)).once(broker)

    assert await outcomes(store) == ["expired", "refused", "published"]
    assert [topic for topic, _ in broker.taken] == ["topic-2", "topic-3"]


async def test_what_no_answer_came_to_goes_out_again(store: Store) -> None:
    await leave(store, *(outgoing(number) for number in range(3)))
    sending = await sender(store)

    with pytest.raises(SessionLostError):
        await sending.once(BrokerOfTest(full=2))
    assert await outcomes(store) == [None, None, None]

    broker = BrokerOfTest()
    await sending.once(broker)
    assert [topic for topic, _ in broker.taken] == ["topic-0", "topic-1", "topic-2"]


async def test_who_has_lost_the_line_marks_nothing(store: Store) -> None:
    await leave(store, outgoing(1))
    first = await sender(store, "worker-1")
    await sender(store, "worker-2")

    with pytest.raises(NoLeaderError):
        await first.once(BrokerOfTest())

    assert await outcomes(store) == [None]


async def test_a_message_of_a_transaction_that_was_undone_does_not_go_out(store: Store) -> None:
    async def undone() -> None:
        async with store.writing() as session:
            await put(session, [outgoing(1)])
            raise LookupError

    with pytest.raises(LookupError):
        await undone()

    assert await (await sender(store)).once(BrokerOfTest()) == {}


async def test_more_than_go_at_once_go_one_after_the_other(store: Store) -> None:
    await leave(store, *(outgoing(number) for number in range(BATCH + 1)))
    broker, sending = BrokerOfTest(), await sender(store)

    assert await sending.once(broker) == {"published": BATCH}
    assert await sending.once(broker) == {"published": 1}


async def test_what_is_over_is_forgotten_and_what_waits_is_not(store: Store) -> None:
    await leave(store, outgoing(1))
    await (await sender(store)).once(BrokerOfTest())
    await leave(store, outgoing(2))

    async with store.writing() as session:
        await forget(session, NOW)

    async with store.reading() as session:
        assert await session.scalar(select(func.count()).select_from(OutgoingMessage)) == 1


async def test_what_goes_out_while_what_was_before_is_marked_goes_out_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 2)
    await leave(store, *(outgoing(number) for number in range(7)))
    broker, sending = BrokerOfTest(), await sender(store)

    running = asyncio.create_task(sending.run(broker))
    async with asyncio.timeout(60):
        while None in await outcomes(store):  # noqa: ASYNC110 # the sender waits for nobody
            await asyncio.sleep(0.01)
    running.cancel()

    assert [topic for topic, _ in broker.taken] == [f"topic-{number}" for number in range(7)]
