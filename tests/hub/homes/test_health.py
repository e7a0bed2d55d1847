"""When homes were heard, and what they consent to."""

from datetime import timedelta

from community_hub.homes import consents
from community_hub.store.tables import Home, Program, ReceivedReport, RefusedReports

from ..running import Running, made, person_id


async def add(hub: Running, *rows: object) -> None:
    for row in rows:
        async with hub.store.writing() as session:
            session.add(row)


def report(hub: Running, ven_id: str, number: int, *, minutes: int) -> ReceivedReport:
    now = hub.clock()
    return ReceivedReport(
        ven_id=ven_id,
        report_id=f"report-{number}",
        event_id="none",
        name="forecast",
        modified_at=now,
        received_at=now + timedelta(minutes=minutes),
        is_clock_off=False,
        payload=b"{}",
    )


async def test_a_home_is_told_with_its_last_report_what_was_refused_and_its_consent(hub: Running) -> None:
    operator = await hub.operator()
    household = await hub.person(operator, "household")
    owner, now = await person_id(household), hub.clock()
    await made(operator, "/api/v1/homes", {"ven_id": "home-1", "name": "One", "owner_id": owner})
    await made(operator, "/api/v1/homes", {"ven_id": "home-2", "name": "Two"})
    program = Program(id="program-1", created_at=now, modified_at=now, client_id="c", name="One", document={})
    refused = [RefusedReports(ven_id="home-1", reason=reason, times=2, last_at=now) for reason in ("a", "b")]
    await add(hub, program, *refused)
    await add(hub, report(hub, "home-1", 1, minutes=3), report(hub, "home-1", 2, minutes=1))
    body = {"program_id": "program-1", "valid_until": (now + timedelta(days=9)).isoformat(), "text": "Yes"}
    await made(household, "/api/v1/homes/home-1/consents", body)

    one, two = (await operator.get("/api/v1/homes/health")).json()

    assert one == {
        "ven_id": "home-1",
        "last_heard_at": "2026-11-29T12:03:00Z",
        "refused_reports": 4,
        "consents_until": "2026-12-08T12:00:00Z",
    }
    assert two == {"ven_id": "home-2", "last_heard_at": None, "refused_reports": 0, "consents_until": None}
    assert (await household.get("/api/v1/homes/health")).json() == [one]


async def test_a_consent_that_ended_is_none(hub: Running) -> None:
    now = hub.clock()
    program = Program(id="program-1", created_at=now, modified_at=now, client_id="c", name="One", document={})
    await add(hub, program, Home(ven_id="home-1", name="One", created_at=now))
    agreement = consents.Agreement(
        ven_id="home-1",
        program_id="program-1",
        devices=(),
        valid_from=now,
        valid_until=now + timedelta(days=1),
        text="Yes",
    )
    async with hub.store.writing() as session:
        given = await consents.grant(session, now, agreement, person_id="somebody", how="session")
        await consents.end(session, now, given, actor="somebody")

    (one,) = (await (await hub.operator()).get("/api/v1/homes/health")).json()

    assert one["consents_until"] is None
