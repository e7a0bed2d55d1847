"""Reports on their way into the database."""

import pytest
from community_hub.store import Store
from community_hub.store.tables import Home, ReceivedReport, RefusedReports, ReportProgress
from community_hub.wire.intake import Intake
from community_hub.wire.leading import Leading, NoLeaderError
from community_hub.wire.mqtt5 import Message
from community_hub.wire.progress import Progress
from sqlalchemy import select

from ..running import Clock
from .samples import PREFIX, join, message, place, sent


async def leading_intake(store: Store, holder: str = "worker-1") -> Intake:
    leading = Leading(store=store, holder=holder, lease_s=0)
    await leading.wait()
    return Intake(store=store, leading=leading, prefix=PREFIX, clock=Clock())


async def kept(store: Store) -> list[str]:
    async with store.reading() as session:
        return sorted(await session.scalars(select(ReceivedReport.report_id)))


async def progress(store: Store, ven_id: str = "home-1") -> tuple[str, int, list[int]]:
    async with store.reading() as session:
        row = await session.get_one(ReportProgress, ven_id)
    return row.stream, row.up_to, row.beyond


async def refused(store: Store) -> dict[tuple[str, str], int]:
    async with store.reading() as session:
        rows = await session.scalars(select(RefusedReports))
        return {(row.ven_id, row.reason): row.times for row in rows}


async def test_a_report_that_comes_again_is_kept_once(store: Store) -> None:
    await join(store, "home-1")
    intake = await leading_intake(store)

    await intake.take([message(1), message(2), message(1)])
    await intake.take([message(2), message(3)])
    await intake.advance()

    assert await kept(store) == ["report-1", "report-2", "report-3"]
    assert await progress(store) == ("store-1", 3, [])


async def test_reports_of_two_homes_with_one_id_are_two(store: Store) -> None:
    await join(store, "home-1", "home-2")
    await (await leading_intake(store)).take([message(1), message(1, "home-2")])

    assert await kept(store) == ["report-1", "report-1"]


async def test_a_gap_is_not_passed_until_it_is_filled(store: Store) -> None:
    await join(store, "home-1")
    intake = await leading_intake(store)

    await intake.take([message(4), message(1), message(3)])
    await intake.advance()
    assert await progress(store) == ("store-1", 1, [3, 4])

    await intake.take([message(2)])
    await intake.advance()
    assert await progress(store) == ("store-1", 4, [])


async def test_a_home_is_told_how_far_it_is_when_something_came_and_not_again(store: Store) -> None:
    await join(store, "home-1")
    intake = await leading_intake(store)
    await intake.take([message(1), message(2)])

    assert await intake.advance() == {"home-1": Progress(stream="store-1", up_to=2)}
    assert await intake.advance() == {}

    await intake.take([message(1)])
    assert await intake.advance() == {"home-1": Progress(stream="store-1", up_to=2)}


async def test_what_a_worker_had_not_told_when_it_died_is_sent_again_to_the_next(store: Store) -> None:
    await join(store, "home-1")
    first = await leading_intake(store, "worker-1")
    await first.take([message(1)])
    await first.advance()
    await first.take([message(2)])

    second = await leading_intake(store, "worker-2")
    await second.take([message(3)])
    assert await second.advance() == {"home-1": Progress(stream="store-1", up_to=1, beyond=(3,))}

    await second.take([message(2), message(3)])
    assert await second.advance() == {"home-1": Progress(stream="store-1", up_to=3)}
    assert await kept(store) == ["report-1", "report-2", "report-3"]


async def test_a_homes_new_store_counts_from_its_own_beginning(store: Store) -> None:
    await join(store, "home-1")
    intake = await leading_intake(store)
    await intake.take([message(1), message(2)])
    await intake.advance()

    await intake.take([message(1, stream="store-2", id="another")])
    await intake.advance()

    assert await progress(store) == ("store-2", 1, [])
    assert await kept(store) == ["another", "report-1", "report-2"]


async def test_a_home_that_lets_old_reports_go_is_waited_for_no_more(store: Store) -> None:
    await join(store, "home-1")
    intake = await leading_intake(store)
    await intake.take([message(1), message(4)])
    await intake.advance()
    await intake.take([message(5)._replace(properties=place("store-1", 5, oldest=4))])

    assert await intake.advance() == {"home-1": Progress(stream="store-1", up_to=5)}


async def test_a_report_that_is_refused_is_not_waited_for(store: Store) -> None:
    await join(store, "home-1")
    intake = await leading_intake(store)
    await intake.take([message(1), sent(b"{", place=place("store-1", 2)), message(3)])

    assert await intake.advance() == {"home-1": Progress(stream="store-1", up_to=3)}


async def test_a_report_without_a_number_is_kept_like_any(store: Store) -> None:
    await join(store, "home-1")
    await (await leading_intake(store)).take([message(1, stream=None)])

    assert await kept(store) == ["report-1"]


async def test_what_is_refused_is_counted_and_keeps_nobody_elses_out(store: Store) -> None:
    await join(store, "home-1")
    intake = await leading_intake(store)

    await intake.take([sent(b"{"), message(1), sent(b"["), message(1, "stranger")])

    assert await kept(store) == ["report-1"]
    assert await refused(store) == {("home-1", "not_json"): 2, ("stranger", "unknown_home"): 1}


async def test_a_home_that_is_leaving_is_not_heard_any_more(store: Store) -> None:
    await join(store, "home-1")
    async with store.writing() as session:
        (await session.get_one(Home, "home-1")).state = "leaving"

    await (await leading_intake(store)).take([message(1)])

    assert await refused(store) == {("home-1", "unknown_home"): 1}
    assert await kept(store) == []


async def test_who_has_lost_the_line_writes_nothing_any_more(store: Store) -> None:
    await join(store, "home-1")
    first = await leading_intake(store, "worker-1")
    await leading_intake(store, "worker-2")

    with pytest.raises(NoLeaderError):
        await first.take([message(1), sent(b"{")])

    assert (await kept(store), await refused(store)) == ([], {})


async def test_a_great_many_at_once_are_one_transaction(store: Store) -> None:
    ven_ids = [f"home-{number}" for number in range(300)]
    await join(store, *ven_ids)
    messages: list[Message] = [message(number, each) for each in ven_ids for number in (1, 2, 3)]

    await (await leading_intake(store)).take(messages)

    assert len(await kept(store)) == 900


async def test_the_longest_and_earliest_that_is_taken_fits_into_the_database(store: Store) -> None:
    ven_id, longest = "v" * 128, "x" * 128
    await join(store, ven_id)
    intake = await leading_intake(store)
    for number, time in ((1, "0001-01-01T00:00:00Z"), (2**63 - 1, "9999-12-31T23:59:59.999999Z")):
        odd = {"id": f"{longest[:-1]}{number % 10}", "eventID": longest, "reportName": "\N{SNOWMAN}" * 128}
        odd |= {"createdDateTime": time, "modificationDateTime": time}
        await intake.take([message(number, ven_id, stream=longest, **odd)])
    await intake.advance()

    assert len(await kept(store)) == 2
    assert await progress(store, ven_id) == (longest, 1, [2**63 - 1])


async def test_a_topic_that_is_too_long_for_a_home_is_counted_all_the_same(store: Store) -> None:
    await (await leading_intake(store)).take([message(1, "v" * 300)])

    assert await refused(store) == {("v" * 128, "another_home"): 1}
